import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from weldspot_desktop import labels, upload_name
from weldspot_desktop.upload_name import Fault, UploadName, UploadNameError

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "upload_names.json").read_text(encoding="utf-8"))
IDS = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
SCORES = st.lists(st.floats(0, 1), min_size=labels.COUNT, max_size=labels.COUNT)
# Texts that are nearly names find more than texts at large.
NEARLY = st.lists(st.sampled_from([*"_-./\\01259eE+ \n\0A", "0.5", "1-0.5", "_0-0", ".jpg", "nan", "٣", "\ud800"]))


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["about"])
def test_valid_names_say_what_the_vectors_say(vector):
    found = upload_name.parse(vector["name"])
    ticks = sum(1 << index for index, tick in enumerate(vector["ticks"]) if tick)
    assert (found.id, found.ticks) == (vector["id"], ticks)
    assert (list(found.scores) if found.scores is not None else None) == vector["scores"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["about"])
def test_refused_names_are_refused_for_the_vectors_reason(vector):
    with pytest.raises(UploadNameError) as refused:
        upload_name.parse(vector["name"])
    assert refused.value.fault == vector["fault"]
    # The sentence is shown and logged: nothing of a hostile name may steer either.
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 250


def test_the_vectors_know_every_fault():
    assert {vector["fault"] for vector in VECTORS["refused"]} == set(Fault)


@given(IDS, st.integers(0, (1 << labels.COUNT) - 1), st.none() | SCORES)
@example("a", 0, [-0.0, 1.0, 0.5, 1e-9, 1 - 1e-9, 5e-324, 0.1])
def test_what_is_written_is_read_back(name_id, ticks, scores):
    name = upload_name.write(UploadName(name_id, ticks, tuple(scores) if scores is not None else None))
    found = upload_name.parse(name)
    assert (found.id, found.ticks) == (name_id, ticks)
    assert len(name) <= upload_name.LONGEST
    if scores is None:
        assert found.scores is None
    else:
        assert found.scores == pytest.approx(scores, abs=5.1e-7)
        assert upload_name.write(found) == name


@given(st.text() | NEARLY.map("".join) | NEARLY.map(lambda parts: "a" + "".join(parts) + ".jpg"))
def test_any_text_is_read_or_refused(text):
    try:
        found = upload_name.parse(text)
    except UploadNameError as refused:
        sentence = str(refused)
    else:
        sentence = ""
        # What is accepted is harmless as a file's name, and means the same when written again.
        assert text.isascii()
        assert not set(text) & set("/\\\0\n")
        assert upload_name.parse(upload_name.write(found)) == found
    assert sentence.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        UploadName("", 0, None),
        UploadName("a/b", 0, None),
        UploadName("a\n", 0, None),
        UploadName("a", 128, None),
        UploadName("a", -1, None),
        UploadName("a", 0, (0.5,) * 6),
        UploadName("a", 0, (0.5,) * 6 + (float("nan"),)),
        UploadName("a", 0, (0.5,) * 6 + (1.1,)),
    ],
)
def test_what_no_name_can_hold_is_not_written(name):
    with pytest.raises(ValueError, match=r"no id|not bits|are not"):
        upload_name.write(name)
