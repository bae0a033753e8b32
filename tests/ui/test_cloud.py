"""The phones' pictures in the window: the wizard, fetching beside it, the field of the status bar."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.review.sync_result import Outcome, SyncResult
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay, Theme
from weldspot_desktop.store import uploads
from weldspot_desktop.store.uploads import State
from weldspot_desktop.ui.cloud_status import whole_words, words
from weldspot_desktop.ui.cloud_sync import CloudState, CloudSync, Condition
from weldspot_desktop.ui.cloud_wizard import TITLE, CloudWizard
from weldspot_desktop.ui.frame import Kind

NAME = "A{}_0-0.1_0-0.1_1-0.9_0-0.1_0-0.1_0-0.1_0-0.1.jpg"
SECONDS = 60_000


@pytest.fixture
def phones(tmp_path):
    """A folder to which phones have sent two welds, and something that is none."""
    folder = tmp_path / "phones"
    folder.mkdir()
    for number in range(2):
        Image.fromarray(render_weld(number, size=96).pixels).save(folder / NAME.format(number))
    (folder / "notes.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture
def wizard(frame, qtbot):
    made = CloudWizard(frame)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.reject()


@pytest.fixture
def service(frame):
    made = CloudSync(frame)
    yield made
    made.shutdown()


def connect(frame, folder, minutes=0):
    cloud = frame.context.settings.cloud
    cloud.folder, cloud.every_minutes = str(folder), minutes


def test_a_folder_is_connected_in_two_steps(wizard, frame, qtbot, phones, notices):
    changed = []
    frame.settings_changed.connect(lambda *what: changed.append(what))
    wizard.go_on()
    assert wizard.page is wizard.place, "a folder must be chosen first"
    wizard.place.folder.setText(str(phones / "none"))
    wizard.go_on()
    assert wizard.page is wizard.place
    wizard.place.folder.setText(f" {phones} ")
    wizard.go_on()
    assert wizard.page is wizard.test
    qtbot.waitUntil(lambda: wizard.test.passed and not wizard.test.running, timeout=SECONDS)
    assert frame.context.settings.cloud.folder == "", "nothing is saved before the end"
    assert wizard.next.text() == "Save"
    assert "One upload was read" in wizard.test.rows["read"].words.text()
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    assert not wizard.isVisible()
    assert frame.context.settings.cloud.folder == str(phones)
    assert changed == [("cloud", "folder")]
    assert notices[-1].kind is Kind.GOOD


def test_firebase_asks_for_what_each_way_needs_and_says_what_does_not_work(wizard, frame, qtbot, notices, monkeypatch):
    monkeypatch.setenv("FIREBASE_STORAGE_EMULATOR_HOST", "127.0.0.1:9")
    wizard.place.firebase.setChecked(True)
    wizard.go_on()
    assert wizard.page is wizard.sign_in
    assert wizard.sign_in.way is SignInWay.USER, "the preferred way comes first"
    wizard.go_on()
    assert wizard.sign_in.fault() == "Still empty: bucket, project, Web API key, e-mail."
    wizard.sign_in.ways[SignInWay.KEY_FILE].setChecked(True)
    assert wizard.sign_in.fault() == "Still empty: bucket, key file."
    wizard.sign_in.ways[SignInWay.APPLICATION_DEFAULT].setChecked(True)
    assert wizard.sign_in.fault() == "Still empty: bucket."
    wizard.sign_in.ways[SignInWay.USER].setChecked(True)
    page = wizard.sign_in
    for field, text in (
        (page.bucket, "weld.app"),
        (page.project, "weld"),
        (page.api_key, "k"),
        (page.email, "a@b.com"),
    ):
        field.setText(text)
    page.password.setText("a password")
    wizard.go_on()
    qtbot.waitUntil(lambda: not wizard.test.running, timeout=SECONDS)
    said = {step.key: step for step in wizard.test.steps}
    assert [step.ok for step in said.values()] == [True, False, None, None, None, None]
    assert "cannot be reached" in wizard.test.rows["clock"].words.text()
    assert "fault" in wizard.test.rows["clock"].accessibleName()
    assert wizard.next.text() == "Save anyway"
    wizard.next.click()
    cloud = frame.context.settings.cloud
    assert (cloud.backend, cloud.bucket, cloud.email) == (CloudBackend.FIREBASE, "weld.app", "a@b.com")
    assert notices[-1].kind is Kind.WARNING
    assert "a password" not in frame.context.workspace.settings.read_text()


def test_cancelling_saves_nothing_and_stops_the_test(wizard, frame, phones):
    wizard.place.folder.setText(str(phones))
    wizard.go_on()
    wizard.reject()
    assert not wizard.test.running
    assert frame.context.settings.cloud == Cloud()


def test_a_key_file_is_looked_at_when_it_is_chosen(wizard, qtbot, tmp_path):
    (tmp_path / "key.json").write_text("{}")
    wizard.place.firebase.setChecked(True)
    wizard.go_on()
    wizard.sign_in.key_file.setText(str(tmp_path / "key.json"))
    wizard.sign_in.key_file.editingFinished.emit()
    qtbot.waitUntil(lambda: "not one of a service account" in wizard.sign_in.key_words.text(), timeout=SECONDS)


def test_what_the_environment_sets_is_shown_and_cannot_be_changed(frame, qtbot, monkeypatch):
    monkeypatch.setenv("WELDSPOT_CLOUD__BUCKET", "fixed.app")
    frame.context.settings.cloud.bucket = "fixed.app"
    made = CloudWizard(frame)
    qtbot.addWidget(made)
    assert (made.sign_in.bucket.text(), made.sign_in.bucket.isEnabled()) == ("fixed.app", False)


def test_sync_now_fetches_and_says_so(service, frame, qtbot, phones, notices):
    connect(frame, phones)
    came = []
    frame.uploads_changed.connect(lambda: came.append(True))
    service.start()
    with qtbot.waitSignal(frame.noticed, timeout=SECONDS):
        service.sync_now()
        assert service.running
        service.sync_now()
    qtbot.waitUntil(lambda: service.state.condition is Condition.DONE, timeout=SECONDS)
    assert service.state.result.kept == 2
    assert service.state.result.quarantined == 1
    assert came
    assert "2 new, 1 in quarantine" in notices[-1].text
    with frame.context.database.read() as session:
        assert uploads.counts(session)[State.NEW] == 2
    assert "2 new, 1 in quarantine" in words(service.state, datetime.now(UTC))
    again = CloudSync(frame)
    again.start()
    qtbot.waitUntil(lambda: again.state.condition is Condition.DONE, timeout=SECONDS)
    assert again.state.result.kept == 2, "the last look is shown at the next start"
    again.shutdown()


def test_it_looks_by_itself_at_the_interval_and_later_after_faults(service, frame, qtbot, phones, tmp_path, notices):
    connect(frame, tmp_path / "unplugged", minutes=1)
    service.start()
    service._next.start(0)
    qtbot.waitUntil(lambda: service.state.condition is Condition.FAILED and not service.running, timeout=SECONDS)
    assert "is not there" in service.state.fault.what
    assert "is not there" in whole_words(service.state, datetime.now(UTC))
    first = service._next.interval()
    told = len(notices)
    for _ in range(4):
        service._next.start(0)
        with qtbot.waitSignal(service.changed, timeout=SECONDS):
            pass
        qtbot.waitUntil(lambda: not service.running and service._next.isActive(), timeout=SECONDS)
    assert service._next.interval() > 4 * first
    assert len(notices) == told, "the same fault is told once"
    phones.rename(tmp_path / "unplugged")
    service._next.start(0)
    qtbot.waitUntil(lambda: service.state.condition is Condition.DONE and not service.running, timeout=SECONDS)
    assert service._next.interval() <= 72_000


def test_another_place_is_looked_at_soon(service, frame, phones):
    service.start()
    assert service.state.condition is Condition.UNSET
    assert not service._next.isActive()
    connect(frame, phones, minutes=15)
    frame.settings_changed.emit("cloud", "folder")
    assert service.state.condition is Condition.WAITING
    assert 0 < service._next.interval() < 10_000


def test_stopping_keeps_what_came_and_goes_on_next_time(service, frame, qtbot, phones, notices, monkeypatch):
    connect(frame, phones)
    go = frame.context.sync

    def slow(progress):
        while not service.running:
            time.sleep(0.01)
        service.stop()
        return go(progress)

    monkeypatch.setattr(frame.context, "sync", slow)
    service.sync_now()
    qtbot.waitUntil(lambda: not service.running, timeout=SECONDS)
    assert service.state.condition is Condition.WAITING
    assert "stopped" in notices[-1].text
    monkeypatch.setattr(frame.context, "sync", go)
    service.sync_now()
    qtbot.waitUntil(lambda: service.state.condition is Condition.DONE, timeout=SECONDS)
    assert service.state.result.kept == 2


def test_without_a_place_the_action_says_what_to_do(service, notices):
    service.sync_now()
    assert TITLE in notices[-1].advice


NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (CloudState(), "Phones: not set up"),
        (CloudState(Condition.RUNNING), "Looking for pictures"),
        (CloudState(Condition.RUNNING, done=1200), "Looking, 1200 seen"),
        (CloudState(Condition.RUNNING, done=42, total=100, who="a@b.com"), "Fetching 42 % · a@b.com"),
        (CloudState(Condition.DONE, EARLIER, SyncResult()), "Fetched 14:00"),
        (CloudState(Condition.DONE, NOW - timedelta(days=1), SyncResult(kept=1)), "Fetched 2026-03-03 15:00, 1 new"),
        (CloudState(Condition.OFFLINE, EARLIER, SyncResult(outcome=Outcome.OFFLINE)), "Offline 14:00"),
        (CloudState(Condition.FAILED), "Not fetched"),
        (CloudState(Condition.WAITING, who="x" * 100), f"Phones: not fetched yet · {'x' * 39}…"),
    ],
)
def test_the_field_says_how_it_stands(state, said):
    assert words(state, NOW) == said


def test_the_window_has_field_actions_and_wizard(window, qtbot, phones, look):
    cloud = window.cloud
    assert {action.text() for action in cloud.actions} <= {action.text() for action in window.frame.actions()}
    assert cloud.field.accessibleName() == "Phones' pictures: Phones: not set up"
    cloud.field.click()
    wizard = cloud.wizard
    qtbot.waitExposed(wizard)
    for theme_ in (Theme.DARK, Theme.LIGHT):
        look(theme_, 150)
        qtbot.wait(1)
    wizard.place.folder.setText(str(phones))
    wizard.go_on()
    qtbot.waitUntil(lambda: wizard.test.passed and not wizard.test.running, timeout=SECONDS)
    wizard.next.click()
    qtbot.waitUntil(lambda: cloud.wizard is None, timeout=SECONDS)
    cloud.actions[0].trigger()
    qtbot.waitUntil(lambda: cloud.service.state.condition is Condition.DONE, timeout=SECONDS)
    assert "2 new" in cloud.field.text()
    cloud.field.click()
    assert cloud.field.menu_of_field.isVisible()
    assert not cloud.field.stop.isVisible()
    cloud.field.menu_of_field.close()


def test_closing_the_window_while_it_fetches_is_no_question(window, qtbot, phones):
    connect(window.frame, phones)
    window.cloud.service.sync_now()
    assert window.close()
    assert not window.isVisible()
