"""How many verdicts turn because large pictures are decoded at a reduced scale. Usage: reduced_decoding.py [EVERY].

Every photograph (or each of so many) is enlarged to 12 megapixels in memory, saved as JPEG as a camera would, and
judged as a whole in three ways: decoded in full, at a reduced scale alone, and as the program does, which looks a
second time in full where the verdict could have turned. The limit is 0.5 %.
"""

import io
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from batch import QUALITY, TWELVE_MEGAPIXELS
from photographs import DATASETS
from PIL import Image

from weldspot_desktop import pictures
from weldspot_desktop.inspection.batch import usable_cores
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.metrics.proportion import share
from weldspot_desktop.registry.active import open_model

LIMIT = 0.005


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    files = sorted((DATASETS / "weld-quality-v9" / "images").iterdir())[::every]
    inspector = Inspector(open_model(), tile_megapixels=None)

    def compare(number: int) -> tuple[bool, bool, bool, float]:
        with Image.open(files[number]) as image:
            large = image.convert("RGB").resize(TWELVE_MEGAPIXELS, Image.Resampling.LANCZOS)
        file = io.BytesIO()
        large.save(file, "JPEG", quality=QUALITY)
        content = file.getvalue()
        full = inspector.pixels(pictures.decode(content).pixels)
        reduced = inspector.pixels(pictures.decode(content, at_least=inspector.enough).pixels)
        shipped = inspector.content(content, origin=files[number].name)
        assert shipped.judgement is not None
        assert shipped.prediction is not None
        verdict = full.judgement.verdict
        again = not np.array_equal(shipped.prediction.scores, reduced.prediction.scores)
        moved = float(np.abs(full.prediction.scores - reduced.prediction.scores).max())
        return reduced.judgement.verdict is not verdict, shipped.judgement.verdict is not verdict, again, moved

    with ThreadPoolExecutor(usable_cores()) as pool:
        found = list(pool.map(compare, range(len(files))))
    counts = Counter({"reduced alone": 0, "as the program judges": 0, "looked at twice": 0})
    for reduced, shipped, again, _ in found:
        counts.update({"reduced alone": reduced, "as the program judges": shipped, "looked at twice": again})
    middle, high = np.percentile([moved for *_, moved in found], [50, 99])
    print(f"{len(found)} photographs at 12 megapixels; largest change of a score: median {middle:.4f}, 99 % {high:.4f}")
    for title, hits in counts.items():
        of = share(hits, len(found))
        print(f"{title:26}{hits:5}  {100 * of.value:.2f} % ({100 * of.low:.2f} to {100 * of.high:.2f})")
    print(f"limit of turned verdicts: {100 * LIMIT:.1f} %")


if __name__ == "__main__":
    main()
