"""How long one movement of a threshold line takes: counting, showing, and painting.

Usage: threshold_drag.py [MOVES]. Needs no display.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.registry import out_of_fold, threshold_basis
from weldspot_desktop.registry.out_of_fold import OutOfFold
from weldspot_desktop.ui import app
from weldspot_desktop.ui.threshold_draft import Bound
from weldspot_desktop.ui.widgets.threshold_panel import ThresholdPanel


def main() -> None:
    """Print a table for the shipped scores and for 10,000 drawn ones."""
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    app.make_application()
    with tempfile.TemporaryDirectory() as folder:
        context = Context(Path(folder) / "workspace")
        shipped = out_of_fold.read(context.model)
        thresholds = context.model.card.thresholds
        context.close()
    assert shipped is not None
    print(f"{'pictures':>9}{'count ms':>10}{'and show ms':>13}{'and paint ms':>14}{'slowest ms':>12}")
    for data in (shipped, _drawn(10_000)):
        panel = ThresholdPanel()
        panel.resize(800, 860)
        panel.show_model(thresholds, data, "")
        panel.show_set(thresholds, keep=False)
        panel.show()
        QApplication.processEvents()
        counted, shown, painted = [], [], []
        for step in range(moves):
            value = 0.4 + 0.5 * step / moves
            begun = time.perf_counter()
            threshold_basis.class_counts(data, thresholds, panel.class_index)
            threshold_basis.consequence(data, thresholds)
            counted.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            panel.plot.moved.emit(Bound.UPPER, value)
            shown.append(time.perf_counter() - begun)
            QApplication.processEvents()
            painted.append(time.perf_counter() - begun)
        middle = [1000 * float(np.median(times)) for times in (counted, shown, painted)]
        print(f"{data.pictures:9}{middle[0]:10.2f}{middle[1]:13.2f}{middle[2]:14.2f}{1000 * max(painted):12.2f}")
        panel.close()
        panel.deleteLater()


def _drawn(count: int) -> OutOfFold:
    generator = np.random.default_rng(1)
    truth = generator.random((count, labels.COUNT)) < 0.15
    scores = np.clip(generator.beta(1, 6, truth.shape) + truth * generator.beta(2, 2, truth.shape), 0, 1)
    return OutOfFold(truth, scores, np.arange(count) // 2, np.full(count, np.nan), "")


if __name__ == "__main__":
    main()
