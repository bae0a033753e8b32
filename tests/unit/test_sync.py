"""The sync against a folder, and against a folder that behaves as clouds do on a bad day."""

import io
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from drawn_face import drawn_face
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image
from sqlalchemy import select

from weldspot_desktop.cloud.faults import BusyError, CloudError, Offline, RevokedError, ServerError
from weldspot_desktop.cloud.inbox import UPLOADS, RemoteObject
from weldspot_desktop.cloud.local import LocalInbox
from weldspot_desktop.review import arrivals, incoming, looking, quarantine, scoring
from weldspot_desktop.review import sync as syncing
from weldspot_desktop.review.cleaning import Cleaner
from weldspot_desktop.review.fetching import Scorer
from weldspot_desktop.review.retrying import patience
from weldspot_desktop.review.schedule import LONGEST_SECONDS, Schedule
from weldspot_desktop.review.sync import Options
from weldspot_desktop.review.sync_result import Outcome, SyncResult
from weldspot_desktop.store import Database, decisions, people, sync_state, uploads
from weldspot_desktop.store.decisions import Action, DecisionError
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Upload, UploadDecision
from weldspot_desktop.store.uploads import State
from weldspot_desktop.upload_name import UploadNameError
from weldspot_desktop.verdict import ThresholdSet

PAIRS = "_1-0.9_0-0.1_0-0.2_0-0.3_0-0.4_0-0.5_0-0.6"
SCORES = [0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def jpeg(seed: int = 0, *, image: Image.Image | None = None, **options: object) -> bytes:
    target = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    (image or Image.fromarray(pixels).resize((64, 48))).save(target, "JPEG", **options)
    return target.getvalue()


class Moody(LocalInbox):
    """A folder that fails as it is told to, and remembers what was asked of it."""

    def __init__(self, folder: Path, *, move: bool = False) -> None:
        super().__init__(folder, move=move)
        self.downloads: list[str] = []
        self.starts: list[str | None] = []
        self.faults: dict[str, list[CloudError]] = {}
        self.lies: dict[str, dict[str, object]] = {}
        self.pages = 0
        self.broken_pages: list[int] = []

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        self.starts.append(start)
        for found in super().listing(prefix, start=start):
            self.pages += 1
            if self.pages in self.broken_pages:
                raise ServerError(503)
            yield replace(found, **self.lies.get(found.name, {}))

    def download(self, found: RemoteObject, target: Path) -> None:
        self.downloads.append(found.name)
        if waiting := self.faults.get(found.name):
            # Half of it came through.
            target.write_bytes(b"half")
            raise waiting.pop(0)
        super().download(found, target)


@pytest.fixture
def rig(tmp_path: Path, workspace: Path) -> Iterator[SimpleNamespace]:
    folder = tmp_path / "inbox"
    (folder / "uploads" / "u1").mkdir(parents=True)
    database, files = Database(tmp_path / "w.sqlite3"), PictureFiles(tmp_path / "pictures")
    made = SimpleNamespace(
        folder=folder, database=database, files=files, inbox=Moody(folder), scorer=None, cleaner=None
    )
    made.cleaner = Cleaner(blur_faces=False, largest_megapixels=10)

    def put(name: str, content: bytes | None = None) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if content is not None else jpeg(len(list(folder.rglob("*")))))

    def sync(progress: Callable[[int, int | None], None] = lambda done, total: None, **options: object) -> SyncResult:
        chosen = Options(**{"first_pause": 0.001} | options)
        return syncing.sync(
            database, files, made.inbox, made.cleaner, scorer=made.scorer, options=chosen, progress=progress
        )

    def rows() -> dict[str, Upload]:
        with database.read() as session:
            found = session.scalars(select(Upload)).all()
        assert len({(one.name, one.generation) for one in found}) == len(found)
        return {one.name: one for one in found}

    def picture(name: str) -> bytes:
        with database.read() as session:
            path = files.path(session, rows()[name].picture_sha256)
        return path.read_bytes()

    made.put, made.sync, made.rows, made.picture = put, sync, rows, picture
    yield made
    database.close()


def unfinished(files: PictureFiles) -> list[Path]:
    return list((files.folder / incoming.NAME).iterdir())


