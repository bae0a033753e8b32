import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from PIL import Image

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.folder import TRANSACTION, FolderRun, slim, to_record
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import ToRecord
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import StoreError
from weldspot_desktop.verdict import Judgement, Verdict


@pytest.fixture
def inspector(workspace: Path) -> Inspector:
    return Context(workspace).inspector()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{seed}.jpg" for seed in range(5)]
    for seed, path in enumerate(paths):
        Image.fromarray(render_weld(seed, size=128).pixels).save(path)
    paths[2].write_bytes(b"no picture")
    return paths


def at_once(work: Callable[[], object]) -> Future[object]:
    future: Future[object] = Future()
    try:
        future.set_result(work())
    except (StoreError, ZeroDivisionError) as error:
        future.set_exception(error)
    return future


def test_every_file_is_handed_over_in_order_and_recorded(inspector: Inspector, files: list[Path]):
    written: list[ToRecord] = []
    taken: list[Inspected] = []
    run = FolderRun(inspector, written.extend, at_once, kept=KeptPictures.NONE)
    run.run(files, taken.append)
    assert [row.origin for row in taken] == [str(path) for path in files]
    assert [item.inspected for item in written] == taken
    assert run.recorded == 5
    assert taken[2].judgement is None
    assert taken[2].error
    assert taken[3].prediction is not None
    assert taken[3].prediction.heatmap.size == taken[3].prediction.embedding.size == 0
    assert taken[3].prediction.scores.shape == (7,)


def test_a_run_that_is_cancelled_records_what_was_handed_over(inspector: Inspector, files: list[Path]):
    written: list[ToRecord] = []
    taken: list[Inspected] = []

    def take(row: Inspected) -> None:
        taken.append(row)
        if len(taken) == 3:
            raise KeyboardInterrupt

    run = FolderRun(inspector, written.extend, at_once, kept=KeptPictures.NONE)
    with pytest.raises(KeyboardInterrupt):
        run.run(files, take)
    assert [item.inspected for item in written] == taken
    assert run.recorded == 3


def test_when_nothing_can_be_recorded_judging_goes_on(inspector: Inspector, files: list[Path]):
    tries: list[int] = []
    taken: list[Inspected] = []

    def full(items: Sequence[ToRecord]) -> None:
        tries.append(len(items))
        raise StoreError("The disk is full.")

    run = FolderRun(inspector, full, at_once, kept=KeptPictures.NONE)
    many = [files[0]] * (TRANSACTION + 3)
    run.run(many, taken.append)
    assert len(taken) == len(many)
    assert tries == [TRANSACTION]
    assert run.recorded == 0
    assert isinstance(run.record_failure, StoreError)


def test_a_bug_while_recording_is_not_swallowed(inspector: Inspector, files: list[Path]):
    def broken(items: Sequence[ToRecord]) -> None:
        raise ZeroDivisionError

    run = FolderRun(inspector, broken, at_once, kept=KeptPictures.NONE)
    with pytest.raises(ZeroDivisionError):
        run.run(files, lambda row: None)


@pytest.mark.parametrize(
    ("kept", "verdict", "expected"),
    [
        (KeptPictures.NONE, Verdict.DEFECT, False),
        (KeptPictures.DOUBTFUL, Verdict.DEFECT, True),
        (KeptPictures.DOUBTFUL, Verdict.UNSURE, True),
        (KeptPictures.DOUBTFUL, Verdict.CLEAR, False),
        (KeptPictures.DOUBTFUL, Verdict.NO_WELD, False),
        (KeptPictures.ALL, Verdict.CLEAR, True),
    ],
)
def test_the_setting_decides_whose_bytes_are_kept(tmp_path: Path, kept: KeptPictures, verdict: Verdict, expected: bool):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"bytes")
    row = Inspected(str(path), hashlib.sha256(b"bytes").hexdigest(), 1, 1, None, Judgement(verdict, (), ""))
    assert to_record(row, kept).content == (b"bytes" if expected else None)


def test_a_file_that_changed_or_went_away_is_recorded_without_bytes(tmp_path: Path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"other bytes")
    row = Inspected(str(path), hashlib.sha256(b"bytes").hexdigest(), 1, 1, None, Judgement(Verdict.DEFECT, (2,), ""))
    assert to_record(row, KeptPictures.ALL).content is None
    path.unlink()
    assert to_record(row, KeptPictures.ALL) == ToRecord(row)
    unread = Inspected(str(path), error="The file is empty.")
    assert to_record(unread, KeptPictures.ALL) == ToRecord(unread)
    assert slim(unread) is unread
