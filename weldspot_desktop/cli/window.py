"""Opening the window, or doing its first job without one where there is no display."""

import os
import sys

from weldspot_desktop.cli.state import State


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, else when X or Wayland is there."""
    if not sys.platform.startswith("linux"):
        return True
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    return bool(chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(state: State, page: str | None) -> int:
    """Open the window; without a display, say so and inspect the bundled samples instead."""
    if not has_display():
        from weldspot_desktop.cli import headless

        return headless.inspect_samples(state)
    from weldspot_desktop.ui import app

    context = state.open()
    try:
        return app.run(context, page=page)
    finally:
        context.close()


def self_test(state: State) -> int:
    """Check an installation: every page, one inference against a known answer, the training command."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from weldspot_desktop.cli import checks

    return checks.run(state)
