"""The panel of a judged picture: verdict, scores, what the suspicion means, the weld, and the actions."""

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.pictures.quality import Limits
from weldspot_desktop.pictures.quality_words import quality_words
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.ui.widgets.class_bars import ClassBars
from weldspot_desktop.ui.widgets.limits_help import LimitsHelp
from weldspot_desktop.ui.widgets.verdict_panel import VerdictPanel
from weldspot_desktop.ui.widgets.weld_fields import WeldFields
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict
from weldspot_desktop.verdict.guidance import GUIDANCE

_LONG_WORD = re.compile(r"(\S{16})(?=\S)")
_BREAKABLE = "\\1\u200b"
_NEEDS_GUIDANCE = (Verdict.DEFECT, Verdict.UNSURE)


class InspectionPanel(QWidget):
    """What the panel at the right shows on every page that judges.

    Parameters
    ----------
    weld_fields
        Whether the weld is asked for.

    Signals
    -------
    class_clicked(int)
        A class's row was clicked: show its heat map.
    """

    class_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, weld_fields: bool = True) -> None:
        super().__init__(parent)
        self.verdict = VerdictPanel(self)
        self.bars = ClassBars(self)
        self.weld = WeldFields(self) if weld_fields else None
        self._guidance = _text(self)
        self.limits = LimitsHelp(self)
        self._quality = _text(self)
        self._note = _text(self)
        self._foot: QVBoxLayout | None = None
        self._content = QWidget(self)
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(4 * STEP, 4 * STEP, 4 * STEP, 4 * STEP)
        layout.setSpacing(4 * STEP)
        layout.addWidget(self.verdict)
        layout.addWidget(self.bars)
        layout.addWidget(self._guidance)
        layout.addWidget(self.limits)
        layout.addWidget(self._quality)
        if self.weld is not None:
            layout.addWidget(self.weld)
        layout.addWidget(self._note)
        layout.addStretch(1)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(self._content)
        self.bars.class_clicked.connect(self.class_clicked)
        self.clear()

    def show_judgement(
        self,
        judgement: Judgement,
        scores: Sequence[float],
        thresholds: ThresholdSet,
        *,
        raw: Sequence[float] | None = None,
    ) -> None:
        """Show a judged picture.

        Parameters
        ----------
        judgement
            What is shown.
        scores
            Seven scores in class order, to go with it.
        thresholds
            The set they were judged by.
        raw
            Scores of the newest picture alone, where `scores` are smoothed and somebody wants to see both.
        """
        self.verdict.set_judgement(judgement)
        self.bars.set_thresholds(thresholds)
        self.bars.set_scores(scores, deciding=judgement.classes, raw=raw)
        self._set(self._guidance, guidance_text(judgement))
        self.limits.show_classes(suspected(judgement))
        self._set(self._quality, "")

    def show_not_judged(self, reason: str) -> None:
        """Show why a picture could not be judged."""
        self.verdict.set_not_judged(reason)
        self.bars.set_scores(None)
        self._set(self._guidance, "")
        self.limits.show_classes(())
        self._set(self._quality, "")

    def clear(self, line: str = "No picture yet") -> None:
        """Show that there is no picture."""
        self.verdict.clear(line)
        self.bars.set_scores(None)
        self._set(self._guidance, "")
        self.limits.show_classes(())
        self._set(self._quality, "")
        self.set_note("")

    def set_quality(self, measures: Mapping[str, float] | None, limits: Limits | None = None) -> None:
        """Show the measures of the picture, with their limits where those are given; call after `show_judgement`."""
        self._set(self._quality, quality_words(measures, limits) if measures is not None else "")

    def set_note(self, text: str) -> None:
        """A line under the fields: file name, size, model, time. Long names are broken where they must be."""
        self._set(self._note, _LONG_WORD.sub(_BREAKABLE, text))

    def add_button(self, button: QWidget) -> None:
        """Put an action at the foot of the panel, where it stays while the rest scrolls."""
        if self._foot is None:
            area = QScrollArea(self)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._outer.replaceWidget(self._content, area)
            area.setWidget(self._content)
            self._foot = QVBoxLayout()
            self._foot.setContentsMargins(4 * STEP, 2 * STEP, 4 * STEP, 4 * STEP)
            self._foot.setSpacing(2 * STEP)
            self._outer.addLayout(self._foot)
        self._foot.addWidget(button)

    def pin_note(self) -> None:
        """Keep the note above the buttons at the foot, where it is seen however long the rest is."""
        assert self._foot is not None
        # The layout of the foot takes it out of the one that scrolls.
        self._foot.insertWidget(0, self._note)

    def text(self) -> str:
        """Verdict, guidance, limits if they are unfolded, quality and note, as read out."""
        below = (self._guidance.text(), self.limits.text(), self._quality.text(), self._note.text())
        parts = (self.verdict.text(), *below)
        return "\n".join(part for part in parts if part)

    @staticmethod
    def _set(label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)
        label.setVisible(bool(text))


def guidance_text(judgement: Judgement) -> str:
    """Code, causes and remedies of the classes that a suspicion names; empty for other verdicts."""
    known = [(labels.CLASSES[index], GUIDANCE[index]) for index in suspected(judgement)]
    return "\n".join(f"{name} – {what.code}. Often {what.causes}. Help: {what.remedies}." for name, what in known)


def suspected(judgement: Judgement) -> tuple[int, ...]:
    """The imperfections that a verdict names; none for a verdict without suspicion."""
    if judgement.verdict not in _NEEDS_GUIDANCE:
        return ()
    return tuple(index for index in judgement.classes if index in labels.DEFECTS)


def _text(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    theme.set_text(label, Size.BODY, muted=True)
    return label
