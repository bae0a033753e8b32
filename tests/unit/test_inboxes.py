"""What every inbox promises, on each of them: a folder, and a bucket of a real server."""

import itertools
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from bucket_server import BUCKET, bucket_server
from firebase_emulators import Emulators
from google.api_core.exceptions import NotFound, TooManyRequests, Unauthorized
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError
from memory_keyring import MemoryKeyring, in_place

from weldspot_desktop import cloud
from weldspot_desktop.cloud import signing
from weldspot_desktop.cloud.checksum import crc32c
from weldspot_desktop.cloud.faults import (
    BusyError,
    ForbiddenError,
    MissingBucketError,
    MissingObjectError,
    Offline,
    PaymentError,
    RevokedError,
    ServerError,
    SetUpError,
    SignInNeededError,
)
from weldspot_desktop.cloud.firebase.refusals import explained
from weldspot_desktop.cloud.inbox import PREFIXES, ROOT, UPLOADS, Inbox, RemoteObject
from weldspot_desktop.cloud.local import LocalInbox, LocalInboxError
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay

_numbers = itertools.count(1)

NAME = "A0Z_1-0.9_0-0.1_0-0.2_0-0.3_0-0.4_0-0.5_0-0.6.jpg"


@dataclass
class Place:
    """An inbox with another way into it."""

    open: Callable[..., Inbox]
    put: Callable[..., object]
    names: Callable[[], list[str]]
    moves: bool = True


@pytest.fixture(params=[*cloud.BACKENDS, pytest.param("a person", marks=pytest.mark.firebase)])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if request.param is CloudBackend.LOCAL:
        yield _folder(tmp_path / "inbox")
        return
    if request.param == "a person":
        with in_place(MemoryKeyring()):
            yield _of_a_person(request.getfixturevalue("firebase"))
        return
    with bucket_server(tmp_path) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)

        def open_(**settings: object) -> Inbox:
            return cloud.open_inbox(
                Cloud(backend=request.param, bucket=BUCKET, sign_in=SignInWay.APPLICATION_DEFAULT, **settings)
            )

        yield Place(open_, server.put, lambda: sorted(item["name"] for item in server.listing()))


def _of_a_person(firebase: Emulators) -> Place:
    """A bucket of Google's emulator, read with a reviewer's ID token."""
    number = next(_numbers)
    bucket, email = f"phones-{number}.firebasestorage.app", f"contract{number}@company.com"
    settings = {"bucket": bucket, "project": f"contract-{number}", "api_key": "key", "email": email}
    firebase.add_user(email, "a password", reviewer=True)
    signing.sign_in(Cloud(backend=CloudBackend.FIREBASE, **settings), "a password")

    def put(name: str, content: bytes, *, metadata: Mapping[str, str] | None = None) -> None:
        firebase.put(name, content, bucket, **(metadata or {}))

    def open_(**more: object) -> Inbox:
        return cloud.open_inbox(Cloud(backend=CloudBackend.FIREBASE, **settings, **more))

    return Place(open_, put, lambda: firebase.names(bucket), moves=False)


def _folder(folder: Path) -> Place:
    folder.mkdir()
    clock = iter(range(1_700_000_000, 1_800_000_000))

    def put(name: str, content: bytes, *, metadata: Mapping[str, str] | None = None) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # File systems tell times apart by a few milliseconds only.
        os.utime(path, (now := next(clock), now))
        if metadata:
            path.with_name(path.name + ".json").write_text(json.dumps(metadata), encoding="utf-8")

    def names() -> list[str]:
        files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json")
        return sorted(path.relative_to(folder).as_posix() for path in files)

    return Place(
        lambda **settings: cloud.open_inbox(Cloud(backend=CloudBackend.LOCAL, folder=str(folder), **settings)),
        put,
        names,
    )


def listed(inbox: Inbox, prefix: str = UPLOADS, start: str | None = None) -> list[RemoteObject]:
    return list(inbox.listing(prefix, start=start))


def test_listings_tell_all_of_their_prefix_in_order(place):
    for name in (
        "uploads/u2/b.jpg",
        "uploads/u1/c.jpg",
        "uploads/u1/a.jpg",
        "root-b.jpg",
        "root-a.jpg",
        "models/m.bin",
    ):
        place.put(name, b"content of " + name.encode())
    inbox = place.open()
    assert [found.name for found in listed(inbox)] == ["uploads/u1/a.jpg", "uploads/u1/c.jpg", "uploads/u2/b.jpg"]
    assert [found.name for found in listed(inbox, ROOT)] == ["root-a.jpg", "root-b.jpg"]
    assert [found.name for found in listed(inbox, start="uploads/u1/c.jpg")] == ["uploads/u1/c.jpg", "uploads/u2/b.jpg"]
    assert [found.name for found in listed(inbox, ROOT, start="root-aa")] == ["root-b.jpg"]
    assert inbox.id == place.open().id
    assert len(inbox.id) <= 300
    assert inbox.title


