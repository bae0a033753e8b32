"""The panel of the log: picture, verdict, scores, and where they come from."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.quality_words import quality_words
from weldspot_desktop.store import heat_maps, weld_identity
from weldspot_desktop.store.found_picture import FoundPicture, find_picture
from weldspot_desktop.store.schema import Inspection
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.inspection_model import local_time, model_title
from weldspot_desktop.ui.record_additions import RecordAdditions
from weldspot_desktop.ui.theme import Size
from weldspot_desktop.ui.widgets.facts_form import FactsForm
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Judgement, ThresholdSet, Verdict
from weldspot_desktop.verdict.guidance import deciding_class

_PICTURE: Final = "Picture"


class InspectionDetails(QWidget):
    """Shows one inspection."""

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._shown: Inspection | None = None
        self.picture = PictureView(self)
        self.picture.setAccessibleName("Picture of the selected inspection")
        self.sentence = _words(muted=True)
        self.heat_map = QCheckBox("Heat map")
        self.heat_map.setChecked(True)
        self.heat_map.setToolTip("Show where the model saw the class (H); a bar below chooses another class")
        self.heat_map.toggled.connect(self.picture.set_heat_map_shown)
        self._logits: NDArray[np.float32] | None = None
        self.judged = InspectionPanel(self, weld_fields=False)
        self.judged.class_clicked.connect(self.show_heat_map_of)
        self.additions = RecordAdditions(frame)
        self._facts = FactsForm(as_paths=(_PICTURE,))
        top = QVBoxLayout()
        top.setContentsMargins(theme.space(4), theme.space(4), theme.space(4), 0)
        top.setSpacing(theme.space(1))
        top.addWidget(self.picture)
        top.addWidget(self.heat_map)
        top.addWidget(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.judged)
        column.addWidget(self.additions)
        column.addWidget(self._facts)
        column.addStretch(1)
        self.fit()
        self.clear()

    @property
    def shown(self) -> Inspection | None:
        """What is shown."""
        return self._shown

    def clear(self, selected: int = 0) -> None:
        """Show that no single row is selected."""
        self._shown = None
        self._logits = None
        self.picture.hide()
        self.heat_map.hide()
        self.sentence.hide()
        self.additions.clear()
        self.judged.clear(f"{selected} rows selected" if selected else "Select a row to see its picture.")
        self._facts.show_facts([])

    def show_inspection(self, row: Inspection) -> None:
        """Show an inspection; its picture follows when it is read."""
        if self._shown is not None and self._shown.id == row.id:
            return
        self._shown = row
        self._logits = None
        self.heat_map.hide()
        self.additions.show_of(row)
        self.picture.show()
        self.picture.set_pixels(None)
        self.sentence.setText("")
        self.sentence.show()
        thresholds = ThresholdSet.model_validate(row.thresholds) if row.thresholds is not None else None
        if row.verdict is not None and row.scores is not None and thresholds is not None:
            judgement = Judgement(Verdict(row.verdict), tuple(row.classes), row.reason)
            self.judged.show_judgement(judgement, row.scores, thresholds)
        else:
            self.judged.show_not_judged(row.error or row.reason)
        self._facts.show_facts(facts(row))
        self._frame.run(partial(self._kept, row), partial(self._kept_known, row), lane=Lane.DATABASE, owner=self)

    def fit(self) -> None:
        """Take the height that belongs to the panel's width."""
        self.picture.setFixedHeight(theme.pixels(220))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.FontChange and hasattr(self, "picture"):
            self.fit()
        super().changeEvent(event)

    def show_heat_map_of(self, class_index: int) -> None:
        """Lay the evidence of a class over the picture, if it was kept."""
        row = self._shown
        if row is None or self._logits is None or self.picture.pixels() is None:
            return
        opacity = self._frame.context.settings.inspection.heat_map_opacity / 100
        self.picture.set_heat_map_opacity(opacity)
        self.picture.set_heat_map_shown(self.heat_map.isChecked())
        self.picture.set_heat_map(self._logits, class_index, region=_region(row.region))
        self.heat_map.setText(f"Heat map of {labels.CLASSES[class_index]}")
        self.heat_map.show()

    def _kept(self, row: Inspection) -> "_Kept":
        with self._frame.context.database.read() as session:
            path = self._frame.context.picture_files.path(session, row.sha256) if row.sha256 is not None else None
            return _Kept(path, heat_maps.read(session, row.id))

    def _kept_known(self, row: Inspection, kept: "_Kept") -> None:
        if self._shown is row:
            self._logits = kept.logits
            self._frame.run(partial(find_picture, kept.path, row), partial(self._picture_found, row), owner=self)

    def _picture_found(self, row: Inspection, found: FoundPicture) -> None:
        # Another row may have been selected meanwhile.
        if self._shown is not row:
            return
        self.picture.setVisible(found.pixels is not None)
        if found.pixels is not None:
            self.picture.set_pixels(found.pixels)
            self.picture.set_region(_region(row.region))
            self.picture.set_tile(_region(row.tile))
            if row.verdict is not None and row.scores is not None:
                judgement = Judgement(Verdict(row.verdict), tuple(row.classes), row.reason)
                self.show_heat_map_of(deciding_class(judgement, row.scores))
        self.sentence.setText(found.sentence)


@dataclass(frozen=True)
class _Kept:
    """What the workspace keeps of an inspection beside its row."""

    path: Path | None
    logits: NDArray[np.float32] | None


def facts(row: Inspection) -> list[tuple[str, str]]:
    """What else is known of an inspection, as title and words; what is not known is left out."""
    model = model_title(row)
    if model and row.model_sha256:
        model = f"{model} ({row.model_sha256[:12]})"
    thresholds = f"{row.thresholds_name} ({row.thresholds_digest})" if row.thresholds_name else ""
    known = [
        ("Number", str(row.id)),
        ("Time", local_time(row)),
        (_PICTURE, row.origin),
        ("Size", f"{row.width} × {row.height}" if row.width else ""),
        ("SHA-256", row.sha256[:16] if row.sha256 else ""),
        ("Source", row.source),
        ("Inspector", row.person.name if row.person is not None else "system"),
        ("Model", model),
        ("Thresholds", thresholds),
        ("Distance", f"{row.distance:.2f}" if row.distance is not None else ""),
        ("Quality", quality_words(row.quality) if row.quality is not None else ""),
        ("Tile", _tile_words(row.tile) if row.tile is not None else ""),
        *((weld_identity.label(key), value) for key, value in row.weld.items()),
    ]
    return [(title, words) for title, words in known if words]


def _region(sides: list[float] | None) -> Region | None:
    return (sides[0], sides[1], sides[2], sides[3]) if sides else None


def _tile_words(sides: list[float]) -> str:
    left, top, right, bottom = (round(100 * side) for side in sides)
    return f"decided: {left} to {right} % across, {top} to {bottom} % down"


def _words(*, muted: bool = False) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    theme.set_text(label, Size.SMALL, muted=muted)
    return label
