"""Inspections as table rows: cells, defusing, whole files."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.reports.inspection_table import COLUMNS, cells, defused, tsv, write_csv
from weldspot_desktop.reports.records import Record
from weldspot_desktop.reports.whole_file import ReportFileError
from weldspot_desktop.store import Database
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.schema import Inspection


def inspection(number: int = 0, **changes: object) -> Inspection:
    values: dict[str, object] = {
        "created": datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC) + timedelta(seconds=number),
        "source": "folder",
        "origin": f"/welds/{number}.jpg",
        "verdict": "DEFECT",
        "reason": "Suspect: Crack",
        "classes": [2],
        "scores": [0.0, 0.1, 0.98765, 0.3, 0.4, 0.5, 1.0],
        "weld": {"weld_id": "W-1"},
    }
    return Inspection(**(values | changes))


def row(**changes: object) -> dict[str, str]:
    return dict(zip(COLUMNS, cells(Record(inspection(**changes))), strict=True))


def test_cells() -> None:
    found = row()
    assert found["time"] == "2026-05-04T03:02:01+00:00"
    assert found["classes"] == "Crack"
    assert found["Crack"] == "0.9877"
    assert found["weld_id"] == "W-1"
    assert found["distance"] == ""


def test_what_was_not_judged_has_empty_scores_and_its_reason() -> None:
    found = row(verdict=None, scores=None, classes=[], error="The picture is damaged.")
    assert found["verdict"] == found["Crack"] == ""
    assert found["error"] == "The picture is damaged."


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_defused(start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    found = row(origin=evil, weld={"weld_id": evil}, error=evil, reason=evil)
    for key in ("origin", "weld_id", "error", "reason"):
        assert found[key] == f"'{evil}"


@given(st.text(max_size=20))
def test_no_defused_cell_begins_like_a_formula(cell: str) -> None:
    assert not defused(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert defused(cell).endswith(cell)


def test_tsv_keeps_one_line_a_row() -> None:
    assert tsv([["a", "b\tc"], ["=1", "d\ne"]]) == "a\tb c\n'=1\td e"


@pytest.fixture
def database(tmp_path: Path):
    made = Database(tmp_path / "store" / "weldspot.sqlite3")
    with made.write() as session:
        session.add_all(inspection(number, verdict=("DEFECT", "CLEAR")[number % 2]) for number in range(4500))
    yield made
    made.close()


def test_a_file_holds_every_matching_row_once_in_order(database: Database, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = tmp_path / "Prüfung.csv"
    count = write_csv(database, Query(verdicts=("DEFECT",)), path, lambda done, total: seen.append((done, total)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert count == len(rows) == 2250
    assert [found["origin"] for found in rows] == [f"/welds/{n}.jpg" for n in range(4498, -1, -2)]
    assert seen == [*((done, 2250) for done in range(0, 2250, 200)), (2250, 2250)]


def test_a_stopped_export_leaves_the_old_file_and_nothing_else(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "log.csv"
    path.write_text("old")

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_csv(database, Query(), path, stop)
    assert [entry.name for entry in folder.iterdir()] == ["log.csv"]
    assert path.read_text() == "old"


def test_a_folder_that_is_not_there_is_an_expected_error(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="cannot be written"):
        write_csv(database, Query(), tmp_path / "nowhere" / "log.csv", lambda done, total: None)
