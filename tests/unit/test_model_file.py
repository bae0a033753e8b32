"""Model files: only what its card describes is opened, and the graph must be what the card says."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from weldspot_desktop import labels, paths
from weldspot_desktop.model import ModelFile, ModelFileError, Session
from weldspot_desktop.model.distance import EmbeddingStatistics, StatisticsError
from weldspot_desktop.model.file import card_path, read_card
from weldspot_desktop.model.graph import Graph, GraphError
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.registry.active import STARTER, open_model

SHIPPED = sorted(paths.resource("models").glob("*.tflite"))
STATISTICS = "embedding_statistics"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the starter model with its card and the one companion that opening reads."""
    source = paths.resource("models", STARTER)
    companion = read_card(source).companions[STATISTICS].file
    for file in (source, card_path(source), source.with_name(companion)):
        shutil.copy(file, tmp_path)
    return tmp_path / source.name


def alter(model: Path, change: Callable[[dict], object]) -> None:
    content = json.loads(card_path(model).read_text(encoding="utf-8"))
    change(content)
    card_path(model).write_text(json.dumps(content), encoding="utf-8")


def test_the_starter_model_and_its_float16_file_are_shipped() -> None:
    assert STARTER in {path.name for path in SHIPPED}
    assert {read_card(path).precision for path in SHIPPED} >= {"int8", "float16"}
    assert open_model().path.name == STARTER


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_model_is_what_its_card_says(path: Path) -> None:
    opened = ModelFile.open(path)
    card = opened.card
    assert card.file == path.name
    assert card.bytes == path.stat().st_size == len(opened.content)
    assert card.labels == labels.CLASSES
    graph = Graph(opened.content)
    found_input, found_outputs = graph.input, graph.outputs
    assert found_input.model_dump() == card.input.model_dump(include=set(type(found_input).model_fields))
    assert found_outputs == tuple(sorted(card.outputs, key=lambda tensor: tensor.name))
    assert card.input.dtype == ("uint8" if card.precision == "int8" else "float32")
    assert {tensor.dtype for tensor in card.outputs} == {"float32"}
    assert card.output("probabilities").shape == (1, labels.COUNT)
    assert card.output("heatmap").shape[-1] == labels.COUNT
    assert set(card.calibration) <= set(labels.CLASSES)
    assert card.licence
    assert "CC BY 4.0" in card.attribution


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_companion_is_the_file_that_the_card_names(path: Path) -> None:
    companions = read_card(path).companions
    assert len(companions) == 4
    for companion in companions.values():
        content = path.with_name(companion.file).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (companion.bytes, companion.sha256)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_an_inference_keeps_the_contract(path: Path) -> None:
    session = Session(ModelFile.open(path))
    prediction = session.run(render_weld(21).pixels)
    assert prediction.scores.shape == (labels.COUNT,)
    assert prediction.scores.min() >= 0
    assert prediction.scores.max() <= 1
    assert prediction.heatmap.ndim == 3
    assert prediction.heatmap.shape[2] == labels.COUNT
    assert prediction.distance is not None
    assert prediction.distance > 0
    assert prediction.milliseconds > 0
    again = session.run(render_weld(21).pixels)
    np.testing.assert_array_equal(prediction.scores, again.scores)
    other = session.run(render_weld(3, classes={labels.BACKGROUND}).pixels)
    assert np.abs(other.scores - prediction.scores).max() > 0.05
    assert prediction.scores is not again.scores


def test_any_size_of_picture_is_fitted() -> None:
    session = Session(open_model())
    width, height = session.input_size
    for shape in ((height, width, 3), (7, 900, 3), (1, 1, 3)):
        fitted = session.fit(np.full(shape, 128, np.uint8))
        assert fitted.shape == (height, width, 3)
        assert (fitted == 128).all()
    assert session.run(np.zeros((1, 1, 3), np.uint8)).scores.shape == (labels.COUNT,)


def test_a_copy_opens(model: Path) -> None:
    assert ModelFile.open(model).title.endswith("int8")


