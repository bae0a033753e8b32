import time

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from weldspot_desktop.inspection.inspector import Inspected
from weldspot_desktop.model import Prediction
from weldspot_desktop.ui.results_model import COLUMNS, NOT_JUDGED, PICTURE, VERDICT, Filter, ResultsModel
from weldspot_desktop.ui.thumbnails import KEPT, WAITING, Thumbnails
from weldspot_desktop.verdict import Judgement, Verdict

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
CRACK = next(place for place, column in enumerate(COLUMNS) if column.key == "score_2")
NAME = 1


def row(name: str, crack: float | None, verdict: Verdict = Verdict.CLEAR, classes: tuple[int, ...] = ()) -> Inspected:
    if crack is None:
        return Inspected(f"/weld/{name}", error="The file is empty.")
    scores = np.full(7, 0.1, dtype=np.float32)
    scores[2] = crack
    prediction = Prediction(scores, np.empty(0, np.float32), np.empty((0, 0, 0), np.float32), 1.0, 1.0)
    return Inspected(f"/weld/{name}", "0" * 64, 10, 10, prediction, Judgement(verdict, classes, "Reason"))


ROWS = [
    row("b.jpg", 0.2),
    row("a.jpg", 0.9, Verdict.DEFECT, (2,)),
    row("empty.jpg", None),
    row("D.jpg", 0.4, Verdict.UNSURE, (2, 5)),
    row("c.jpg", 0.05, Verdict.NO_WELD, (0,)),
]


@pytest.fixture
def model(frame) -> ResultsModel:
    thumbnails = Thumbnails(frame)
    made = ResultsModel(thumbnails, thumbnails)
    made.keep_for_test = thumbnails
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    assert tester.model() is made
    made.extend(ROWS)
    return made


def names(model: ResultsModel) -> str:
    return "".join(shown.origin.removeprefix("/weld/")[0] for shown in model.shown_rows())


def test_rows_come_in_their_order_until_a_column_is_chosen(model):
    assert names(model) == "baeDc"
    model.sort(NAME, ASCENDING)
    assert names(model) == "abcDe"
    model.sort(NAME, DESCENDING)
    assert names(model) == "eDcba"
    model.sort(-1, ASCENDING)
    assert names(model) == "baeDc"


def test_what_has_no_score_comes_last_in_both_directions(model):
    model.sort(CRACK, ASCENDING)
    assert names(model) == "cbDae"
    model.sort(CRACK, DESCENDING)
    assert names(model) == "aDbce"


def test_sorted_by_verdict_what_needs_a_person_comes_first(model):
    model.sort(VERDICT, ASCENDING)
    assert names(model) == "aDebc"


def test_later_rows_find_their_place_and_the_selected_row_keeps_its_picture(model):
    model.sort(CRACK, DESCENDING)
    selected = QPersistentModelIndex(model.index(2, NAME))
    assert selected.data() == "b.jpg"
    model.extend([row("x.jpg", 0.99), row("y.jpg", 0.3)])
    assert names(model) == "xaDybce"
    assert selected.data() == "b.jpg"
    assert selected.row() == 4


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), "baeDc"),
        (Filter(verdicts=("DEFECT", NOT_JUDGED)), "ae"),
        (Filter(class_index=2), "aD"),
        (Filter(class_index=5, verdicts=("DEFECT",)), ""),
        (Filter(text="JPG weld"), "baeDc"),
        (Filter(text="file is EMPTY"), "e"),
        (Filter(text="suspect: measure"), "a"),
        (Filter(text="nothing like it"), ""),
    ],
)
def test_filters(model, wanted, expected):
    model.set_filter(wanted)
    assert names(model) == expected
    model.extend([row("a2.jpg", 0.8, Verdict.DEFECT, (2,))])
    assert model.total() == 6
    assert model.rowCount() == len(expected) + wanted.lets_through(model.all_rows()[-1])


def test_counts_are_of_all_rows(model):
    model.set_filter(Filter(verdicts=("DEFECT",)))
    counts = [model.verdict_count(word) for word in ("DEFECT", "UNSURE", "CLEAR", "NO WELD", "RETAKE", NOT_JUDGED)]
    assert counts == [1, 1, 1, 1, 0, 1]
    model.clear()
    assert model.verdict_count("DEFECT") == model.rowCount() == model.total() == 0


def test_every_cell_says_something_sensible_for_every_role(model):
    for place in range(model.rowCount()):
        for column in range(model.columnCount()):
            for role in Qt.ItemDataRole:
                model.data(model.index(place, column), role)
    assert model.data(model.index(1, VERDICT)) == "DEFECT"
    assert model.data(model.index(2, VERDICT)) == NOT_JUDGED
    assert model.data(model.index(1, CRACK)) == "0.90"
    assert model.data(model.index(2, CRACK)) == ""
    head = [model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) for i in range(len(COLUMNS))]
    assert "Score of Crack" in head
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0


def test_thirteen_thousand_rows_sort_and_filter_while_one_looks(frame):
    thumbnails = Thumbnails(frame)
    model = ResultsModel(thumbnails, thumbnails)
    rng = np.random.default_rng(1)
    model.extend([row(f"{number}.jpg", float(rng.random())) for number in range(13_000)])
    begun = time.perf_counter()
    model.sort(CRACK, DESCENDING)
    model.set_filter(Filter(text="99"))
    assert time.perf_counter() - begun < 1.5
    found = [shown.prediction.scores[2] for shown in model.shown_rows()]
    assert found == sorted(found, reverse=True)


def test_thumbnails_are_made_for_what_is_asked_and_bounded(frame, qtbot, weld_folder):
    thumbnails = Thumbnails(frame)
    path = str(weld_folder / "焊缝.jpg")
    assert thumbnails.get(path) is None
    with qtbot.waitSignal(thumbnails.made) as made:
        pass
    assert made.args == [path]
    icon = thumbnails.get(path)
    assert icon is not None
    assert not icon.isNull()
    broken = str(weld_folder / "broken.jpg")
    with qtbot.waitSignal(thumbnails.made):
        thumbnails.get(broken)
    assert thumbnails.get(broken) is None
    assert thumbnails.held() == 2
    for number in range(KEPT + WAITING):
        thumbnails.get(str(weld_folder / f"missing {number}.jpg"))
    assert len(thumbnails._wishes) == WAITING
    qtbot.waitUntil(lambda: not thumbnails._wishes and not thumbnails._working)
    assert thumbnails.held() <= KEPT
    thumbnails.clear()
    assert thumbnails.held() == 0


def test_the_picture_of_a_row_arrives_in_the_table(frame, qtbot, weld_folder):
    thumbnails = Thumbnails(frame)
    model = ResultsModel(thumbnails, thumbnails)
    model.extend([row("x", 0.5), Inspected(str(weld_folder / "a.jpg"), judgement=Judgement(Verdict.CLEAR, (4,), ""))])
    index = model.index(1, PICTURE)
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    with qtbot.waitSignal(model.dataChanged) as changed:
        pass
    assert changed.args[0].row() == 1
    assert index.data(Qt.ItemDataRole.DecorationRole) is not None