def test_uploads_come_in_with_everything_the_phone_said(rig):
    name = f"uploads/u1/p1{PAIRS}.jpg"
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2024:05:06 07:08:09"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    rig.put(name, jpeg(exif=exif))
    rig.put(f"{name}.json", b'{"group": "Halle 7", "weld_id": "W-1", "model_name": "weld", "model_version": "3", '
            b'"model_sha256": "' + b"AB" * 32 + b'", "app_version": "2.0", "audit": "1", '
            b'"captured_at": "2025-01-02T03:04:05+01:00"}')  # fmt: skip
    rig.put(f"old{PAIRS}.jpg", jpeg(1, exif=exif))
    rig.put("uploads/u1/done_0_1_0_0_0_0_0.jpg")
    result = rig.sync()
    assert (result.outcome, result.kept, result.quarantined, result.listed) == (Outcome.DONE, 3, 0, 3)
    found = rig.rows()
    new = found[name]
    assert (new.uid, new.phone_id, new.ticks, new.phone_scores, new.state) == ("u1", "p1", 1, SCORES, State.NEW)
    assert (new.group, new.weld_id, new.model_name, new.model_version) == ("Halle 7", "W-1", "weld", "3")
    assert (new.model_sha256, new.app_version, new.audit) == ("ab" * 32, "2.0", True)
    assert new.captured == datetime(2025, 1, 2, 2, 4, 5, tzinfo=UTC)
    old = found[f"old{PAIRS}.jpg"]
    assert (old.uid, old.group, old.audit) == (None, None, False)
    assert old.captured == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert (found["uploads/u1/done_0_1_0_0_0_0_0.jpg"].ticks, found["uploads/u1/done_0_1_0_0_0_0_0.jpg"].phone_scores) == (2, None)  # fmt: skip # noqa: E501
    assert b"2024:05:06" not in rig.picture(name)
    assert unfinished(rig.files) == []


def test_a_second_look_fetches_only_what_is_new(rig):
    for number in range(20):
        rig.put(f"uploads/u1/a{number}{PAIRS}.jpg")
    assert rig.sync().kept == 20
    rig.inbox.downloads.clear()
    rig.put(f"uploads/u1/b{PAIRS}.jpg")
    again = rig.folder / f"uploads/u1/a3{PAIRS}.jpg"
    again.write_bytes(jpeg(99))
    os.utime(again, ns=(1, again.stat().st_mtime_ns + 1_000_000))
    assert rig.sync().kept == 2
    assert sorted(rig.inbox.downloads) == [f"uploads/u1/a3{PAIRS}.jpg", f"uploads/u1/b{PAIRS}.jpg"]


def test_what_is_wrong_on_the_way_is_tried_again_and_then_named(rig):
    flaky, lost, short, wrong = (f"uploads/u1/{name}{PAIRS}.jpg" for name in ("flaky", "lost", "short", "wrong"))
    for name in (flaky, lost, short, wrong):
        rig.put(name)
    rig.inbox.faults = {flaky: [ServerError(503), BusyError()], lost: [ServerError(503)] * 99}
    rig.inbox.lies = {short: {"bytes": 5000}, wrong: {"crc32c": "AAAAAA=="}}
    rig.inbox.broken_pages = [2, 3]
    result = rig.sync()
    assert (result.outcome, result.kept, result.quarantined, result.left) == (Outcome.INCOMPLETE, 1, 2, 1)
    found = rig.rows()
    assert found[flaky].state == State.NEW
    assert (found[short].state, found[wrong].state) == (State.QUARANTINED, State.QUARANTINED)
    assert "of 5000" in found[short].reason
    assert "checksum is wrong" in found[wrong].reason
    assert lost not in found
    assert Counter(rig.inbox.downloads) == {flaky: 3, lost: 4, short: 4, wrong: 4}
    rig.inbox.faults.clear()
    assert (rig.sync().kept, rig.rows()[lost].state) == (1, State.NEW)
    assert unfinished(rig.files) == []


def test_being_offline_is_a_state_and_keeps_what_came_before(rig):
    for number in range(5):
        rig.put(f"uploads/u1/{number}{PAIRS}.jpg")
    rig.inbox.faults = {f"uploads/u1/4{PAIRS}.jpg": [Offline()] * 99}
    result = rig.sync(threads=1)
    assert result.outcome is Outcome.OFFLINE
    last = syncing.last(rig.database, rig.inbox.id)
    assert last.result == result
    assert "cannot be reached" in last.result.sentence
    assert len(rig.rows()) == result.kept
    rig.inbox.faults.clear()
    rig.sync()
    assert len(rig.rows()) == 5


