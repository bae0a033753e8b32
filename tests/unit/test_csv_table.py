import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.inspection.inspector import Inspected
from weldspot_desktop.model import Prediction
from weldspot_desktop.reports import csv_table
from weldspot_desktop.reports.whole_file import ReportFileError
from weldspot_desktop.verdict import Judgement, Verdict


def judged(origin: str = "/a/b.jpg") -> Inspected:
    scores = np.array([0.1, 0.2, 0.925, 0, 1, 0.123456, 0.5], dtype=np.float32)
    prediction = Prediction(scores, np.empty(0, np.float32), np.empty((0, 0, 0), np.float32), 1.25, 3.0)
    return Inspected(
        origin, "ab" * 32, 640, 480, prediction, Judgement(Verdict.DEFECT, (2, 5), "Suspect: Crack, Porosity"),
        quality={"brightness": 91.25, "glare": 0.015}, tile=(0.0, 0.25, 0.5, 1.0),
    )  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_columns_and_values(tmp_path: Path):
    path = tmp_path / "out.csv"
    assert (
        csv_table.write([judged(), Inspected("/a/c.jpg", error="The file is empty.")], path, model="weld 1 · int8") == 2
    )
    first, second = read(path)
    assert list(first) == [
        "path", "sha256", "width", "height", "verdict", "reason", "classes", *labels.CLASSES,
        "distance", "brightness", "glare", "blur", "tile", "model", "error",
        "override", "override_classes", "override_reason", "override_by",
    ]  # fmt: skip
    assert first["verdict"] == "DEFECT"
    assert first["classes"] == "Crack; Porosity"
    assert float(first["Crack"]) == pytest.approx(0.925)
    assert first["Porosity"] == "0.123456"
    assert (first["brightness"], first["glare"], first["blur"]) == ("91.25", "0.015", "")
    assert first["tile"] == "0.0000 0.2500 0.5000 1.0000"
    assert first["model"] == "weld 1 · int8"
    assert second["error"] == "The file is empty."
    assert second["verdict"] == second["Crack"] == second["width"] == second["model"] == second["tile"] == ""


def test_a_persons_verdict_stands_beside_the_programs(tmp_path: Path):
    path = tmp_path / "out.csv"
    said = csv_table.Overridden("CLEAR", (4,), "=a scratch", "Anna")
    csv_table.write([csv_table.Entry(judged(), "weld 2", said), judged()], path, model="weld 1")
    first, second = read(path)
    assert (first["verdict"], first["override"], first["override_classes"]) == ("DEFECT", "CLEAR", "Good Welding")
    assert (first["override_reason"], first["override_by"], first["model"]) == ("'=a scratch", "Anna", "weld 2")
    assert (second["override"], second["override_by"], second["model"]) == ("", "", "weld 1")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_is_defused(tmp_path: Path, start: str):
    path = tmp_path / "out.csv"
    csv_table.write([replace(judged(f"{start}cmd|calc!A1"), judgement=None, error=f"{start}1")], path)
    row = read(path)[0]
    assert row["path"].startswith("'")
    assert row["error"].startswith("'")


def test_names_that_are_no_utf_8_and_names_with_commas_quotes_and_lines(tmp_path: Path):
    path = tmp_path / "out.csv"
    csv_table.write(
        [judged(os.fsdecode(b"/a/schwei\xdf.jpg")), judged('/a/"x", y\nz.jpg'), judged("/a/焊缝.jpg")], path
    )
    rows = read(path)
    assert rows[0]["path"] == "/a/schwei\\udcdf.jpg"
    assert rows[1]["path"] == '/a/"x", y\nz.jpg'
    assert rows[2]["path"] == "/a/焊缝.jpg"


def test_a_run_that_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def rows():
        yield judged()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        csv_table.write(rows(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path):
    with pytest.raises(ReportFileError, match=r"cannot be written"):
        csv_table.write([judged()], tmp_path / "missing" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ReportFileError):
        csv_table.write([judged()], tmp_path / "folder.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.csv"]


def test_the_longest_name_a_folder_allows_can_be_written(tmp_path: Path):
    path = tmp_path / ("n" * 251 + ".csv")
    csv_table.write([judged()], path)
    assert len(read(path)) == 1
