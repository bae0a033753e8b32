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

from weldspot_desktop.dataset.synthetic import BACKGROUNDS, write_dataset
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.jobs import JobFolder, State
from weldspot_desktop.model import ModelFile
from weldspot_desktop.model.session import describe
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
        ("train", "--size", "96", "--epochs", "2", "--folds", "2"),
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
    assert (job.path / "checkpoints" / "best.weights.h5").exists() or (
        job.path / "checkpoints" / "last.weights.h5"
    ).exists()
    assert list((job.path / "checkpoints" / "tensorboard").iterdir())


@pytest.mark.parametrize("precision", ["int8", "float16"])
def test_the_files_keep_the_contract(trained: Path, precision: str) -> None:
    path = job_of(trained).path / "model" / f"weld-1-{precision}.tflite"
    model = ModelFile.open(path)
    picture, outputs = describe(path.read_bytes())
    assert picture.dtype == ("uint8" if precision == "int8" else "float32")
    assert [o.name for o in outputs] == ["embedding", "heatmap", "probabilities"]
    assert all(o.dtype == "float32" for o in outputs)
    assert outputs == model.card.outputs
    assert set(model.card.companions) == {"keras_weights", "features", "embedding_statistics", "out_of_fold"}
    assert model.card.metrics["parity"]["mean_difference"] < 0.05
    assert all(milliseconds > 0 for milliseconds in model.card.metrics["latency_ms"].values())
    found = Inspector(model).pixels(render_weld(1, size=96).pixels)[0]
    assert found.scores.shape == (7,)
    assert found.heatmap.shape == (3, 3, 7)


def test_the_heat_map_and_the_scores_agree(trained: Path) -> None:
    """The mean of the class evidence is the logit: the map shows what decided."""
    model = ModelFile.open(job_of(trained).path / "model" / "weld-1-float16.tflite")
    found = Inspector(model).pixels(render_weld(2, size=96).pixels)[0]
    logits = found.heatmap.mean(axis=(0, 1))
    assert found.scores == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-3)


def test_out_of_fold_scores_are_of_train_and_validation_only(trained: Path) -> None:
    job = job_of(trained)
    manifest = json.loads(job.job().dataset.read_text())
    learned = {entry["sha256"] for entry in manifest["pictures"] if entry["split"] != "test"}
    for name in ("out-of-fold", "features"):
        with np.load(job.path / "model" / f"weld-1-{name}.npz") as companion:
            assert set(companion["sha256"].tolist()) == learned


def test_the_card_can_be_shown(trained: Path) -> None:
    path = job_of(trained).path / "model" / "weld-1-int8.tflite"
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(trained), "--model", str(path), "models"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0
    assert "macro" in shown.stdout


def _second_job(trained: Path, name: str, epochs: int) -> JobFolder:
    job = job_of(trained).job().model_copy(update={"epochs": epochs, "folds": 0})
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
