"""What the templates get to see, as plain words: no template touches a record itself."""

from datetime import datetime
from typing import Any

from weldspot_desktop import labels
from weldspot_desktop.pictures.quality_words import quality_words
from weldspot_desktop.reports.records import Record
from weldspot_desktop.reports.sources import Details, TrailHead
from weldspot_desktop.reports.summary import (
    NOT_JUDGED,
    VERDICTS,
    Summary,
    model_title,
    origin_name,
    thresholds_title,
)
from weldspot_desktop.settings import Company
from weldspot_desktop.store import weld_identity
from weldspot_desktop.store.imperfections import BY_CODE
from weldspot_desktop.store.schema import Finding, Inspection
from weldspot_desktop.verdict import Judgement, Verdict
from weldspot_desktop.verdict.guidance import GUIDANCE, LIMITS_SOURCE, SUSPECT, reason_line

_SUSPICIONS = (Verdict.DEFECT.value, Verdict.UNSURE.value)


def moment(when: datetime) -> str:
    """A time of this place with its distance from UTC: a report travels."""
    return when.astimezone().isoformat(sep=" ", timespec="seconds")


def report_values(details: Details, company: Company, summary: Summary, head: TrailHead | None) -> dict[str, Any]:
    """For the cover, the summary and the signatures."""
    return {
        "company": {"name": company.name, "address": company.address},
        "report": {
            "title": details.title,
            "number": details.number,
            "project": details.project or ", ".join(summary.projects),
            "written": f"{moment(details.created)} by {details.person}",
            "period": _period(summary),
            "welds": _count(summary.welds, "weld"),
            "inspectors": ", ".join(summary.inspectors),
            "standards": list(summary.standards),
            "models": list(summary.models),
            "thresholds": list(summary.thresholds),
        },
        "summary": _summary_values(summary),
        "trail": {"count": head.count, "hash": head.hash, "signature": head.signature} if head is not None else None,
    }


def weld_values(record: Record) -> dict[str, Any]:
    """For the block of one weld."""
    row, override = record.inspection, record.override
    return {
        "number": row.id,
        "verdict": record.verdict or NOT_JUDGED,
        "program_verdict": row.verdict or NOT_JUDGED,
        "program_reason": row.reason or row.error or "",
        "facts": [{"name": name, "text": text} for name, text in _facts(record) if text],
        "identity": [
            {"name": weld_identity.label(key), "text": text} for key, text in weld_identity.cleaned(row.weld).items()
        ],
        "override": None
        if override is None
        else {
            "verdict": override.verdict,
            "classes": ", ".join(labels.names(override.classes)),
            "person": override.person.name,
            "time": moment(override.at),
            "reason": override.reason,
        },
        "findings": [_finding_values(finding) for finding in record.findings],
        "guidance": _guidance_values(record),
        "limits_source": LIMITS_SOURCE,
    }


def reason(record: Record) -> str:
    """The line in the verdict's band: for a defect always "suspect: measure"."""
    row = record.inspection
    verdict = record.verdict
    if verdict is None:
        return row.error or "The picture could not be judged."
    if verdict == Verdict.DEFECT:
        return reason_line(Judgement(Verdict.DEFECT, record.classes, ""))
    if verdict == Verdict.CLEAR:
        return GUIDANCE[labels.GOOD_WELDING].code
    if record.override is not None:
        return ", ".join(labels.names(record.classes))
    return row.reason


def _summary_values(summary: Summary) -> dict[str, Any]:
    return {
        "overridden": summary.overridden,
        "changed": summary.changed,
        "verdicts": [
            {"verdict": word, "program": summary.by_program[word], "in_force": summary.in_force[word]}
            for word in VERDICTS
        ],
        "classes": [
            {
                "index": index,
                "name": labels.CLASSES[index],
                "suspected": summary.suspected[index],
                "doubtful": summary.doubtful[index],
                "found": summary.found[index],
            }
            for index in labels.DEFECTS
        ],
        "lines": [
            {
                "number": line.number,
                "weld": line.weld,
                "verdict": line.verdict,
                "classes": ", ".join(labels.names(line.classes)),
                "overridden": line.overridden,
                "findings": line.findings,
            }
            for line in summary.lines
        ],
    }


def _facts(record: Record) -> list[tuple[str, str]]:
    row = record.inspection
    return [
        ("Not judged", row.error or ""),
        ("Inspected", moment(row.created)),
        ("Inspector", row.person.name if row.person is not None else "system"),
        ("Source", f"{row.source}, by {row.trigger}" if row.trigger else row.source),
        ("Picture", _picture_words(row)),
        ("Picture SHA-256", row.sha256 or ""),
        ("Model", model_title(record) if row.verdict is not None else ""),
        ("Thresholds", thresholds_title(record) if row.verdict is not None else ""),
        ("Distance", f"{row.distance:.2f} from the training pictures" if row.distance is not None else ""),
        ("Quality", quality_words(row.quality) if row.quality is not None else ""),
    ]


def _picture_words(row: Inspection) -> str:
    size = f", {row.width} × {row.height}" if row.width and row.height else ""
    return f"{origin_name(row.origin)}{size}"


def _finding_values(finding: Finding) -> dict[str, Any]:
    kind = BY_CODE.get(finding.code)
    known = 0 <= finding.class_index < labels.COUNT
    return {
        "index": finding.class_index if known else labels.BACKGROUND,
        "name": kind.title if kind is not None else labels.CLASSES[finding.class_index] if known else "",
        "code": finding.code,
        "size": f"{finding.size_mm:g} mm" if finding.size_mm is not None else "not measured",
        "disposition": finding.disposition,
        "repair": finding.repair_cycle or "",
        "by": finding.person.name,
        "note": finding.note,
    }


def _guidance_values(record: Record) -> list[dict[str, Any]]:
    if record.verdict not in _SUSPICIONS:
        return []
    return [
        {
            "index": index,
            "name": labels.CLASSES[index],
            "head": SUSPECT,
            "code": GUIDANCE[index].code,
            "causes": GUIDANCE[index].causes,
            "remedies": GUIDANCE[index].remedies,
            "iso_5817": GUIDANCE[index].iso_5817,
            "aws_d1_1": GUIDANCE[index].aws_d1_1,
        }
        for index in record.classes
        if index in labels.DEFECTS
    ]


def _period(summary: Summary) -> str:
    if summary.first is None or summary.last is None:
        return ""
    first, last = moment(summary.first), moment(summary.last)
    return first if first == last else f"{first} to {last}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
