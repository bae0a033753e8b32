"""The review page over a real database: what keys do, what is stored, and what two reviewers see of each other."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.store import decisions, people, review_queue, uploads
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.review_queue import Order
from weldspot_desktop.store.schema import TrailEntry, Upload, UploadDecision
from weldspot_desktop.store.uploads import Arrival, State
from weldspot_desktop.ui.pages.review_page import ReviewPage
from weldspot_desktop.ui.review_badge import ReviewBadge

COUNT = 6
PORES, CRACK = 1 << 5, 1 << 2
_WAIT = 20_000


@pytest.fixture
def filled(context):
    """Six uploads of two groups, the first is the newest: all ticked Porosity, but the third nothing."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    model = context.model.card
    with context.database.write() as session:
        for name in ("M. Inspector", "Anna Berg"):
            people.add(session, name=name, role=people.Role.INSPECTOR, by="system")
        for number in range(COUNT):
            content = io.BytesIO()
            Image.fromarray(render_weld(40 + number, size=160).pixels).save(content, "PNG")
            sha256 = context.picture_files.keep(session, content.getvalue(), width=160, height=160)
            upload = uploads.add(
                session,
                Arrival(
                    inbox="local", name=f"uploads/u/W-{number + 1}.jpg", generation=1, bytes=9000,
                    sent=start - timedelta(minutes=number), uid="phone-1", phone_id=f"W-{number + 1}",
                    ticks=0 if number == 2 else PORES, phone_scores=(0.1,) * 5 + (0.8, 0.1), model_name="weld",
                    model_version="5", group=f"plant {'AB'[number % 2]}", picture_sha256=sha256,
                ),
            )  # fmt: skip
            session.flush()
            own = (0.1, 0.1, 0.1 + number / 10, 0.1, 0.1, 0.7, 0.1)
            uploads.set_own_scores(session, upload.id, own, model.sha256, model.thresholds)
    return context


@pytest.fixture
def page(qtbot, filled, frame, shown):
    """The page, with somebody signed in and the first upload open and leased."""
    made = ReviewPage(filled, frame)
    frame.set_person(filled.person("M. Inspector"))
    shown(made, 1200, 800)
    qtbot.addWidget(made.panel)
    made.activated()
    ready(qtbot, made, "W-1")
    yield made
    made.deactivated()
    made.shutdown()


def ready(qtbot, page, title):
    """Wait until an upload lies on the desk, seen and leased."""

    def there():
        assert page.desk.row is not None
        assert page.desk.row.title == title
        assert page.picture.in_view(page.desk.row.number)
        assert page.sitting.held == page.desk.row.number

    qtbot.waitUntil(there, timeout=_WAIT)


def stored(context, title):
    """An upload as the database has it; None if there is none of that id."""
    with context.database.read() as session:
        return session.scalars(select(Upload).where(Upload.phone_id == title)).one_or_none()


def reaches(qtbot, context, title, state):
    """Wait until an upload is in a state."""

    def there():
        upload = stored(context, title)
        assert upload is not None
        assert upload.state == state

    qtbot.waitUntil(there, timeout=_WAIT)


def press(page, *keys):
    """Keys, as somebody types them who has the focus on the page."""
    # After a question has closed, the platform of the tests makes no other window the active one.
    if QApplication.activeWindow() is not page.window():
        page.window().activateWindow()
        QApplication.processEvents()
    page.setFocus()
    for key in keys:
        QTest.keyClick(page, key)


def test_one_key_confirms_and_goes_on_and_the_trail_says_who(page, qtbot, filled):
    press(page, Qt.Key.Key_Return)
    ready(qtbot, page, "W-2")
    reaches(qtbot, filled, "W-1", State.CONFIRMED)
    upload = stored(filled, "W-1")
    assert upload.labels == PORES
    assert upload.lease_token is None
    assert stored(filled, "W-2").lease_token == page.sitting.token
    with filled.database.read() as session:
        entry = session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc())).first()
    assert (entry.person, entry.action) == ("M. Inspector", "upload confirmed")
    assert page.model.rowCount() == COUNT - 1


