"""Thousands of uploads as phones send them, bad ones among them, and a sync that is killed; for a test and a bench."""

import contextlib
import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from bucket_server import BUCKET, BucketServer
from drawn_face import drawn_face
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import object_session

from weldspot_desktop import labels, upload_name
from weldspot_desktop.pictures import decode
from weldspot_desktop.review import incoming
from weldspot_desktop.store import Database
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.store.uploads import State
from weldspot_desktop.upload_name import UploadName

SECONDS = 300
LARGEST_MEGABYTES = 1
PAIRS = "_0-0.1" * 7
ROOT = Path(__file__).resolve().parents[2]
BEGIN = [sys.executable, "-m", "weldspot_desktop"]


@dataclass(frozen=True)
class Sent:
    """An upload as it was sent, and what must become of it.

    Attributes
    ----------
    name
        Of the object.
    content, content_type, metadata
        What was sent.
    said
        What its name says; None for a bad one.
    reason
        Words of its quarantine; empty for a good one.
    """

    name: str
    content: bytes
    content_type: str = "image/jpeg"
    metadata: dict[str, str] = field(default_factory=dict)
    said: UploadName | None = None
    reason: str = ""


def picture(seed: int, *, size: int = 96, kind: str = "JPEG") -> bytes:
    """A small picture, another one for each seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    target = io.BytesIO()
    coarse.resize((size, size * 3 // 4), Image.Resampling.BICUBIC).save(target, kind, quality=85)
    return target.getvalue()


def good(number: int) -> Sent:
    """A good upload; every tenth from the first generation of phones."""
    rng = random.Random(number)
    scores = tuple(round(rng.random(), rng.randint(1, 6)) for _ in labels.CLASSES)
    said = UploadName(f"phone-{number:06}", rng.randrange(1 << labels.COUNT), scores)
    first_generation = number % 10 == 0
    name = upload_name.write(said)
    return Sent(
        name if first_generation else f"uploads/user{number % 23}/{name}",
        picture(number),
        metadata={} if first_generation else {"group": f"Halle {number % 3}", "audit": str(number % 2)},
        said=said,
    )


def portrait() -> Sent:
    """A good upload with a face in it."""
    picture = Image.new("RGB", (480, 320), (120, 125, 130))
    picture.paste(drawn_face(160), (200, 100))
    target = io.BytesIO()
    picture.save(target, "JPEG")
    said = UploadName("portrait", 1, (0.5,) * 7)
    return Sent(f"uploads/user/{upload_name.write(said)}", target.getvalue(), said=said)


def _bomb() -> bytes:
    """A JPEG whose head promises 4,225 megapixels."""
    content = bytearray(picture(1))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = (65000).to_bytes(2) * 2
    return bytes(content)


def _animation() -> bytes:
    target = io.BytesIO()
    frames = [Image.new("P", (64, 64), number) for number in range(3)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


BAD: dict[str, Callable[[int], Sent]] = {
    "a camera's name": lambda n: Sent(f"uploads/u/IMG_{n:05}.jpg", picture(n), reason="speaks of 1 classes"),
    "six pairs": lambda n: Sent(f"xd{n}{'_1-0.0' * 6}.jpg", picture(n), reason="speaks of 6 classes"),
    "a score over one": lambda n: Sent(f"uploads/u/a{n}_1-1.5{'_0-0' * 6}.jpg", picture(n), reason="score “1.5”"),
    "digits of another script": lambda n: Sent(f"a{n}_\u0661-0.9{'_0-0' * 6}.jpg", picture(n), reason="tick “\u0661”"),
    "an upper-case ending": lambda n: Sent(f"uploads/u/a{n}{PAIRS}.JPG", picture(n), reason="does not end in .jpg"),
    "a path": lambda n: Sent(f"uploads/u/../../../tmp/a{n}{PAIRS}.jpg", picture(n), reason="path to another place"),
    "a NUL": lambda n: Sent(f"uploads/u/a{n}\0{PAIRS}.jpg", picture(n), reason="character U+0000"),
    "a wrong type": lambda n: Sent(f"uploads/u/b{n}{PAIRS}.jpg", picture(n), "text/html", reason="sent as “text/html”"),
    "a PNG": lambda n: Sent(f"uploads/u/c{n}{PAIRS}.jpg", picture(n, kind="PNG"), reason="is a PNG picture"),
    "an animation": lambda n: Sent(f"uploads/u/d{n}{PAIRS}.jpg", _animation(), reason="is a GIF picture"),
    "a cut-off picture": lambda n: Sent(f"uploads/u/e{n}{PAIRS}.jpg", picture(n)[:-200], reason="cut off"),
    "no picture": lambda n: Sent(f"uploads/u/f{n}{PAIRS}.jpg", b"hello " * n, reason="no picture that phones send"),
    "a bomb": lambda n: Sent(f"uploads/u/g{n}{PAIRS}.jpg", _bomb(), reason="4225 megapixels"),
    "nothing": lambda n: Sent(f"uploads/u/h{n}{PAIRS}.jpg", b"", reason="is empty"),
    "too much": lambda n: Sent(f"i{n}{PAIRS}.jpg", bytes(1_100_000), reason="more than the limit of 1 MB"),
}
"""Bad uploads by kind, made of a number over 0."""


def send(server: BucketServer, count: int, bad: int) -> list[Sent]:
    """Put so many uploads into the bucket, `bad` of them bad, in a random order."""
    made = [good(number) for number in range(count - bad)]
    kinds = list(BAD.values())
    made += [kinds[number % len(kinds)](number + 1) for number in range(bad)]
    random.Random(5).shuffle(made)
    for sent in made:
        server.put(sent.name, sent.content, content_type=sent.content_type, metadata=sent.metadata)
    return made


def environment(server: BucketServer, workspace: Path, **settings: str) -> dict[str, str]:
    """What a child process needs to sync from the server into the workspace."""
    chosen = {"BACKEND": "Firebase", "BUCKET": BUCKET, "LARGEST_MEGABYTES": str(LARGEST_MEGABYTES)} | settings
    return (
        os.environ
        | {f"WELDSPOT_CLOUD__{key}": value for key, value in chosen.items()}
        | {"STORAGE_EMULATOR_HOST": server.url, "WELDSPOT_WORKSPACE": str(workspace), "PYTHONUNBUFFERED": "1"}
    )


def run(environment: dict[str, str], *arguments: str, model: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Sync to the end."""
    done = [*BEGIN, *(["--model", model] if model else []), "sync", *arguments]
    return subprocess.run(
        done, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )


