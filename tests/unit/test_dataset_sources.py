"""Sources through the one registry: all or nothing, and reviews that a person took back leave the dataset."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import dataset_files
import pytest
from sqlalchemy import select

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.dataset import sources, versions
from weldspot_desktop.dataset.importers import UnknownFormatError
from weldspot_desktop.dataset.ingest import Imported, import_source
from weldspot_desktop.dataset.sources import SOURCES, SourceError
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.store import trail
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Person, TrailEntry, Upload, UploadDecision

CRACK, POROSITY = labels.class_index("Crack"), labels.class_index("Porosity")


@pytest.fixture
def context(workspace: Path) -> Context:
    return Context(workspace)


def take(context: Context, asked: object, **options: object) -> Imported:
    return import_source(context.dataset_room, str(asked), person="tester", **options)  # type: ignore[arg-type]


def contents(context: Context) -> dict[str, bytes]:
    """Every file of the workspace but the database, which must keep its rows, not its bytes."""
    return {
        str(path.relative_to(context.workspace.root)): path.read_bytes()
        for path in context.workspace.root.rglob("*")
        if path.is_file() and not path.name.startswith(context.workspace.database.name)
    }


def entries(context: Context) -> int:
    with context.database.read() as session:
        last = trail.last_entry(session)
        return last.number if last is not None else 0


def test_addresses_name_sources() -> None:
    assert sources.parse("synthetic:60,seed=2") == ("synthetic", "60,seed=2")
    assert sources.parse("reviews") == ("reviews", "")
    assert sources.parse("./reviews") == ("files", "./reviews")
    assert sources.parse("C:\\weld:ing") == ("files", "C:\\weld:ing")
    assert all(source.title for source in SOURCES.values())


@pytest.mark.parametrize("asked", ["", "60,seed=x", "0", "999999", "60,size=9", "60,seed=1,seed=2"])
def test_a_wish_for_synthetic_welds_that_cannot_be_is_explained(context: Context, asked: str) -> None:
    with pytest.raises(SourceError, match="how many synthetic welds"):
        take(context, f"synthetic:{asked}")


def test_synthetic_welds_come_and_their_files_go(context: Context) -> None:
    done = take(context, "synthetic:10,seed=3,size=48")
    assert (done.source, done.added, done.problems) == ("synthetic welds", 10, ())
    assert {index for entry in done.version.pictures for index in entry.classes} >= set(range(labels.COUNT))
    assert list(context.dataset_room.temporary.iterdir()) == []
    assert take(context, "synthetic:10,seed=3,size=48").version == done.version


@pytest.mark.parametrize("name", dataset_files.WRITERS)
def test_a_zip_is_taken_like_its_folder(context: Context, tmp_path: Path, name: str) -> None:
    folder = dataset_files.WRITERS[name](tmp_path / "source")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    first = take(context, packed)
    assert (first.format_name, first.added) == (name, len(dataset_files.TRUTH))
    assert take(context, folder, format_name=name).version == first.version
    with context.database.read() as session:
        details = session.scalars(select(TrailEntry.details).where(TrailEntry.action == "dataset imported")).first()
    assert '"archive_sha256": "' in str(details)


def test_what_is_no_source_is_explained(context: Context, tmp_path: Path) -> None:
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    (tmp_path / "empty").mkdir()
    for asked, error in ((tmp_path / "a.rar", SourceError), (tmp_path / "no", SourceError)):
        with pytest.raises(error):
            take(context, asked)
    with pytest.raises(UnknownFormatError):
        take(context, tmp_path / "empty")
    with pytest.raises(SourceError, match="just reviews"):
        take(context, "reviews:all")


@pytest.mark.parametrize("stage", ["Unpacking", "Reading pictures", "Writing"])
def test_stopping_leaves_the_workspace_as_it_was(context: Context, tmp_path: Path, stage: str) -> None:
    take(context, "synthetic:4,size=48")
    before, count = contents(context), entries(context)
    folder = dataset_files.yolo(tmp_path / "source")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)

    def stop(at: str, done: int, total: int) -> None:
        if at == stage and (done > 2 or stage != "Reading pictures"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(context, packed, progress=stop)
    assert contents(context) == before
    assert entries(context) == count


def test_an_error_at_the_very_end_undoes_everything(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(context, "synthetic:4,size=48")
    before, count = contents(context), entries(context)
    monkeypatch.setattr(trail, "append", lambda *_, **__: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        take(context, dataset_files.yolo(tmp_path / "source"))
    assert (contents(context), entries(context)) == (before, count)


def test_other_labels_are_a_problem_unless_they_are_wanted(context: Context, tmp_path: Path) -> None:
    first = take(context, dataset_files.yolo(tmp_path / "a"))
    other = dataset_files.yolo(tmp_path / "b")
    (other / "train/labels/a_jpg.rf.0a.txt").write_text("4 0.5 0.5 0.1 0.1")
    kept = take(context, other)
    assert kept.version == first.version
    assert "other labels; those were kept" in kept.problems[0].reason
    relabelled = take(context, other, relabel=True)
    assert (relabelled.relabelled, relabelled.problems) == (1, ())
    by_name = {entry.name: entry.classes for entry in relabelled.version.pictures}
    assert by_name["a_jpg.rf.0a.jpg"] == (POROSITY,)
    old = versions.open_version(context.workspace, context.database, first.version.name)
    assert {entry.name: entry.classes for entry in old.pictures}["a_jpg.rf.0a.jpg"] == (CRACK,), "old versions stay"


# -- reviews -----------------------------------------------------------------------------------------------------


def upload(context: Context, tmp_path: Path, number: int, **columns: object) -> int:
    """An upload as a sync stores it, decided already if `state` says so."""
    content = dataset_files.picture(tmp_path / f"u{number}.jpg", 1000 + number).read_bytes()
    with context.database.write() as session:
        sha256 = context.picture_files.keep(session, content, width=64, height=48)
        now = datetime.now(UTC)
        values = {"state": "confirmed", "labels": 1 << CRACK, "group": "line 3", "weld_id": None} | columns
        row = Upload(
            inbox="local:/x",
            name=f"A{number}_1_0_0_0_0_0_0.jpg",
            generation=number,
            bytes=9,
            sent=now,
            received=now,
            audit=False,
            reason="",
            lot=0.5,
            picture_sha256=sha256,
            **values,
        )
        session.add(row)
        session.flush()
        return row.id


def decide(context: Context, upload_id: int, action: str, boxes: list[list[float]], undoes: int | None = None) -> int:
    with context.database.write() as session:
        person = session.scalars(select(Person)).first()
        if person is None:
            person = Person(name="Bo", role=Role.INSPECTOR, active=True, created=datetime.now(UTC))
            session.add(person)
            session.flush()
        row = UploadDecision(
            upload_id=upload_id,
            at=datetime.now(UTC),
            person_id=person.id,
            action=action,
            labels=1 << CRACK,
            boxes=boxes,
            reason="",
            undoes=undoes,
        )
        session.add(row)
        session.flush()
        return row.id


def test_confirmed_reviews_bring_labels_names_groups_and_the_boxes_that_hold(context: Context, tmp_path: Path) -> None:
    first = upload(context, tmp_path, 1)
    decide(context, first, "confirmed", [[CRACK, 0.1, 0.1, 0.4, 0.4]])
    undone = decide(context, first, "corrected", [[CRACK, 0.5, 0.5, 0.9, 0.9]])
    decide(context, first, "undone", [], undoes=undone)
    second = upload(context, tmp_path, 2, state="corrected", labels=1 << CRACK | 1 << POROSITY)
    decide(context, second, "corrected", [[CRACK, 0.5, 0.5, 0.9, 0.9], [0, 0, 0, 1, 1], [POROSITY, 0.9, 0, 0.1, 1]])
    for number, state in enumerate(("new", "rejected", "quarantined", "flagged"), start=3):
        upload(context, tmp_path, number, state=state)
    upload(context, tmp_path, 7, labels=0)
    upload(context, tmp_path, 8, labels=1 | 1 << CRACK)
    done = take(context, "reviews")
    by_name = {entry.name.partition("_")[0]: entry for entry in done.version.pictures}
    assert set(by_name) == {"A1", "A2"}
    assert by_name["A1"].classes == (CRACK,)
    assert by_name["A1"].place == "reviews: line 3"
    assert by_name["A1"].regions[0].corners[0] == (0.1, 0.1)
    assert by_name["A2"].classes == (CRACK, POROSITY)
    assert [region.class_index for region in by_name["A2"].regions] == [CRACK]
    reasons = " | ".join(str(problem) for problem in done.problems)
    for words in (
        "box 2: is of a class that was not confirmed",
        "box 3: the box has no area",
        "without a class",
        "at once",
    ):
        assert words in reasons


def test_reviews_that_were_taken_back_leave_and_corrected_ones_change(context: Context, tmp_path: Path) -> None:
    ids = [upload(context, tmp_path, number) for number in range(1, 4)]
    first = take(context, "reviews")
    with context.database.write() as session:
        gone, changed = session.get_one(Upload, ids[0]), session.get_one(Upload, ids[1])
        gone.state = "rejected"
        changed.state, changed.labels = "corrected", 1 << POROSITY
    done = take(context, "reviews")
    assert (done.added, done.known, done.relabelled, done.withdrawn) == (0, 1, 1, 1)
    assert len(first.version.pictures) == 3
    assert sorted(entry.classes for entry in done.version.pictures) == [(CRACK,), (POROSITY,)]
    with context.database.write() as session:
        session.get_one(Upload, ids[0]).state = "confirmed"
    assert take(context, "reviews").added == 1


def test_pictures_of_one_weld_stay_in_one_split(context: Context, tmp_path: Path) -> None:
    for number in range(20):
        upload(context, tmp_path, number, weld_id=f"W{number % 6}")
    take(context, "reviews")
    made = versions.commit_split(context.database, context.picture_files, context.workspace, person="tester")
    welds: dict[str, set[Split | None]] = {}
    for entry in made.pictures:
        welds.setdefault(f"W{int(entry.name.partition('_')[0][1:]) % 6}", set()).add(entry.split)
    assert len(welds) == 6
    assert all(len(kinds) == 1 for kinds in welds.values())