@pytest.mark.parametrize("fault", [RevokedError(), ServerError(500)])
def test_a_cloud_in_trouble_ends_the_sync_with_its_sentence(rig, fault):
    names = [f"uploads/u1/{number}{PAIRS}.jpg" for number in range(12)]
    for name in names:
        rig.put(name)
    rig.inbox.faults = {name: [fault] * 99 for name in names}
    with pytest.raises(type(fault)):
        rig.sync(threads=2)
    last = syncing.last(rig.database, rig.inbox.id)
    assert (last.result.outcome, last.result.trouble) == (Outcome.FAILED, str(fault))
    assert rig.rows() == {}


def test_a_person_can_stop_it_and_it_goes_on_later(rig):
    for number in range(60):
        rig.put(f"uploads/u1/{number}{PAIRS}.jpg")

    class Cancelled(Exception):  # noqa: N818 - as the window has it
        pass

    def progress(done: int, total: int | None) -> None:
        if total is not None and done >= 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        rig.sync(progress, threads=2)
    assert 0 < len(rig.rows()) < 60
    assert syncing.last(rig.database, rig.inbox.id).result.outcome is Outcome.CANCELLED
    assert unfinished(rig.files) == []
    assert rig.sync().outcome is Outcome.DONE
    assert len(rig.rows()) == 60


def test_progress_counts_up_to_the_end(rig):
    for number in range(30):
        rig.put(f"uploads/u1/{number}{PAIRS}.jpg")
    told: list[tuple[int, int | None]] = []
    rig.sync(lambda done, total: told.append((done, total)))
    assert told[0] == (30, None)
    counts = [done for done, total in told if total == 30]
    assert counts == sorted(counts)
    assert counts[-1] == 30


