"""What the page Live shows in its middle and in the panel: a picture with its verdict, or a card that says why not."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.live import Judged, State, Status
from weldspot_desktop.ui.frame import Frame
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.live_records import Recalled
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard


class LiveDisplay(QStackedWidget):
    """Shows the newest result, a frozen one, or a record.

    While pictures run, verdict and scores are smoothed over the last ones; picture, heat map and boxes are the newest.
    What stands still (frozen, paused, a record) is shown with its own scores and verdict: those that a record holds.

    Parameters
    ----------
    frame
        The window's services.
    panel
        Where verdict and scores are shown.

    Signals
    -------
    demo_wanted, retry_wanted, start_wanted
        The button of the card was pressed.
    """

    demo_wanted = Signal()
    retry_wanted = Signal()
    start_wanted = Signal()

    def __init__(self, frame: Frame, panel: InspectionPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self.panel = panel
        self.view = PictureView()
        self.heat_map = HeatMapControl(self.view, frame)
        self.card = StateCard()
        self.judged: Judged | None = None
        self.recalled: Recalled | None = None
        self.frozen = False
        self._inspector: Inspector | None = None
        self._alone = False
        self._wanted = self.demo_wanted
        self._picture = QWidget()
        inside = QVBoxLayout(self._picture)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.view, 1)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.heat_map)
        self.addWidget(self.card)
        self.addWidget(self._picture)
        self.card.pressed.connect(self._card_pressed)
        panel.class_clicked.connect(self.heat_map.show_class)
        frame.settings_changed.connect(self._setting_changed)

    @property
    def inspector(self) -> Inspector | None:
        """Who judged what is shown."""
        return self._inspector

    def show_judged(self, judged: Judged, inspector: Inspector, *, alone: bool) -> None:
        """Show a result, thirty times a second; `alone` shows its own scores and verdict, else the smoothed ones."""
        self.judged, self._inspector, self._alone = judged, inspector, alone
        self.view.set_pixels(judged.frame.pixels)
        self._show_verdict()

    def show_alone(self) -> None:
        """The picture stands still: show its own scores and verdict."""
        if self.judged is not None and not self._alone:
            self._alone = True
            self._show_verdict()

    def freeze(self) -> None:
        """Keep what is shown, with its own scores and verdict, until `thaw`."""
        self.frozen = True
        self.show_alone()

    def thaw(self) -> None:
        """Follow the source again."""
        self.frozen = False

    def show_recalled(self, record: Recalled) -> None:
        """Show a record; its heat map is not kept."""
        self.judged = None
        self.frozen = False
        self.recalled = record
        self.view.set_pixels(record.pixels)
        self.view.set_region(record.region)
        self.heat_map.clear()
        self.panel.show_judgement(record.judgement, record.scores, record.thresholds)

    def forget(self) -> None:
        """Show no picture any more."""
        self.judged = None
        self.frozen = False
        if self.recalled is not None:
            self.recalled = None
            self.panel.set_note("")
        self.view.set_pixels(None)
        self.heat_map.clear()

    @property
    def shows_picture(self) -> bool:
        """Whether the picture is in front, and not the card."""
        return self.currentWidget() is self._picture

    def show_picture(self) -> None:
        """Bring the picture to the front."""
        self.setCurrentWidget(self._picture)

    def show_card(self, status: Status | None, *, cameras: bool) -> None:
        """Say why there is no picture, and what can be done."""
        self.setCurrentWidget(self.card)
        if status is None:
            self._wanted = self.demo_wanted
            sentence = "No source is chosen yet." if cameras else "No camera is connected."
            advice = "Choose a camera, a video file, a folder or a network address above, or try it with drawn welds."
            self.card.show_empty("camera-off-outline", sentence, "Start the demo camera", advice=advice)
            line = "No picture yet"
        elif status.state is State.LOST:
            self._wanted = self.retry_wanted
            advice = f"{status.advice} {status.outlook()}".strip()
            self.card.show_failure(status.what, advice, "Try again now")
            line = "No picture: the source is lost"
        elif status.state is State.ENDED:
            self._wanted = self.start_wanted
            self.card.show_failure(status.what, status.advice, "Start again")
            line = "Nothing is judged"
        else:
            self.card.show_empty("camera-outline", status.what)
            line = "Waiting for the first picture"
        self.panel.clear(line)

    def _show_verdict(self) -> None:
        judged, inspector = self.judged, self._inspector
        assert judged is not None
        assert inspector is not None
        prediction, region = judged.prediction, judged.region
        raw = prediction.scores.tolist()
        judgement, scores = judged.judgement, raw
        if not self._alone:
            judgement, scores = judged.steady.judgement, list(judged.steady.scores)
        settings = self._frame.context.settings.live
        both = settings.show_raw and settings.smoothing and not self._alone
        boxes = partial(inspector.boxes, prediction, region=region)
        self.heat_map.set_result(prediction.heatmap, scores, judgement, region=region, boxes=boxes)
        self.panel.show_judgement(judgement, scores, inspector.thresholds, raw=raw if both else None)

    def _card_pressed(self) -> None:
        self._wanted.emit()

    def _setting_changed(self, section: str, key: str) -> None:
        if section == "live" and key == "show_raw" and self.judged is not None:
            self._show_verdict()
