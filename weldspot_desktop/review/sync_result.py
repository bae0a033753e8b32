"""How a sync ended, in numbers, a word and a sentence."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """How a sync ended."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    OFFLINE = "offline"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class SyncResult:
    """What a sync did.

    Attributes
    ----------
    outcome
        `incomplete`: some objects could not be fetched and are left for the next time.
    listed, found
        Objects that were looked at, and those of them that were not known.
    kept, quarantined
        What came into the queue, and what came into quarantine.
    known_meanwhile
        What another sync took in at the same time.
    gone
        What was replaced or removed between listing and fetching.
    left
        What could not be fetched for now.
    moved
        What was moved to `processed/`.
    faces
        Faces that were blurred.
    fetched_bytes
        Size of all that was fetched.
    full
        Whether everything was compared, not only what follows the cursor.
    trouble
        Why it ended early, or why objects were left; empty if all went well.
    """

    outcome: Outcome = Outcome.DONE
    listed: int = 0
    found: int = 0
    kept: int = 0
    quarantined: int = 0
    known_meanwhile: int = 0
    gone: int = 0
    left: int = 0
    moved: int = 0
    faces: int = 0
    fetched_bytes: int = 0
    full: bool = True
    trouble: str = ""

    @property
    def sentence(self) -> str:
        """One line for the status bar and the command line."""
        parts = [f"{self.kept} new" if self.kept else "Nothing new"]
        if self.quarantined:
            parts.append(f"{self.quarantined} in quarantine")
        if self.faces:
            parts.append(f"{self.faces} {'face' if self.faces == 1 else 'faces'} blurred")
        if self.left:
            parts.append(f"{self.left} left for the next time")
        said = ", ".join(parts) + "."
        if self.outcome is Outcome.CANCELLED:
            said = f"Stopped. {said}"
        return f"{said} {self.trouble}".strip()

    def to_json(self) -> str:
        """As the database keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Read back; None for what no version of this program wrote."""
        try:
            found: Any = json.loads(text)
            known = {field.name: found[field.name] for field in fields(cls) if field.name in found}
            return cls(**known | {"outcome": Outcome(found["outcome"])})
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class LastSync:
    """The last look at an inbox: when it ended, and how."""

    ended: datetime
    result: SyncResult
