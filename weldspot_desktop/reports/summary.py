"""What can be said of all welds of a report together; gathered in one pass over the records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from weldspot_desktop import labels
from weldspot_desktop.reports.records import Record
from weldspot_desktop.verdict import Verdict

NOT_JUDGED: Final = "NOT JUDGED"
VERDICTS: Final[tuple[str, ...]] = (*(verdict.value for verdict in Verdict), NOT_JUDGED)
"""Rows of the table of verdicts."""

_TO_LOOK_AT: Final = (Verdict.DEFECT.value, Verdict.UNSURE.value)


@dataclass(frozen=True)
class Line:
    """A weld of the list of those that need a look."""

    number: int
    weld: str
    verdict: str
    classes: tuple[int, ...]
    overridden: bool
    findings: int


@dataclass
class Summary:
    """Counts and lists over records.

    Attributes
    ----------
    welds
        Records.
    first, last
        Earliest and latest inspection.
    by_program
        Records by the program's verdict.
    in_force
        Records by the verdict in force.
    overridden
        Records with an override, and those among them whose verdict it changed.
    suspected, doubtful
        Records by class index: DEFECT and UNSURE in force that name the class.
    found
        Findings by class index.
    lines
        DEFECT and UNSURE in force, in the order of the records.
    projects, standards, inspectors, models, thresholds
        Distinct ones in the order in which they occur.
    """

    welds: int = 0
    first: datetime | None = None
    last: datetime | None = None
    by_program: Counter[str] = field(default_factory=Counter)
    in_force: Counter[str] = field(default_factory=Counter)
    overridden: int = 0
    changed: int = 0
    suspected: Counter[int] = field(default_factory=Counter)
    doubtful: Counter[int] = field(default_factory=Counter)
    found: Counter[int] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    projects: dict[str, None] = field(default_factory=dict)
    standards: dict[str, None] = field(default_factory=dict)
    inspectors: dict[str, None] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)
    thresholds: dict[str, None] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count one record."""
        row = record.inspection
        self.welds += 1
        self.first = row.created if self.first is None else min(self.first, row.created)
        self.last = row.created if self.last is None else max(self.last, row.created)
        self.by_program[row.verdict or NOT_JUDGED] += 1
        self.in_force[record.verdict or NOT_JUDGED] += 1
        if record.override is not None:
            self.overridden += 1
            self.changed += record.override.verdict != row.verdict
        for finding in record.findings:
            self.found[finding.class_index] += 1
        if record.verdict in _TO_LOOK_AT:
            counts = self.suspected if record.verdict == Verdict.DEFECT else self.doubtful
            counts.update(index for index in record.classes if index in labels.DEFECTS)
            self.lines.append(
                Line(
                    row.id,
                    weld_title(record),
                    record.verdict or "",
                    record.classes,
                    record.override is not None,
                    len(record.findings),
                )
            )
        self._note(record)

    def _note(self, record: Record) -> None:
        row, weld = record.inspection, record.inspection.weld or {}
        _note(self.projects, weld.get("project", ""))
        _note(self.standards, standards(weld))
        _note(self.inspectors, row.person.name if row.person is not None else "")
        if row.model_name and row.verdict is not None:
            _note(self.models, model_title(record))
            _note(self.thresholds, thresholds_title(record))


def standards(weld: Mapping[str, str]) -> str:
    """Method and acceptance standard as people write them: "ISO 17637; ISO 5817:2014, level C"."""
    accepted = ":".join(part for key in ("acceptance_standard", "acceptance_edition") if (part := weld.get(key, "")))
    level = weld.get("acceptance_level", "")
    by = ", ".join(part for part in (accepted, f"level {level}" if level else "") if part)
    return "; ".join(part for part in (weld.get("method_standard", ""), by) if part)


def weld_title(record: Record) -> str:
    """What people know a weld by: its ID, else the name of its picture."""
    row = record.inspection
    known = (row.weld or {}).get("weld_id", "")
    return known or origin_name(row.origin)


def origin_name(origin: str) -> str:
    """Last part of a path of either system; addresses stay whole."""
    return origin if "://" in origin else origin.replace("\\", "/").rstrip("/").rpartition("/")[2] or origin


def model_title(record: Record) -> str:
    """Name, version and the start of the hash of the model that judged."""
    row = record.inspection
    return f"{row.model_name} {row.model_version} (sha256 {(row.model_sha256 or '')[:12]})" if row.model_name else ""


def thresholds_title(record: Record) -> str:
    """Name and digest of the threshold set."""
    row = record.inspection
    return f"{row.thresholds_name} ({row.thresholds_digest})" if row.thresholds_name else ""


def _note(found: dict[str, None], words: str) -> None:
    if words:
        found.setdefault(words)
