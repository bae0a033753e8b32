"""What an audit finds in a dataset that was spoilt on purpose, and that it is silent about a good one."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop import labels
from weldspot_desktop.dataset import groups, manifest
from weldspot_desktop.dataset.audit import CHECKS, Remark, Scores, Seen, Weight, audit, look
from weldspot_desktop.dataset.audit.label_errors import suspects
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.dataset.split import Split

GOOD, CRACK, SPLATTERS = labels.GOOD_WELDING, labels.class_index("Crack"), labels.class_index("Splatters")


def entry(
    number: int, name: str, classes: Sequence[int], split: Split = Split.TRAIN, source: str = "a"
) -> PictureEntry:
    sha256 = f"{number:064x}"
    return PictureEntry(
        sha256=sha256,
        file=f"00/{sha256}.jpg",
        name=name,
        source=source,
        classes=tuple(sorted(classes)),
        regions=(),
        group=number,
        split=split,
    )


def version(*entries: PictureEntry, seed: int | None = 1) -> Manifest:
    return Manifest(
        name="dataset-1",
        created="2026-01-01",
        parent=None,
        seed=seed,
        labels=labels.CLASSES,
        pictures=entries,
        hash=manifest.content_hash(seed, entries),
    )


def seen(number: int, **changes: object) -> Seen:
    blocks = np.random.default_rng(number).integers(0, 220, (8, 8, 3), dtype=np.uint8)
    values = {
        "width": 640,
        "height": 640,
        "descriptor": groups.descriptor(np.repeat(np.repeat(blocks, 8, 0), 8, 1)),
        "quality": {"brightness": 120.0, "glare": 0.0, "blur": 0.8},
    }
    return Seen(**(values | changes))  # type: ignore[arg-type]


def remarks(made: Manifest, looks: dict[str, Seen], kind: str, scores: Scores | None = None) -> list[Remark]:
    return [remark for remark in audit(made, looks, scores=scores) if remark.kind == kind]


def looks(made: Manifest, **same: int) -> dict[str, Seen]:
    return {e.sha256: seen(same.get(e.name, number)) for number, e in enumerate(made.pictures)}


def test_near_duplicates_are_found_and_across_splits_they_are_leaks() -> None:
    made = version(
        entry(0, "a", [CRACK]),
        entry(1, "b", [CRACK], Split.TEST),
        entry(2, "c", [GOOD]),
        entry(3, "d", [CRACK]),
        entry(4, "e", [GOOD]),
    )
    found = looks(made, b=0, d=2)
    leaks = remarks(made, found, "leaks")
    assert [(r.weight, r.pictures) for r in leaks] == [
        (Weight.FAULT, (made.pictures[0].sha256, made.pictures[1].sha256))
    ]
    same, different = sorted(remarks(made, found, "duplicates"), key=lambda r: r.weight.value)
    assert same.pictures == (made.pictures[0].sha256, made.pictures[1].sha256)
    assert (different.weight, different.pictures) == (
        Weight.WARNING,
        (made.pictures[2].sha256, made.pictures[3].sha256),
    )
    assert "Crack or Good Welding" in different.sentence
    one = version(*(e.model_copy(update={"group": 7}) for e in made.pictures[:2]))
    assert "scene 7" in remarks(one, looks(one), "leaks")[0].sentence
    assert remarks(version(*made.pictures, seed=None), found, "leaks") == []


def test_a_class_from_one_shoot_is_found_and_backgrounds_are_not() -> None:
    plate = [entry(n, f"IMG_{n}_block_0_{n}_png.rf.{n:032x}.jpg", [SPLATTERS]) for n in range(20)]
    rest = [entry(100 + n, f"{'abcdefghij'[n % 10]}{'klmnop'[n // 10]}.jpg", [GOOD]) for n in range(50)]
    rest += [entry(200, "lone.jpg", [SPLATTERS])]
    bare = [entry(300 + n, f"fork_{n}.jpg", [labels.BACKGROUND], source="b") for n in range(60)]
    made = version(*plate, *rest, *bare)
    found = remarks(made, {}, "shoots")
    assert len(found) == 1
    assert found[0].values["class"] == "Splatters"
    assert found[0].pictures == tuple(e.sha256 for e in plate)
    assert "20 of 21 pictures of Splatters" in found[0].sentence
    # The same classes in every shoot give nothing away.
    mixed = [entry(n, f"{'xy'[n % 2]}_{n}.jpg", [(GOOD, CRACK)[n // 2 % 2]]) for n in range(80)]
    assert remarks(version(*mixed), {}, "shoots") == []


def test_unfit_pictures_are_listed_by_reason_the_worst_first() -> None:
    made = version(*(entry(n, f"{n}", [GOOD]) for n in range(7)))
    good = {"brightness": 120.0, "glare": 0.0, "blur": 0.8}
    changes: list[dict[str, object]] = [
        {},
        {"width": 100},
        {"width": 50},
        {"quality": good | {"blur": 3.0}},
        {"quality": good | {"blur": 5.0}},
        {"quality": good | {"brightness": 5.0}},
    ]
    found = {made.pictures[n].sha256: seen(n, **change) for n, change in enumerate(changes)}
    by_reason = {remark.values["reason"]: remark for remark in remarks(made, found, "unfit")}
    hashes = [e.sha256 for e in made.pictures]
    assert by_reason["small"].pictures == (hashes[2], hashes[1])
    assert by_reason["blurred"].pictures == (hashes[4], hashes[3])
    assert by_reason["too dark"].pictures == (hashes[5],)
    assert by_reason["unreadable"].pictures == (hashes[6],)
    assert by_reason["unreadable"].weight is Weight.FAULT


def test_pictures_that_are_gone_are_seen_as_unreadable(tmp_path: object) -> None:
    made = version(entry(0, "a", [GOOD]))
    assert look(made, tmp_path) == {}  # type: ignore[arg-type]


def test_rare_classes_and_empty_splits_are_said() -> None:
    made = version(
        *(entry(n, f"{n}", [GOOD]) for n in range(50)),
        *(entry(100 + n, f"x{n}", [CRACK], Split.TEST, source="b") for n in range(12)),
    )
    said = " | ".join(remark.sentence for remark in remarks(made, {}, "balance"))
    assert "Porosity is rare: 0 pictures" in said
    assert "Crack is rare" not in said
    assert "Too few pictures to measure in the test split: Background (0), Bad Welding (0), Excess" in said
    by_source = remarks(made, {}, "sources")
    assert [(r.values["source"], len(r.pictures)) for r in by_source] == [("a", 50), ("b", 12)]


def test_labels_that_were_swapped_are_found() -> None:
    random = np.random.default_rng(4)
    made_of = [[CRACK] if n % 2 else [GOOD] for n in range(200)]
    truth = np.zeros((200, labels.COUNT))
    for n, classes in enumerate(made_of):
        truth[n, classes] = 1
    scores = np.clip(truth * 0.8 + 0.1 + random.normal(0, 0.05, truth.shape), 0, 1)
    swapped = [10, 31, 77, 140, 141]
    for n in swapped:
        made_of[n] = [GOOD] if made_of[n] == [CRACK] else [CRACK]
    made = version(*(entry(n, f"{n}", classes) for n, classes in enumerate(made_of)))
    of = {e.sha256: scores[n] for n, e in enumerate(made.pictures[:-3])}
    found = remarks(made, {}, "labels", Scores(of, "scores"))
    assert found[0].values == {"compared": 197, "without": 3}
    wrong = {sha256 for r in found if r.values.get("kind") == "wrong" for sha256 in r.pictures}
    # What is as sure as the mean counts: about half of those that are wrong, and none that is right.
    assert len(wrong) >= 2
    assert wrong <= {made.pictures[n].sha256 for n in swapped}
    firmly = [r for r in found if r.values.get("kind") == "missing" and r.values["class"] == "Crack"]
    assert set(firmly[0].pictures) <= {made.pictures[n].sha256 for n in swapped}
    assert firmly[0].values["scores"] == sorted(firmly[0].values["scores"], reverse=True)
    assert "not checked" in remarks(made, {}, "labels")[0].sentence


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=60))
def test_suspects_always_contradict_their_label(rows: list[tuple[bool, float]]) -> None:
    labelled = np.array([row[0] for row in rows], dtype=bool)
    scores = np.array([row[1] for row in rows], dtype=np.float64)
    found = suspects(labelled, scores)
    assert not labelled[found["missing"]].any()
    assert labelled[found["wrong"]].all()
    if len(found["missing"]) and len(found["wrong"]):
        assert scores[found["missing"]].min() >= scores[found["wrong"]].max()


def test_every_check_is_silent_or_speaks_of_its_own_kind() -> None:
    empty = version(seed=None)
    assert {remark.kind for remark in audit(empty, {})} <= set(CHECKS)
    for remark in audit(empty, {}):
        assert remark.as_json()["weight"] in ("note", "warning", "fault")
    with pytest.raises(ValueError, match="newer test split"):
        entry(0, "a", [GOOD]).model_validate(entry(0, "a", [GOOD]).model_dump() | {"newer": True})
