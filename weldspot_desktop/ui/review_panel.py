"""The panel of the review page: what is really there, what is known of the upload, and what can be decided."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from weldspot_desktop.store.schema import UploadDecision
from weldspot_desktop.store.uploads import TRUE, WAITING, State
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.looking import ModelInForce
from weldspot_desktop.ui.review_rows import ReviewRow
from weldspot_desktop.ui.review_words import NAME, comparison, facts, history_lines, model_title, state_words
from weldspot_desktop.ui.style_sheet import FAULT
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.facts_form import FactsForm
from weldspot_desktop.ui.widgets.label_toggles import LabelToggles, Said

_NOBODY = "Nobody is signed in. Choose your name to decide; you can look without."


class ReviewPanel(QWidget):
    """One upload: seven switches, a sentence, facts, history; the decisions stay at the foot.

    Signals
    -------
    switched(int)
        A class was switched.
    confirm, flag, reject, reopen, fix, sign_in
        A button was pressed.
    """

    switched = Signal(int)
    confirm = Signal()
    flag = Signal()
    reject = Signal()
    reopen = Signal()
    fix = Signal()
    sign_in = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: ReviewRow | None = None
        self._person = False
        self.state = _words(Size.BODY, bold=True)
        self.toggles = LabelToggles()
        self.sentence = _words(Size.BODY, muted=True)
        self.facts = FactsForm(as_paths=(NAME,))
        self._history_head = _words(Size.SMALL, bold=True, muted=True)
        self._history_head.setText("History")
        self.history = _words(Size.SMALL)
        self._history_head.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        self.history.setContentsMargins(theme.space(4), 0, theme.space(4), theme.space(4))
        self.fault = _words(Size.BODY)
        self.fault.setProperty(FAULT, True)
        self.nobody = _words(Size.BODY)
        self.nobody.setText(_NOBODY)
        self.name_button = _button("Choose your name   Ctrl+I", self.sign_in)
        self.confirm_button = _button("Confirm and next   Enter", self.confirm, main=True)
        self.fix_button = _button("Fix the name   Enter", self.fix, main=True)
        self.reopen_button = _button("Reopen", self.reopen)
        self.flag_button = _button("Second opinion   F", self.flag)
        self.reject_button = _button("Reject   R", self.reject)
        self._lay_out()
        self.toggles.switched.connect(self.switched)
        self.show_row(None)

    def set_person(self, signed_in: bool) -> None:
        """Say whether somebody is signed in."""
        self._person = signed_in
        self._show_buttons()

    def show_row(
        self,
        row: ReviewRow | None,
        history: Sequence[UploadDecision] | None = None,
        *,
        own: Sequence[float] | None = None,
        model: ModelInForce | None = None,
    ) -> None:
        """Show an upload.

        Parameters
        ----------
        row
            None for none.
        history
            What was decided; None while it is being read.
        own
            Seven scores of the model in force; None if they are not known.
        model
            The model in force.
        """
        self._row = row
        self.show_fault("")
        shown = row is not None
        for widget in (self.toggles, self.facts):
            widget.setVisible(shown)
        if row is None:
            _set(self.state, "")
            _set(self.sentence, "Select an upload to see what was said of it.")
            self._show_history(())
            self._show_buttons()
            return
        upload = row.upload
        by = next((past.person.name for past in history or () if past.person_id == upload.decided_by), "")
        _set(self.state, state_words(row, by))
        self.toggles.setVisible(row.state is not State.QUARANTINED)
        self.toggles.show_said(
            Said(
                upload.ticks,
                upload.phone_scores,
                own,
                model_title(upload.model_name, upload.model_version),
                model.title if model is not None else "",
                model.thresholds if model is not None else None,
            )
        )
        _set(self.sentence, "" if row.state is State.QUARANTINED else comparison(upload, own))
        self.facts.show_facts(facts(row))
        self._show_history(history or ())
        self._show_buttons()

    def show_draft(self, labels: int) -> None:
        """Put the switches, and say what pressing Enter does."""
        self.show_fault("")
        self.toggles.set_labels(labels)
        same = self._row is not None and labels == self._row.upload.ticks
        self.confirm_button.setText("Confirm and next   Enter" if same else "Correct and next   Enter")

    def show_fault(self, text: str) -> None:
        """Say what is missing for a decision."""
        _set(self.fault, text)

    def is_open(self) -> bool:
        """Whether the upload can be confirmed, corrected, flagged or rejected."""
        return self._row is not None and self._row.state in WAITING and self._row.holder is None

    def text(self) -> str:
        """State, sentence, facts and history, as read out."""
        parts = (self.state.text(), self.sentence.text(), self.facts.text(), self.history.text())
        return "\n".join(part for part in parts if part)

    def _show_history(self, history: Sequence[UploadDecision]) -> None:
        self._history_head.setVisible(bool(history))
        _set(self.history, "\n".join(history_lines(history)))

    def _show_buttons(self) -> None:
        row = self._row
        free = row is not None and row.holder is None
        waits = free and row is not None and row.state in WAITING
        quarantined = free and row is not None and row.state is State.QUARANTINED
        # What has no picture, or a name that was read, is there for another reason: only a name can be mended.
        mendable = quarantined and row is not None and row.picture is not None and row.upload.ticks is None
        decided = free and row is not None and row.state in (*TRUE, State.REJECTED)
        nobody = row is not None and not self._person
        self.nobody.setVisible(nobody)
        self.name_button.setVisible(nobody)
        for button, shown in (
            (self.confirm_button, waits),
            (self.flag_button, waits),
            (self.reject_button, waits or quarantined),
            (self.fix_button, mendable),
            (self.reopen_button, decided),
        ):
            button.setVisible(shown)
            button.setEnabled(not nobody)
        self.toggles.set_open(waits)

    def _lay_out(self) -> None:
        content = QWidget()
        top = QVBoxLayout()
        top.setContentsMargins(theme.space(4), theme.space(4), theme.space(4), 0)
        top.setSpacing(theme.space(3))
        for widget in (self.state, self.toggles, self.sentence):
            top.addWidget(widget)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(3))
        column.addLayout(top)
        column.addWidget(self.facts)
        column.addWidget(self._history_head)
        column.addWidget(self.history)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(4))
        foot.setSpacing(theme.space(2))
        pair = QHBoxLayout()
        pair.setSpacing(theme.space(2))
        pair.addWidget(self.flag_button, 1)
        pair.addWidget(self.reject_button, 1)
        for part in (self.fault, self.nobody, self.name_button, self.confirm_button, self.fix_button):
            foot.addWidget(part)
        foot.addLayout(pair)
        foot.addWidget(self.reopen_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addLayout(foot)


def _button(words: str, pressed: SignalInstance, *, main: bool = False) -> QPushButton:
    button = QPushButton(words)
    # A click leaves the keys to the page.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if main:
        theme.set_look(button, "main")
    button.clicked.connect(pressed)
    return button


def _words(size: Size, *, bold: bool = False, muted: bool = False) -> QLabel:
    label = QLabel()
    # Names of people and files come from anywhere.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    theme.set_text(label, size, bold=bold, muted=muted)
    return label


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))
