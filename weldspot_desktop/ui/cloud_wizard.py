"""Connecting to the phones' pictures: where they are, how this computer signs in, and whether it works."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from weldspot_desktop.cloud import signing
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay, from_environment
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.cloud_wizard_pages import PlacePage, SignInPage, WizardPage
from weldspot_desktop.ui.cloud_wizard_test import TestPage
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size

TITLE: Final = "Connect to the phones' pictures"


def open_cloud_wizard(frame: Frame, parent: QWidget) -> "CloudWizard":
    """Show the wizard over a widget's window."""
    wizard = CloudWizard(frame, parent.window())
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    wizard.open()
    return wizard


class CloudWizard(QDialog):
    """Three steps: place, sign-in (for Firebase), test. Nothing is saved before the last one is confirmed.

    Parameters
    ----------
    frame
        The window's services; its settings are shown at first.
    """

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._draft: Cloud = frame.context.settings.cloud.model_copy()
        self.setWindowTitle(TITLE)
        fixed = frozenset(from_environment()[0].get("cloud", {}))
        self.place = PlacePage(fixed)
        self.sign_in = SignInPage(frame, fixed)
        self.test = TestPage(frame)
        self._pages: tuple[WizardPage, ...] = (self.place, self.sign_in, self.test)
        self._stack = QStackedWidget()
        for page in self._pages:
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(page)
            self._stack.addWidget(area)
            page.show_settings(self._draft)
        self._title = QLabel()
        theme.set_text(self._title, Size.TITLE, bold=True)
        self._step = QLabel()
        theme.set_text(self._step, Size.SMALL, muted=True)
        self._fault = QLabel()
        self._fault.setProperty(FAULT, True)
        self._fault.setWordWrap(True)
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.hide()
        self.back = QPushButton("Back")
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self.go_back)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.next = QPushButton("Next")
        theme.set_look(self.next, "main")
        self.next.setDefault(True)
        self.next.clicked.connect(self.go_on)
        self.test.changed.connect(self._show_buttons)
        self.place.local.toggled.connect(self._count_steps)
        self._lay_out()
        self._show(self.place)
        self.resize(theme.pixels(640), theme.pixels(640))

    @property
    def page(self) -> WizardPage:
        """The step that is shown."""
        return self._pages[self._stack.currentIndex()]

    def go_on(self) -> None:
        """To the next step, if this one is complete; after the last one, save."""
        page = self.page
        if page is self.test:
            self._save()
            return
        fault = page.fault()
        self._say(fault)
        if fault:
            page.focus_fault()
            return
        self._draft = page.fill(self._draft)
        local = self._draft.backend is CloudBackend.LOCAL
        following = self.test if page is self.sign_in or local else self.sign_in
        self._show(following)
        if following is self.test:
            by_person = not local and self._draft.sign_in is SignInWay.USER
            self.test.begin(self._draft, self.sign_in.password.text() if by_person else "")

    def go_back(self) -> None:
        """To the step before; what was filled in stays."""
        self._say("")
        if self.page is self.test:
            self.test.stop()
            local = self._draft.backend is CloudBackend.LOCAL
            self._show(self.place if local else self.sign_in)
        else:
            self._show(self.place)

    def reject(self) -> None:
        """Close without saving; a sign-in that only this window made is taken back."""
        self.test.stop()
        saved = self._frame.context.settings.cloud
        if self.test.signed_in and (saved.project, saved.api_key) != (self._draft.project, self._draft.api_key):
            self._frame.run(partial(signing.sign_out, self._draft))
        super().reject()

    def _save(self) -> None:
        """Put what was filled in into the settings, and tell everybody once for each."""
        self.test.stop()
        if self.test.bucket:
            self._draft.bucket = self.test.bucket
        if self.test.signed_in:
            self.sign_in.password.clear()
        settings = self._frame.context.settings.cloud
        changed = [key for key in Cloud.model_fields if getattr(settings, key) != getattr(self._draft, key)]
        for key in changed:
            setattr(settings, key, getattr(self._draft, key))
        for key in changed:
            self._frame.save_settings("cloud", key)
        if self.test.passed:
            self._frame.notify("The phones' pictures are connected.", Kind.GOOD)
        else:
            self._frame.notify(
                "The connection is saved, though the test did not pass.",
                Kind.WARNING,
                advice="The status bar says how it stands.",
            )
        self.accept()

    def _show(self, page: WizardPage) -> None:
        page.show_settings(self._draft)
        self._stack.setCurrentIndex(self._pages.index(page))
        self._title.setText(page.TITLE)
        self._count_steps()
        page.focus_first()
        self._show_buttons()

    def _count_steps(self) -> None:
        steps = [self.place, self.test] if self.place.local.isChecked() else list(self._pages)
        self._step.setText(f"Step {steps.index(self.page) + 1} of {len(steps)}")

    def _show_buttons(self) -> None:
        page = self.page
        self.back.setEnabled(page is not self.place)
        if page is not self.test:
            self.next.setText("Next")
            self.next.setEnabled(True)
            return
        self.next.setText("Save" if self.test.passed or self.test.running else "Save anyway")
        self.next.setEnabled(not self.test.running)
        # What is switched off loses the focus to whatever comes next: it is put where one goes on.
        (self.back if self.test.running else self.next if self.test.passed else self.test.again).setFocus()

    def _say(self, fault: str) -> None:
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._step)
        foot = QHBoxLayout()
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(5),) * 4)
        column.setSpacing(theme.space(3))
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self._fault)
        column.addLayout(foot)
