"""A training from synthetic pictures to files that judge, through the commands that people type."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from weldspot_desktop.dataset import manifest
from weldspot_desktop.dataset.synthetic import BACKGROUNDS, write_dataset
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.jobs import JobFolder, State
from weldspot_desktop.model import ModelFile, embedded
from weldspot_desktop.model.graph import Graph
from weldspot_desktop.pictures.synthetic_weld import render_weld

pytestmark = pytest.mark.training


def weldspot(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(workspace), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one small finished job."""
    folder = tmp_path_factory.mktemp("training")
    workspace = folder / "workspace"
    source = write_dataset(folder / "data", 90, seed=11, size=96)
    for arguments in (
        ("dataset", "import", str(source)),
        ("dataset", "import", str(folder / "data" / BACKGROUNDS)),
        ("dataset", "split"),
        ("train", "--version", "1", "--size", "96", "--epochs", "2", "--folds", "2"),
    ):
        done = weldspot(workspace, *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
    return workspace


def job_of(workspace: Path) -> JobFolder:
    return JobFolder(next((workspace / "jobs").iterdir()))


def test_events_tell_the_whole_story(trained: Path) -> None:
    job = job_of(trained)
    events = list(job.events())
    assert events[0].kind == "started"
    assert events[-1].kind == "done"
    assert job.state() is State.DONE
    assert [e.values["epoch"] for e in events if e.kind == "epoch"] == [1, 2]
    shares = [event.done / event.total for event in events if event.total]
    assert shares == sorted(shares)
    assert max(shares) <= 1
    assert (job.path / "checkpoints" / "last.weights.h5").exists()
    assert list((job.path / "checkpoints" / "tensorboard").iterdir())


@pytest.mark.parametrize("precision", ["int8", "float16", "float32"])
def test_the_files_keep_the_contract(trained: Path, precision: str) -> None:
    path = job_of(trained).path / "model" / f"weld-1-{precision}.tflite"
    model = ModelFile.open(path)
    graph = Graph(path.read_bytes())
    picture, outputs = graph.input, graph.outputs
    assert picture.dtype == ("uint8" if precision == "int8" else "float32")
    assert [o.name for o in outputs] == ["embedding", "heatmap", "probabilities"]
    assert all(o.dtype == "float32" for o in outputs)
    assert outputs == model.card.outputs
    assert set(model.card.companions) == {"keras_weights", "features", "embedding_statistics", "out_of_fold"}
    assert model.card.metrics["parity"]["mean_difference"] < 0.05
    assert all(milliseconds > 0 for milliseconds in model.card.metrics["latency_ms"].values())
    assert model.card.metrics["parity"]["pictures"] == model.card.metrics["file"]["pictures"] > 0
    inside = embedded.card_in(model.content)
    assert inside is not None
    assert inside.metrics == model.card.metrics
    found = Inspector(model).pixels(render_weld(1, size=96).pixels).prediction
    assert found.scores.shape == (7,)
    assert found.heatmap.shape == (12, 12, 7)
    assert found.embedding.shape == (424,)
    assert found.distance is not None


def test_the_card_holds_what_thresholds_and_boxes_rest_on(trained: Path) -> None:
    card = ModelFile.open(job_of(trained).path / "model" / "weld-1-int8.tflite").card
    with np.load(job_of(trained).path / "model" / "weld-1-out-of-fold.npz") as companion:
        truth, scores = companion["truth"], companion["scores"]
    found = card.metrics["out_of_fold"]
    assert found["pictures"] == len(truth)
    for index, name in enumerate(card.labels):
        for bound, thresholds in (("lower", card.thresholds.lower), ("upper", card.thresholds.upper)):
            at = found["classes"][name][bound]
            flagged = scores[:, index] >= thresholds[index]
            assert at["recall"]["hits"] == int((flagged & truth[:, index]).sum())
            assert at["precision"]["of"] == int(flagged.sum())
            assert at["false_alarms"]["hits"] == int((flagged & ~truth[:, index]).sum())
    assert set(card.box_levels) <= set(card.labels) - {"Background"}
    assert card.box_levels


def test_int8_keeps_the_first_blocks_and_the_small_last_layers_in_float(trained: Path) -> None:
    folder = job_of(trained).path / "model"
    sizes = {precision: (folder / f"weld-1-{precision}.tflite").stat().st_size for precision in ("int8", "float16")}
    assert sizes["int8"] < 0.7 * sizes["float16"]
    interpreter = Interpreter(model_content=(folder / "weld-1-int8.tflite").read_bytes())
    kinds = {details["name"]: np.dtype(details["dtype"]) for details in interpreter.get_tensor_details()}

    def of(layer: str) -> set[np.dtype]:
        return {kind for name, kind in kinds.items() if f"/{layer}" in name and kind != np.int32}

    for layer in ("stem", "block0_", "block4_", "map_", "whole"):
        assert of(layer) == {np.dtype(np.float32)}, layer
    for layer in ("block5_", "block9_", "top"):
        assert np.dtype(np.int8) in of(layer), layer


def test_out_of_fold_scores_are_of_train_and_validation_only(trained: Path) -> None:
    job = job_of(trained)
    written = json.loads(job.job().dataset.read_text())
    learned = {entry["sha256"] for entry in written["pictures"] if entry["split"] != "test"}
    for name in ("out-of-fold", "features"):
        with np.load(job.path / "model" / f"weld-1-{name}.npz") as companion:
            assert set(companion["sha256"].tolist()) == learned


def test_the_card_can_be_shown(trained: Path) -> None:
    path = job_of(trained).path / "model" / "weld-1-int8.tflite"
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(trained), "--model", str(path), "models"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0
    assert "macro" in shown.stdout


def test_a_model_is_converted_again_from_its_weights_and_put_on_the_list(trained: Path) -> None:
    job = job_of(trained).path
    target = trained / "again"
    done = weldspot(trained, "convert", job.name, "--to", str(target), "--precision", "int8", "--precision", "float32")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("scores differ by") == 2
    assert "cannot be published" not in done.stdout
    for precision in ("int8", "float32"):
        before = ModelFile.open(job / "model" / f"weld-1-{precision}.tflite")
        after = ModelFile.open(target / f"weld-1-{precision}.tflite")
        assert after.card.thresholds == before.card.thresholds
        assert after.card.metrics["parity"]["mean_difference"] < 0.02
        pixels = render_weld(1, size=96).pixels
        scores = [Inspector(model).pixels(pixels).prediction.scores for model in (before, after)]
        # The weights travel in half precision.
        assert np.abs(scores[0] - scores[1]).max() < (0.1 if precision == "int8" else 0.01)
    done = weldspot(trained, "models", "add", job.name)
    assert done.returncode == 0, done.stderr
    done = weldspot(trained, "models", "add", str(target))
    assert done.returncode == 0, done.stderr
    listed = json.loads(weldspot(trained, "models", "list", "--json").stdout)
    assert [(row["number"], row["states"]) for row in listed] == [
        (0, ["active"]),
        (1, ["candidate"]),
        (2, ["candidate"]),
    ]
    assert [file["precision"] for file in listed[1]["files"]] == ["float16", "float32", "int8"]
    asked = json.loads(weldspot(trained, "models", "gate", "1", "--json").stdout)
    assert asked["against"] == listed[0]["sha256"]
    assert {check["name"] for check in asked["checks"]} >= {"not inferior to the active model", "agrees with Keras"}


def _second_job(trained: Path, name: str, epochs: int, folds: int = 0) -> JobFolder:
    job = job_of(trained).job().model_copy(update={"epochs": epochs, "folds": folds})
    return JobFolder.create(trained / "more" / name, job)


def test_a_stop_keeps_the_best_so_far(trained: Path) -> None:
    job = _second_job(trained, "stopped", 200)
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(trained), "train", str(job.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "Pass 1:" in line:
                child.send_signal(signal.SIGINT)
                break
        child.stdout.read()
        assert child.wait(timeout=120) == 0
    assert job.state() is State.STOPPED
    assert ModelFile.open(job.path / "model" / "weld-1-int8.tflite").card.metrics


def test_a_stop_among_the_folds_keeps_the_first_model(trained: Path) -> None:
    job = _second_job(trained, "stopped-late", 1, folds=2)
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(trained), "train", str(job.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "Part 2 of 2" in line:
                child.send_signal(signal.SIGINT)
                break
        child.stdout.read()
        assert child.wait(timeout=120) == 0
    assert job.state() is State.STOPPED
    card = ModelFile.open(job.path / "model" / "weld-1-int8.tflite").card
    learned = sum(entry.split != "test" for entry in manifest.load(job.job().dataset).pictures)
    assert 0 < card.metrics["out_of_fold"]["pictures"] < learned


def test_a_killed_job_is_lost_not_running(trained: Path) -> None:
    job = _second_job(trained, "killed", 200)
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(trained), "train", str(job.path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    assert job.state() is State.RUNNING
    again = weldspot(trained, "train", str(job.path))
    assert again.returncode == 1
    assert "another process" in again.stderr
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while job.state() is State.RUNNING and time.monotonic() < deadline:
        time.sleep(0.1)
    assert job.state() is State.LOST


def test_a_dataset_that_was_not_split_is_explained(tmp_path: Path) -> None:
    source = write_dataset(tmp_path / "data", 10, seed=4, size=64)
    assert weldspot(tmp_path / "w", "dataset", "import", str(source)).returncode == 0
    done = weldspot(tmp_path / "w", "train", "--size", "64")
    assert done.returncode == 1
    assert "dataset split" in done.stdout
