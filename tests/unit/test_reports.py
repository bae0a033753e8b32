"""Reports from a real store: every kind, the trail, what is left behind, and what strangers wrote."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.reports import logo, records
from weldspot_desktop.reports.records import SelectionError
from weldspot_desktop.reports.report import Kind, Written, write
from weldspot_desktop.reports.sources import Details, Sources, TrailHead
from weldspot_desktop.reports.summary import Summary, standards
from weldspot_desktop.settings import Company, Paper, Report
from weldspot_desktop.store import Database, heat_maps, people, trail
from weldspot_desktop.store.inspections import Query
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Finding, Inspection, Override, Person, TrailEntry
from weldspot_desktop.verdict import ThresholdSet

SET = ThresholdSet(name="balanced", lower=(0.3,) * 7, upper=(0.6,) * 7)
START = datetime(2026, 5, 4, 6, tzinfo=UTC)
DETAILS = Details("Prüfbericht", "R-7", START + timedelta(hours=9), person="M. Inspector")
NAMES = ("plain", "=1+1", "<b>&amp;", "Żółć Ångström Ωμέγα Кузнецов", "焊缝\x00\u202e", "W" * 200)
SIZES = ((640, 480), (200, 900), (1800, 240), (64, 64))


def inspection(number: int, sha256: str | None, person: Person) -> Inspection:
    verdict = ("DEFECT", "CLEAR", "UNSURE", None)[number % 4]
    name = NAMES[number % len(NAMES)]
    judged = verdict is not None
    return Inspection(
        created=START + timedelta(minutes=number),
        source="folder",
        origin=f"/welds/{name}-{number}.jpg",
        sha256=sha256,
        width=640,
        height=480,
        verdict=verdict,
        reason="Suspect: Crack, Porosity" if verdict == "DEFECT" else "",
        classes={"DEFECT": [2, 5], "CLEAR": [4], "UNSURE": [3], None: []}[verdict],
        scores=[0.01, 0.2, 0.9, 0.4, 0.3, 0.7, 0.5] if judged else None,
        distance=1.5 if judged else None,
        model_name="weld" if judged else None,
        model_version=2 if judged else None,
        model_sha256="ab" * 32 if judged else None,
        thresholds_name=SET.name if judged else None,
        thresholds_digest=SET.digest if judged else None,
        thresholds=SET.model_dump(mode="json") if judged else None,
        region=[0.1, 0.1, 0.9, 0.8] if number % 5 == 0 else None,
        tile=[0.2, 0.2, 0.6, 0.6] if number % 7 == 0 else None,
        quality={"brightness": 120.5, "glare": 0.01},
        trigger="key",
        manner="0123456789ab",
        weld={"weld_id": name, "project": "Bridge 7", "method_standard": "ISO 17637", "of_tomorrow": "x"},
        person_id=person.id,
        error=None if judged else "The picture is damaged or cut off.",
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """Twelve welds: kept pictures of four shapes, one gone, an override, one taken back, findings, heat maps."""
    root = tmp_path_factory.mktemp("store")
    database, files = Database(root / "weldspot.sqlite3"), PictureFiles(root / "pictures")
    image = Image.fromarray(render_weld(3, size=512).pixels)
    heat = np.random.default_rng(1).normal(0, 3, (10, 12, 7)).astype(np.float32)
    with database.write() as session:
        person = people.add(session, name="M. Inspector", role=Role.INSPECTOR, by="system")
        for number in range(12):
            packed = io.BytesIO()
            image.resize(SIZES[number % 4]).save(packed, "JPEG")
            content = packed.getvalue()
            if number == 6:
                sha256 = "f" * 64
            else:
                width, height = SIZES[number % 4]
                sha256 = files.keep(session, content, width=width, height=height)
            row = inspection(number, None if number == 7 else sha256, person)
            session.add(row)
            session.flush()
            if number % 3 == 0:
                kept = heat_maps.packed(heat)
                kept.inspection_id = row.id
                session.add(kept)
        for row_id, verdict, reason in ((1, "CLEAR", "=measured"), (5, "CLEAR", "a"), (5, "", "Taken back")):
            session.add(
                Override(
                    inspection_id=row_id,
                    at=START + timedelta(hours=3),
                    person_id=person.id,
                    verdict=verdict,
                    classes=[4] if verdict else [],
                    reason=reason,
                )
            )
        session.add(
            Finding(
                inspection_id=9,
                at=START,
                person_id=person.id,
                class_index=2,
                code="104",
                size_mm=1.25,
                position=[0.2, 0.3, 0.5, 0.6],
                disposition="repair",
                repair_cycle=1,
                note="crater <i>",
            )
        )
        for number, (code, disposition, supersedes) in enumerate(
            (("100", "reject", None), ("104", "repair", 2), ("2017", "entered in error", None)), start=2
        ):
            session.add(
                Finding(
                    id=number,
                    inspection_id=10,
                    at=START,
                    person_id=person.id,
                    class_index=2,
                    code=code,
                    size_mm=None,
                    position=None,
                    disposition=disposition,
                    repair_cycle=0,
                    note="",
                    supersedes=supersedes,
                )
            )
            session.flush()
    company = Company(name="Nordstahl Prüftechnik & Söhne", address="Hafenstraße 12")
    yield Sources(
        database,
        files,
        company,
        Report(),
        root / "company",
        box_levels={"ab" * 32: dict.fromkeys(labels.CLASSES, 0.5)},
    )
    database.close()


def made(sources: Sources, kind: Kind, path: Path, selection: records.Selection | None = None) -> Written:
    chosen = Query(newest_first=False) if selection is None else selection
    return write(kind, chosen, path, lambda done, total: None, sources=sources, details=DETAILS)


def pdf_objects(content: bytes) -> dict[int, bytes]:
    """Objects of a PDF, found by its table of places: each must be where the table says."""
    start = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", content)[-1])
    head, count = re.match(rb"xref\s+0 (\d+)\s+", content[start:]), 0
    assert head is not None
    count = int(head[1])
    lines = content[start + head.end() :].split(b"\n")[:count]
    places = [int(line[:10]) for line in lines]
    found = {}
    for number in range(1, count):
        begin = f"{number} 0 obj\n".encode()
        assert content[places[number] :].startswith(begin), number
        found[number] = content[places[number] + len(begin) : content.index(b"endobj", places[number])]
    return found


def test_every_kind_is_written_and_noted_in_the_trail_with_the_hash_of_its_file(store: Sources, tmp_path: Path) -> None:
    for kind in Kind:
        path = tmp_path / f"Bericht.{kind.value}"
        assert made(store, kind, path) == Written(path, 12)
        with store.database.read() as session:
            entry = session.query(TrailEntry).order_by(TrailEntry.number.desc()).first()
            assert trail.first_fault(session) is None
        assert entry is not None
        assert (entry.action, entry.subject, entry.person) == ("report written", "report R-7", "M. Inspector")
        noted = json.loads(entry.details)
        assert noted["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (noted["kind"], noted["welds"]) == (kind.value, 12)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["Bericht.csv", "Bericht.pdf", "Bericht.xlsx"]


def test_a_pdf_is_whole_and_holds_each_picture_once(store: Sources, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    made(store, Kind.PDF, path)
    objects = pdf_objects(path.read_bytes())
    pages = [body for body in objects.values() if b"/Type /Page\n" in body or b"/Type /Page " in body]
    jpegs = [body for body in objects.values() if b"DCTDecode" in body]
    # Twelve welds share four pictures; one was not kept, one could not be read.
    assert len(jpegs) == 4
    assert sum(b"/SMask" in body for body in objects.values()) >= 1
    assert 8 <= len(pages) <= 20
    assert sum(b"/FontFile2" in body for body in objects.values()) >= 2


def test_one_weld_on_letter_paper_with_a_logo(store: Sources, tmp_path: Path) -> None:
    Image.new("RGBA", (300, 100), (0, 90, 160, 128)).save(tmp_path / "mark.png")
    name = logo.adopt(store.logos, str(tmp_path / "mark.png"))
    changed = Sources(
        **{
            **store.__dict__,
            "company": store.company.model_copy(update={"logo": name}),
            "layout": Report(paper=Paper.LETTER),
        }
    )
    path = tmp_path / "one.pdf"
    assert made(changed, Kind.PDF, path, [3]).notes == ()
    assert b"/MediaBox [ 0 0 612 792 ]" in path.read_bytes()
    (store.logos / name).unlink()
    assert "The logo was left out" in made(changed, Kind.PDF, path, [3]).notes[0]


def test_a_signed_head_stands_in_the_report(store: Sources, tmp_path: Path) -> None:
    asked = []

    def sign() -> TrailHead:
        asked.append(1)
        return TrailHead(41, "c" * 64, "by station 7")

    made(Sources(**{**store.__dict__, "sign_head": sign}), Kind.XLSX, tmp_path / "signed.xlsx", [1])
    texts = sheet_cells(tmp_path / "signed.xlsx", 1)
    assert asked == [1]
    assert ["Trail", "41 entries", "c" * 64, "by station 7"] in texts


def test_window_and_command_line_sign_the_head(workspace: Path) -> None:
    context = Context(workspace)
    with context.database.write() as session:
        people.add(session, name="M. Inspector", role=Role.INSPECTOR, by="system")
    sign = context.report_sources().sign_head
    assert sign is not None
    head = sign()
    context.close()
    assert head is not None
    assert head.count >= 1
    assert head.signature.startswith("by station ")


def test_a_key_that_cannot_be_used_is_told_and_stops_no_report(store: Sources, tmp_path: Path) -> None:
    def sign() -> TrailHead:
        raise ExpectedError("The key is gone.")

    written = made(Sources(**{**store.__dict__, "sign_head": sign}), Kind.XLSX, tmp_path / "unsigned.xlsx", [1])
    assert written.notes == ("The head of the trail is not signed. The key is gone.",)
    trail_row = next(row for row in sheet_cells(tmp_path / "unsigned.xlsx", 1) if row[:1] == ["Trail"])
    assert trail_row[3:] == [""]


def sheet_cells(path: Path, number: int) -> list[list[str]]:
    """Cells of a sheet as words; numbers as they are written."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    assert not list(root.iter(f"{space}f")), "no cell may be a formula"
    return [
        ["".join(part for part in cell.itertext()) for cell in row.iter(f"{space}c")]
        for row in root.iter(f"{space}row")
    ]