def rows(workspace: Path) -> int:
    """Uploads that are committed so far."""
    database = workspace / "weldspot.sqlite3"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
            return int(connection.execute("SELECT count(*) FROM upload").fetchone()[0])
    except sqlite3.OperationalError:
        # Not made yet.
        return 0


def kill_when(environment: dict[str, str], workspace: Path, wanted: int, delay: float) -> bool:
    """Start a sync and kill it `delay` seconds after so many uploads are committed; False if it ended before."""
    with subprocess.Popen([*BEGIN, "sync", "--score-later"], env=environment, stdout=subprocess.DEVNULL) as process:
        end = time.monotonic() + SECONDS
        while rows(workspace) < wanted and process.poll() is None:
            assert time.monotonic() < end, "nothing is taken in"
            time.sleep(0.005)
        time.sleep(delay)
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
    return killed


def kill_often(
    environment: dict[str, str], workspace: Path, kills: int, count: int, chance: random.Random
) -> Iterator[int]:
    """Start syncs of `count` uploads and kill each at a random moment, the first in its first two seconds.

    Yields
    ------
    int
        Rows committed so far, after each kill.
    """
    for number in range(kills):
        wanted = int((number - 1 + chance.random()) / kills * count) if number else 0
        killed = kill_when(environment, workspace, wanted, chance.uniform(0, 0.3 if number else 2))
        assert killed, "a sync ended before it could be killed: send more"
        yield rows(workspace)


@contextlib.contextmanager
def uploads_of(workspace: Path) -> Iterator[list[Upload]]:
    """All rows of the queue."""
    database = Database(workspace / "weldspot.sqlite3")
    try:
        with database.read() as session:
            yield list(session.scalars(select(Upload)))
    finally:
        database.close()


def check(workspace: Path, sent: list[Sent], *, also: Sequence[Sent] = ()) -> list[str]:
    """What is wrong with the queue after all, one sentence each; nothing if every upload is there as it must be.

    Parameters
    ----------
    also
        Further uploads that may be there, not looked at.
    """
    files = PictureFiles(workspace / "pictures")
    with uploads_of(workspace) as uploads:
        session = object_session(uploads[0]) if uploads else None
        assert session is not None, "the queue is empty"
        paths = {one.id: files.path(session, one.picture_sha256) for one in uploads if one.picture_sha256}
    found: list[str] = []
    times = Counter(one.name for one in uploads)
    by_name = {one.name: one for one in uploads}
    found += [f"{name!r} is there {count} times" for name, count in times.items() if count != 1]
    found += [f"{name!r} was never sent" for name in set(by_name) - {one.name for one in [*sent, *also]}]
    for one in sent:
        upload = by_name.get(one.name)
        if upload is None:
            found.append(f"{one.name!r} is lost")
        elif one.said is None:
            if upload.state != State.QUARANTINED or one.reason not in upload.reason:
                found.append(f"{one.name!r} is {upload.state} ({upload.reason}), not for {one.reason!r}")
        else:
            told = (upload.state, upload.phone_id, upload.ticks, tuple(upload.phone_scores or ()))
            if told != (State.NEW, one.said.id, one.said.ticks, one.said.scores):
                found.append(f"{one.name!r} says {told}, not {one.said}")
            if upload.group != one.metadata.get("group") or upload.audit != (one.metadata.get("audit") == "1"):
                found.append(f"{one.name!r} has group {upload.group} and audit {upload.audit}")
            path = paths.get(upload.id)
            if path is None or not _same_picture(path, one.content):
                found.append(f"the picture of {one.name!r} is not the one that was sent")
    return found + leftovers(workspace, set(paths.values()))


def _same_picture(path: Path, content: bytes) -> bool:
    kept, original = decode(path.read_bytes()).pixels, decode(content).pixels
    return kept.shape == original.shape and float(np.abs(kept.astype(int) - original).mean()) < 3


def leftovers(workspace: Path, wanted: "set[Path | None]") -> list[str]:
    """Files among the pictures that belong to no upload."""
    pictures = workspace / "pictures"
    unfinished = [path for path in (pictures / incoming.NAME).rglob("*") if path.exists()]
    others = {path for path in pictures.rglob("*") if path.is_file()} - {path for path in wanted if path is not None}
    return [f"{path} was left behind" for path in sorted({*unfinished, *others})]
