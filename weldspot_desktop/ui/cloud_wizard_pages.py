"""The steps of the cloud wizard that ask: where the pictures are, and how this computer signs in."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size

_WAYS: Final = {
    SignInWay.USER: (
        "E-mail and password of a reviewer's account",
        "For: no key on this disk, each person by themselves, least rights.",
        "Against: uploads cannot be moved after fetching.",
    ),
    SignInWay.APPLICATION_DEFAULT: (
        "Application default credentials",
        "For: short-lived, recorded in the cloud's audit log.",
        "Against: needs Google's program gcloud on this computer.",
    ),
    SignInWay.KEY_FILE: (
        "Key file of a service account",
        "For: simple.",
        "Against: works for whoever has the file until it is revoked, and no Storage rule holds for it.",
    ),
}
"""In the order in which they are recommended."""

_ADC_COMMAND: Final = "gcloud auth application-default login"


class WizardPage(QWidget):
    """One step."""

    TITLE: ClassVar[str]

    def show_settings(self, cloud: Cloud) -> None:
        """Show what is chosen so far."""
        raise NotImplementedError

    def fill(self, cloud: Cloud) -> Cloud:
        """The settings with what was filled in here."""
        raise NotImplementedError

    def fault(self) -> str:
        """What is missing; empty if the next step may come."""
        return ""

    def focus_first(self) -> None:
        """Put the focus where the work begins."""

    def focus_fault(self) -> None:
        """Put the focus where something is missing."""
        self.focus_first()


class PlacePage(WizardPage):
    """A folder, or Firebase.

    Parameters
    ----------
    fixed
        Keys that the environment sets; they cannot be changed here.
    """

    TITLE = "Where do the phones' pictures arrive?"

    def __init__(self, fixed: Collection[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.local = QRadioButton("In a folder on this computer or on a share")
        self.firebase = QRadioButton("In Firebase Storage")
        for button in (self.local, self.firebase):
            button.setEnabled("backend" not in fixed)
        self.folder = _field("Folder of uploads", 400, fixed="folder" in fixed)
        self.choose = QPushButton("Choose")
        self.choose.setAccessibleName("Choose the folder of uploads")
        self.choose.setAutoDefault(False)
        self.choose.setEnabled("folder" not in fixed)
        self.choose.clicked.connect(self._choose)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(theme.pixels(28), 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose)
        column = _column(self)
        column.addWidget(self.local)
        column.addWidget(_hint("Pictures in the folder, or in uploads/SENDER/ below it. Works without any cloud."))
        column.addWidget(self._row)
        column.addSpacing(theme.space(3))
        column.addWidget(self.firebase)
        column.addWidget(_hint("The bucket that the app on the phones uploads to. Several stations may fetch from it."))
        column.addStretch(1)
        column.addWidget(_fixed_note(fixed))
        self.local.toggled.connect(self._row.setEnabled)

    def show_settings(self, cloud: Cloud) -> None:
        self.local.setChecked(cloud.backend is CloudBackend.LOCAL)
        self.firebase.setChecked(cloud.backend is CloudBackend.FIREBASE)
        self._row.setEnabled(self.local.isChecked())
        self.folder.setText(cloud.folder)

    def fill(self, cloud: Cloud) -> Cloud:
        backend = CloudBackend.LOCAL if self.local.isChecked() else CloudBackend.FIREBASE
        return _with(cloud, backend=backend, folder=self.folder.text().strip())

    def fault(self) -> str:
        if not self.local.isChecked():
            return ""
        folder = self.folder.text().strip()
        if not folder:
            return "Choose the folder."
        return "" if Path(folder).expanduser().is_dir() else "There is no such folder."

    def focus_first(self) -> None:
        (self.local if self.local.isChecked() else self.firebase).setFocus()

    def focus_fault(self) -> None:
        self.folder.setFocus()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of uploads", self.folder.text())
        if chosen:
            self.folder.setText(chosen)


class SignInPage(WizardPage):
    """The way of signing in, with what speaks for and against it, its fields, and the bucket."""

    TITLE = "How does this computer sign in?"

    def __init__(self, frame: Frame, fixed: Collection[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.bucket = _field("Bucket", 222, "PROJECT.firebasestorage.app", fixed="bucket" in fixed)
        self.ways: dict[SignInWay, QRadioButton] = {}
        self.project = _field("Firebase project", 100, "my-project-1a2b3", fixed="project" in fixed)
        self.api_key = _field("Web API key", 200, "Project settings, General", fixed="api_key" in fixed)
        self.email = _field("E-mail", 254, "name@company.com", fixed="email" in fixed)
        self.email.setInputMethodHints(Qt.InputMethodHint.ImhEmailCharactersOnly)
        self.password = _field("Password", 4096, "empty: as signed in before")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.key_file = _field("Key file", 400, fixed="key_file" in fixed)
        self.key_words = _hint("")
        self._fields = QStackedWidget()
        column = _column(self)
        for way, (title, good, bad) in _WAYS.items():
            button = QRadioButton(title)
            button.setEnabled("sign_in" not in fixed)
            button.setAccessibleDescription(f"{good} {bad}")
            button.toggled.connect(self._show_fields)
            self.ways[way] = button
            column.addWidget(button)
            column.addWidget(_hint(good))
            column.addWidget(_hint(bad))
        self._fields.addWidget(self._person_fields())
        self._fields.addWidget(self._adc_fields())
        self._fields.addWidget(self._key_fields(enabled="key_file" not in fixed))
        column.addSpacing(theme.space(2))
        bucket = QFormLayout()
        bucket.setSpacing(theme.space(2))
        bucket.addRow(_label("Bucket", self.bucket), self.bucket)
        column.addLayout(bucket)
        column.addSpacing(theme.space(1))
        column.addWidget(self._fields)
        column.addStretch(1)
        column.addWidget(_fixed_note(fixed))

    def show_settings(self, cloud: Cloud) -> None:
        self.ways[cloud.sign_in].setChecked(True)
        for field, text in (
            (self.bucket, cloud.bucket),
            (self.project, cloud.project),
            (self.api_key, cloud.api_key),
            (self.email, cloud.email),
            (self.key_file, cloud.key_file),
        ):
            field.setText(text)
        self._look_at_key()

    def fill(self, cloud: Cloud) -> Cloud:
        filled = _with(
            cloud,
            sign_in=self.way,
            bucket=self.bucket.text().strip(),
            project=self.project.text().strip(),
            api_key=self.api_key.text().strip(),
            email=self.email.text().strip(),
            key_file=self.key_file.text().strip(),
        )
        # A person's account cannot move; the other ways keep what is set.
        return _with(filled, move=False) if self.way is SignInWay.USER else filled

    @property
    def way(self) -> SignInWay:
        """The way that is chosen."""
        return next(way for way, button in self.ways.items() if button.isChecked())

    def fault(self) -> str:
        missing = ", ".join(name for name, _ in self._missing())
        return f"Still empty: {missing}." if missing else ""

    def focus_first(self) -> None:
        missing = self._missing()
        (missing[0][1] if missing else self.ways[self.way]).setFocus()

    def _missing(self) -> list[tuple[str, QLineEdit]]:
        wanted = [("bucket", self.bucket)]
        if self.way is SignInWay.USER:
            wanted += [("project", self.project), ("Web API key", self.api_key), ("e-mail", self.email)]
        elif self.way is SignInWay.KEY_FILE:
            wanted.append(("key file", self.key_file))
        return [(name, field) for name, field in wanted if not field.text().strip()]

    def _show_fields(self) -> None:
        self._fields.setCurrentIndex(list(_WAYS).index(self.way))

    def _person_fields(self) -> QWidget:
        box = QWidget()
        form = QFormLayout(box)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(theme.space(2))
        for words, field in (
            ("Project", self.project),
            ("Web API key", self.api_key),
            ("E-mail", self.email),
            ("Password", self.password),
        ):
            form.addRow(_label(words, field), field)
        form.addRow("", _hint("The password is kept nowhere. The sign-in lies in the system's keyring.", indent=0))
        return box

    def _adc_fields(self) -> QWidget:
        box = QWidget()
        column = _column(box)
        column.addWidget(_hint("If it was not done yet, run this once in a terminal:", indent=0))
        command = QLineEdit(_ADC_COMMAND)
        command.setReadOnly(True)
        command.setAccessibleName("Command for signing in")
        column.addWidget(command)
        column.addStretch(1)
        return box

    def _key_fields(self, *, enabled: bool) -> QWidget:
        box = QWidget()
        column = _column(box)
        choose = QPushButton("Choose")
        choose.setAccessibleName("Choose the key file")
        choose.setAutoDefault(False)
        choose.setEnabled(enabled)
        choose.clicked.connect(self._choose_key)
        row = QHBoxLayout()
        row.addWidget(self.key_file, 1)
        row.addWidget(choose)
        form = QFormLayout()
        form.setSpacing(theme.space(2))
        form.addRow(_label("Key file", self.key_file), row)
        column.addLayout(form)
        column.addWidget(self.key_words)
        column.addStretch(1)
        self.key_file.editingFinished.connect(self._look_at_key)
        return box

    def _choose_key(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Key file", self.key_file.text(), "Keys (*.json)")
        if chosen:
            self.key_file.setText(chosen)
            self._look_at_key()

    def _look_at_key(self) -> None:
        """Say beside the window what the file is; a share may be slow."""
        path = self.key_file.text().strip()
        if not path:
            self._say_of_key("", fault=False)
            return
        self._frame.run(lambda: _key_words(path), self._key_looked_at, self._key_refused, owner=self)

    def _key_looked_at(self, text: str) -> None:
        self._say_of_key(text, fault=False)

    def _key_refused(self, error: ExpectedError) -> None:
        self._say_of_key(error.what, fault=True)

    def _say_of_key(self, text: str, *, fault: bool) -> None:
        self.key_words.setText(text)
        self.key_words.setProperty(FAULT, fault)
        self.key_words.style().unpolish(self.key_words)
        self.key_words.style().polish(self.key_words)


def _key_words(path: str) -> str:
    # Google's packages take a third of a second: not in the window's thread.
    from weldspot_desktop.cloud.firebase.credentials import look_at_key

    found = look_at_key(Path(path).expanduser())
    return " ".join((f"Key of {found.account}.", *found.warnings))


def _with(cloud: Cloud, **values: Any) -> Cloud:
    """A copy with other values, each checked."""
    copy = cloud.model_copy()
    for key, value in values.items():
        setattr(copy, key, value)
    return copy


def _column(owner: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(owner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.space(1))
    return column


def _field(name: str, longest: int, example: str = "", *, fixed: bool = False) -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(longest)
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    field.setEnabled(not fixed)
    return field


def _label(text: str, field: QLineEdit) -> QLabel:
    """The words before a field; all of one width, because forms that are swapped stand under each other."""
    label = QLabel(text)
    label.setBuddy(field)
    label.setMinimumWidth(theme.pixels(92))
    return label


def _hint(text: str, *, indent: int = 28) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setContentsMargins(theme.pixels(indent), 0, 0, 0)
    theme.set_text(label, Size.SMALL, muted=True)
    return label


def _fixed_note(fixed: Collection[str]) -> QLabel:
    note = _hint("What is grey is set by the environment (WELDSPOT_CLOUD__…) and cannot be changed here.", indent=0)
    note.setVisible(bool(fixed))
    return note
