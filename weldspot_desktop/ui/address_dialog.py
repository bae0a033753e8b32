"""Asking for a network address, with the password where nobody reads it."""

from urllib.parse import unquote

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from weldspot_desktop.inspection.sources import address
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.shortcuts import TAKES_ENTER
from weldspot_desktop.ui.theme import Size


class AddressDialog(QDialog):
    """Address, user name and password; a login inside a pasted address moves into its own fields.

    Parameters
    ----------
    written
        Address to begin with.
    """

    def __init__(self, written: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Network address")
        self.address = QLineEdit()
        self.address.setPlaceholderText("rtsp://192.168.1.20:554/stream or http://…/video.mjpg")
        self.user = QLineEdit()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for field in (self.user, self.password):
            field.setPlaceholderText("only if the camera asks for it")
        note = QLabel("The password is used to connect. It is not stored and not shown.")
        theme.set_text(note, Size.SMALL, muted=True)
        self._fault = QLabel()
        self._fault.setWordWrap(True)
        theme.set_text(self._fault, Size.BODY, muted=True)
        form = QFormLayout()
        form.setVerticalSpacing(theme.space(2))
        form.setHorizontalSpacing(theme.space(4))
        for label, field in (("Address", self.address), ("User name", self.user), ("Password", self.password)):
            field.setAccessibleName(label)
            # Enter connects, as in any dialog.
            field.setProperty(TAKES_ENTER, True)
            form.addRow(label, field)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._connect = self.buttons.addButton("Connect", QDialogButtonBox.ButtonRole.AcceptRole)
        self._connect.setDefault(True)
        theme.set_look(self._connect, "main")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(self._fault)
        column.addWidget(self.buttons)
        self.address.textChanged.connect(self._check)
        self.setMinimumWidth(theme.pixels(480))
        self.address.setText(written)
        self._check(written)
        if self.user.text():
            self.password.setFocus()

    def text(self) -> str:
        """The address with its login, as `sources.parse` takes it."""
        return address.with_login(self.address.text().strip(), self.user.text(), self.password.text())

    def _check(self, text: str) -> None:
        text = text.strip()
        fault = ""
        try:
            parts = address.split(text)
        except address.AddressError as error:
            fault = str(error)
        else:
            if parts.username is not None:
                self._take_login(text, unquote(parts.username), unquote(parts.password or ""))
                return
        self._fault.setText(fault if text else "")
        self._connect.setEnabled(not fault)

    def _take_login(self, text: str, user: str, password: str) -> None:
        self.user.setText(user)
        if password:
            self.password.setText(password)
        self.address.setText(address.with_login(text, "", ""))
