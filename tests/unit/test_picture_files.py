"""Kept pictures: once by their bytes, never rewritten, never half."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from weldspot_desktop.store import Database, StoreError, picture_files
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import KeptPicture

JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def database(store_place: Path | str) -> Iterator[Database]:
    database = Database(store_place)
    yield database
    database.close()


@pytest.fixture
def files(tmp_path: Path) -> PictureFiles:
    return PictureFiles(tmp_path / "pictures")


def on_disk(files: PictureFiles) -> list[Path]:
    return sorted(path for path in files.folder.rglob("*") if path.is_file()) if files.folder.exists() else []


def test_a_picture_is_kept_by_its_hash(database: Database, files: PictureFiles) -> None:
    with database.write() as session:
        sha256 = files.keep(session, JPEG, width=3, height=2)
    assert sha256 == hashlib.sha256(JPEG).hexdigest()
    with database.read() as session:
        path = files.path(session, sha256)
        kept = session.get(KeptPicture, sha256)
    assert path == files.folder / sha256[:2] / f"{sha256}.jpg"
    assert path.read_bytes() == JPEG
    assert kept is not None
    assert (kept.bytes, kept.width, kept.height) == (len(JPEG), 3, 2)


def test_the_same_bytes_are_stored_once_and_not_touched_again(database: Database, files: PictureFiles) -> None:
    with database.write() as session:
        first = files.keep(session, JPEG, width=3, height=2)
    before = on_disk(files)[0].stat()
    with database.write() as session:
        assert files.keep(session, JPEG, width=3, height=2) == first
        assert session.scalar(select(func.count()).select_from(KeptPicture)) == 1
    after = on_disk(files)[0].stat()
    assert len(on_disk(files)) == 1
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_bytes_that_outlived_an_undone_transaction_are_not_rewritten(database: Database, files: PictureFiles) -> None:
    def interrupted() -> None:
        with database.write() as session:
            files.keep(session, JPEG, width=3, height=2)
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        interrupted()
    with database.read() as session:
        assert files.path(session, hashlib.sha256(JPEG).hexdigest()) is None
    before = on_disk(files)[0].stat()
    with database.write() as session:
        files.keep(session, JPEG, width=3, height=2)
    after = on_disk(files)[0].stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert on_disk(files)[0].read_bytes() == JPEG


def test_a_damaged_leftover_is_replaced_by_the_right_bytes(database: Database, files: PictureFiles) -> None:
    sha256 = hashlib.sha256(JPEG).hexdigest()
    place = files.folder / sha256[:2] / f"{sha256}.jpg"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"not these bytes")
    with database.write() as session:
        files.keep(session, JPEG, width=3, height=2)
    assert place.read_bytes() == JPEG


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_an_interrupted_write_leaves_no_half_file(
    database: Database, files: PictureFiles, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture_files.os, failing, full)
    with pytest.raises(StoreError, match="No space left") as caught, database.write() as session:
        files.keep(session, JPEG, width=3, height=2)
    assert caught.value.advice
    assert on_disk(files) == []
    with database.read() as session:
        assert session.get(KeptPicture, hashlib.sha256(JPEG).hexdigest()) is None


def test_a_folder_that_cannot_be_made_says_so(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="could not be kept"), database.write() as session:
        PictureFiles(tmp_path / "file").keep(session, JPEG, width=3, height=2)


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (JPEG, ".jpg"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"II*\0....", ".tif"),
        (b"MM\0*....", ".tif"),
        (b"BM......", ".bmp"),
        (b"RIFF....WEBPVP8 ", ".webp"),
        (b"GIF89a..", ".gif"),
        (b"anything", ".bin"),
    ],
)
def test_the_ending_follows_the_content(database: Database, files: PictureFiles, content: bytes, suffix: str) -> None:
    with database.write() as session:
        path = files.path(session, files.keep(session, content, width=1, height=1))
    assert path is not None
    assert path.suffix == suffix


def test_an_unknown_hash_has_no_path(database: Database, files: PictureFiles) -> None:
    with database.read() as session:
        assert files.path(session, "0" * 64) is None
