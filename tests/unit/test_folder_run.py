"""Runs over folders: judged once by content, saved whole, resumed, and ended in memory where nothing can be saved."""

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.folder import TRANSACTION, FolderRun, Target
from weldspot_desktop.inspection.folder_look import is_kept, slim
from weldspot_desktop.inspection.folder_save import Saver
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.settings import KeptPictures
from weldspot_desktop.store import Database, StoreError, folder_runs, folder_table, overrides, people, trail
from weldspot_desktop.store.folder_table import UNJUDGED, WAITING, Question
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import FolderItem, Inspection, KeptPicture, Person
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


@pytest.fixture
def inspector(context: Context) -> Inspector:
    return context.inspector()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three welds, one of them twice, and two files that are no pictures."""
    made = tmp_path / "welds"
    (made / "sub").mkdir(parents=True)
    for seed, name in enumerate(("a", "b", "sub/c")):
        Image.fromarray(render_weld(seed, size=128).pixels).save(made / f"{name}.jpg")
    shutil.copy(made / "a.jpg", made / "sub" / "a again.jpg")
    (made / "text.jpg").write_bytes(b"no picture")
    (made / "empty.jpg").touch()
    for path in made.rglob("*.jpg"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return made


class Counted:
    """Counts what an inspector really judges."""

    def __init__(self, inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
        self.origins: list[str] = []
        real = inspector.content

        def content(content: bytes, *, origin: str, **more: object) -> Inspected:
            self.origins.append(Path(origin).name)
            return real(content, origin=origin, **more)

        monkeypatch.setattr(inspector, "content", content)


def run_over(
    context: Context, inspector: Inspector, folder: Path, *, files: tuple[Path, ...] | None = None, stop: int = 0,
    **more: object,
) -> FolderRun:  # fmt: skip
    run = FolderRun(
        context.database, context.recorder(inspector), inspector, **({"kept": KeptPictures.NONE, "threads": 2} | more)
    )
    run.open(Target(folder, files), recursive=True)
    run.list_files(lambda count: None)
    finish(run, stop=stop)
    return run


def finish(run: FolderRun, *, stop: int = 0) -> list[int]:
    steps, saved = run.judge(), []
    for step in steps:
        saved.extend(step.saved)
        if step.done == stop:
            steps.close()
    return saved


def table(run: FolderRun, question: Question = Question()) -> dict[str, str | None]:  # noqa: B008 - frozen
    with run.database.read() as session:
        places = folder_table.order(session, run.run_id, question)
        return {Path(row.path).name: row.verdict for row in folder_table.rows(session, run.run_id, places)}


def records(context: Context) -> list[Inspection]:
    with context.database.read() as session:
        assert trail.first_fault(session) is None
        return list(session.scalars(select(Inspection).order_by(Inspection.id)))


@pytest.mark.usefixtures("each_database")
def test_every_file_has_its_row_and_every_content_one_record(context, inspector, folder):
    run = run_over(context, inspector, folder)
    verdicts = table(run)
    assert list(verdicts) == ["a.jpg", "b.jpg", "empty.jpg", "text.jpg", "a again.jpg", "c.jpg"]
    assert verdicts["a.jpg"] == verdicts["a again.jpg"] != UNJUDGED
    assert verdicts["text.jpg"] == verdicts["empty.jpg"] == UNJUDGED
    assert (run.total, run.judged, run.recorded, run.reused) == (6, 5, 5, 1)
    kept = records(context)
    assert [Path(row.origin).name for row in kept] == ["a.jpg", "b.jpg", "empty.jpg", "text.jpg", "c.jpg"]
    assert all(row.uncertainty is not None for row in kept if row.verdict)
    with run.database.read() as session:
        state = folder_runs.state(session, run.run_id)
        assert folder_runs.latest(session).run.finished is not None
    assert (state.done, state.run.total) == (6, 6)
    assert state.run.finished is not None


def test_nothing_is_judged_twice_whatever_became_of_the_names(context, inspector, folder, monkeypatch):
    run_over(context, inspector, folder)
    counted = Counted(inspector, monkeypatch)
    reads: list[str] = []
    real = Path.is_dir
    monkeypatch.setattr(Path, "is_dir", lambda self: reads.append(self.name) or real(self))
    (folder / "b.jpg").rename(folder / "z renamed.jpg")
    (folder / "sub" / "c.jpg").unlink()
    Image.fromarray(render_weld(9, size=128).pixels).save(folder / "new.jpg")
    (folder / "a.jpg").write_bytes((folder / "new.jpg").read_bytes())
    run = run_over(context, inspector, folder)
    assert sorted(counted.origins) in (["a.jpg", "text.jpg"], ["new.jpg", "text.jpg"])
    # What did not change since was not even read again.
    assert "a again.jpg" not in reads
    verdicts = table(run)
    assert "c.jpg" not in verdicts
    assert verdicts["a.jpg"] == verdicts["new.jpg"]
    assert len(records(context)) == 6


def test_another_model_thresholds_or_manner_judges_anew(context, inspector, folder, monkeypatch):
    run_over(context, inspector, folder)
    stricter = ThresholdSet(name="strict", lower=(0.1,) * 7, upper=(0.2,) * 7)
    run_over(context, Inspector(inspector.model, thresholds=stricter), folder)
    assert len([row for row in records(context) if row.verdict]) == 6
    monkeypatch.setattr(Inspector, "manner", property(lambda self: "other"))
    run_over(context, inspector, folder)
    assert len([row for row in records(context) if row.verdict]) == 9


@pytest.mark.usefixtures("each_database")
def test_a_stopped_run_is_saved_and_goes_on(context, inspector, folder, monkeypatch):
    run = run_over(context, inspector, folder, stop=2)
    assert [name for name, verdict in table(run).items() if verdict is not None] == ["a.jpg", "b.jpg"]
    with context.database.read() as session:
        state = folder_runs.latest(session)
    assert (state.run.id, state.done, state.listed, state.run.total) == (run.run_id, 2, 6, 6)
    counted = Counted(inspector, monkeypatch)
    again = FolderRun(context.database, context.recorder(inspector), inspector, kept=KeptPictures.NONE)
    assert again.reopen(run.run_id)
    again.list_files(lambda count: None)
    assert sorted(finish(again)) == list(range(6))
    assert sorted(counted.origins) == ["c.jpg", "text.jpg"]
    assert WAITING not in _counts(again)
    assert not again.reopen(999)


def test_chosen_files_go_on_without_their_folder_being_listed(context, inspector, folder):
    files = (folder / "b.jpg", folder / "sub" / "c.jpg", folder / "a.jpg")
    run = run_over(context, inspector, folder, files=files, stop=1)
    again = FolderRun(context.database, context.recorder(inspector), inspector, kept=KeptPictures.NONE)
    again.reopen(run.run_id)
    again.list_files(lambda count: None)
    finish(again)
    assert list(table(again)) == ["b.jpg", "c.jpg", "a.jpg"]
    assert (again.judged, again.reused) == (2, 1)


def test_what_a_listing_is_cancelled_by_ends_it(context, inspector, folder):
    run = FolderRun(context.database, context.recorder(inspector), inspector, kept=KeptPictures.NONE)
    run.open(Target(folder), recursive=True)

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.list_files(stop)
    with context.database.read() as session:
        assert folder_runs.latest(session).run.total is None


@pytest.mark.usefixtures("each_database")
def test_a_disk_that_fills_up_in_the_middle_moves_the_run_into_memory(context, inspector, folder, monkeypatch):
    with context.database.write() as session:
        anna = people.add(session, name="Anna", role=Role.INSPECTOR, by="system")
    names = [folder / f"{number:03d}.jpg" for number in range(TRANSACTION + 20)]
    for number, name in enumerate(names):
        shutil.copy(folder / "a.jpg", name)
        with name.open("ab") as file:
            file.write(f"{number}".encode())
    real, saves = Saver.save, []

    def full(self: Saver, session: object, run_id: int, batch: object) -> int:
        saves.append(run_id)
        if len(saves) == 2:
            raise StoreError("The disk is full.")
        return real(self, session, run_id, batch)

    monkeypatch.setattr(Saver, "save", full)
    run = run_over(context, inspector, folder, person=anna)
    assert run.record_failure.what == "The disk is full."
    assert run.database is not context.database
    verdicts = table(run)
    assert len(verdicts) == len(names) + 6
    assert None not in verdicts.values()
    kept = records(context)
    assert len(kept) == run.recorded
    assert 0 < len(kept) < len(verdicts)
    assert {row.person.name for row in kept} == {"Anna"}
    with context.database.read() as session:
        # The workspace knows that this run was not finished.
        assert folder_runs.latest(session).done < len(verdicts)
    run.database.close()


def test_a_workspace_that_never_takes_anything_still_shows_verdicts(context, inspector, folder, monkeypatch):
    def locked(*_: object, **__: object) -> None:
        raise StoreError("The database is locked.")

    with context.database.write() as session:
        anna = people.add(session, name="Anna", role=Role.INSPECTOR, by="system")
    real = Database.write
    monkeypatch.setattr(Database, "write", lambda self: locked() if self.title != ":memory:" else real(self))
    run = run_over(context, inspector, folder, person=anna)
    assert sum(_counts(run).values()) == 6
    assert run.recorded == 0
    run.database.close()
    with pytest.raises(StoreError, match="locked"):
        run_over(context, inspector, folder, strict=True)


def test_a_bug_while_saving_is_not_swallowed(context, inspector, folder, monkeypatch):
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(Saver, "save", broken)
    with pytest.raises(ZeroDivisionError):
        run_over(context, inspector, folder)
    assert not any(thread.name.startswith("inspect") for thread in threading.enumerate())


@pytest.mark.usefixtures("each_database")
def test_a_persons_verdict_is_taken_over_with_the_inspection(context, inspector, folder):
    run = run_over(context, inspector, folder)
    with context.database.write() as session:
        anna: Person = people.add(session, name="Anna", role=Role.INSPECTOR, by="system")
        number = session.scalars(select(FolderItem.inspection_id).where(FolderItem.position == 0)).one()
        overrides.add(session, number, verdict=Verdict.RETAKE, classes=(), reason="dark", person=anna)
    assert [name for name, verdict in table(run).items() if verdict == "RETAKE"] == ["a.jpg", "a again.jpg"]
    again = run_over(context, inspector, folder)
    assert list(table(again, Question(overridden=True))) == ["a.jpg", "a again.jpg"]
    with context.database.read() as session:
        # The run before gave way to this one.
        assert session.scalar(select(func.count()).select_from(FolderItem)) == 6


@pytest.mark.parametrize("kept", list(KeptPictures))
def test_the_setting_decides_whose_bytes_are_kept(context, inspector, folder, kept):
    run_over(context, inspector, folder, kept=kept)
    verdicts = {row.sha256: row.verdict for row in records(context) if row.verdict}
    expected = {
        KeptPictures.NONE: set(),
        KeptPictures.DOUBTFUL: {sha for sha, verdict in verdicts.items() if verdict in ("DEFECT", "UNSURE")},
        KeptPictures.ALL: set(verdicts),
    }[kept]
    with context.database.read() as session:
        assert {picture.sha256 for picture in session.scalars(select(KeptPicture))} == expected
        for sha256 in expected:
            path = context.picture_files.path(session, sha256)
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    unread = Inspected("x", error="empty")
    assert not is_kept(unread, KeptPictures.ALL)
    assert slim(unread) is unread
    clear = Inspected("x", judgement=Judgement(Verdict.CLEAR, (), ""))
    assert is_kept(clear, KeptPictures.ALL) is not is_kept(clear, KeptPictures.DOUBTFUL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.usefixtures("each_database")
def test_a_name_that_is_no_unicode_comes_back_exactly(context, inspector, folder):
    strange = Path(os.fsdecode(os.fsencode(folder) + b"/schwei\xdf.jpg"))
    try:
        shutil.copy(folder / "a.jpg", strange)
    except OSError:
        pytest.skip("this file system takes no such names")
    for _ in range(2):
        run = run_over(context, inspector, folder)
        with run.database.read() as session:
            rows = folder_table.rows(session, run.run_id, range(7))
        assert strange in [Path(row.path) for row in rows]


def _counts(run: FolderRun) -> dict[str, int]:
    with run.database.read() as session:
        return folder_table.counts(session, run.run_id)
