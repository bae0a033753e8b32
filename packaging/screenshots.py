"""Photographs every page of the running program, in both themes, into resources/screenshots.

Usage: screenshots.py [FOLDER]. Needs no display. The pictures shown are the bundled, drawn samples and a few
more of their kind, so that no photograph of somebody's weld gets into the repository.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtWidgets import QApplication, QTableView
from sqlalchemy.orm import Session

from weldspot_desktop import upload_name
from weldspot_desktop.context import Context
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.settings import Theme
from weldspot_desktop.store import people, uploads
from weldspot_desktop.store.uploads import Arrival
from weldspot_desktop.ui import app
from weldspot_desktop.ui.main_window import MainWindow
from weldspot_desktop.ui.pages import PAGES
from weldspot_desktop.ui.widgets.weld_fields import WeldFields
from weldspot_desktop.upload_name import UploadName

ROOT = Path(__file__).resolve().parent.parent
SIZE = (1440, 900)


def main() -> None:
    """Fill a temporary workspace, open every page, and save what is on the screen."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "resources" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    for theme in (Theme.DARK, Theme.LIGHT):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            _photograph(Path(folder), theme, target)


def _photograph(folder: Path, theme: Theme, target: Path) -> None:
    pictures = _pictures(folder / "Frame 4412")
    context = Context(folder / "workspace")
    context.settings.appearance.theme = theme
    with context.database.write() as session:
        people.add(session, name="M. Inspector", role=people.Role.INSPECTOR, by="system")
    _fill_queue(context, pictures)
    window = app.make_window(context)
    window.resize(*SIZE)
    window.show()
    window.start("folder")
    shown: dict[str, Callable[[MainWindow], None]] = {
        "folder": lambda w: w.open_paths([pictures[0].parent]),
        "import": lambda w: w.open_paths([pictures[0]]),
        "live": lambda w: None,
    }
    try:
        # Folder first: what it judges fills the log.
        for key in sorted(PAGES, key=lambda name: name != "folder"):
            window.show_page(key)
            _settle(0.4)
            if key in shown:
                shown[key](window)
            if key == "live":
                window.page(key).start_demo()
            _settle(4.0 if key in ("folder", "live") else 1.5)
            for table in window.page(key).findChildren(QTableView):
                table.selectRow(2)
            if key == "review":
                window.frame.set_person(context.person("M. Inspector"))
            if key == "live":
                fields = window.page(key).panel.findChild(WeldFields)
                for weld in ("W-117", "W-118", "W-119"):
                    fields.set_values(
                        {"report_number": "VT-2026-014", "weld_id": weld, "part": "Frame 4412", "welder": "K-207"}
                    )
                    window.page(key).trigger()
                    _settle(1.5)
            _settle(1.0)
            path = target / f"{key}-{theme.value}.png"
            window.grab().save(str(path))
            Image.open(path).convert("RGB").save(path, optimize=True)
            print(path)
    finally:
        window.shutdown()
        window.close()
        window.deleteLater()
        _settle(0.3)
        context.close()


def _pictures(folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    paths = []
    for seed in range(700, 724):
        path = folder / f"W-{seed - 600}.jpg"
        Image.fromarray(render_weld(seed).pixels).save(path, quality=88)
        paths.append(path)
    return paths


def _fill_queue(context: Context, pictures: list[Path]) -> None:
    """What phones would have sent: the pictures with ticks and scores, some of which the model contradicts."""
    inspector = context.inspector()
    now = datetime.now(UTC)
    with context.database.write() as session:
        for place, path in enumerate(pictures):
            content = path.read_bytes()
            own = inspector.content(content, origin=path.name).prediction
            assert own is not None
            scores = own.scores.tolist()
            surest = max(range(len(scores)), key=scores.__getitem__)
            # Every fifth phone saw something else.
            ticked = (surest + 1) % len(scores) if place % 5 == 1 else surest
            phone = [round(0.15 + 0.7 * score if index != ticked else 0.81, 2) for index, score in enumerate(scores)]
            name = UploadName(path.stem, 1 << ticked, tuple(phone))
            upload = uploads.add(
                session,
                Arrival(
                    inbox="firebase:plant",
                    name=f"uploads/phone-{place % 4}/{upload_name.write(name)}",
                    generation=place + 1,
                    bytes=len(content),
                    sent=now - timedelta(minutes=7 * place + 2),
                    uid=f"phone-{place % 4}",
                    phone_id=name.id,
                    ticks=name.ticks,
                    phone_scores=phone,
                    model_name="weld",
                    model_version="2",
                    app_version="1.4.0",
                    group=f"plant {'AB'[place % 2]}",
                    weld_id=path.stem,
                    captured=now - timedelta(minutes=7 * place + 4),
                    audit=place % 6 == 3,
                    picture_sha256=_kept(context, session, content),
                    faces=0,
                ),
            )
            session.flush()
            uploads.set_own_scores(session, upload.id, scores, context.model.card.sha256, inspector.thresholds)
        uploads.add(
            session,
            Arrival(
                inbox="firebase:plant",
                name="uploads/phone-2/IMG-2041_1-0.9_0-0.1.jpg",
                generation=1,
                bytes=310_000,
                sent=now - timedelta(hours=5),
                picture_sha256=_kept(context, session, pictures[0].read_bytes()),
                reason="The name speaks of 2 classes, not of 7.",
            ),
        )


def _kept(context: Context, session: Session, content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as image:
        return context.picture_files.keep(session, content, width=image.width, height=image.height)


def _settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    app.make_application()
    main()
