"""Model files from outside: what is taken in, and what is refused with a sentence without ending this process."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from model_surgery import STARTER, changed, endless, recursive, single_output, with_card

from weldspot_desktop import paths
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.model import ModelFile, ModelFileError, trial
from weldspot_desktop.model.file import CARD_SUFFIX, read_card
from weldspot_desktop.registry import importing
from weldspot_desktop.registry.importing import ModelImportError, Scaling

WEIGHTS = np.random.default_rng(4).normal(0, 3, (3, 7)).tolist()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "models"


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def untouched(models: Path) -> bool:
    """Nothing of a refused file is left."""
    return not models.exists() or not list(models.iterdir())


def test_a_file_with_its_card_inside_is_taken_in(tmp_path: Path, models: Path) -> None:
    source = with_card(tmp_path / "from outside", STARTER.read_bytes(), version=8)
    source.with_name(source.name + CARD_SUFFIX).unlink()
    offered = importing.look(source)
    assert offered.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    taken = importing.take_in(offered, models)
    assert taken.folder.parent == models
    model = ModelFile.open(taken.folder / taken.file)
    assert (model.card.version, model.card.sha256) == (8, offered.sha256)
    assert len(list(models.iterdir())) == 1
    # The same again changes nothing.
    before = (taken.folder / taken.file).stat().st_mtime_ns
    assert importing.take_in(offered, models) == taken
    assert (taken.folder / taken.file).stat().st_mtime_ns == before


def test_companions_come_along_and_are_checked(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "whole"
    card = read_card(STARTER)
    for path in STARTER.parent.iterdir():
        if path.name.startswith(STARTER.name) or path.name in {c.file for c in card.companions.values()}:
            written(folder / path.name, path.read_bytes())
    taken = importing.take_in(importing.look(folder / STARTER.name), models)
    assert {path.name for path in taken.folder.iterdir()} == {path.name for path in folder.iterdir()}
    statistics = folder / card.companions["embedding_statistics"].file
    statistics.write_bytes(statistics.read_bytes() + b" ")
    with pytest.raises(Exception, match="is not the file that the model's card names"):
        importing.take_in(importing.look(folder / STARTER.name), tmp_path / "other")


def test_a_model_of_the_first_generation_needs_its_scaling_and_then_judges(tmp_path: Path, models: Path) -> None:
    source = written(tmp_path / "weld_3.tflite", single_output(WEIGHTS))
    offered = importing.look(source)
    assert offered.card is None
    with pytest.raises(ModelImportError, match=r"State what it was trained on: 0\.\.255, 0\.\.1, -1\.\.1"):
        importing.take_in(offered, models)
    assert untouched(models)
    taken = importing.take_in(offered, models, scaling=Scaling.UNIT)
    card = taken.card
    assert (card.name, card.precision, card.input.value_range) == ("weld_3", "float32", (0.0, 1.0))
    assert card.is_first_generation
    inspector = Inspector(ModelFile.open(taken.folder / taken.file), tile_megapixels=0.001)
    pixels = np.full((40, 60, 3), (255, 0, 51), dtype=np.uint8)
    found = inspector.pixels(pixels)
    expected = 1 / (1 + np.exp(-np.array([1.0, 0.0, 0.2]) @ np.array(WEIGHTS)))
    np.testing.assert_allclose(found.prediction.scores[0], expected[0], atol=1e-5)
    whole = Inspector(ModelFile.open(taken.folder / taken.file), tile_megapixels=None).pixels(pixels).prediction
    np.testing.assert_allclose(whole.scores, expected, atol=1e-5)
    assert whole.heatmap.size == 0
    assert whole.distance is None
    assert inspector.boxes(whole, 2) == []
    sample = next(iter(sorted(paths.resource("samples").glob("*.jpg"))))
    assert inspector.file(sample).error is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"no model at all" * 50, "cannot be used"),
        (STARTER.read_bytes()[:1_000_000], "damaged|cannot be used"),
        (single_output(np.zeros((3, 6)).tolist()), "does not give 7 scores"),
        (single_output(WEIGHTS, activation=False), "outside 0 to 1"),
        (single_output(WEIGHTS, outputs=2), "2 outputs|has no card and gives"),
        (STARTER.read_bytes(), "has no card and gives 3 outputs"),
    ],
)
def test_what_is_no_model_of_ours_is_refused(tmp_path: Path, models: Path, content: bytes, sentence: str) -> None:
    source = written(tmp_path / "strange.tflite", content)
    with pytest.raises(ModelImportError, match=sentence):
        importing.take_in(importing.look(source), models, scaling=Scaling.UNIT)
    assert untouched(models)


def test_a_file_that_ends_the_process_that_opens_it_does_not_end_ours(tmp_path: Path, models: Path) -> None:
    source = written(tmp_path / "hostile.tflite", changed(single_output(WEIGHTS), recursive))
    with pytest.raises(ModelImportError, match=r"hostile\.tflite is damaged: opening it ended the process that tried"):
        importing.take_in(importing.look(source), models, scaling=Scaling.UNIT)
    assert untouched(models)


def test_a_file_that_never_ends_is_given_up(tmp_path: Path) -> None:
    source = written(tmp_path / "slow.tflite", changed(single_output(WEIGHTS), endless))
    with pytest.raises(ModelFileError, match="could not be checked within 4 seconds"):
        trial.open_apart(source, (0.0, 255.0), seconds=4)


def test_a_graph_that_is_not_what_its_card_says_is_refused(tmp_path: Path, models: Path) -> None:
    def renamed(graph: object) -> None:
        graph.signatureDefs[0].outputs[0].name = "something"  # type: ignore[attr-defined]

    content = changed(STARTER.read_bytes(), renamed)
    card = read_card(STARTER)
    digest = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "companions": {}}
    source = written(tmp_path / "renamed.tflite", content)
    text = card.model_copy(update=digest).model_dump_json(by_alias=True)
    written(source.with_name(source.name + CARD_SUFFIX), text.encode())
    with pytest.raises(ModelImportError, match="needed are image, probabilities, embedding and heatmap"):
        importing.take_in(importing.look(source), models)
    assert untouched(models)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": ["Background", "Crack"]}, "knows other classes"),
        ({"sha256": "0" * 64}, "describes another file"),
        ({"name": "../../etc"}, "a name that cannot be used"),
        ({"command": "x" * 5000}, "too long"),
        ({"metrics": {"file": {"pictures": 3}}}, "not as they should be"),
        ({"metrics": {"file": []}}, "not as they should be"),
        ({"companions": {"features": {"file": "../../a.npz", "sha256": "0" * 64, "bytes": 3}}}, "outside its folder"),
        ({"nonsense": 1}, "is not valid"),
    ],
)
def test_a_card_of_a_stranger_is_checked(
    tmp_path: Path, models: Path, change: dict[str, object], sentence: str
) -> None:
    source = written(tmp_path / "in" / STARTER.name, STARTER.read_bytes())
    card = json.loads(STARTER.with_name(STARTER.name + CARD_SUFFIX).read_text()) | {"companions": {}} | change
    written(source.with_name(source.name + CARD_SUFFIX), json.dumps(card).encode())
    with pytest.raises(Exception, match=sentence):
        importing.take_in(importing.look(source), models)
    assert untouched(models)
