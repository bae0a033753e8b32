"""What is reported of a model: figures that agree with each other, and pictures behind every figure."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from model_surgery import STARTER, single_output

from weldspot_desktop import labels, paths
from weldspot_desktop.model import ModelFile
from weldspot_desktop.model.graph import SingleOutputGraph
from weldspot_desktop.registry import evaluation_report, importing, scoring, stored_evaluations
from weldspot_desktop.registry.comparison import OnSamePictures, SideBySide
from weldspot_desktop.registry.importing import Scaling
from weldspot_desktop.registry.scoring import Evaluated, LabelledFile, ScoringError


@pytest.fixture(scope="module")
def files() -> list[LabelledFile]:
    """The samples with a truth by lot, in two sources, some in one group."""
    found = sorted(paths.resource("samples").glob("*.jpg"))
    random = np.random.default_rng(2)
    truth = random.random((len(found), 7)) < 0.45
    box = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]])
    return [
        LabelledFile(
            path,
            f"{n:064x}",
            tuple(np.flatnonzero(row).tolist()),
            {2: [box]} if row[2] else {},
            min(n, len(found) - 6),
            "line 1" if n % 2 else "line 2",
            f"IMG_{n:03}.jpg",
        )
        for n, (path, row) in enumerate(zip(found, truth, strict=True))
    ]


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return ModelFile.open(STARTER)


@pytest.fixture(scope="module")
def found(model: ModelFile, files: list[LabelledFile]) -> Evaluated:
    return scoring.score(model, files)


@pytest.fixture(scope="module")
def report(found: Evaluated, model: ModelFile) -> dict:
    return evaluation_report.full_report(found, model.card.thresholds, dict(model.card.box_levels))


def test_every_cell_names_its_pictures_and_the_counts_agree(report: dict, found: Evaluated) -> None:
    json.dumps(report, allow_nan=False)
    count, truth = len(found.scored.truth), found.scored.truth
    assert [row["name"] for row in report["shown"]] == list(found.names)
    for index, name in enumerate(labels.CLASSES):
        for bound in ("upper", "lower"):
            cells = report["confusion"]["classes"][name][bound]
            assert sorted(chain(*cells.values())) == list(range(count))
            assert sorted(cells["hits"] + cells["missed"]) == np.flatnonzero(truth[:, index]).tolist()
            figures = report["classes"][name][bound]
            assert figures["recall"]["hits"] == len(cells["hits"])
            assert figures["precision"]["of"] == len(cells["hits"]) + len(cells["false_alarms"])
        verdicts = report["confusion"]["verdicts"][name]
        assert {word: len(pictures) for word, pictures in verdicts.items()} == report["verdicts"][name]
        together = report["confusion"]["together"][name]
        assert together[name] == report["confusion"]["classes"][name]["upper"]["hits"]


def test_curves_go_from_all_to_none_and_hold_their_intervals(report: dict) -> None:
    for name in labels.CLASSES:
        curve = report["curves"][name]
        recall, alarms = curve["recall"]["value"], curve["false_alarms"]["value"]
        assert (recall[0], recall[-1], alarms[0], alarms[-1]) == (1, 0, 1, 0)
        assert recall == sorted(recall, reverse=True)
        assert curve["threshold"][-1] is None
        assert curve["precision"]["value"][-1] is None
        for measure in ("recall", "precision", "false_alarms"):
            for low, value, high in zip(*(curve[measure][key] for key in ("low", "value", "high")), strict=True):
                assert value is None or low <= value <= high


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    random = np.random.default_rng(3)
    truth = random.random((3000, 7)) < 0.3
    scores = random.random((3000, 7)).astype(np.float32)
    scored = evaluation_report.Scored(
        tuple(f"{n:064x}" for n in range(3000)),
        truth,
        scores,
        np.full((3000, 7, 2), np.nan, np.float32),
        np.full(3000, np.nan, np.float32),
        np.zeros((3000, 0, 0, 7), np.float16),
        np.arange(3000),
        ({},) * 3000,
    )
    curve = evaluation_report._curves(scored, 0)
    assert len(curve["threshold"]) == evaluation_report.MOST_POINTS
    assert (curve["recall"]["value"][0], curve["recall"]["value"][-1]) == (1, 0)


def test_slices_cover_the_pictures(report: dict, found: Evaluated) -> None:
    count = len(found.sources)
    for kind in ("source", "brightness", "blur"):
        pictures = sorted(chain(*(part["pictures"] for part in report["slices"][kind])))
        assert pictures == list(range(count)), kind
    assert {part["value"] for part in report["slices"]["source"]} == {"line 1", "line 2"}
    (group,) = report["slices"]["group"]
    assert len(group["pictures"]) == 6
    assert "IMG_0" in group["value"]
    dark, bright = report["slices"]["brightness"][0], report["slices"]["brightness"][-1]
    assert found.brightness[dark["pictures"]].max() <= found.brightness[bright["pictures"]].min()


def test_reliability_counts_every_picture_once(report: dict, found: Evaluated) -> None:
    for name in labels.CLASSES:
        bins = report["reliability"][name]
        assert sum(part["frequency"]["of"] for part in bins) == len(found.sources)
        assert [part["score"] for part in bins] == sorted(part["score"] for part in bins)


def test_the_same_question_is_not_computed_twice(
    model: ModelFile, files: list[LabelledFile], found: Evaluated, tmp_path: Path
) -> None:
    seen: list[int] = []
    first = stored_evaluations.evaluated(model, files, tmp_path, advance=lambda done, total: seen.append(done))
    assert seen[-1] == len(files)
    again = stored_evaluations.evaluated(model, files, tmp_path, advance=lambda done, total: pytest.fail("computed"))
    for one in (first, again):
        np.testing.assert_array_equal(one.scored.scores, found.scored.scores)
        np.testing.assert_array_equal(one.scored.heatmaps, found.scored.heatmaps)
        np.testing.assert_array_equal(one.blur, found.blur)
    (kept,) = tmp_path.iterdir()
    # Another truth is another question; a file that is spoilt is computed again.
    other = [*files[:-1], LabelledFile(files[-1].path, files[-1].sha256, (0,), {}, 99, "x", "y")]
    assert stored_evaluations.key(model.card.sha256, other) != kept.stem
    kept.write_bytes(kept.read_bytes()[:-100])
    seen.clear()
    stored_evaluations.evaluated(model, files, tmp_path, advance=lambda done, total: seen.append(done))
    assert seen[-1] == len(files)


def test_a_picture_that_is_gone_ends_the_evaluation_with_its_name(
    model: ModelFile, files: list[LabelledFile], tmp_path: Path
) -> None:
    gone = LabelledFile(tmp_path / "gone.jpg", "0" * 64, (0,), {}, 0, "x", "gone.jpg")
    with pytest.raises(ScoringError, match=r"gone\.jpg"):
        scoring.score(model, [*files, gone])
    with pytest.raises(ScoringError, match="no pictures"):
        scoring.score(model, [])


def test_a_model_without_a_heat_map_is_evaluated_too(files: list[LabelledFile], tmp_path: Path) -> None:
    source = tmp_path / "old.tflite"
    source.write_bytes(single_output(np.random.default_rng(1).normal(0, 2, (3, 7)).tolist()))
    taken = importing.take_in(importing.look(source), tmp_path / "models", scaling=Scaling.UNIT)
    old = ModelFile.open(taken.folder / taken.file)
    found = scoring.score(old, files)
    report = evaluation_report.full_report(found, old.card.thresholds, {})
    json.dumps(report, allow_nan=False)
    assert report["pointing"] is None
    assert report["boxes"] is None
    assert report["macro_auc"]["value"] is not None
    assert SingleOutputGraph(old.content).outputs == old.card.outputs
    kept = stored_evaluations.evaluated(old, files, tmp_path / "kept")
    again = stored_evaluations.evaluated(old, files, tmp_path / "kept", advance=lambda *_: pytest.fail("computed"))
    np.testing.assert_array_equal(kept.scored.scores, again.scored.scores)


def test_two_models_side_by_side(found: Evaluated, files: list[LabelledFile], model: ModelFile) -> None:
    other = ModelFile.open(STARTER.with_name("weld-3-float16.tflite"))
    theirs = scoring.score(other, list(reversed(files)))
    pair = OnSamePictures.of(found.scored, theirs.scored)
    assert pair.second.sha256 == found.scored.sha256
    thresholds = model.card.thresholds
    same = SideBySide(pair, thresholds, thresholds).report()
    assert abs(same["macro_auc"]["difference"]["value"]) < 0.05
    strict = thresholds.model_copy(update={"lower": (0.0,) * 7, "upper": (0.001,) * 7})
    report = SideBySide(pair, thresholds, strict).report()
    json.dumps(report, allow_nan=False)
    assert report["verdicts_differ"] == len(report["disagreements"]) > 0
    differences = [row["largest_difference"] for row in report["disagreements"]]
    assert differences == sorted(differences, reverse=True)
    ids = {row["sha256"] for row in report["disagreements"]}
    assert ids <= set(found.scored.sha256)