@pytest.mark.parametrize("change", ["first", "middle", "last", "shorter", "longer"])
def test_altered_bytes_are_refused(model: Path, change: str) -> None:
    content = bytearray(model.read_bytes())
    if change == "shorter":
        del content[-1:]
    elif change == "longer":
        content += b"\0"
    else:
        content[{"first": 0, "middle": len(content) // 2, "last": -1}[change]] ^= 1
    model.write_bytes(content)
    with pytest.raises(ModelFileError, match="not the file its card describes") as caught:
        ModelFile.open(model)
    assert "copy" in caught.value.advice


def test_a_missing_card_or_model_says_what_to_do(model: Path) -> None:
    card_path(model).unlink()
    with pytest.raises(ModelFileError, match="has no card") as caught:
        ModelFile.open(model)
    assert card_path(model).name in caught.value.advice
    with pytest.raises(ModelFileError, match="no model file"):
        open_model(model.with_name("none.tflite"))


def test_a_card_without_its_model_is_refused(model: Path) -> None:
    model.unlink()
    with pytest.raises(ModelFileError, match="could not be read"):
        ModelFile.open(model)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": 1}'])
def test_a_broken_card_is_refused(model: Path, content: bytes) -> None:
    card_path(model).write_bytes(content)
    with pytest.raises(ModelFileError, match="cannot be used"):
        ModelFile.open(model)


def test_a_card_of_a_later_schema_or_with_unknown_parts_is_refused(model: Path) -> None:
    alter(model, lambda card: card.update(schema=2))
    with pytest.raises(ModelFileError, match="cannot be used"):
        ModelFile.open(model)
    alter(model, lambda card: card.update(schema=1, hologram=True))
    with pytest.raises(ModelFileError, match="hologram"):
        ModelFile.open(model)


def test_other_classes_or_another_order_are_refused(model: Path) -> None:
    alter(model, lambda card: card["labels"].reverse())
    with pytest.raises(ModelFileError, match="other classes"):
        ModelFile.open(model)
    alter(model, lambda card: card.update(labels=["cat", "dog"]))
    with pytest.raises(ModelFileError, match="cat, dog"):
        ModelFile.open(model)


@pytest.mark.parametrize("output", ["probabilities", "embedding", "heatmap"])
@pytest.mark.parametrize(("key", "value"), [("tensor", "other:0"), ("shape", [1, 3]), ("dtype", "int8")])
def test_tensors_other_than_the_cards_are_refused(model: Path, output: str, key: str, value: object) -> None:
    alter(model, lambda card: next(o for o in card["outputs"] if o["name"] == output).update({key: value}))
    with pytest.raises(ModelFileError, match=output):
        Session(ModelFile.open(model))


def test_an_input_other_than_the_cards_is_refused(model: Path) -> None:
    alter(model, lambda card: card["input"].update(name="picture"))
    with pytest.raises(ModelFileError, match="card says otherwise"):
        Session(ModelFile.open(model))


def test_a_card_that_misses_an_output_is_refused(model: Path) -> None:
    alter(model, lambda card: card["outputs"].pop())
    with pytest.raises(ModelFileError, match="gives"):
        Session(ModelFile.open(model))


def test_bytes_that_are_no_model_are_refused_even_with_a_fitting_card(model: Path) -> None:
    model.write_bytes(b"no model at all")
    alter(model, lambda card: card.update(sha256=hashlib.sha256(b"no model at all").hexdigest()))
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        Session(ModelFile.open(model))
    with pytest.raises(GraphError, match="no model file"):
        Graph(b"no model at all")


def test_altered_or_missing_statistics_are_refused(model: Path) -> None:
    companion = model.with_name(read_card(model).companions[STATISTICS].file)
    content = bytearray(companion.read_bytes())
    content[-1] ^= 1
    companion.write_bytes(content)
    with pytest.raises(StatisticsError, match="not the file"):
        ModelFile.open(model)
    companion.unlink()
    with pytest.raises(StatisticsError, match="cannot be read"):
        ModelFile.open(model)


def test_without_statistics_the_distance_is_unknown(model: Path) -> None:
    alter(model, lambda card: card["companions"].pop(STATISTICS))
    opened = ModelFile.open(model)
    assert opened.statistics is None
    assert Session(opened).run(np.zeros((64, 64, 3), np.uint8)).distance is None


def test_the_distance_grows_away_from_the_training_data(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(12, 40))
    train = (rng.normal(size=(800, 12)) @ mixing + 0.1 * rng.normal(size=(800, 40))).astype(np.float32)
    statistics = EmbeddingStatistics.fit(train, components=12)
    inside = np.array([statistics.distance(row) for row in train])
    assert np.median(inside) == pytest.approx(1, abs=0.1)
    along = statistics.distance(train.mean(axis=0) + 12 * (mixing[0]).astype(np.float32))
    across = rng.normal(size=40)
    across -= mixing.T @ np.linalg.lstsq(mixing.T, across, rcond=None)[0]
    assert along > np.quantile(inside, 0.999)
    assert statistics.distance(train.mean(axis=0) + across.astype(np.float32)) > np.quantile(inside, 0.999)
    path = tmp_path / "statistics.npz"
    statistics.save(path)
    loaded = EmbeddingStatistics.load(path, hashlib.sha256(path.read_bytes()).hexdigest())
    assert loaded.distance(train[0]) == pytest.approx(statistics.distance(train[0]), rel=1e-6)
    with pytest.raises(ValueError, match="at least two"):
        EmbeddingStatistics.fit(train[:1])


def test_statistics_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "statistics.npz"
    for content in (b"", b"PK\x03\x04 half a zip", b"\x80\x04pickle"):
        path.write_bytes(content)
        with pytest.raises(StatisticsError, match="cannot be read"):
            EmbeddingStatistics.load(path, hashlib.sha256(content).hexdigest())
    np.savez(path, mean=np.zeros(3))
    with pytest.raises(StatisticsError, match="cannot be read"):
        EmbeddingStatistics.load(path, hashlib.sha256(path.read_bytes()).hexdigest())