def test_several_syncs_at_once_take_everything_in_once(rig, tmp_path):
    for number in range(80):
        rig.put(f"uploads/u1/{number}{PAIRS}.jpg")
    others = [Database(tmp_path / "w.sqlite3") for _ in range(3)]
    results: list[SyncResult] = []

    def run(database: Database) -> None:
        options = Options(threads=3)
        results.append(syncing.sync(database, rig.files, LocalInbox(rig.folder), rig.cleaner, options=options))

    threads = [threading.Thread(target=run, args=(database,)) for database in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in others:
        database.close()
    assert len(rig.rows()) == 80
    assert sum(result.kept for result in results) == 80
    assert unfinished(rig.files) == []


def test_only_what_is_in_the_queue_is_moved_and_only_if_asked(rig):
    good, bad = f"uploads/u1/good{PAIRS}.jpg", "uploads/u1/bad.jpg"
    rig.put(good)
    rig.put(bad)
    rig.sync()
    assert (rig.folder / good).exists()
    # Known already, as after a kill between the commit and the move.
    rig.inbox = Moody(rig.folder, move=True)
    assert rig.sync(moves=True).moved == 1
    rig.put(f"later{PAIRS}.jpg")
    assert rig.sync(moves=True).moved == 1
    left = {path.relative_to(rig.folder).as_posix() for path in rig.folder.rglob("*.jpg")}
    generations = {name: row.generation for name, row in rig.rows().items()}
    moved = {f"processed/{generations[name]}/{name}" for name in (good, f"later{PAIRS}.jpg")}
    assert left == {bad, *moved}
    assert len(rig.rows()) == 3


def test_faces_are_blurred_and_counted(rig):
    image = Image.new("RGB", (600, 400), (120, 125, 130))
    image.paste(drawn_face(200), (300, 100))
    rig.put(f"uploads/u1/face{PAIRS}.jpg", jpeg(image=image))
    rig.cleaner = Cleaner(blur_faces=True, largest_megapixels=10)
    result = rig.sync()
    assert (result.faces, rig.rows()[f"uploads/u1/face{PAIRS}.jpg"].faces) == (1, 1)
    assert "1 face blurred" in result.sentence


def test_leftovers_of_dead_syncs_are_cleared_and_those_of_others_are_not(rig):
    place = rig.files.folder / incoming.NAME
    me = psutil.Process()
    host = incoming._host()
    mine, foreign = f"{host}.{me.pid}.{me.create_time():.3f}.aa", "other-computer.1.123.456.aa"
    dead, reborn, odd = f"{host}.999999999.1.000.aa", f"{host}.{me.pid}.1.000.aa", "odd"
    for name in (mine, foreign, dead, reborn, odd):
        (place / name).mkdir(parents=True)
        (place / name / "half").write_bytes(b"half")
    rig.sync()
    assert {path.name for path in unfinished(rig.files)} == {mine, foreign}


def test_nothing_is_written_where_nothing_can_be_written(rig):
    rig.put(f"uploads/u1/a{PAIRS}.jpg")
    rig.files.folder.parent.mkdir(exist_ok=True)
    rig.files.folder.write_bytes(b"a file in place of the folder")
    with pytest.raises(syncing.StoreError, match="Nothing can be fetched"):
        rig.sync()
    assert rig.rows() == {}
    rig.files.folder.unlink()
    assert rig.sync().kept == 1


# Looking


class Listed:
    """An inbox that only lists."""

    id = "listed"
    title = "listed"

    def __init__(self, objects: list[RemoteObject]) -> None:
        self.objects = sorted(objects, key=lambda found: found.name)
        self.starts: list[str | None] = []

    def listing(self, prefix: str, *, start: str | None = None) -> Iterator[RemoteObject]:
        if prefix == UPLOADS:
            self.starts.append(start)
            yield from (found for found in self.objects if start is None or found.name >= start)

    def download(self, found: RemoteObject, target: Path) -> None:
        raise AssertionError

    def acknowledge(self, found: RemoteObject) -> None:
        raise AssertionError


NOW = datetime.now(UTC)


def objects(count: int, *, name: Callable[[int], str] = "uploads/u/{:06}.jpg".format) -> list[RemoteObject]:
    """One each hour up to now."""
    return [RemoteObject(name(number), 1, 1, NOW - timedelta(hours=count - number)) for number in range(count)]


def look(database: Database, inbox: Listed, *, full: bool = False) -> looking.Looked:
    looked = looking.look(
        database, inbox, full=full, settled=False, report=lambda listed: None, patience=patience(threading.Event())
    )
    with database.write() as session:
        sync_state.write(session, inbox.id, outcome="", cursors=looked.cursors, reconciled=looked.full)
    return looked


def test_where_names_sort_by_time_a_look_begins_at_the_overlap():
    database = Database.in_memory()
    inbox = Listed(objects(2000))
    first = look(database, inbox)
    assert (first.listed, first.full) == (2000, True)
    assert first.cursors == {UPLOADS: "uploads/u/001951.jpg"}
    inbox.objects += [RemoteObject("uploads/u/002000.jpg", 1, 1, NOW + timedelta(hours=1))]
    # A phone without a network sends what it took yesterday.
    inbox.objects.insert(1990, RemoteObject("uploads/u/001989-late.jpg", 1, 1, NOW + timedelta(hours=2)))
    second = look(database, inbox)
    assert (second.full, second.listed) == (False, 51)
    assert {"uploads/u/002000.jpg", "uploads/u/001989-late.jpg"} <= {found.name for found in second.new}
    assert second.cursors[UPLOADS] > first.cursors[UPLOADS]
    assert look(database, inbox, full=True).listed == 2002
    assert inbox.starts == [None, "uploads/u/001951.jpg", None]


def test_what_sorts_before_the_cursor_is_found_when_everything_is_compared_again():
    database = Database.in_memory()
    inbox = Listed(objects(2000))
    look(database, inbox)
    inbox.objects.insert(0, RemoteObject("uploads/a-new-phone/1.jpg", 1, 1, NOW))
    assert "uploads/a-new-phone/1.jpg" not in {found.name for found in look(database, inbox).new}
    with database.write() as session:
        sync_state.read(session, inbox.id).reconciled = NOW - looking.RECONCILE_AFTER - timedelta(minutes=1)
    third = look(database, inbox)
    assert third.full
    assert "uploads/a-new-phone/1.jpg" in {found.name for found in third.new}
    assert third.cursors == {}, "names that do not sort by time give no cursor"


@pytest.mark.parametrize(
    "made",
    [
        objects(900),
        objects(2000, name=lambda number: f"uploads/u{number % 7}/{number:06}.jpg"),
        [replace(found, updated=NOW) for found in objects(2000)],
    ],
    ids=["few", "several senders", "all at once"],
)
def test_without_evidence_that_names_sort_by_time_everything_is_listed(made):
    database = Database.in_memory()
    inbox = Listed(made)
    assert [look(database, inbox).full for _ in range(2)] == [True, True]
    assert inbox.starts == [None, None]


# What strangers say

DATABASE = Database.in_memory()


@given(
    st.text() | st.text().map(lambda text: f"uploads/{text}") | st.text().map(lambda text: f"uploads/u/{text}.jpg"),
    st.dictionaries(
        st.sampled_from(["group", "weld_id", "model_sha256", "captured_at", "audit", "model_name"]),
        st.text() | st.sampled_from(["9999-12-31T23:59:59-23:59", "0001-01-01", "1", "x" * 200, "20250101T000000Z"]),
    ),
    st.none() | st.text(),
)
def test_whatever_a_stranger_says_can_be_stored(name, facts, content_type):
    found = RemoteObject(name, 1, 1, NOW, content_type=content_type, metadata=facts)
    arrival = arrivals.arrival("inbox", found, fault="It is bad.")
    with DATABASE.write() as session:
        row = uploads.add(session, arrival)
        session.flush()
        session.refresh(row)
        assert row.name == name
        assert row.reason.isprintable()
        assert row.captured is None or row.captured <= NOW + timedelta(days=1)
        session.delete(row)
    assert arrivals.type_fault(content_type).isprintable()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (f"uploads/a{PAIRS}.jpg", "lies in uploads/ itself"),
        (f"uploads//a{PAIRS}.jpg", "no sender's id"),
        (f"uploads/{'u' * 129}/a{PAIRS}.jpg", "no sender's id"),
        (f"uploads/u/b/a{PAIRS}.jpg", "path to another place"),
        (f"uploads/u/a{PAIRS}.jpg", ""),
        (f"uploads/../a{PAIRS}.jpg", ""),
    ],
)
def test_the_place_of_an_object_is_read_and_never_walked(name, fault):
    found = arrivals.origin(name)
    assert fault in found.fault
    assert (found.name is None) == bool(fault)


