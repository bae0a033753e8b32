"""What a listing tells of an object, as what the store keeps of an upload. Everything here comes from strangers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from weldspot_desktop import upload_name
from weldspot_desktop.cloud.inbox import UPLOADS, RemoteObject
from weldspot_desktop.store.uploads import Arrival
from weldspot_desktop.upload_name import Fault, UploadName, UploadNameError

_TEXTS: Final = {"model_name": 120, "model_version": 40, "app_version": 40, "group": 120, "weld_id": 120}
"""Words of the phone that are kept as they are, with the longest that is taken; longer ones are no such words."""

_LONGEST_UID: Final = 128
_LONGEST_TYPE: Final = 200
_LONGEST_CHECKSUM: Final = 12
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_JPEG_TYPES: Final = frozenset({"image/jpeg", "image/jpg", "image/pjpeg"})
_UNKNOWN_TYPES: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Origin:
    """Who sent an object, and what its name says; `fault` is the sentence why that cannot be read."""

    uid: str | None
    name: UploadName | None
    fault: str


def origin(object_name: str) -> Origin:
    """Read the name of an object, `uploads/{uid}/{name}` or `{name}`; never raises."""
    uid: str | None = None
    name = object_name
    if object_name.startswith(UPLOADS):
        uid, slash, name = object_name.removeprefix(UPLOADS).partition("/")
        if not slash:
            return Origin(None, None, f"It lies in {UPLOADS} itself, not in the folder of a sender.")
        if not 0 < len(uid) <= _LONGEST_UID or not uid.isprintable():
            return Origin(None, None, f"The folder's name is no sender's id of 1 to {_LONGEST_UID} characters.")
    try:
        return Origin(uid, upload_name.parse(name), "")
    except UploadNameError as error:
        # What to do is for people who look at the quarantine, and the page says it there.
        return Origin(uid, None, error.what)


def name_fault(object_name: str) -> Fault | None:
    """What is wrong with the file's name of an object, as a word; None if nothing is."""
    try:
        upload_name.parse(object_name.rpartition("/")[2])
    except UploadNameError as error:
        return error.fault
    return None


def type_fault(content_type: str | None) -> str:
    """Why an object of this type is no upload; empty if it may be one."""
    plain = (content_type or "").partition(";")[0].strip().casefold()
    if plain in _JPEG_TYPES or plain in _UNKNOWN_TYPES:
        return ""
    shown = "".join(sign for sign in plain if sign.isprintable())[:60]
    return f"It was sent as “{shown}”, not as a JPEG picture."


def arrival(
    inbox: str,
    found: RemoteObject,
    *,
    fault: str = "",
    captured: datetime | None = None,
    original_sha256: str | None = None,
    picture_sha256: str | None = None,
    faces: int | None = None,
) -> Arrival:
    """An object as the store keeps it. What the phone says is taken where it can be true, and left out where it cannot.

    Parameters
    ----------
    inbox, found
        Where it lies, and what the listing says.
    fault
        What is wrong with its content, one sentence; what is wrong with its name is found here.
    captured
        When the camera took it; counts if the phone does not say it.
    original_sha256, picture_sha256, faces
        As in `Arrival`.
    """
    said = origin(found.name)
    facts = found.metadata
    name = said.name
    return Arrival(
        inbox=inbox,
        name=found.name,
        generation=found.generation,
        bytes=found.bytes,
        sent=found.updated,
        crc32c=found.crc32c if len(found.crc32c or "") <= _LONGEST_CHECKSUM else None,
        content_type=(found.content_type or "")[:_LONGEST_TYPE] or None,
        uid=said.uid,
        phone_id=name.id if name is not None else None,
        ticks=name.ticks if name is not None else None,
        phone_scores=name.scores if name is not None else None,
        captured=_time(facts.get("captured_at"), latest=found.updated + timedelta(days=1)) or captured,
        audit=facts.get("audit", "").strip() == "1",
        model_sha256=_sha256(facts.get("model_sha256")),
        original_sha256=original_sha256,
        picture_sha256=picture_sha256,
        faces=faces,
        reason=" ".join(sentence for sentence in (said.fault, fault) if sentence),
        **{key: _text(facts, key, longest) for key, longest in _TEXTS.items()},
    )


def _text(facts: Mapping[str, str], key: str, longest: int) -> str | None:
    text = facts.get(key, "").strip()
    return text if 0 < len(text) <= longest and text.isprintable() else None


def _sha256(text: str | None) -> str | None:
    folded = (text or "").strip().casefold()
    return folded if _SHA256.fullmatch(folded) else None


def _time(text: str | None, *, latest: datetime) -> datetime | None:
    """A time as ISO 8601 writes it; UTC where no zone is named."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC) if _EARLIEST <= aware <= latest else None
    except (ValueError, OverflowError):
        return None
