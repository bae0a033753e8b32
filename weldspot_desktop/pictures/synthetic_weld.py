"""Synthetic pictures of welds with known classes and regions, from a seed alone.

They serve the demo camera, the bundled samples and the tests. A height field is laid out, lit and
photographed; what is in it is known because it was put there. They do not replace photographs.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.pictures import synthetic_defect as defect
from weldspot_desktop.pictures.synthetic_bead import Bead, Style, deposit, lay
from weldspot_desktop.pictures.synthetic_light import lit, photographed
from weldspot_desktop.pictures.synthetic_texture import BARE, PLATES, Surface

_GOOD, _BAD, _EXCESS, _CRACK, _POROSITY, _SPLATTERS = (
    labels.class_index(name)
    for name in ("Good Welding", "Bad Welding", "Excess Reinforcement", "Crack", "Porosity", "Splatters")
)
_STYLES: Final = {_GOOD: Style.EVEN, _BAD: Style.IRREGULAR, _EXCESS: Style.TALL}

Region = tuple[int, NDArray[np.float32]]
"""Class index, and (k, 2) corners of a polygon: x and y, 0 to 1 of the picture."""


@dataclass(frozen=True)
class SyntheticWeld:
    """A rendered picture and what is in it.

    Attributes
    ----------
    pixels : (size, size, 3) uint8 RGB
    classes : class indices present, ascending
    regions : where they are; none for Background
    """

    pixels: NDArray[np.uint8]
    classes: tuple[int, ...]
    regions: tuple[Region, ...]


def render_weld(seed: int, *, size: int = 640, classes: Collection[int] | None = None) -> SyntheticWeld:
    """Render one picture.

    Parameters
    ----------
    seed
        Not negative. One seed gives one picture (up to rounding of the machine's arithmetic), and the
        same classes and regions at every size.
    size
        Width and height in pixels, at least 32.
    classes
        Class indices to show: Background alone, or any of the others. None draws a mix as it is found in
        weld photographs: one bead, often with more than one class.

    Raises
    ------
    ValueError
        If the classes cannot be shown together or are none of the seven, or the size is too small.
    """
    if size < 32:
        raise ValueError(f"a synthetic picture has at least 32 pixels, not {size}")
    layout, material, light, camera = (
        np.random.Generator(np.random.PCG64(part)) for part in np.random.SeedSequence(seed).spawn(4)
    )
    wanted = _draw(layout) if classes is None else _checked(classes)
    if wanted == {labels.BACKGROUND}:
        surface = BARE[layout.integers(len(BARE))](material, size)
        found: tuple[Region, ...] = ()
    else:
        surface = PLATES[layout.choice(len(PLATES), p=(0.4, 0.25, 0.25, 0.1))](material, size)
        found = _weld(layout, material, surface, wanted)
    pixels = photographed(camera, lit(light, surface))
    return SyntheticWeld(pixels, tuple(sorted(wanted)), found)


def _checked(classes: Collection[int]) -> set[int]:
    wanted = set(classes)
    if not wanted or not wanted <= set(range(labels.COUNT)):
        raise ValueError(f"no such classes: {sorted(wanted)}")
    if labels.BACKGROUND in wanted and len(wanted) > 1:
        raise ValueError("Background means that there is no weld: it stands alone")
    return wanted


def _draw(rng: np.random.Generator) -> set[int]:
    kind = rng.choice(5, p=(0.14, 0.28, 0.2, 0.14, 0.24))
    if kind == 0:
        return {labels.BACKGROUND}
    if kind == 1:
        return {_GOOD, _SPLATTERS} if rng.random() < 0.15 else {_GOOD}
    wanted = ({_BAD}, {_EXCESS}, set[int]())[kind - 2]
    for index, share in ((_CRACK, 0.25), (_POROSITY, 0.25), (_SPLATTERS, 0.35)):
        if rng.random() < share:
            wanted.add(index)
    return wanted or {int(rng.choice([_CRACK, _POROSITY, _SPLATTERS]))}


def _weld(
    layout: np.random.Generator, material: np.random.Generator, surface: Surface, wanted: set[int]
) -> tuple[Region, ...]:
    regions: list[tuple[int, defect.Corners]] = []
    beads = _beads(layout, [style for index, style in _STYLES.items() if index in wanted])
    for bead in beads:
        deposit(material, surface, bead)
        regions += [(i, bead.outline()) for i, style in _STYLES.items() if i in wanted and style is bead.style]
    bead = beads[layout.integers(len(beads))]
    if _POROSITY in wanted:
        for _ in range(layout.integers(1, 4)):
            spots = _enough(lambda: defect.pores(layout, bead))
            defect.pit(surface, spots)
            regions.append((_POROSITY, defect.box(spots)))
    if _SPLATTERS in wanted:
        for _ in range(layout.integers(2, 5)):
            spots = _enough(lambda: defect.droplets(layout, bead))
            defect.spatter(material, surface, spots)
            regions.append((_SPLATTERS, defect.box(spots)))
    if _CRACK in wanted:
        for _ in range(layout.choice([1, 1, 1, 2])):
            line = defect.crack(layout, bead)
            defect.split(material, surface, line)
            regions.append((_CRACK, defect.around(line, 0.012)))
    if len(beads) == 1 and layout.random() < 0.4:
        _fold(layout, surface, bead)
    return tuple(_finished(regions))


def _beads(rng: np.random.Generator, styles: list[Style]) -> list[Bead]:
    """One bead for each style; a single style may be laid in up to three rows, as on a practice plate."""
    if len(styles) < 2:
        styles = (styles or [Style.EVEN]) * int(rng.choice([1, 2, 3], p=(0.72, 0.18, 0.1)))
    count = len(styles)
    angle = rng.uniform(-np.pi, np.pi) if count == 1 else rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.12)
    widest, narrowest = (0.13, 0.05) if count == 1 else (0.075, 0.035)
    beads = []
    for place, style in enumerate(styles):
        half = rng.uniform(narrowest, widest) * (0.8 if style is Style.TALL else 1)
        offset = (place - (count - 1) / 2) * 0.9 / count + rng.normal(0, 0.02 if count > 1 else 0.06)
        beads.append(lay(rng, style, offset=float(offset), angle=float(angle), half=float(half)))
    return beads


def _fold(rng: np.random.Generator, surface: Surface, bead: Bead) -> None:
    """Lift the plate on one side of a bead, so that it joins two plates under an angle."""
    size = surface.height.shape[0]
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    cos, sin = np.cos(bead.angle), np.sin(bead.angle)
    across = (line - bead.origin[1])[:, None] * cos - (line - bead.origin[0])[None, :] * sin
    soft = 0.3 * float(bead.half.mean())
    lifted = np.maximum(across, 0) + soft * np.exp(-np.abs(across) / soft) / 2
    surface.height += (lifted * size * rng.uniform(0.3, 0.7)).astype(np.float32)


def _enough(draw: Callable[[], list[defect.Spot]]) -> list[defect.Spot]:
    """Draw until at least five spots lie in the picture; nearly always the first time."""
    while len(spots := draw()) < 5:
        pass
    return spots


def _finished(regions: list[tuple[int, defect.Corners]]) -> list[Region]:
    finished = []
    for index, corners in regions:
        inside = defect.clipped(corners)
        if len(inside) >= 3:
            finished.append((index, np.array(inside, dtype=np.float32)))
    return finished
