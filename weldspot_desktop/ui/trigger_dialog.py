"""How another program triggers: the address and the token of the HTTP trigger."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.trigger_service import TriggerService


class TriggerDialog(QDialog):
    """Shows address and token, copies them, renews the token.

    Parameters
    ----------
    service
        The HTTP trigger.
    frame
        The window's services.
    """

    def __init__(self, service: TriggerService, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service, self._frame = service, frame
        self.setWindowTitle("HTTP trigger")
        title = QLabel("HTTP trigger")
        theme.set_text(title, Size.TITLE, bold=True)
        about = QLabel(
            "Another program asks with POST /trigger and the token, and gets verdict and record number as JSON. A JSON "
            'body may name the weld: {"weld_id": "W-001"}. Each request writes one record with its picture.'
        )
        about.setWordWrap(True)
        theme.set_text(about, Size.BODY, muted=True)
        self.switch = QCheckBox("Listen for triggers")
        self.switch.setChecked(service.is_on)
        self.switch.toggled.connect(service.switch)
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.address = self._field("Address")
        self.token = self._field("Token")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.shown = QCheckBox("Show")
        self.shown.setAccessibleName("Show the token")
        self.shown.toggled.connect(self._show_token)
        self.copy_address = self._copy_button("address", self.address)
        self.copy_token = self._copy_button("token", self.token)
        self.renew_button = QPushButton("Renew the token")
        self.renew_button.setToolTip("Programs that know the old one are refused from then on")
        self.renew_button.clicked.connect(self._ask_renew)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self._lay_out(title, about, close)
        service.changed.connect(self.refresh)
        self.refresh()
        self.resize(theme.pixels(560), self.sizeHint().height())

    def refresh(self) -> None:
        """Show what holds now."""
        self.switch.setChecked(self._service.is_on)
        url, failure = self._service.url, self._service.failure
        if failure is not None:
            self.state.setText(str(failure))
        elif url is not None:
            self.state.setText("It listens.")
        else:
            self.state.setText(
                "It opens its port in a moment." if self._service.is_on else "It is off; no port is open."
            )
        self.state.setProperty(FAULT, failure is not None)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.address.setText(f"{url}/trigger" if url is not None else "")
        self.copy_address.setEnabled(url is not None)
        try:
            self.token.setText(self._service.token.value())
        except ExpectedError as error:
            self.state.setText(str(error))

    def renew(self) -> None:
        """Make another token."""
        try:
            self._service.token.renew()
        except ExpectedError as error:
            self._frame.report(error)
            return
        self.refresh()
        self._frame.notify("The token is new; the old one opens nothing any more.", Kind.GOOD)

    def _ask_renew(self) -> None:
        answer = QMessageBox.question(
            self,
            "Renew the token",
            "Programs that use the present token are refused until they get the new one. Renew it?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        if answer is QMessageBox.StandardButton.Yes:
            self.renew()

    def _show_token(self, shown: bool) -> None:
        self.token.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def _copy(self, field: QLineEdit, what: str) -> None:
        QGuiApplication.clipboard().setText(field.text())
        self.state.setText(f"The {what} is in the clipboard.")

    def _copy_button(self, what: str, field: QLineEdit) -> QPushButton:
        button = QPushButton("Copy")
        button.setAccessibleName(f"Copy the {what}")
        button.clicked.connect(partial(self._copy, field, what))
        return button

    @staticmethod
    def _field(name: str) -> QLineEdit:
        field = QLineEdit()
        field.setReadOnly(True)
        field.setAccessibleName(name)
        return field

    def _lay_out(self, title: QLabel, about: QLabel, close: QPushButton) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(3))
        grid.setVerticalSpacing(theme.space(2))
        for row, (words, field, button, columns) in enumerate(
            (("Address", self.address, self.copy_address, 2), ("Token", self.token, self.copy_token, 1))
        ):
            label = QLabel(words)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, 1, columns)
            grid.addWidget(button, row, 3)
        grid.addWidget(self.shown, 1, 2)
        grid.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.renew_button)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        for widget in (title, about, self.switch, self.state):
            column.addWidget(widget)
        column.addLayout(grid)
        column.addStretch(1)
        column.addLayout(foot)