def test_the_workbook_has_typed_cells_and_defuses_words(store: Sources, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    made(store, Kind.XLSX, path)
    welds = sheet_cells(path, 2)
    head, rows = welds[0], welds[1:]
    assert len(rows) == 12
    assert rows[0][:4] == ["1", "46146.25", "CLEAR", "DEFECT"]
    assert "'=1+1" in rows[1]
    assert "'=measured" in rows[0]
    assert not [cell for row in welds for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert head[head.index("Weld ID") + 1] == "Part or heat"
    with zipfile.ZipFile(path) as book:
        xml = book.read("xl/worksheets/sheet2.xml").decode()
        sheets = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
    assert sheets == ["Summary", "Welds", "Scores"]
    assert 'state="frozen"' in xml
    assert "<autoFilter" in xml
    scores = sheet_cells(path, 3)
    assert scores[1][3:10] == ["0.01", "0.2", "0.9", "0.4", "0.3", "0.7", "0.5"]
    summary = sheet_cells(path, 1)
    assert ["DEFECT", "3", "2"] in summary
    assert ["CLEAR", "3", "4"] in summary


def test_the_csv_file_carries_override_findings_quality_and_place(store: Sources, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    made(store, Kind.CSV, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first, taken_back, measured = rows[0], rows[4], rows[8]
    assert (first["verdict"], first["override_verdict"], first["override_by"]) == ("DEFECT", "CLEAR", "M. Inspector")
    assert first["override_reason"] == "'=measured"
    assert (first["brightness"], first["glare"], first["blur"]) == ("120.5", "0.01", "")
    assert first["tile"] == "0.2000 0.2000 0.6000 0.6000"
    assert (first["trigger"], first["manner"]) == ("key", "0123456789ab")
    assert first["more_of_the_weld"] == '{"of_tomorrow": "x"}'
    assert taken_back["override_verdict"] == ""
    assert measured["findings"] == "1"


def test_overrides_are_counted_apart(store: Sources) -> None:
    summary = Summary()
    with store.database.read() as session:
        for record in records.read(session, records.chosen(session, Query()), batch=5):
            summary.add(record)
    assert (summary.welds, summary.overridden, summary.changed) == (12, 1, 1)
    assert (summary.by_program["DEFECT"], summary.in_force["DEFECT"]) == (3, 2)
    assert summary.suspected == {2: 2, 5: 2}
    assert summary.doubtful == {3: 3}
    assert summary.found == {2: 2}
    assert [line.number for line in summary.lines] == [11, 9, 7, 5, 3]
    assert list(summary.projects) == ["Bridge 7"]


def test_a_selection_keeps_its_order_and_names_what_is_missing(store: Sources, tmp_path: Path) -> None:
    made(store, Kind.CSV, tmp_path / "some.csv", [9, 2, 9, 4])
    with (tmp_path / "some.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["9", "2", "4"]
    since = Query(newest_first=False, since=START + timedelta(minutes=3), until=START + timedelta(minutes=5))
    assert made(store, Kind.CSV, tmp_path / "some.csv", since).welds == 2
    for kind in Kind:
        with pytest.raises(SelectionError, match="Inspection 77 is not in the log"):
            made(store, kind, tmp_path / f"missing.{kind.value}", [1, 77])
    assert [entry.name for entry in tmp_path.iterdir()] == ["some.csv"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_stopped_report_leaves_the_old_file_and_no_entry(store: Sources, tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"report.{kind.value}"
    path.write_text("old")

    class Stopped(Exception):  # noqa: N818
        pass

    def stop(done: int, total: int) -> None:
        if done:
            raise Stopped

    with store.database.read() as session:
        before = session.query(TrailEntry).count()
    with pytest.raises(Stopped):
        write(kind, Query(), path, stop, sources=store, details=DETAILS)
    with store.database.read() as session:
        assert session.query(TrailEntry).count() == before
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [(path.name, "old")]


def test_standards_are_written_as_people_write_them() -> None:
    weld = {"method_standard": "ISO 17637", "acceptance_standard": "ISO 5817", "acceptance_edition": "2014"}
    assert standards(weld | {"acceptance_level": "C"}) == "ISO 17637; ISO 5817:2014, level C"
    assert standards({}) == ""


@pytest.mark.parametrize("bad", ["words", "small", "missing"])
def test_what_is_no_logo_is_refused(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "logo.png"
    if bad == "words":
        path.write_text("no picture")
    elif bad == "small":
        Image.new("RGB", (400, 4)).save(path)
    with pytest.raises(logo.LogoError):
        logo.adopt(tmp_path / "company", str(path))
    assert not (tmp_path / "company").exists()