def test_an_empty_inbox_lists_nothing(place):
    assert [list(place.open().listing(prefix)) for prefix in PREFIXES] == [[], []]


def test_a_listing_tells_size_time_and_words_of_the_phone(place):
    place.put(f"uploads/u1/{NAME}", b"x" * 1234, metadata={"group": "Halle 7", "audit": "1"})
    place.put("uploads/u1/plain.jpg", b"y")
    first, second = listed(place.open())
    assert (first.bytes, dict(first.metadata)) == (1234, {"group": "Halle 7", "audit": "1"})
    assert first.updated.tzinfo is not None
    assert dict(second.metadata) == {}


def test_downloads_give_the_bytes_of_their_generation(place, tmp_path):
    place.put("uploads/u1/a.jpg", b"first")
    inbox, target = place.open(), tmp_path / "target"
    (old,) = listed(inbox)
    inbox.download(old, target)
    assert target.read_bytes() == b"first"
    assert old.crc32c in (None, crc32c(target))

    place.put("uploads/u1/a.jpg", b"second")
    (new,) = listed(inbox)
    assert new.generation != old.generation
    with pytest.raises(MissingObjectError):
        inbox.download(old, target)
    inbox.download(new, target)
    assert target.read_bytes() == b"second"


def test_nothing_is_moved_by_default(place):
    place.put("uploads/u1/a.jpg", b"content")
    place.put("root.jpg", b"content")
    inbox = place.open()
    for prefix in PREFIXES:
        for found in listed(inbox, prefix):
            inbox.acknowledge(found)
    assert place.names() == ["root.jpg", "uploads/u1/a.jpg"]


def test_what_is_done_with_is_moved_if_the_settings_say_so(place):
    place.put("uploads/u1/a.jpg", b"content", metadata={"group": "g"})
    place.put("root.jpg", b"content")
    if not place.moves:
        with pytest.raises(SetUpError):
            place.open(move=True)
        return
    inbox = place.open(move=True)
    done = [*listed(inbox), *listed(inbox, ROOT)]
    for found in done:
        inbox.acknowledge(found)
        # Told again by a sync that was killed in between.
        inbox.acknowledge(found)
    assert place.names() == sorted(f"processed/{found.generation}/{found.name}" for found in done)
    assert [list(inbox.listing(prefix)) for prefix in PREFIXES] == [[], []]


def test_hostile_names_of_a_bucket_are_listed_and_fetched_as_they_are(tmp_path, monkeypatch):
    names = ["uploads/u/../../etc/passwd", "uploads/u/a\nb.jpg", "uploads/u/n\0ul.jpg", "uploads/u/a%2fb?c#d.jpg", "uploads/\u202e/é.jpg"]  # fmt: skip # noqa: E501
    with bucket_server(tmp_path) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        for name in names:
            server.put(name, name.encode())
        server.put("uploads/u/", b"")
        inbox = cloud.open_inbox(Cloud(backend=CloudBackend.FIREBASE, bucket=BUCKET))
        found = listed(inbox)
        assert [one.name for one in found] == sorted(names)
        for one in found:
            inbox.download(one, tmp_path / "target")
            assert (tmp_path / "target").read_bytes() == one.name.encode()


def test_a_listing_has_no_end_at_the_first_page(tmp_path, monkeypatch):
    with bucket_server(tmp_path) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        for number in range(1001):
            server.put(f"uploads/u/{number:04}.jpg", b"x")
        inbox = cloud.open_inbox(Cloud(backend=CloudBackend.FIREBASE, bucket=BUCKET))
        assert [found.name for found in listed(inbox)] == [f"uploads/u/{number:04}.jpg" for number in range(1001)]
        assert server.listings() >= 2


