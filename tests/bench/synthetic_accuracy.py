"""What the shipped model makes of 500 drawn welds with seeds that nothing else uses. A fact, not a goal."""

import numpy as np

from weldspot_desktop import labels
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.metrics.auc import auc, macro_auc
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.registry.active import open_model

FIRST_SEED, COUNT = 900_000_000, 500


def main() -> None:
    inspector = Inspector(open_model())
    truth, scores = np.zeros((COUNT, labels.COUNT), bool), np.zeros((COUNT, labels.COUNT))
    for row in range(COUNT):
        weld = render_weld(FIRST_SEED + row)
        truth[row, list(weld.classes)] = True
        scores[row] = inspector.pixels(weld.pixels).prediction.scores
    for index, name in enumerate(labels.CLASSES):
        found = auc(truth[:, index], scores[:, index])
        print(f"{name:22}{found.value:7.3f} ({found.low:.3f} to {found.high:.3f}), {found.positives} pictures")
    found = macro_auc(truth, scores)
    print(f"{'macro':22}{found.value:7.3f} ({found.low:.3f} to {found.high:.3f})")


if __name__ == "__main__":
    main()