# Scores


def scorer(model: str, scores: list[float]) -> Scorer:
    thresholds = ThresholdSet(name="t", lower=(0.3,) * 7, upper=(0.6,) * 7)
    return Scorer(model, thresholds, lambda content: scores if content.startswith(b"\xff\xd8") else None)


def test_scores_come_with_the_upload_or_later_and_again_with_another_model(rig):
    first, second = f"uploads/u1/first{PAIRS}.jpg", f"uploads/u1/second{PAIRS}.jpg"
    rig.put(first)
    rig.scorer = scorer("a" * 64, [0.5] * 7)
    rig.sync()
    assert (rig.rows()[first].own_scores, rig.rows()[first].own_model_sha256) == ([0.5] * 7, "a" * 64)
    assert rig.rows()[first].disagreement == pytest.approx(0.5)
    rig.scorer = None
    rig.put(second)
    rig.put("uploads/u1/broken-name.jpg")
    rig.sync()
    assert rig.rows()[second].own_scores is None
    assert scoring.waiting(rig.database, "a" * 64) == 2
    told: list[tuple[int, int | None]] = []
    done = scoring.rescore(rig.database, rig.files, scorer("b" * 64, [1.0] * 7), lambda *counts: told.append(counts))
    assert (done.scored, done.unreadable, told[-1]) == (3, 0, (3, 3))
    assert {row.own_model_sha256 for row in rig.rows().values()} == {"b" * 64}
    assert scoring.rescore(rig.database, rig.files, scorer("b" * 64, [1.0] * 7)).scored == 0


def test_a_picture_that_is_gone_does_not_stop_the_scoring(rig):
    for number in range(3):
        rig.put(f"uploads/u1/{number}{PAIRS}.jpg")
    rig.sync()
    with rig.database.read() as session:
        rig.files.path(session, rig.rows()[f"uploads/u1/1{PAIRS}.jpg"].picture_sha256).unlink()
    done = scoring.rescore(rig.database, rig.files, scorer("b" * 64, [1.0] * 7))
    assert (done.scored, done.unreadable) == (2, 1)


