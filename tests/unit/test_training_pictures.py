"""Variants of training pictures and their targets: what moves in the picture moves in the answer."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.dataset.manifest import PictureEntry, RegionEntry
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.training.augmentation import Frame, Look
from weldspot_desktop.training.batches import Example, TrainingBatches
from weldspot_desktop.training.targets import target

POROSITY, CRACK = labels.class_index("Porosity"), labels.class_index("Crack")


def _box(index: int, left: float, top: float, right: float, bottom: float) -> RegionEntry:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return RegionEntry(class_index=index, kind="box", corners=corners)


def _entry(*regions: RegionEntry, classes: tuple[int, ...] | None = None) -> PictureEntry:
    present = classes if classes is not None else tuple(sorted({region.class_index for region in regions}))
    return PictureEntry(
        sha256="0" * 64,
        file="a.png",
        name="a",
        source="s",
        classes=present,
        regions=regions,
        group=0,
        split=Split.TRAIN,
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_marked_spot_and_its_target_move_together(seed: int) -> None:
    """A white spot on black: inside the marked cells the variant is white, outside black; the edge has a margin."""
    pixels = np.zeros((256, 256, 3), dtype=np.uint8)
    pixels[64:160, 96:192] = 255
    entry = _entry(_box(POROSITY, 96 / 256, 64 / 256, 192 / 256, 160 / 256))
    frame = Frame.random(np.random.default_rng(seed))
    answer = target(entry, frame, 20)
    white = frame.picture(pixels, 160).mean(axis=2).reshape(20, 8, 20, 8).mean(axis=(1, 3)) / 255
    marked = answer.evidence[..., POROSITY]
    inner = (
        cv2.erode((marked > 0.999).astype(np.uint8), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    )
    assert inner.any()
    assert white[inner].min() > 0.99
    assert white[marked == 0].max(initial=0.0) < 0.05


def test_the_whole_frame_changes_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(Frame.whole().picture(pixels, 64), pixels)
    corners = np.array([[0.1, 0.2], [0.9, 0.4]])
    assert Frame.whole().places(corners) == pytest.approx(corners)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_places_are_the_inverse_of_the_frame(seed: int) -> None:
    frame = Frame.random(np.random.default_rng(seed))
    places = np.random.default_rng(seed + 1).random((5, 2))
    back = frame.places(places) @ frame.matrix[:, :2].T + frame.matrix[:, 2]
    assert back == pytest.approx(places)


def test_classes_without_places_and_background_teach_no_map() -> None:
    answer = target(_entry(_box(CRACK, 0.4, 0.4, 0.6, 0.6), classes=(CRACK, POROSITY)), Frame.whole(), 40)
    assert answer.truth.tolist() == [0, 0, 1, 0, 0, 1, 0]
    assert answer.known.tolist() == [1] * 7
    assert answer.placed.tolist() == [0, 1, 1, 1, 1, 0, 1]
    assert answer.evidence[..., POROSITY].max() == 0
    assert answer.evidence[20, 20, CRACK] == 1


def test_what_a_crop_leaves_out_is_absent_and_what_it_cuts_is_doubtful() -> None:
    right_half = Frame(np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]))
    gone = target(_entry(_box(CRACK, 0.1, 0.4, 0.3, 0.6)), right_half, 40)
    assert gone.truth[CRACK] == 0
    assert gone.known[CRACK] == 1
    cut = target(_entry(_box(CRACK, 0.1, 0.4, 0.55, 0.6)), right_half, 40)
    assert cut.known[CRACK] == 0
    assert cut.placed[CRACK] == 0
    kept = target(_entry(_box(CRACK, 0.4, 0.4, 0.9, 0.6)), right_half, 40)
    assert kept.truth[CRACK] == kept.known[CRACK] == 1


def test_a_pore_of_half_a_cell_is_marked_wherever_it_lies() -> None:
    for place in np.linspace(0.5, 0.525, 6):
        answer = target(_entry(_box(POROSITY, place, 0.5, place + 0.0125, 0.5125)), Frame.whole(), 40)
        assert answer.evidence[..., POROSITY].max() >= 0.25


def test_the_look_varies_and_keeps_shape() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    look = Look(3)
    seen = [look.vary(pixels, np.random.default_rng(seed)) for seed in range(30)]
    assert {picture.shape for picture in seen} == {(160, 160, 3)}
    assert {picture.dtype for picture in seen} == {np.dtype(np.uint8)}
    assert len({picture.tobytes() for picture in seen}) == 30
    assert np.array_equal(seen[0], look.vary(pixels, np.random.default_rng(0)))


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    random = np.random.default_rng(0)
    made = []
    for number in range(7):
        path = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(0, 256, (80, 80, 3), dtype=np.uint8)).save(path)
        made.append(Example(path, _entry(_box(CRACK, 0.2, 0.2, 0.8, 0.8))))
    return made


def test_batches_of_one_seed_are_the_same_and_each_pass_is_another(examples: list[Example]) -> None:
    def one_pass(seed: int, number: int) -> bytes:
        batches = TrainingBatches(examples, size=64, stride=8, batch=3, seed=seed)
        return b"".join(batch.images.tobytes() + batch.evidence.tobytes() for batch in batches.one_pass(number))

    assert one_pass(1, 1) == one_pass(1, 1)
    assert one_pass(1, 1) != one_pass(1, 2)
    assert one_pass(1, 1) != one_pass(2, 1)


def test_a_pass_holds_every_picture_once(examples: list[Example]) -> None:
    batches = TrainingBatches(examples, size=80, stride=8, batch=3, seed=5, vary=False)
    assert len(batches) == 3
    found = list(batches.one_pass(1))
    assert [len(batch.images) for batch in found] == [3, 3, 1]
    assert found[0].evidence.shape == (3, 10, 10, 7)
    shown = {image.tobytes() for batch in found for image in batch.images}
    assert len(shown) == 7
