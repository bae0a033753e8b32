"""How often the face detector takes a weld for a face, and what of a drawn face it finds at which size.

    python tests/bench/faces.py [--count N]

Run from the repository's root; the photographs are those of WELDSPOT_DATASETS (default ../shared/datasets). A weld that
is taken for a face would be blurred: the threshold stands above all of them.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drawn_face import drawn_face  # noqa: E402 - after the path is set

from weldspot_desktop.model.faces import THRESHOLD, FaceDetector  # noqa: E402
from weldspot_desktop.pictures import decode  # noqa: E402

LOWEST = 0.3
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
SIZES = (0.02, 0.03, 0.045, 0.06, 0.1, 0.2)
"""Width of the face, of the picture's."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="photographs to look at; 0 for all")
    count = parser.parse_args().count
    folder = Path(os.environ.get("WELDSPOT_DATASETS", ROOT.parent / "shared" / "datasets"))
    detector = FaceDetector(threshold=LOWEST)
    for kind in ("weld-quality-v9", "background"):
        files = sorted(path for path in (folder / kind).rglob("*") if path.suffix.lower() in {".jpg", ".png", ".jpeg"})
        if count:
            files = files[:: max(1, len(files) // count)]
        highest = np.array([score(detector, np.asarray(decode(path.read_bytes()).pixels)) for path in files])
        fired = ", ".join(f"{level}: {(highest >= level).sum()}" for level in THRESHOLDS)
        print(f"{kind}: {len(files)} photographs; with a face at threshold {fired}; highest {highest.max():.3f}")
    print(f"in force: {THRESHOLD}")
    for share in SIZES:
        scores = [score(detector, scene(share, seed)) for seed in range(20)]
        print(f"a drawn face of {share:.1%} of the width: found {np.mean(np.array(scores) >= THRESHOLD):.0%} of 20")


def score(detector: FaceDetector, pixels: np.ndarray) -> float:
    return max((face.score for face in detector.find(pixels)), default=0.0)


def scene(share: float, seed: int) -> np.ndarray:
    """A picture of 1600 by 1200 with one tilted head somewhere in it."""
    chance = np.random.default_rng(seed)
    made = Image.new("RGB", (1600, 1200), (130, 128, 125))
    side = round(2 * share * 1600)
    head = drawn_face(side).rotate(chance.uniform(-20, 20), Image.Resampling.BICUBIC, fillcolor=(130, 128, 125))
    made.paste(head, (int(chance.integers(0, 1600 - side)), int(chance.integers(0, 1200 - side))))
    return np.asarray(made)


if __name__ == "__main__":
    main()
