"""Labels and card inside a model file: files in a zip archive behind the graph, as TFLite metadata keeps them.

An interpreter reads the graph from the front and does not look behind it; a zip reader starts from the end. The card
inside describes the graph alone: its `sha256` and `bytes` are those of the bytes before the archive, because no file
can hold its own hash. The card beside the file, and everything else in the program, goes by the whole file.

Source: https://ai.google.dev/edge/litert/models/metadata ("associated files").
"""

import hashlib
import io
import zipfile
from typing import Final

from pydantic import ValidationError

from weldspot_desktop.model.card import ModelCard

LABELS: Final = "labels.txt"
CARD: Final = "weldspot.card.json"

_BIRTH: Final = (1980, 1, 1, 0, 0, 0)
"""Of the files in the archive: the same graph and card make the same bytes."""

LARGEST_CARD: Final = 5_000_000
"""Bytes of a card, unpacked."""


def graph_of(content: bytes) -> bytes:
    """The bytes before the archive; all of them if there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            starts = [entry.header_offset for entry in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return content
    return content[: min(starts)] if starts else content


def embed(content: bytes, card: ModelCard) -> bytes:
    """The graph with labels and card behind it; what was embedded before is replaced."""
    graph = graph_of(content)
    told = card.model_copy(update={"sha256": hashlib.sha256(graph).hexdigest(), "bytes": len(graph)})
    file = io.BytesIO(graph)
    with zipfile.ZipFile(file, "a", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(LABELS), "".join(f"{label}\n" for label in card.labels))
        archive.writestr(_entry(CARD), told.model_dump_json(by_alias=True))
    return file.getvalue()


def card_in(content: bytes) -> ModelCard | None:
    """The card inside, if there is one that fits the graph before it; it may come from anybody."""
    graph = graph_of(content)
    if len(graph) == len(content):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(CARD) as file:
            text = file.read(LARGEST_CARD + 1)
        card = ModelCard.model_validate_json(text) if len(text) <= LARGEST_CARD else None
    except (zipfile.BadZipFile, KeyError, ValidationError, ValueError, OSError, NotImplementedError, RuntimeError):
        return None
    if card is None or card.sha256 != hashlib.sha256(graph).hexdigest():
        return None
    return card


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _BIRTH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
