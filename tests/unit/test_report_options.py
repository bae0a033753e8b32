"""Options of `weldspot report`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from weldspot_desktop.cli.report import OptionError, _kind, _moment, _verdict, numbers


def test_numbers() -> None:
    assert numbers("3,7, 20-22") == [3, 7, 20, 21, 22]


@pytest.mark.parametrize("text", ["", "a", "1,,2", "5-3", "-1", "1-", "²", "1-99999999999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        numbers(text)


def test_days_reach_to_their_end_and_moments_carry_a_zone() -> None:
    first, last = _moment("2026-05-04", "--since"), _moment("2026-05-04", "--until", end=True)
    assert first is not None
    assert last is not None
    assert (first.day, last.day, first.hour, last.hour) == (4, 5, 0, 0)
    assert first.tzinfo is not None
    assert _moment("2026-05-04T06:00+00:00", "--since") == datetime(2026, 5, 4, 6, tzinfo=UTC)
    for text in ("yesterday", "2026-13-01", "9999-12-31"):
        with pytest.raises(OptionError, match="no day and no moment"):
            _moment(text, "--until", end=True)


def test_kinds_and_verdicts() -> None:
    assert _kind("", Path("a.XLSX")) == "xlsx"
    assert _kind("pdf", Path("a.txt")) == "pdf"
    assert (_verdict("no-weld"), _verdict("not_judged"), _verdict("Defect")) == ("NO WELD", "", "DEFECT")
    for make in (lambda: _kind("", Path("a.doc")), lambda: _verdict("good")):
        with pytest.raises(OptionError):
            make()
