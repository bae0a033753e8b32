"""Write the bundled sample pictures, resources/samples, from fixed seeds. Run it from the project's root."""

import json
from pathlib import Path

from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.pictures.synthetic_weld import render_weld

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "samples"
SAMPLES = {
    "background": (3, ["Background"]),
    "good-welding": (708, ["Good Welding"]),
    "bad-welding": (101, ["Bad Welding"]),
    "crack": (205, ["Crack"]),
    "excess-reinforcement": (11, ["Excess Reinforcement"]),
    "porosity": (21, ["Porosity"]),
    "splatters": (614, ["Splatters"]),
    "bad-welding-and-splatters": (5, ["Bad Welding", "Splatters"]),
    "crack-and-porosity": (42, ["Crack", "Porosity"]),
}
"""File name without ending: seed and classes, chosen by eye."""


def main() -> None:
    """Render, write, and list what was written in samples.json."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    listing = []
    for name, (seed, classes) in SAMPLES.items():
        weld = render_weld(seed, classes={labels.class_index(wanted) for wanted in classes})
        file = FOLDER / f"{name}.jpg"
        Image.fromarray(weld.pixels).save(file, quality=88, optimize=True)
        listing.append({"file": file.name, "classes": labels.names(weld.classes), "seed": seed})
    (FOLDER / "samples.json").write_text(json.dumps(listing, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
