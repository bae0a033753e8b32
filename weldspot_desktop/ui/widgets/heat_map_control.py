"""Which class the heat map shows, how strongly, and whether boxes stand around what it shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from weldspot_desktop import labels
from weldspot_desktop.pictures.heatmap import Region
from weldspot_desktop.pictures.overlay import Box
from weldspot_desktop.ui.class_style import mark_icon
from weldspot_desktop.ui.flow_layout import FlowLayout
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.theme import STEP
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.verdict import Judgement
from weldspot_desktop.verdict.guidance import deciding_class

SAVE_AFTER_MS = 600
"""The opacity is saved when the slider has rested for so long."""

_DECIDING = -1


@dataclass(frozen=True)
class _Shown:
    heatmap: NDArray[np.float32]
    scores: tuple[float, ...]
    judgement: Judgement
    region: Region | None
    boxes: Callable[[int], Sequence[Box]]


class HeatMapControl(QWidget):
    """A strip with switches, class and opacity that drives heat map and boxes of one `PictureView`.

    Parameters
    ----------
    view
        The view that it drives.
    frame
        For the remembered opacity and boxes (`settings.inspection`).
    boxes_alone
        Whether boxes are drawn without the heat map too. Not where people draw boxes too: they look alike.

    Signals
    -------
    class_changed(object)
        The class that is shown now, or None.
    """

    class_changed = Signal(object)

    def __init__(
        self, view: PictureView, frame: Frame, parent: QWidget | None = None, *, boxes_alone: bool = True
    ) -> None:
        super().__init__(parent)
        self._boxes_alone = boxes_alone
        self._view = view
        self._frame = frame
        self._shown: _Shown | None = None
        self._switch = QCheckBox("Heat map", self)
        self._switch.setChecked(True)
        self._switch.setToolTip("Show where the model saw the class (H)")
        self._boxes = QCheckBox("Boxes", self)
        self._boxes.setToolTip("Draw boxes around the places of the class (Shift+H)")
        self._classes = QComboBox(self)
        self._classes.setAccessibleName("Class of the heat map")
        self._classes.addItem("Deciding class", _DECIDING)
        for index, name in enumerate(labels.CLASSES):
            self._classes.addItem(mark_icon(index), name, index)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.setFixedWidth(120)
        self._slider.setAccessibleName("Opacity of the heat map in percent")
        self._percent = QLabel(self)
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(SAVE_AFTER_MS)
        self._classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        opacity = QWidget()
        inside = QHBoxLayout(opacity)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2 * STEP)
        for widget in (QLabel("Opacity"), self._slider, self._percent):
            inside.addWidget(widget)
        # What has no room goes below, so that a narrow window can be as narrow with large text.
        rows = QWidget(self)
        flow = FlowLayout(rows, spacing=2 * STEP)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        rows.setSizePolicy(policy)
        for part in (self._switch, self._classes, opacity, self._boxes):
            flow.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * STEP, STEP, 3 * STEP, STEP)
        layout.addWidget(rows)
        self._switch.toggled.connect(self._apply)
        self._boxes.toggled.connect(self._boxes_toggled)
        self._classes.currentIndexChanged.connect(self._apply)
        self._slider.valueChanged.connect(self._opacity_moved)
        self._saving.timeout.connect(self._save)
        frame.settings_changed.connect(self._take_setting)
        self._take_setting("inspection", "heat_map_opacity")
        self._take_setting("inspection", "show_boxes")

    def add_actions(self, page: Page) -> None:
        """Give a page the keys: H and Shift+H show or hide heat map and boxes, 1 to 7 choose the class."""
        page.add_action("Show or hide heat map", self.toggle, "H", icon="fire")
        page.add_action("Show or hide boxes", self.toggle_boxes, "Shift+H", icon="vector-square")
        for index, name in enumerate(labels.CLASSES):
            page.add_action(f"Heat map of {name}", partial(self.show_class, index), str(index + 1))

    def set_result(
        self,
        heatmap: NDArray[np.float32],
        scores: Sequence[float],
        judgement: Judgement,
        *,
        region: Region | None = None,
        boxes: Callable[[int], Sequence[Box]] = lambda class_index: (),
    ) -> None:
        """Show the evidence of a judged picture; call after `view.set_pixels`.

        Parameters
        ----------
        heatmap
            (h, w, 7) as the model gives it.
        scores, judgement
            Of the picture.
        region
            What was judged; None for the whole picture.
        boxes
            Gives the boxes of a class, asked when it is shown.
        """
        self._shown = _Shown(heatmap, tuple(scores), judgement, region, boxes)
        self._apply()

    def clear(self) -> None:
        """There is no judged picture."""
        self._shown = None
        self._apply()

    def toggle(self) -> None:
        """Show or hide the heat map."""
        self._switch.toggle()

    def toggle_boxes(self) -> None:
        """Show or hide the boxes."""
        self._boxes.toggle()

    def boxes_are_on(self) -> bool:
        """Whether boxes are switched on."""
        return self._boxes.isChecked()

    def is_on(self) -> bool:
        """Whether the heat map is switched on."""
        return self._switch.isChecked()

    def show_class(self, class_index: int) -> None:
        """Switch on and show this class from now on."""
        self._classes.setCurrentIndex(self._classes.findData(class_index))
        self._switch.setChecked(True)

    def show_deciding_class(self) -> None:
        """From now on show the class that decided each picture."""
        self._classes.setCurrentIndex(self._classes.findData(_DECIDING))

    def shown_class(self) -> int | None:
        """The class of the heat map; None while there is no judged picture."""
        if self._shown is None:
            return None
        chosen = int(self._classes.currentData())
        return deciding_class(self._shown.judgement, self._shown.scores) if chosen == _DECIDING else chosen

    def opacity(self) -> int:
        """Percent."""
        return self._slider.value()

    def set_opacity(self, percent: int) -> None:
        """Move the slider, as the person does."""
        self._slider.setValue(percent)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_classes"):
            for index in range(labels.COUNT):
                self._classes.setItemIcon(index + 1, mark_icon(index))
        super().changeEvent(event)

    def _apply(self) -> None:
        shown, index = self._shown, self.shown_class()
        self._view.set_heat_map_shown(self._switch.isChecked())
        if shown is None or index is None:
            self._view.set_heat_map(None, None)
            self._view.set_boxes(())
            self._classes.setItemText(0, "Deciding class")
        else:
            # Models of the first generation give no heat map.
            has_map = shown.heatmap.size > 0
            self._view.set_heat_map(shown.heatmap if has_map else None, index, region=shown.region)
            boxed = self._boxes.isChecked() and (self._boxes_alone or self._switch.isChecked())
            self._view.set_boxes(shown.boxes(index) if boxed else ())
            deciding = labels.CLASSES[deciding_class(shown.judgement, shown.scores)]
            self._classes.setItemText(0, f"Deciding: {deciding}")
        self.class_changed.emit(index)

    def _boxes_toggled(self, shown: bool) -> None:
        self._apply()
        if shown != self._frame.context.settings.inspection.show_boxes:
            self._frame.context.settings.inspection.show_boxes = shown
            self._frame.save_settings("inspection", "show_boxes")

    def _opacity_moved(self, percent: int) -> None:
        self._percent.setText(f"{percent} %")
        self._view.set_heat_map_opacity(percent / 100)
        if percent != self._frame.context.settings.inspection.heat_map_opacity:
            self._saving.start()

    def _save(self) -> None:
        self._frame.context.settings.inspection.heat_map_opacity = self._slider.value()
        self._frame.save_settings("inspection", "heat_map_opacity")

    def _take_setting(self, section: str, key: str) -> None:
        if (section, key) == ("inspection", "heat_map_opacity") and not self._saving.isActive():
            percent = self._frame.context.settings.inspection.heat_map_opacity
            self._slider.setValue(percent)
            self._opacity_moved(percent)
        if (section, key) == ("inspection", "show_boxes"):
            self._boxes.setChecked(self._frame.context.settings.inspection.show_boxes)
