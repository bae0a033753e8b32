"""The command line as a person types it, in processes of its own."""

import csv
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from weldspot_desktop import labels, paths
from weldspot_desktop.context import Context
from weldspot_desktop.store import inspections, trail
from weldspot_desktop.store.inspections import Query

SAMPLES = paths.resource("samples")
LONG = "ü" * 100


def weldspot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "weldspot_desktop", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120, env=kept | environment
    )


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return {Path(str(row["origin"])).name: row for row in json.loads(done.stdout)}


@pytest.fixture
def odd_folder(tmp_path: Path) -> Path:
    """Good pictures of many kinds, and files that are none."""
    folder = tmp_path / "Schweißnähte" / LONG / LONG
    folder.mkdir(parents=True)
    sample = SAMPLES / "porosity.jpg"
    pixels = cv2.imread(str(sample))
    shutil.copy(sample, folder / "plain.jpg")
    (folder / "truncated.jpg").write_bytes(sample.read_bytes()[:20_000])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("not a picture")
    (folder / "misnamed.jpg").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    (folder / "grey.png").write_bytes(cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))[1].tobytes())
    (folder / "deep.png").write_bytes(cv2.imencode(".png", pixels.astype(np.uint16) * 257)[1].tobytes())
    (folder / "=cmd.jpg").write_bytes(sample.read_bytes())
    (folder / "notes.txt").write_text("left alone")
    return folder


BAD = {"truncated.jpg", "empty.jpg", "text.jpg"}


def test_every_file_gets_its_row_and_the_rest_goes_on(odd_folder: Path, tmp_path: Path) -> None:
    table, drawn = tmp_path / "out.csv", tmp_path / "drawn"
    done = weldspot("inspect", str(odd_folder), "--json", "--csv", str(table), "--annotate", str(drawn))
    found = rows(done)
    assert set(found) == BAD | {"plain.jpg", "misnamed.jpg", "grey.png", "deep.png", "=cmd.jpg"}
    assert {name for name, row in found.items() if row["error"]} == BAD
    assert found["misnamed.jpg"]["verdict"] == found["deep.png"]["verdict"]
    with table.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == len(found)
    assert set(labels.CLASSES) <= set(written[0])
    assert len(list(drawn.iterdir())) == len(found) - len(BAD)


def test_a_csv_never_holds_a_formula(odd_folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    command = [sys.executable, "-m", "weldspot_desktop", "inspect", "=cmd.jpg", "--csv", str(table)]
    subprocess.run(command, cwd=odd_folder, check=True, capture_output=True, timeout=60)
    with table.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any("=cmd.jpg" in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_nothing_judged_is_a_failure_with_a_sentence(tmp_path: Path) -> None:
    done = weldspot("inspect", str(tmp_path / "missing.jpg"))
    assert done.returncode == 1
    assert "No picture could be judged" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_code_2() -> None:
    assert weldspot("inspect").returncode == 2
    assert weldspot("nonsense").returncode == 2


def test_records_are_kept_with_their_pictures(workspace: Path) -> None:
    done = weldspot("--workspace", str(workspace), "inspect", str(SAMPLES), "--record")
    assert done.returncode == 0, done.stderr
    context = Context(workspace)
    with context.database.read() as session:
        kept = inspections.page(session, Query(), offset=0, limit=100)
        assert len(kept) == len(list(SAMPLES.glob("*.jpg")))
        assert all(context.picture_files.path(session, str(row.sha256)).is_file() for row in kept)
        assert trail.first_fault(session) is None
    context.close()


def test_an_unknown_person_is_refused(workspace: Path) -> None:
    done = weldspot("inspect", str(SAMPLES), "--record", "--person", "Nobody")
    assert done.returncode == 1
    assert "Nobody is not on the list" in done.stderr


def test_a_video_is_judged_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "weld.avi"
    frame = cv2.resize(cv2.imread(str(SAMPLES / "crack.jpg")), (320, 240))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for _ in range(35):
        writer.write(frame)
    writer.release()
    assert [Path(name).name for name in rows(weldspot("inspect", str(path), "--json"))] == [
        f"weld.avi#{number}" for number in (0, 10, 20, 30)
    ]
    path.write_bytes(b"no video")
    assert weldspot("inspect", str(path)).returncode == 1


@pytest.fixture
def server() -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(SAMPLES))
    served = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_picture_behind_an_address(server: str) -> None:
    done = weldspot("inspect", f"{server}/crack.jpg", f"{server}/missing.jpg", "--json")
    found = rows(done)
    assert found["crack.jpg"]["verdict"]
    assert "404" in str(found["missing.jpg"]["error"])


def test_a_password_in_an_address_is_never_shown(server: str) -> None:
    address = server.replace("http://", "http://inspector:secret@") + "/crack.jpg"
    done = weldspot("inspect", address)
    assert "secret" not in done.stdout + done.stderr


def test_without_a_display_the_samples_are_inspected(workspace: Path) -> None:
    done = weldspot("--workspace", str(workspace))
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stdout
    folder = next((workspace / "reports").iterdir())
    report = json.loads((folder / "report.json").read_text())
    count = len(list(SAMPLES.glob("*.jpg")))
    assert len(report["pictures"]) == count
    assert len(list(folder.glob("*.jpg"))) == count


def test_the_self_test_passes() -> None:
    done = weldspot("--self-test", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "self-test passed" in done.stdout


def test_a_workspace_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = weldspot("--workspace", str(tmp_path / "file" / "w"), "inspect", str(SAMPLES), "--record")
    assert done.returncode == 1
    assert "--workspace" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_model_can_be_shown() -> None:
    done = weldspot("models")
    assert done.returncode == 0
    assert "Excess Reinforcement" in done.stdout


def test_a_report_of_what_was_recorded(tmp_path: Path, workspace: Path) -> None:
    done = weldspot("inspect", str(SAMPLES), "--record")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "Prüfbericht.pdf"
    done = weldspot("report", "--output", str(out), "--title", "Prüfung", "--number", "R-1")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF")
    assert "inspections written to" in done.stdout
    some = tmp_path / "some.csv"
    done = weldspot("report", "-o", str(some), "--ids", "3,1-2")
    with some.open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["3", "1", "2"]
    done = weldspot("report", "-o", str(tmp_path / "none.xlsx"), "--until", "2020-01-01", "--verdict", "no-weld")
    assert "No inspection matches" in done.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_file()) == ["Prüfbericht.pdf", "some.csv"]