def test_numbers_correct_and_nothing_marked_cannot_be_confirmed(page, qtbot, filled):
    press(page, Qt.Key.Key_6, Qt.Key.Key_Return)
    assert "at least one class" in page.review_panel.fault.text()
    assert stored(filled, "W-1").state == State.NEW
    press(page, Qt.Key.Key_3, Qt.Key.Key_4)
    assert page.review_panel.confirm_button.text().startswith("Correct")
    press(page, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-1", State.CORRECTED)
    assert stored(filled, "W-1").labels == CRACK | 1 << 3


def test_a_key_that_is_held_down_decides_only_once(page, qtbot, filled):
    page.setFocus()
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QApplication.sendEvent(page, event)
    qtbot.wait(100)
    assert page.desk.row.title == "W-1"
    # And what is not in view yet is not decided, however fast somebody is.
    page.picture.ahead.clear()
    press(page, Qt.Key.Key_Return, Qt.Key.Key_Return)
    ready(qtbot, page, "W-2")
    reaches(qtbot, filled, "W-1", State.CONFIRMED)
    assert stored(filled, "W-2").state == State.NEW


def test_undo_takes_back_the_whole_sitting_one_by_one(page, qtbot, filled):
    press(page, Qt.Key.Key_3, Qt.Key.Key_Return)
    ready(qtbot, page, "W-2")
    press(page, Qt.Key.Key_F)
    # The flagged one stays in the list, which shows what is new and what is flagged.
    ready(qtbot, page, "W-3")
    reaches(qtbot, filled, "W-2", State.FLAGGED)
    page.decisions.reject()
    page.decisions.dialog.reasons[0].setChecked(True)
    page.decisions.dialog.answer()
    ready(qtbot, page, "W-4")
    reaches(qtbot, filled, "W-3", State.REJECTED)
    for title, bits in (("W-3", 0), ("W-2", PORES), ("W-1", PORES | CRACK)):
        press(page, Qt.Key.Key_U)
        ready(qtbot, page, title)
        reaches(qtbot, filled, title, State.NEW)
        assert page.desk.draft.labels == bits, "what was marked is marked again"
    assert page.model.rowCount() == COUNT
    qtbot.waitUntil(lambda: "took back: corrected" in page.review_panel.text(), timeout=_WAIT)
    press(page, Qt.Key.Key_U)
    with filled.database.read() as session:
        assert len(session.scalars(select(UploadDecision)).all()) == 6


def test_what_was_marked_is_kept_while_somebody_looks_at_others(page, qtbot):
    press(page, Qt.Key.Key_3, Qt.Key.Key_Down)
    ready(qtbot, page, "W-2")
    assert page.desk.draft.labels == PORES
    press(page, Qt.Key.Key_Up)
    ready(qtbot, page, "W-1")
    assert page.desk.draft.labels == PORES | CRACK


def test_an_upload_that_somebody_else_holds_is_passed_and_named(page, qtbot, filled, notices):
    with filled.database.write() as session:
        anna = next(person for person in people.everyone(session) if person.name == "Anna Berg")
        for title in ("W-2", "W-3"):
            number = session.scalars(select(Upload.id).where(Upload.phone_id == title)).one()
            assert review_queue.lease(session, number, anna, token="another window")
    press(page, Qt.Key.Key_Return)
    ready(qtbot, page, "W-4")
    assert any("Anna Berg is looking at W-2" in notice.text for notice in notices)
    assert page.model.row(0).holder == "Anna Berg"
    page.list.ask()
    qtbot.waitUntil(lambda: page.model.count("in review") == 2, timeout=_WAIT)
    # Upwards it looks upwards; where everything is held, one can look but not decide.
    press(page, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: page.desk.row.title == "W-3" and page.sitting.held is None, timeout=_WAIT)
    qtbot.waitUntil(lambda: "Anna Berg is looking" in page.review_panel.state.text(), timeout=_WAIT)
    assert not page.review_panel.is_open()
    press(page, Qt.Key.Key_F)
    assert stored(filled, "W-3").state == State.NEW


def test_an_upload_that_was_decided_meanwhile_is_told_and_left(page, qtbot, filled, notices):
    with filled.database.write() as session:
        anna = next(person for person in people.everyone(session) if person.name == "Anna Berg")
        number = session.scalars(select(Upload.id).where(Upload.phone_id == "W-2")).one()
        decisions.decide(session, number, action=Action.CONFIRMED, person=anna)
    press(page, Qt.Key.Key_Down)
    ready(qtbot, page, "W-3")
    assert any("W-2 is confirmed now, by Anna Berg" in notice.text for notice in notices)
    assert page.model.rowCount() == COUNT - 1


def test_a_lease_is_renewed_given_back_and_missed_when_it_is_lost(page, qtbot, filled, notices):
    before = stored(filled, "W-1").lease_until
    page.sitting.renew()
    qtbot.waitUntil(lambda: stored(filled, "W-1").lease_until > before, timeout=_WAIT)
    with filled.database.write() as session:
        upload = session.scalars(select(Upload).where(Upload.phone_id == "W-1")).one()
        anna = next(person for person in people.everyone(session) if person.name == "Anna Berg")
        upload.lease_token, upload.lease_person = "another window", anna.id
    page.sitting.renew()
    ready(qtbot, page, "W-2")
    assert any("somebody else took it" in notice.text for notice in notices)
    page.deactivated()
    qtbot.waitUntil(lambda: stored(filled, "W-2").lease_token is None, timeout=_WAIT)


def test_without_a_name_one_looks_but_decides_nothing(page, qtbot, filled, frame, notices):
    frame.set_person(None)
    qtbot.waitUntil(lambda: stored(filled, "W-1").lease_token is None, timeout=_WAIT)
    assert not page.review_panel.name_button.isHidden()
    press(page, Qt.Key.Key_Return)
    assert notices[-1].text == "A decision needs a name, and nobody is signed in."
    press(page, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.desk.row.title == "W-2", timeout=_WAIT)
    frame.set_person(filled.person("Anna Berg"))
    ready(qtbot, page, "W-2")
    press(page, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-2", State.CONFIRMED)


def test_boxes_are_drawn_and_stored_with_the_decision(page, qtbot, filled):
    press(page, Qt.Key.Key_B)
    view = page.picture.view
    target = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=target - QPoint(60, 40))
    QTest.mouseMove(view, target + QPoint(20, 30))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=target + QPoint(20, 30))
    assert [box.class_index for box in page.picture.boxes.boxes()] == [5], "the single defect that is marked"
    press(page, Qt.Key.Key_3)
    assert [box.class_index for box in page.picture.boxes.boxes()] == [2], "a number names the selected box"
    assert page.desk.draft.labels == PORES | CRACK
    press(page, Qt.Key.Key_Right, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert not page.picture.boxes.active
    press(page, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-1", State.CORRECTED)
    with filled.database.read() as session:
        ((index, left, top, right, bottom),) = session.scalars(select(UploadDecision)).one().boxes
    scale = view.zoom() * 160
    assert (index, right - left, bottom - top) == pytest.approx((2, 80 / scale, 70 / scale), abs=0.01)
    assert left == pytest.approx(0.5 - 60 / scale + 0.01, abs=0.01)


def test_a_box_without_a_class_holds_the_decision_up_and_a_removed_one_comes_back(page, qtbot, filled, notices):
    press(page, Qt.Key.Key_6, Qt.Key.Key_5)
    page.add_box()
    assert "Press 1 to 7" in notices[-1].text
    press(page, Qt.Key.Key_Return)
    assert "no class" in page.review_panel.fault.text()
    press(page, Qt.Key.Key_Delete)
    assert page.desk.draft.boxes == ()
    notices[-1].action()
    assert len(page.desk.draft.boxes) == 1
    press(page, Qt.Key.Key_N, Qt.Key.Key_Delete, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-1", State.CORRECTED)


def test_a_decided_upload_is_shown_with_its_labels_and_can_be_reopened(page, qtbot, filled, notices):
    press(page, Qt.Key.Key_3, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-1", State.CORRECTED)
    page.filters.states.choose([State.CORRECTED])
    page.list.ask()
    qtbot.waitUntil(lambda: "Corrected by M. Inspector" in page.review_panel.state.text(), timeout=_WAIT)
    assert page.review_panel.toggles.labels() == PORES | CRACK
    press(page, Qt.Key.Key_Return)
    assert "already" in notices[-1].text
    page.decisions.reopen()
    reaches(qtbot, filled, "W-1", State.NEW)
    qtbot.waitUntil(lambda: notices[-1].button == "Show it", timeout=_WAIT)
    notices[-1].action()
    ready(qtbot, page, "W-1")
    qtbot.waitUntil(lambda: page.desk.draft.labels == PORES | CRACK, timeout=_WAIT)


def test_quarantine_shows_the_reason_and_is_mended_or_rejected(page, qtbot, filled, notices):
    with filled.database.write() as session:
        sha256 = session.scalars(select(Upload.picture_sha256)).first()
        when = datetime(2026, 2, 1, tzinfo=UTC)
        for name, picture, reason in (
            ("W-9_1-0.9_0-0.2.jpg", sha256, "The name speaks of 2 classes, not of 7."),
            ("a\u202eb\n.txt", None, "The file is no picture."),
        ):
            uploads.add(session, Arrival("local", name, 7, 10, when, picture_sha256=picture, reason=reason))
    page.filters.states.choose([State.QUARANTINED])
    page.list.ask()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2 and page.sitting.held is not None, timeout=_WAIT)
    qtbot.waitUntil(lambda: all(page.model.row(place) is not None for place in range(2)), timeout=_WAIT)
    titles = {page.model.row(place).title: place for place in range(2)}
    assert "a\\u202eb\\n.txt" in titles, "no name of a stranger turns a line round"
    page.list.select(titles["a\\u202eb\\n.txt"])
    qtbot.waitUntil(lambda: "The file is no picture" in page.picture.card.text(), timeout=_WAIT)
    press(page, Qt.Key.Key_Return)
    assert "only be rejected" in page.review_panel.fault.text()
    page.list.select(titles["W-9_1-0.9_0-0.2.jpg"])
    ready(qtbot, page, "W-9_1-0.9_0-0.2.jpg")
    assert "speaks of 2 classes" in page.review_panel.state.text()
    press(page, Qt.Key.Key_Return)
    dialog = page.decisions.dialog
    assert dialog.id.text() == "W-9"
    assert dialog.ticks[0].isChecked()
    dialog.answer()
    reaches(qtbot, filled, "W-9", State.NEW)
    qtbot.waitUntil(lambda: page.decisions.dialog is None and page.model.rowCount() == 1, timeout=_WAIT)
    press(page, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: page.model.rowCount() == 2, timeout=_WAIT)


def test_order_states_group_and_text_choose_and_are_remembered(page, qtbot, filled, frame):
    page.filters.choose_order(Order.DISAGREEMENT)
    qtbot.waitUntil(lambda: page.model.row(0) is not None and page.model.row(0).title == "W-6", timeout=_WAIT)
    page.filters.group.setCurrentIndex(page.filters.group.findData("plant B"))
    page.filters.group.activated.emit(page.filters.group.currentIndex())
    qtbot.waitUntil(lambda: page.model.rowCount() == 3, timeout=_WAIT)
    page.filters.search.setText("w-4")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1, timeout=_WAIT)
    again = ReviewPage(filled, frame)
    qtbot.addWidget(again)
    assert again.filters.review_order() is Order.DISAGREEMENT
    assert again.filters.scope().group == "plant B"
    assert again.filters.search.text() == ""
    again.shutdown()


def test_the_audit_sample_is_marked_as_such(page, qtbot, filled):
    with filled.database.write() as session:
        for upload in session.scalars(select(Upload)):
            upload.lot = 0.01 if upload.phone_id == "W-5" else 0.9
    page.filters.choose_order(Order.AUDIT)
    ready(qtbot, page, "W-5")
    assert "0 of 1 decided" in page.filters.audit.text()
    assert "random audit sample" in page.review_panel.text()
    press(page, Qt.Key.Key_Return)
    reaches(qtbot, filled, "W-5", State.CONFIRMED)
    assert stored(filled, "W-5").audit


def test_the_end_of_the_queue_and_filters_without_a_match_say_so(page, qtbot, filled):
    for number in range(1, COUNT + 1):
        ready(qtbot, page, f"W-{number}")
        press(page, *([Qt.Key.Key_1] if number == 3 else []), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.card.isVisible(), timeout=_WAIT)
    assert page.card.text() == "Nothing waits for review."
    page.filters.search.setText("nowhere")
    qtbot.waitUntil(lambda: page.card.text() == "No upload matches.", timeout=_WAIT)
    page.card.pressed.emit()
    qtbot.waitUntil(lambda: page.card.text() == "Nothing waits for review.", timeout=_WAIT)
    page.card.pressed.emit()
    qtbot.waitUntil(lambda: page.model.rowCount() == COUNT, timeout=_WAIT)


def test_before_anything_came_the_page_says_how_to_begin(qtbot, context, frame, shown):
    page = ReviewPage(context, frame)
    qtbot.addWidget(page.panel)
    shown(page)
    page.activated()
    qtbot.waitUntil(lambda: page.card.isVisible(), timeout=_WAIT)
    assert "No pictures have come" in page.card.text()
    page.deactivated()
    page.shutdown()


def test_the_heat_map_is_computed_when_it_is_wanted(page, qtbot):
    assert not page.picture.view.heat_map_visible()
    press(page, Qt.Key.Key_H)
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=_WAIT)
    press(page, Qt.Key.Key_Down)
    ready(qtbot, page, "W-2")
    qtbot.waitUntil(page.picture.view.heat_map_visible, timeout=_WAIT)


def test_scores_of_another_model_are_not_shown_as_those_of_this_one(page, qtbot, filled):
    with filled.database.write() as session:
        for upload in session.scalars(select(Upload).where(Upload.phone_id == "W-2")):
            upload.own_model_sha256, upload.own_scores = "ff" * 32, [0.123] * 7
    press(page, Qt.Key.Key_Down)
    ready(qtbot, page, "W-2")
    switch = page.review_panel.toggles.rows()[0]
    qtbot.waitUntil(lambda: "this station's score" in switch.accessibleName(), timeout=_WAIT)
    assert "0.12" not in switch.accessibleName()


def test_a_picture_that_is_gone_is_explained_and_can_be_rejected(page, qtbot, filled):
    press(page, Qt.Key.Key_Down)
    ready(qtbot, page, "W-2")
    with filled.database.read() as session:
        path = filled.picture_files.path(session, stored(filled, "W-6").picture_sha256)
    path.unlink()
    page.list.select(COUNT - 1)
    qtbot.waitUntil(lambda: page.picture.card.isVisible(), timeout=_WAIT)
    press(page, Qt.Key.Key_Return)
    page.decisions.reject()
    page.decisions.dialog.reasons[0].setChecked(True)
    page.decisions.dialog.answer()
    reaches(qtbot, filled, "W-6", State.REJECTED)


def test_closing_at_once_loses_no_decision_and_keeps_no_lease(page, filled):
    press(page, Qt.Key.Key_Return)
    page.deactivated()
    page.shutdown()
    assert stored(filled, "W-1").state == State.CONFIRMED
    assert stored(filled, "W-2").lease_token is None


def test_the_badge_counts_what_waits(page, qtbot, frame):
    counted = []
    frame.badge_changed.connect(lambda key, count: counted.append((key, count)))
    badge = ReviewBadge(frame)
    badge.start()
    qtbot.waitUntil(lambda: counted == [("review", COUNT)], timeout=_WAIT)
    press(page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: counted[-1] == ("review", COUNT - 1), timeout=_WAIT)
    badge.stop()


def test_typing_in_the_search_marks_nothing(window, qtbot, filled):
    window.frame.set_person(filled.person("M. Inspector"))
    window.show_page("review")
    page = window.page("review")
    ready(qtbot, page, "W-1")
    page.filters.focus_search()
    QTest.keyClicks(page.filters.search, "3fr6b")
    QTest.keyClick(page.filters.search, Qt.Key.Key_Return)
    assert page.filters.search.text() == "3fr6b"
    assert page.desk.draft.labels in (PORES, 0)
    assert page.decisions.dialog is None
    assert not page.picture.boxes.active
    assert stored(filled, "W-1").state == State.NEW


def test_many_uploads_stay_in_the_store_until_they_are_seen(qtbot, context, frame, shown):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with context.database.write() as session:
        session.add_all(
            Upload(
                inbox="local", name=f"n{number}", generation=1, bytes=1, sent=start - timedelta(seconds=number),
                received=start, ticks=PORES, phone_id=f"W-{number}", state="new", lot=0.5, reason="", audit=False,
            )
            for number in range(4000)
        )  # fmt: skip
    page = ReviewPage(context, frame)
    qtbot.addWidget(page.panel)
    shown(page)
    page.activated()
    qtbot.waitUntil(lambda: page.model.rowCount() == 4000 and page.desk.row is not None, timeout=_WAIT)
    assert page.model.held() <= 120
    page.list.select(3000)
    qtbot.waitUntil(lambda: page.desk.row.title == "W-3000", timeout=_WAIT)
    assert page.model.held() <= 240
    page.deactivated()
    page.shutdown()