class _Answers(BaseHTTPRequestHandler):
    """Answers every request with the status of its server; a small fake for what fake-gcs-server does not refuse."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        server = self.server
        # The library looks the bucket up by itself, in a thread of its own, for its statistics.
        if "/o" in self.path:
            server.asked.append((self.command, self.path))  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = server.answer(self.command)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        # More is promised than comes where the body says so.
        self.send_header("Content-Length", str(len(body) + (1000 if body == b"cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the base class
        pass


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.asked = []
    server.answer = lambda command: (200, b"{}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def bucket(**settings: object) -> Inbox:
    return cloud.open_inbox(
        Cloud(backend=CloudBackend.FIREBASE, bucket=BUCKET, sign_in=SignInWay.APPLICATION_DEFAULT, **settings)
    )


def test_moving_carries_the_generation_and_leaves_what_came_instead(answers, tmp_path):
    found = RemoteObject("uploads/u/a.jpg", 4711, 3, datetime.now(UTC))
    answers.answer = lambda command: (412, b"{}") if command == "DELETE" else (200, b"{}")
    bucket(move=True).acknowledge(found)
    (_, copy), (_, delete) = answers.asked
    assert parse_qs(urlsplit(copy).query).items() >= {"ifGenerationMatch": ["0"], "sourceGeneration": ["4711"]}.items()
    assert "processed%2F4711%2Fuploads%2Fu%2Fa.jpg" in copy
    assert parse_qs(urlsplit(delete).query)["ifGenerationMatch"] == ["4711"]
    # Deleting one generation by its number would take it out of a bucket that keeps versions.
    assert "generation" not in parse_qs(urlsplit(delete).query)


@pytest.mark.parametrize(
    ("status", "fault"),
    [(402, PaymentError), (403, ForbiddenError), (404, MissingBucketError), (503, ServerError)],
)
def test_refusals_have_their_own_sentences(answers, status, fault):
    answers.answer = lambda command: (status, b'{"error": {"message": "secret-token-in-an-answer"}}')
    with pytest.raises(fault) as raised:
        listed(bucket())
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert len(answers.asked) == 1, "what to try again is not for the inbox to decide"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unauthorized("token"), RevokedError),
        (RefreshError("token"), RevokedError),
        (DefaultCredentialsError("token"), SignInNeededError),
        (TransportError("token"), Offline),
        (requests.exceptions.ReadTimeout("token"), Offline),
        (TooManyRequests("token"), BusyError),
        (NotFound("token"), MissingBucketError),
    ],
)
def test_what_the_libraries_raise_becomes_a_sentence_without_their_words(error, expected):
    with pytest.raises(expected) as raised, explained(bucket="b", way=SignInWay.KEY_FILE):
        raise error
    assert "token" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_an_answer_that_is_cut_off_is_no_file(answers, tmp_path):
    answers.answer = lambda command: (200, b"cut")
    with pytest.raises(Offline):
        bucket().download(RemoteObject("uploads/u/a.jpg", 1, 1003, datetime.now(UTC)), tmp_path / "target")


def test_nobody_there_is_being_offline(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(Offline):
            listed(bucket())


def test_what_is_not_set_up_says_what_is_missing(tmp_path):
    with pytest.raises(SetUpError, match="no folder"):
        cloud.open_inbox(Cloud())
    with pytest.raises(SetUpError, match="bucket is missing"):
        cloud.open_inbox(Cloud(backend=CloudBackend.FIREBASE))
    with pytest.raises(LocalInboxError, match="is not there"):
        LocalInbox(tmp_path / "no such folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_folder_gives_nothing_from_outside_and_never_waits(tmp_path):
    secret, folder = tmp_path / "secret.jpg", tmp_path / "inbox"
    secret.write_bytes(b"secret")
    (folder / "uploads" / "u").mkdir(parents=True)
    (folder / "uploads" / "link").symlink_to(tmp_path)
    (folder / "uploads" / "u" / "a.jpg").symlink_to(secret)
    (folder / "b.jpg").symlink_to(secret)
    os.mkfifo(folder / "pipe.jpg")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "real.jpg").write_bytes(b"real")
    (folder / "real.jpg.json").symlink_to(secret)
    inbox = LocalInbox(folder)
    assert listed(inbox) == []
    (real,) = listed(inbox, ROOT)
    assert (real.name, dict(real.metadata)) == ("real.jpg", {})
    for name in ("../secret.jpg", str(secret), "uploads/link/secret.jpg", "b.jpg"):
        with pytest.raises((MissingObjectError, LocalInboxError)):
            inbox.download(RemoteObject(name, secret.stat().st_mtime_ns, 6, real.updated), tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_an_inbox_in_a_deep_folder_fits_into_the_database(tmp_path):
    deep = [tmp_path / ("a" * 150) / ("b" * 150) / last for last in "12"]
    for folder in deep:
        folder.mkdir(parents=True)
    assert LocalInbox(deep[0]).id != LocalInbox(deep[1]).id
    assert len(LocalInbox(deep[0]).id) <= 300


def test_names_and_facts_of_any_kind_are_listed(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    os.close(os.open(os.fsencode(folder) + b"/not \xff utf-8.jpg", os.O_CREAT))
    for name, text in (("list", "[1]"), ("broken", "{"), ("deep", "[" * 50_000), ("numbers", '{"audit": true, "n": 1.5, "o": {}}')):  # fmt: skip # noqa: E501
        (folder / f"{name}.jpg").write_bytes(b"x")
        (folder / f"{name}.jpg.json").write_text(text, encoding="utf-8")
    found = {one.name: dict(one.metadata) for one in listed(LocalInbox(folder), ROOT)}
    assert found["numbers.jpg"] == {"audit": "1", "n": "1.5"}
    assert found["list.jpg"] == found["broken.jpg"] == found["deep.jpg"] == {}
    assert "not \udcff utf-8.jpg" in found
