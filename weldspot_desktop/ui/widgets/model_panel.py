"""The panel of a model: what its card says, its threshold sets, and what can be done with the changed ones."""

from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from weldspot_desktop.model import ModelCard
from weldspot_desktop.store.threshold_sets import AS_SHIPPED
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.threshold_reading import Sets
from weldspot_desktop.ui.widgets.threshold_fields import plain

_NAME: Final = Qt.ItemDataRole.UserRole
_MOST_ROWS: Final = 6
_MOST_SENTENCES: Final = 3


class ModelPanel(QWidget):
    """Card, sets, and the changes that are not saved.

    Signals
    -------
    choose_wanted(str)
        Put this set in force, by its name.
    save_wanted, undo_wanted, reset_wanted
    """

    choose_wanted = Signal(str)
    save_wanted = Signal()
    undo_wanted = Signal()
    reset_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sets: Sets | None = None
        self._allowed = False
        self.title = plain(bold=True, size=Size.HEAD)
        self.facts = plain(muted=True)
        self.in_force = plain()
        self.sets = QListWidget()
        self.sets.setAccessibleName("Threshold sets of this model")
        self.sets.setWordWrap(False)
        self.sets.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.sets.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.about = plain(muted=True, size=Size.SMALL)
        self.choose_button = QPushButton("Use this set")
        self.draft = plain()
        self.save_button = QPushButton("Save as a new set …")
        theme.set_look(self.save_button, "main")
        self.undo_button = QPushButton("Undo")
        self.reset_button = QPushButton("Reset")
        self.undo_button.setAccessibleName("Undo the last change of a threshold")
        self.reset_button.setAccessibleName("Reset the thresholds to the set in force")
        self.why_not = plain(muted=True, size=Size.SMALL)
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        row.addWidget(self.undo_button)
        row.addWidget(self.reset_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(4),) * 4)
        column.setSpacing(theme.space(2))
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(plain("Threshold sets", bold=True))
        column.addWidget(self.in_force)
        column.addWidget(self.sets)
        column.addWidget(self.about)
        column.addWidget(self.choose_button)
        column.addWidget(Line(Qt.Orientation.Horizontal))
        column.addWidget(plain("Changes", bold=True))
        column.addWidget(self.draft)
        column.addLayout(row)
        column.addStretch(1)
        column.addWidget(self.why_not)
        column.addWidget(self.save_button)
        self.sets.currentItemChanged.connect(self._selected)
        self.sets.itemActivated.connect(self._use)
        self.choose_button.clicked.connect(self._use)
        self.save_button.clicked.connect(self.save_wanted)
        self.undo_button.clicked.connect(self.undo_wanted)
        self.reset_button.clicked.connect(self.reset_wanted)

    def show_card(self, title: str, card: ModelCard) -> None:
        """Show what the model is."""
        self.title.setText(title)
        self.facts.setText("\n".join(card_facts(card)))

    def show_sets(self, sets: Sets, *, allowed: bool, select: str = "") -> None:
        """Show the sets, the one in force, and whether the person may change anything.

        Parameters
        ----------
        select
            The set to select; by default the one that is selected, else the one in force.
        """
        self._sets, self._allowed = sets, allowed
        name = sets.chosen.name if sets.chosen is not None else AS_SHIPPED
        self.in_force.setText(f"In force: {name}" if sets.fault is None else f"{sets.fault.what} {sets.fault.advice}")
        before = select or self.selected()
        self.sets.blockSignals(True)
        self.sets.clear()
        for shown in (AS_SHIPPED, *(row.name for row in sets.made)):
            item = QListWidgetItem(shown)
            item.setData(_NAME, shown)
            item.setToolTip(f"{shown}, in force" if shown == name else shown)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())
            item.setIcon(_check() if shown == name else _nothing())
            self.sets.addItem(item)
            if shown == (before or name):
                self.sets.setCurrentItem(item)
        self.sets.blockSignals(False)
        self.fit()
        self.why_not.setText("" if allowed else "Sign in, at the lower right, to save or to choose a set.")
        self.why_not.setVisible(not allowed)
        self._selected()

    def selected(self) -> str:
        """Name of the set that is selected in the list; empty if none is."""
        item = self.sets.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def show_draft(self, changed: list[str], *, can_undo: bool, unsaved: bool) -> None:
        """Show which classes were changed and what can be done."""
        if not unsaved:
            self.draft.setText("None: the thresholds are those in force.")
        else:
            self.draft.setText(f"Not saved: {', '.join(changed) or 'distance limit'}.")
        self.undo_button.setEnabled(can_undo)
        self.reset_button.setEnabled(unsaved)
        self.save_button.setEnabled(unsaved and self._allowed)

    def fit(self) -> None:
        """As high as its rows, up to six."""
        rows = range(min(self.sets.count(), _MOST_ROWS))
        self.sets.setFixedHeight(sum(self.sets.sizeHintForRow(row) for row in rows) + 2 * theme.space(1))

    def _selected(self) -> None:
        name, sets = self.selected(), self._sets
        if sets is None:
            return
        row = next((made for made in sets.made if made.name == name), None)
        in_force = sets.chosen.name if sets.chosen is not None else AS_SHIPPED
        self.choose_button.setEnabled(bool(name) and self._allowed and (name != in_force or sets.fault is not None))
        if row is None:
            self.about.setText("The set of the model's card; always there.")
            self.about.setToolTip("")
            return
        when = f"{row.created.astimezone():%Y-%m-%d %H:%M}"
        who = row.person.name if row.person is not None else "system"
        said = [f"{row.preset or 'By hand'}, {when}, {who}, {row.digest}", *_sentences(row.basis)]
        # The panel has room for what matters most; the rest is a hover away.
        self.about.setText("\n".join(said[:_MOST_SENTENCES]))
        self.about.setToolTip("\n".join(said))

    def _use(self) -> None:
        if self.choose_button.isEnabled():
            self.choose_wanted.emit(self.selected())


def _check() -> QIcon:
    """The sign of the set in force, readable in a selected row too."""
    side, of = theme.pixels(Size.BODY), theme.colours()
    icon = QIcon(theme.icon("check").pixmap(side, side))
    icon.addPixmap(theme.icon("check", of.on_accent).pixmap(side, side), QIcon.Mode.Selected)
    return icon


def _nothing() -> QIcon:
    """As wide as the sign, so that the names stand below each other."""
    side = theme.pixels(Size.BODY)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def card_facts(card: ModelCard) -> list[str]:
    """What a card says in a few lines."""
    facts = [f"Made {card.created[:10]}, {card.bytes / 1e6:.1f} MB", f"SHA-256 {card.sha256[:12]}"]
    measured = card.metrics.get("file")
    if isinstance(measured, dict) and "macro_auc" in measured:
        auc: dict[str, Any] = measured["macro_auc"]
        facts.append(f"AUC {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})")
        facts.append(f"Tested on {measured['pictures']} pictures, {measured['groups']} groups")
    else:
        facts.append("Not measured")
    facts.append(f"Dataset {card.dataset.version}, {card.dataset.pictures} pictures")
    facts.append(f"Licence {card.licence}")
    return facts


def _sentences(basis: dict[str, Any]) -> list[str]:
    return [str(sentence) for sentence in [*basis.get("rests_on", []), *basis.get("warnings", [])]]
