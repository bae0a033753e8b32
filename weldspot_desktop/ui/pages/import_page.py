"""Import: one picture, its verdict, and where the model looks.

A picture is recorded when the person says so (Space or Enter), not when it is judged: people bring pictures here
to try things out, and a log full of trials is worth less as evidence. What is recorded keeps a copy of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from weldspot_desktop import paths, pictures
from weldspot_desktop.context import Context
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspected, Inspector
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.model import ModelFileError
from weldspot_desktop.pictures.decode import SUFFIXES
from weldspot_desktop.pictures.thumbnail import thumbnail
from weldspot_desktop.store.schema import Person
from weldspot_desktop.ui import theme
from weldspot_desktop.ui.frame import Frame, Kind
from weldspot_desktop.ui.line import Line
from weldspot_desktop.ui.page import Page
from weldspot_desktop.ui.theme import STEP, Size
from weldspot_desktop.ui.widgets.elided_label import ElidedLabel
from weldspot_desktop.ui.widgets.filmstrip import Filmstrip, FilmstripEntry
from weldspot_desktop.ui.widgets.heat_map_control import HeatMapControl
from weldspot_desktop.ui.widgets.inspection_panel import InspectionPanel
from weldspot_desktop.ui.widgets.picture_view import PictureView
from weldspot_desktop.ui.widgets.state_card import StateCard
from weldspot_desktop.ui.workers import Lane
from weldspot_desktop.verdict import Verdict

_FOLDER: Final = "import/folder"
_SAFE: Final = "The file was not changed. Try another copy of it, or save it again as JPEG or PNG."


@dataclass(frozen=True)
class _Wanted:
    """A picture to judge: a file, or bytes that were pasted."""

    origin: str
    content: bytes | None = None

    @property
    def name(self) -> str:
        return paths.printable(Path(self.origin).name) if self.content is None else self.origin


@dataclass(frozen=True)
class _Judged:
    """A judged picture with everything that is needed to show and to record it."""

    wanted: _Wanted
    content: bytes | None
    pixels: NDArray[np.uint8] | None
    thumbnail: NDArray[np.uint8] | None
    inspected: Inspected
    inspector: Inspector
    number: int | None = None

    @property
    def recordable(self) -> bool:
        return self.inspected.judgement is not None and self.number is None


class ImportPage(Page):
    """Opens, drops or pastes one picture, shows it with heat map and verdict, records it on demand."""

    def __init__(self, context: Context, frame: Frame) -> None:
        super().__init__(context, frame)
        self._inspector: Inspector | None = None
        self._wanted: _Wanted | None = None
        self._judged: _Judged | None = None
        self._recording = False
        self._numbers: dict[str, int] = {}
        self.view = PictureView()
        self.heat_map = HeatMapControl(self.view, frame)
        self.card = StateCard()
        self.filmstrip = Filmstrip()
        self.judged_panel = InspectionPanel()
        self.record_button = QPushButton("Record   Space")
        self._title = ElidedLabel()
        self._facts = QLabel()
        self._stack = QStackedWidget()
        self._picture = QWidget()
        self._bar = QWidget()
        self._lay_out()
        self._make_actions()
        self.record_button.clicked.connect(self.record)
        self.card.pressed.connect(self.ask_file)
        self.filmstrip.chosen.connect(self._open_again)
        self.judged_panel.class_clicked.connect(self.heat_map.show_class)
        frame.settings_changed.connect(self._setting_changed)
        frame.thresholds_changed.connect(self._thresholds_changed)
        self.set_panel(self.judged_panel)
        self._show_empty()

    # ---------------------------------------------------------------- what can be done

    def ask_file(self) -> None:
        """Ask for a picture file."""
        folder = str(self.frame.memory.value(_FOLDER, str(Path.home())))
        endings = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a picture", folder, f"Pictures ({endings});;All files (*)")
        if name:
            self.frame.memory.setValue(_FOLDER, str(Path(name).parent))
            self.open_file(Path(name))

    def open_paths(self, paths: Sequence[Path]) -> None:
        self.open_file(paths[0])

    def open_file(self, path: Path) -> None:
        """Judge a picture file beside the window and show it."""
        self._open(_Wanted(str(path)))

    def paste(self) -> None:
        """Judge what the clipboard holds: a copied file, or picture data."""
        mime = QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if files:
            self.open_file(Path(files[0]))
            return
        image = QGuiApplication.clipboard().image() if mime.hasImage() else QImage()
        if image.isNull():
            self.frame.notify("The clipboard holds no picture.", advice="Copy a picture or a picture file first.")
            return
        self._open(_Wanted(f"pasted {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}", _png(image)))

    def record(self) -> None:
        """Keep the judged picture in the log, with the weld's fields."""
        judged = self._judged
        if judged is None or not judged.recordable or self._recording:
            return
        self._recording = True
        self._show_button()
        weld = self.judged_panel.weld.values() if self.judged_panel.weld is not None else {}
        item = ToRecord(judged.inspected, content=judged.content, weld=weld)
        self.frame.run(
            partial(self._write, judged.inspector, item, self.frame.person()),
            partial(self._recorded, judged),
            self._record_failed,
            lane=Lane.DATABASE,
            owner=self,
        )

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) picture of this sitting."""
        self.filmstrip.step(by)

    # ---------------------------------------------------------------- Page

    def deactivated(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---------------------------------------------------------------- inside

    def _lay_out(self) -> None:
        theme.set_text(self._title, Size.BODY, bold=True)
        theme.set_text(self._facts, Size.BODY, muted=True)
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(4 * STEP, 2 * STEP, 4 * STEP, 2 * STEP)
        bar.setSpacing(3 * STEP)
        open_button, paste_button = QPushButton("Open picture"), QPushButton("Paste")
        open_button.clicked.connect(self.ask_file)
        paste_button.clicked.connect(self.paste)
        for widget in (open_button, paste_button, self._title, self._facts):
            bar.addWidget(widget)
        bar.addStretch(1)
        # While the page is empty its one button is enough.
        self._bar.hide()
        inside = QVBoxLayout(self._picture)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.view, 1)
        inside.addWidget(Line(Qt.Orientation.Horizontal))
        inside.addWidget(self.heat_map)
        self._stack.addWidget(self._picture)
        self._stack.addWidget(self.card)
        self._strip_line = Line(Qt.Orientation.Horizontal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self._strip_line)
        column.addWidget(self.filmstrip)
        theme.set_look(self.record_button, "main")
        self.judged_panel.add_button(self.record_button)

    def _make_actions(self) -> None:
        self.add_action("Open picture", self.ask_file, "Ctrl+O", icon="folder-open-outline")
        self.add_action("Paste picture", self.paste, "Ctrl+V", icon="content-paste")
        record = self.add_action("Record", self.record, "Space", icon="content-save-outline")
        record.setShortcuts([QKeySequence(key) for key in ("Space", "Return", "Enter")])
        self.add_action("Next picture", partial(self.step, 1), "Right", icon="arrow-right")
        self.add_action("Previous picture", partial(self.step, -1), "Left", icon="arrow-left")
        self.heat_map.add_actions(self)

    def _open(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self._judged = None
        self._bar.show()
        self._title.show_text(wanted.name)
        self._facts.setText("")
        self.judged_panel.clear("Judging …")
        self._show_button()
        self.frame.run(
            partial(self._judge, wanted), partial(self._shown, wanted), partial(self._failed, wanted), owner=self
        )

    def _judge(self, wanted: _Wanted) -> _Judged:
        """Runs beside the window."""
        inspector = self._inspector
        if inspector is None:
            inspector = self.context.inspector(threads_per_inference=2)
        content = wanted.content
        if content is None:
            try:
                content = pictures.read_file(Path(wanted.origin))
            except pictures.PictureError as error:
                return _Judged(wanted, None, None, None, Inspected(wanted.origin, error=str(error)), inspector)
        inspected = inspector.content(content, origin=wanted.origin)
        if inspected.judgement is None:
            return _Judged(wanted, content, None, None, inspected, inspector)
        limit = self.context.settings.inspection.largest_megapixels
        pixels = pictures.decode(content, largest_megapixels=limit).pixels
        return _Judged(wanted, content, pixels, thumbnail(pixels), inspected, inspector)

    def _shown(self, wanted: _Wanted, judged: _Judged) -> None:
        # Another picture may have been opened meanwhile.
        if wanted is not self._wanted:
            return
        self._inspector = judged.inspector
        found = judged.inspected
        if found.sha256 is not None:
            judged = replace(judged, number=self._numbers.get(found.sha256))
        self._judged = judged
        if found.judgement is None or found.prediction is None or judged.pixels is None:
            reason = found.error or "The picture could not be judged."
            details = f"{paths.printable(found.origin)}\n{len(judged.content):,} bytes" if judged.content else ""
            self._show_failure(reason, _SAFE, details or paths.printable(found.origin))
            self.judged_panel.show_not_judged(reason)
        else:
            scores = found.prediction.scores.tolist()
            self.view.set_pixels(judged.pixels)
            boxes = partial(judged.inspector.boxes, found.prediction)
            self.heat_map.set_result(found.prediction.heatmap, scores, found.judgement, boxes=boxes)
            self.view.set_tile(found.tile)
            self.judged_panel.show_judgement(found.judgement, scores, judged.inspector.thresholds)
            retake = found.judgement.verdict is Verdict.RETAKE
            self.judged_panel.set_quality(found.quality, judged.inspector.limits if retake else None)
            self._stack.setCurrentWidget(self._picture)
            self._facts.setText(f"{found.width} × {found.height}  ·  {found.prediction.milliseconds:.1f} ms")
        self._note(judged)
        self._put_in_strip(judged)
        self._show_button()

    def _failed(self, wanted: _Wanted, error: ExpectedError) -> None:
        if wanted is not self._wanted:
            return
        self._inspector = None
        what = (
            "No picture can be judged: the model cannot be used." if isinstance(error, ModelFileError) else error.what
        )
        self._show_failure(what, error.advice or "The picture was not changed. Try again.", str(error))
        self.judged_panel.show_not_judged(error.what)
        self._show_button()

    def _write(self, inspector: Inspector, item: ToRecord, person: Person | None) -> int:
        """Runs in the lane of the database."""
        return self.context.recorder(inspector).record([item], source=Source.IMPORT, person=person)[0]

    def _recorded(self, judged: _Judged, number: int) -> None:
        self._recording = False
        kept = replace(judged, number=number)
        if judged.inspected.sha256 is not None:
            self._numbers[judged.inspected.sha256] = number
        if self._judged is judged:
            self._judged = kept
            self._note(kept)
        self._put_in_strip(kept, current=self._judged is kept)
        self._show_button()
        self.frame.notify(f"Recorded as number {number}.", Kind.GOOD)
        self.frame.records_changed.emit()

    def _record_failed(self, error: ExpectedError) -> None:
        self._recording = False
        self._show_button()
        self.frame.report(error)

    def _setting_changed(self, section: str, key: str) -> None:
        if section == "quality" or (section == "inspection" and key not in ("heat_map_opacity", "show_boxes")):
            self._inspector = None

    def _thresholds_changed(self) -> None:
        """Judge the picture again that is shown; under the new set it can be recorded anew."""
        self._inspector = None
        self._numbers.clear()
        if self._wanted is not None:
            # Another object: what is being judged by the old set is dropped when it arrives.
            self._open(replace(self._wanted))

    def _open_again(self, key: object) -> None:
        if isinstance(key, _Wanted) and key != self._wanted:
            self._open(key)

    def _put_in_strip(self, judged: _Judged, *, current: bool = True) -> None:
        found = judged.inspected
        verdict = found.judgement.verdict if found.judgement is not None else None
        name = Path(judged.wanted.name).stem
        entry = FilmstripEntry(judged.wanted, judged.thumbnail, verdict, name, judged.number is not None)
        self.filmstrip.put(entry, current=current)
        self.filmstrip.show()
        self._strip_line.show()

    def _note(self, judged: _Judged) -> None:
        parts = [judged.inspector.model.title]
        if judged.number is not None:
            parts.append(f"recorded as number {judged.number}")
        self.judged_panel.set_note(" · ".join(parts) if judged.inspected.judgement is not None else "")

    def _show_button(self) -> None:
        judged = self._judged
        self.record_button.setEnabled(judged is not None and judged.recordable and not self._recording)
        recorded = judged is not None and judged.number is not None
        self.record_button.setText("Recorded" if recorded else "Record   Space")

    def _show_empty(self) -> None:
        self.card.show_empty("image-outline", "Open, drop or paste a picture of a weld.", "Open picture   Ctrl+O")
        self._stack.setCurrentWidget(self.card)
        self.filmstrip.hide()
        self._strip_line.hide()
        self._show_button()

    def _show_failure(self, what: str, advice: str, details: str) -> None:
        self.view.set_pixels(None)
        self.heat_map.clear()
        self.card.show_failure(what, advice, "Open another picture", details=details)
        self._stack.setCurrentWidget(self.card)


def _png(image: QImage) -> bytes:
    """Picture data of the clipboard as a file, so that it can be kept and hashed as it is."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