# Quarantine


@pytest.fixture
def quarantined(rig):
    rig.put("xd_1-0.0_0-1.0.jpg")
    rig.put(f"uploads/u1/cut{PAIRS}.jpg", jpeg()[:-200])
    rig.sync()
    with rig.database.write() as session:
        rig.person = people.add(session, name="Ada", role=people.Role.INSPECTOR, by="Ada")
    rig.ids = {name: row.id for name, row in rig.rows().items()}
    return rig


def test_a_name_that_says_too_little_is_mended_with_ticks(quarantined):
    rig, name = quarantined, "xd_1-0.0_0-1.0.jpg"
    with rig.database.write() as session:
        decision = quarantine.tick(session, rig.ids[name], 0b100, person=rig.person)
    row = rig.rows()[name]
    assert (row.state, row.phone_id, row.ticks, row.phone_scores) == (State.NEW, "xd", 4, None)
    with rig.database.write() as session:
        decisions.undo(session, decision.id, person=rig.person)
    assert (rig.rows()[name].state, rig.rows()[name].ticks) == (State.QUARANTINED, None)
    with rig.database.write() as session:
        quarantine.rename(session, rig.ids[name], f"xd{PAIRS}.jpg", person=rig.person)
    assert (rig.rows()[name].state, rig.rows()[name].phone_scores) == (State.NEW, SCORES)
    # The next sync leaves it as it was decided.
    rig.sync(full=True)
    assert rig.rows()[name].state == State.NEW


def test_what_is_no_picture_cannot_be_mended_only_rejected(quarantined):
    rig, name = quarantined, f"uploads/u1/cut{PAIRS}.jpg"
    with pytest.raises(DecisionError, match="not in quarantine for its name"), rig.database.write() as session:
        quarantine.tick(session, rig.ids[name], 1, person=rig.person)
    with pytest.raises(UploadNameError), rig.database.write() as session:
        quarantine.rename(session, rig.ids["xd_1-0.0_0-1.0.jpg"], "still wrong.jpg", person=rig.person)
    with rig.database.write() as session:
        decisions.decide(session, rig.ids[name], action=Action.REJECTED, reason="damaged", person=rig.person)
    assert rig.rows()[name].state == State.REJECTED
    with rig.database.read() as session:
        assert len(session.scalars(select(UploadDecision)).all()) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uploads/u/xd_1.jpg", "xd"),
        ("xd.jpg", "xd"),
        ("a b_1.jpg", "upload-7"),
        ("ü_1.jpg", "upload-7"),
        ("", "upload-7"),
        ("a" * 65 + "_1.jpg", "upload-7"),
    ],
)
def test_the_id_of_a_broken_name_is_kept_where_it_is_one(name, expected):
    assert quarantine.proposed_id(name, 7) == expected


# When


def test_pauses_grow_after_faults_and_are_never_in_step():
    schedule = Schedule(900, chance=lambda: 0.5)
    assert schedule.pause(Outcome.DONE) == 900
    assert [schedule.pause(Outcome.OFFLINE) for _ in range(4)] == [15, 30, 60, 120]
    assert [schedule.pause(Outcome.OFFLINE) for _ in range(100)][-1] == LONGEST_SECONDS
    assert schedule.pause(Outcome.DONE) == 900
    assert [schedule.pause(Outcome.FAILED) for _ in range(3)] == [900, 1800, 1800]
    assert {round(Schedule(900).pause(Outcome.DONE)) for _ in range(50)} - {900}
    pauses = [Schedule(900).pause(Outcome.DONE) for _ in range(200)]
    assert 720 <= min(pauses) < 800
    assert 1000 < max(pauses) <= 1080
    assert Schedule(86_400, chance=lambda: 0.5).pause(Outcome.FAILED) == 86_400


def test_results_survive_the_database_and_strangers_texts():
    result = SyncResult(Outcome.INCOMPLETE, kept=3, left=1, full=False, trouble="why")
    assert SyncResult.from_json(result.to_json()) == result
    for text in ("", "{", "[]", "null", '{"outcome": "unheard of"}', '{"kept": 1}'):
        assert SyncResult.from_json(text) is None
