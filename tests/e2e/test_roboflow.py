"""Roboflow as a source, against a server process that speaks its export calls and misbehaves as servers do."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dataset_files
import keyring
import keyring.backend
import numpy as np
import pytest
from PIL import Image

from weldspot_desktop import cli
from weldspot_desktop.context import Context
from weldspot_desktop.dataset.archive import ArchiveError
from weldspot_desktop.dataset.download import DownloadError
from weldspot_desktop.dataset.ingest import Imported, import_source
from weldspot_desktop.dataset.sources import SourceError, roboflow, roboflow_key
from weldspot_desktop.dataset.sources.roboflow import KeyRefusedError, NoSuchVersionError, OfflineError
from weldspot_desktop.dataset.sources.roboflow_key import KeyMissingError

KEY = "s3cretKey0123456789"
Start = Callable[..., Path]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A zip as Roboflow makes it, some hundred kilobytes."""
    folder = dataset_files.yolo(tmp_path / "export")
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))):
        noise = np.random.default_rng(number).integers(0, 256, (300, 400, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path, quality=95)
    return Path(shutil.make_archive(str(tmp_path / "weld.v9.yolov8"), "zip", folder))


@pytest.fixture
def start(tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the server with faults; gives the file in which it notes what it was asked."""
    running: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(roboflow, "_POLL_SECONDS", 0.01)
    monkeypatch.setenv(roboflow_key.VARIABLE, KEY)

    def run(faults: str = "") -> Path:
        log = tmp_path / "asked.jsonl"
        command = [
            sys.executable,
            str(Path(__file__).with_name("roboflow_server.py")),
            str(exported),
            KEY,
            faults,
            str(log),
        ]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(server)
        assert server.stdout is not None
        monkeypatch.setenv(roboflow.API_VARIABLE, server.stdout.readline().strip())
        return log

    yield run
    for server in running:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    made = Context(workspace)
    yield made
    made.close()


def take(context: Context, asked: str = "roboflow", **options: object) -> Imported:
    return import_source(context.dataset_room, asked, person="tester", **options)  # type: ignore[arg-type]


def questions(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_known_dataset_comes_with_its_checksum_and_no_trace_of_the_key(
    context: Context, start: Start, exported: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log = start()
    stages: list[tuple[str, int, int]] = []
    done = take(context, progress=lambda *at: stages.append(at))
    assert (done.source, done.added, done.problems) == ("roboflow:welding-2bplp/weld-quality-inspection-rei9l/9", 5, ())
    asked = questions(log)
    assert [str(q["path"]).partition("?")[0] for q in asked[:3]] == [
        "/welding-2bplp/weld-quality-inspection-rei9l/9/yolov8"
    ] * 3
    assert not any(KEY in str(q["path"]) for q in asked)
    assert ("Roboflow makes the export", 25, 100) in stages
    assert ("Downloading", exported.stat().st_size, exported.stat().st_size) in stages
    assert "httpx" in {record.name for record in caplog.records}, "requests are logged, without what is secret"
    assert KEY not in caplog.text
    assert "secret-signature" not in caplog.text
    everything = b"".join(path.read_bytes() for path in context.workspace.root.rglob("*") if path.is_file())
    assert KEY.encode() not in everything
    assert b"secret-signature" not in everything
    assert list(context.dataset_room.downloads.iterdir()) == []
    assert list(context.dataset_room.temporary.iterdir()) == []


def test_a_broken_download_goes_on_where_it_stopped(context: Context, start: Start) -> None:
    log = start("busy break:50000 break:30000")
    assert take(context).added == 5
    ranges = [str(q["headers"].get("Range")) for q in questions(log) if "download" in str(q["path"])]  # type: ignore[attr-defined]
    assert ranges == ["None", "bytes=50000-", "bytes=80000-"]


def test_a_stopped_download_goes_on_in_the_next_run_unless_the_file_changed(
    context: Context, start: Start, exported: Path
) -> None:
    log = start("changed")

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "Downloading" and done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(context, progress=stop)
    part = next(path for path in context.dataset_room.downloads.iterdir() if path.suffix == ".part")
    there = part.stat().st_size
    assert 100_000 < there < exported.stat().st_size
    assert take(context).added == 5
    last = questions(log)[-1]["headers"]
    assert isinstance(last, dict)
    assert last["Range"] == f"bytes={there}-"
    with pytest.raises(KeyboardInterrupt):
        take(context, progress=stop)
    start("changed")  # another server, whose first answer has another ETag than the part that is there
    assert take(context).known == 5


def test_damage_is_seen_and_an_expired_link_is_asked_for_again(context: Context, start: Start) -> None:
    start("damaged")
    with pytest.raises(DownloadError, match="checksum"):
        take(context)
    start("expired")
    assert take(context).added == 5


def test_refusals_are_sentences(
    context: Context, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    start()
    with pytest.raises(NoSuchVersionError, match=r"knows no welding-2bplp/weld/1"):
        take(context, "roboflow:welding-2bplp/weld/1")
    with pytest.raises(SourceError, match="exports no backgrounds"):
        take(context, format_name="backgrounds")
    for asked in ("a/b", "a/b/c", "../../x/1", "a/b/1?x=1"):
        with pytest.raises(SourceError, match="names no version"):
            take(context, f"roboflow:{asked}")
    monkeypatch.setenv(roboflow_key.VARIABLE, "wrong-key-000")
    with pytest.raises(KeyRefusedError) as refused:
        take(context)
    assert "wrong-key-000" not in str(refused.value)
    monkeypatch.setenv(roboflow_key.VARIABLE, KEY)
    monkeypatch.setattr(roboflow, "_TRIES", 2)
    monkeypatch.setenv(roboflow.API_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(OfflineError, match="cannot be reached"):
        take(context)
    monkeypatch.setenv(roboflow.API_VARIABLE, "http://example.org")
    with pytest.raises(DownloadError, match="without encryption"):
        take(context)
    assert not context.dataset_room.downloads.exists()


def test_a_hostile_archive_from_there_is_refused_and_kept_out(context: Context, start: Start, exported: Path) -> None:
    import zipfile

    with zipfile.ZipFile(exported, "a") as file:
        file.writestr("../../evil.jpg", b"x")
    start()
    with pytest.raises(ArchiveError, match="outside"):
        take(context)
    assert not (context.workspace.root / "evil.jpg").exists()


class _Memory(keyring.backend.KeyringBackend):
    """A keyring for one test."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("no such entry")


def test_the_key_is_looked_for_in_the_environment_a_file_and_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(roboflow_key.VARIABLE, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(_Memory())
    try:
        with pytest.raises(KeyMissingError, match="no key"):
            roboflow_key.find([tmp_path])
        roboflow_key.keep("from-the-keyring")
        assert roboflow_key.find([tmp_path]) == "from-the-keyring"
        (tmp_path / ".env").write_text(f"# mine\nOTHER=1\nexport {roboflow_key.VARIABLE}='from-the-file'\n")
        assert roboflow_key.find([tmp_path]) == "from-the-file"
        monkeypatch.setenv(roboflow_key.VARIABLE, "from-the-environment")
        assert roboflow_key.find([tmp_path]) == "from-the-environment"
        monkeypatch.setenv(roboflow_key.VARIABLE, "two words\nand lines")
        with pytest.raises(KeyMissingError) as refused:
            roboflow_key.find([tmp_path])
        assert "words" not in str(refused.value)
        monkeypatch.delenv(roboflow_key.VARIABLE)
        (tmp_path / ".env").unlink()
        roboflow_key.forget()
        roboflow_key.forget()
        with pytest.raises(KeyMissingError):
            roboflow_key.find([tmp_path])
    finally:
        keyring.set_keyring(before)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one process there")
def test_the_command_line_from_import_to_export_and_ctrl_c(
    start: Start, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start()

    def weldspot(*arguments: str) -> str:
        # In this process: starting one for each step would take most of the time.
        code = cli.run(list(arguments))
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    assert "5 pictures added" in weldspot("dataset", "import", "--roboflow")
    assert "10 pictures added" in weldspot("dataset", "import", "synthetic:10,size=64")
    weldspot("dataset", "split")
    rows = json.loads(weldspot("dataset", "versions", "--json"))
    assert [row["name"] for row in rows] == ["dataset-3", "dataset-2", "dataset-1"]
    changes = json.loads(weldspot("dataset", "diff", "dataset-1", "dataset-3", "--json"))
    assert len(changes["added"]) == 10
    weldspot("dataset", "export", "dataset-3", str(tmp_path / "exported"))
    assert (tmp_path / "exported" / "data.yaml").is_file()
    found = json.loads(weldspot("dataset", "findings", "dataset-3", "--json"))
    assert {remark["kind"] for remark in found} >= {"balance", "sources", "labels", "unfit"}
    assert "pictures that are new to it" in str(found)

    before = sorted(path for path in workspace.rglob("*") if path.is_file() and "caches" not in path.parts)
    command = [sys.executable, "-m", "weldspot_desktop", "dataset", "import", "synthetic:5000,seed=5,size=64"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    drawn = workspace / "caches" / "imports"
    deadline = time.monotonic() + 120
    while not any(drawn.rglob("*.jpg")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Nothing was imported" in said
    assert sorted(path for path in workspace.rglob("*") if path.is_file() and "caches" not in path.parts) == before
    assert list(drawn.iterdir()) == []
