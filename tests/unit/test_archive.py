"""Zips from strangers: unpacked within a temporary folder, or refused with a sentence and nothing left."""

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import dataset_files
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop.dataset import archive
from weldspot_desktop.dataset.archive import ArchiveError


def packed(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.create_system = 3
    return info


def encrypted(path: Path) -> Path:
    """Both headers of the entry say that it is encrypted."""
    content = bytearray(packed(path, ("a.jpg", b"x" * 50)).read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def damaged(path: Path) -> Path:
    content = bytearray(packed(path, (zipfile.ZipInfo("a.jpg"), b"x" * 500)).read_bytes())
    content[100] ^= 0xFF
    path.write_bytes(content)
    return path


def cut(path: Path) -> Path:
    content = packed(path, ("a.jpg", bytes(range(256)) * 40)).read_bytes()
    path.write_bytes(content[40:])
    return path


def lying(path: Path) -> Path:
    """The directory says one byte, the entry unfolds to many."""
    content = bytearray(packed(path, ("a.jpg", b"x" * 5000)).read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def unknown_method(path: Path) -> Path:
    content = bytearray(packed(path, ("a.jpg", b"x" * 50)).read_bytes())
    for at in (8, content.index(b"PK\x01\x02") + 10):
        content[at : at + 2] = (99).to_bytes(2, "little")
    path.write_bytes(content)
    return path


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "up": (lambda p: packed(p, ("../../evil.jpg", b"x")), "outside"),
    "up within": (lambda p: packed(p, ("a/b/../../../evil.jpg", b"x")), "outside"),
    "up with backslashes": (lambda p: packed(p, ("..\\evil.jpg", b"x")), "outside"),
    "absolute": (lambda p: packed(p, ("/tmp/evil.jpg", b"x")), "outside"),
    "drive": (lambda p: packed(p, ("C:\\evil.jpg", b"x")), "outside"),
    "not even read": (lambda p: packed(p, ("../evil.exe", b"x")), "outside"),
    "link": (lambda p: packed(p, (entry("a.jpg", stat.S_IFLNK | 0o777), b"/etc/passwd")), "link"),
    "device": (lambda p: packed(p, (entry("a.jpg", stat.S_IFCHR | 0o666), b"")), "device"),
    "bomb": (lambda p: packed(p, *((f"{i}.jpg", bytes(20_000_000)) for i in range(4))), "unfold"),
    "twice": (lambda p: packed(p, ("a.jpg", b"x"), ("A.JPG", b"y")), "two files"),
    "control": (lambda p: packed(p, ("a\n.jpg", b"x")), "no system can hold"),
    "long": (lambda p: packed(p, ("a" * 300 + ".jpg", b"x")), "too long"),
    "encrypted": (encrypted, "encrypted"),
    "damaged": (damaged, "damaged"),
    "cut": (cut, "damaged"),
    "lying": (lying, "damaged"),
    "unknown method": (unknown_method, "damaged"),
    "file and folder": (lambda p: packed(p, ("a.jpg", b"x"), ("a.jpg/b.jpg", b"y")), "could not be unpacked"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_no_honest_archive_holds_is_refused(tmp_path: Path, name: str) -> None:
    make, word = HOSTILE[name]
    path = make(tmp_path / "a.zip")
    before = {found for found in tmp_path.rglob("*") if "room" not in found.parts}
    with pytest.raises(ArchiveError, match=word), archive.unpacked(path, tmp_path / "room"):
        pytest.fail("it was unpacked")
    assert list((tmp_path / "room").iterdir()) == []
    assert {found for found in tmp_path.rglob("*") if found.name != "room"} == before
    assert not Path("/tmp/evil.jpg").exists()


def test_only_what_is_read_is_unpacked_and_the_content_begins_where_it_says_something(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        ("Weld v9/train/Crack/a.jpg", b"1"),
        ("Weld v9/train/Crack/setup.exe", b"2"),
        ("Weld v9/more.zip", b"3"),
        ("Weld v9/train/Crack/.hidden.jpg", b"4"),
        ("__MACOSX/Weld v9/train/Crack/._a.jpg", b"5"),
    )
    done: list[tuple[int, int]] = []
    with archive.unpacked(path, tmp_path / "room", lambda *at: done.append(at)) as folder:
        assert [found.relative_to(folder).as_posix() for found in folder.rglob("*") if found.is_file()] == [
            "train/Crack/a.jpg"
        ]
    assert done == [(1, 1)]


def test_names_in_utf_8_that_do_not_say_so_are_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("Schwei\u00dfnaht.jpg", b"1"))
    content = bytearray(path.read_bytes())
    for at in (6, content.index(b"PK\x01\x02") + 8):
        content[at : at + 2] = (0).to_bytes(2, "little")
    path.write_bytes(content)
    with archive.unpacked(path, tmp_path / "room") as folder:
        assert [found.name for found in folder.iterdir()] == ["Schwei\u00dfnaht.jpg"]


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", ("a.jpg", b"1"))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(ArchiveError, match="more than the disk has"), archive.unpacked(path, tmp_path / "room"):
        pytest.fail("it was unpacked")


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    dataset_files.yolo(tmp_path / "source")
    path = Path(shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "source"))

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), archive.unpacked(path, tmp_path / "room", stop):
        pytest.fail("it was unpacked")
    assert list((tmp_path / "room").iterdir()) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 3))
def test_an_archive_with_any_bytes_changed_is_unpacked_or_refused(changes: list[tuple[int, int]], method: int) -> None:
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "a.zip")
        with zipfile.ZipFile(path, "w", methods[method]) as file:
            file.writestr("a.jpg", b"abc" * 30)
            file.writestr("b/a.txt", b"0 0.5 0.5 0.1 0.1")
        content = bytearray(path.read_bytes())
        for at, value in changes:
            content[at % len(content)] = value
        path.write_bytes(content)
        try:
            with archive.unpacked(path, Path(name, "room")):
                assert {found.name for found in Path(name).iterdir()} == {"a.zip", "room"}
        except ArchiveError:
            pass
        assert list(Path(name, "room").iterdir()) == []


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=40), st.integers(0, 0xFFFF))
def test_a_name_of_any_text_stays_within_the_folder_or_is_refused(text: str, flags: int) -> None:
    info = zipfile.ZipInfo("x")
    info.orig_filename, info.flag_bits = text, flags
    try:
        name = archive.safe_name(info)
    except ArchiveError:
        return
    target = Path("/room").joinpath(*name.parts)
    assert target != Path("/room")
    assert target.is_relative_to("/room")
    assert ".." not in target.parts
