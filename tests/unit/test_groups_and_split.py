"""No near-copy of a training picture may land in another split."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from weldspot_desktop import pictures
from weldspot_desktop.dataset import groups
from weldspot_desktop.dataset.split import SHARES, Split, split
from weldspot_desktop.pictures.synthetic_weld import render_weld

Pixels = NDArray[np.uint8]

TURNS: dict[str, Callable[[Pixels], Pixels]] = {
    f"turned {90 * quarter}{' mirrored' if mirrored else ''}": (
        lambda p, q=quarter, m=mirrored: np.ascontiguousarray(np.rot90(p[:, ::-1] if m else p, q))
    )
    for quarter in range(4)
    for mirrored in (False, True)
}


def grey(p: Pixels) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def brighter(factor: float, offset: float) -> Callable[[Pixels], Pixels]:
    return lambda p: np.clip(p.astype(np.float32) * factor + offset, 0, 255).astype(np.uint8)


LIGHTS: dict[str, Callable[[Pixels], Pixels]] = {
    "as it is": lambda p: p,
    "grey": grey,
    "gain 1.3": brighter(1.3, 0),
    "gain 1.5": brighter(1.5, 0),
    "offset 40": brighter(1, 40),
    "offset 60": brighter(1, 60),
    "darker": brighter(0.6, 0),
}


def as_jpeg(p: Pixels) -> Pixels:
    return pictures.decode(cv2.imencode(".jpg", p[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()).pixels


def assert_copies_stay(originals: list[Pixels], seed: int) -> None:
    """Every variant of every original shares its group, so no split can part them."""
    random = np.random.default_rng(seed)
    everything, owner = list(originals), list(range(len(originals)))
    for number, original in enumerate(originals):
        for turn in TURNS.values():
            light = list(LIGHTS.values())[int(random.integers(len(LIGHTS)))]
            everything.append(as_jpeg(light(turn(original))))
            owner.append(number)
    names = [f"{index:06d}-{random.integers(1 << 30)}.x.jpg" for index in range(len(everything))]
    found = groups.group(names, [groups.descriptor(p) for p in everything], [False] * len(everything))
    assert [int(g) for g in found] == [int(found[number]) for number in owner]


def test_every_variant_of_synthetic_welds_is_found() -> None:
    assert_copies_stay([render_weld(seed, size=256).pixels for seed in range(12)], seed=1)


@pytest.mark.real_data
@pytest.mark.parametrize("light", LIGHTS)
def test_every_variant_of_real_photographs_is_found(datasets: Path, light: str) -> None:
    # Other photographs for each light: seven times as many are looked at as one light could take the time for.
    first = 5 * list(LIGHTS).index(light)
    files = sorted((datasets / "weld-quality-v9" / "images").iterdir())[first::36]
    files += sorted((datasets / "background" / "images").iterdir())[first::36]
    originals = [pictures.decode(path.read_bytes()).pixels for path in files]
    descriptors = [groups.descriptor(p) for p in originals]
    for number, turn in enumerate(TURNS.values()):
        variants = [groups.descriptor(as_jpeg(LIGHTS[light](turn(p)))) for p in originals]
        names = [f"{i}-{kind}-{number}.x.jpg" for kind in ("a", "b") for i in range(len(files))]
        found = groups.group(names, descriptors + variants, [False] * len(names))
        parted = [files[i].name for i in range(len(files)) if found[i] != found[i + len(files)]]
        assert parted == []


@pytest.mark.real_data
def test_groups_agree_with_the_reference(datasets: Path) -> None:
    import csv

    folder = datasets / "weld-quality-v9"
    with (folder / "groups.csv").open() as file:
        reference = {row["image"]: row["group"] for row in csv.DictReader(file)}
    names = sorted(reference)
    descriptors = [groups.descriptor(pictures.decode((folder / "images" / n).read_bytes()).pixels) for n in names]
    found = groups.group(names, descriptors, [False] * len(names))
    theirs = np.array([reference[name] for name in names])
    upper = np.triu_indices(len(names), 1)
    ours_same, theirs_same = (found[:, None] == found)[upper], (theirs[:, None] == theirs)[upper]
    assert (ours_same & theirs_same).sum() / ours_same.sum() > 0.98
    assert (ours_same & theirs_same).sum() / theirs_same.sum() > 0.95


def test_names_link_copies_tiles_frames_and_series_of_backgrounds() -> None:
    hash_a, hash_b = "a" * 32, "b" * 32
    names = [f"w_jpg.rf.{hash_a}.jpg", f"w_jpg.rf.{hash_b}.jpg", "IMG_1_block_0_0_png.jpg", "IMG_1_block_2_1_png.jpg"]
    names += ["weld_vid10_x.jpg", "weld_vid22_x.jpg", "weld_vid40_x.jpg"]
    names += ["fork_1.jpg", "fork_2.jpg", "tig_1.jpg", "tig_2.jpg"]
    backgrounds = [name.startswith("fork") for name in names]
    pairs = {frozenset(pair) for pair in groups.same_names(names, backgrounds)}
    assert pairs == {frozenset(p) for p in [(0, 1), (2, 3), (4, 5), (7, 8)]}


def test_unrelated_and_flat_pictures_stay_apart() -> None:
    flat = [np.full((64, 64, 3), value, np.uint8) for value in (0, 128, 255)]
    welds = [render_weld(seed, size=256).pixels for seed in range(40, 60)]
    found = groups.group([f"{i}.x.jpg" for i in range(23)], [groups.descriptor(p) for p in flat + welds], [False] * 23)
    assert len(set(found.tolist())) >= 22


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 120), st.integers(1, 60))
def test_no_group_is_cut_and_every_picture_has_a_split(seed: int, count: int, most_groups: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((count, 7)) < 0.3
    numbers = random.integers(0, most_groups, count)
    found = split(truth, numbers, seed=seed)
    assert len(found) == count
    for number in set(numbers.tolist()):
        assert len({kind for kind, n in zip(found, numbers, strict=True) if n == number}) == 1
    assert found == split(truth, numbers, seed=seed)


def test_classes_are_spread_in_proportion() -> None:
    random = np.random.default_rng(5)
    truth = random.random((900, 7)) < np.array([0.2, 0.2, 0.2, 0.1, 0.3, 0.13, 0.14])
    found = np.array(split(truth, np.arange(900) // 2))
    for kind in Split:
        share = truth[found == kind].sum(axis=0) / truth.sum(axis=0)
        assert np.abs(share - SHARES[kind]).max() < 0.04
