"""Measures of a picture's quality on drawn pictures, and what is refused for them."""

import io
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from weldspot_desktop import labels, pictures
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.pictures.quality import LIMITS, SIDE, Limits, failure, measure
from weldspot_desktop.pictures.synthetic_weld import render_weld
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.settings import Quality
from weldspot_desktop.verdict import Verdict

Pixels = NDArray[np.uint8]


@cache
def drawn() -> Pixels:
    return np.ascontiguousarray(render_weld(4, size=512).pixels)


def weld(side: int = 1024) -> Pixels:
    return np.asarray(cv2.resize(drawn(), (side, side), interpolation=cv2.INTER_LANCZOS4), dtype=np.uint8)


def blurred(pixels: Pixels, share: float) -> Pixels:
    """Blurred by a share of the picture's side."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), share * pixels.shape[1]), dtype=np.uint8)


def test_a_weld_is_fit_to_judge() -> None:
    assert failure(measure(weld()), Limits()) is None


def test_blur_is_measured_in_pixels_of_the_square() -> None:
    """An edge of known blur has that blur, whatever its contrast: the sampling of the square adds its own."""
    for contrast in (80, 200):
        for sigma in (1.0, 2.0, 3.0):
            edge = np.full((4 * SIDE, 4 * SIDE, 3), 20, dtype=np.uint8)
            edge[:, 2 * SIDE :] += np.uint8(contrast)
            found = measure(blurred(edge, sigma / SIDE))["blur"]
            assert sigma <= found <= sigma + 0.45, (contrast, sigma)


def test_the_measures_hardly_depend_on_the_resolution() -> None:
    sharp, spread = weld(2048), blurred(weld(2048), 0.01)
    for pixels in (sharp, spread):
        whole = measure(pixels)
        for side in (1024, 640, 320):
            small = measure(np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8))
            assert small["brightness"] == pytest.approx(whole["brightness"], abs=1)
            assert small["blur"] == pytest.approx(whole["blur"], rel=0.12, abs=0.1)


def test_a_reduced_decode_gives_the_same_measures() -> None:
    file = io.BytesIO()
    Image.fromarray(weld(2048)).save(file, "JPEG", quality=92)
    whole = measure(pictures.decode(file.getvalue()).pixels)
    reduced = pictures.decode(file.getvalue(), at_least=(320, 320)).pixels
    assert reduced.shape[0] == 512
    found = measure(reduced)
    assert found["brightness"] == pytest.approx(whole["brightness"], abs=1)
    assert found["blur"] == pytest.approx(whole["blur"], rel=0.1, abs=0.05)
    assert found["glare"] == pytest.approx(whole["glare"], abs=0.01)


def test_a_shaken_picture_is_as_blurred_as_in_its_worst_direction() -> None:
    cells = np.random.default_rng(5).integers(20, 220, (32, 32, 1), dtype=np.uint8)
    still = cells.repeat(32, axis=0).repeat(32, axis=1).repeat(3, axis=2)
    assert measure(still)["blur"] < LIMITS.blur < measure(np.asarray(cv2.blur(still, (1, 41)), dtype=np.uint8))["blur"]


def test_a_picture_of_which_nothing_is_left_is_blurred() -> None:
    assert measure(blurred(weld(), 0.05))["blur"] > 4


def test_a_plain_wall_is_not_blurred() -> None:
    noise = np.random.default_rng(3).normal(0, 3, (720, 1280, 1))
    wall = np.clip(np.linspace(90, 150, 1280)[None, :, None] + noise, 0, 255).astype(np.uint8).repeat(3, axis=2)
    measures = measure(wall)
    assert "blur" not in measures
    assert failure(measures, Limits()) is None


def test_a_white_spot_is_glare_and_a_white_backdrop_is_not() -> None:
    spot = weld()
    cv2.circle(spot, (512, 480), 260, (255, 255, 255), -1)
    assert measure(spot)["glare"] == pytest.approx(np.pi * 260**2 / 1024**2, abs=0.01)
    backdrop = weld()
    backdrop[:330] = 255
    assert measure(backdrop)["glare"] == pytest.approx(0, abs=0.01)
    sparkle = weld()
    sparkle[::40, ::40] = 255
    assert measure(sparkle)["glare"] == pytest.approx(measure(weld())["glare"], abs=0.01)


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (
            {"brightness": 12.2, "glare": 0.0},
            "too dark: mean brightness 12 of 255, at least 30 are needed",
        ),
        (
            {"brightness": 240.0, "glare": 0.9, "blur": 3.0},
            "too bright: mean brightness 240 of 255, at most 220 are allowed",
        ),
        (
            {"brightness": 120.0, "glare": 0.31, "blur": 0.6},
            "glare: white spots cover 31% of it, at most 20% are allowed",
        ),
        (
            {"brightness": 120.0, "glare": 0.0, "blur": 2.44},
            "blurred: edges spread 2.4 pixels, at most 1.9 are allowed",
        ),
        ({"brightness": 30.0, "glare": 0.2, "blur": 1.9}, None),
        ({"brightness": 220.0, "glare": 0.0}, None),
    ],
)
def test_the_reason_names_measure_and_limit(measures: dict[str, float], expected: str | None) -> None:
    assert failure(measures, Limits()) == expected


def test_a_measure_just_beyond_its_limit_does_not_read_like_the_limit() -> None:
    assert failure({"brightness": 29.97, "glare": 0.0}, Limits()) == (
        "too dark: mean brightness 29.97 of 255, at least 30 are needed"
    )
    assert "spread 1.904 pixels" in (failure({"brightness": 90.0, "glare": 0.0, "blur": 1.904}, Limits()) or "")


def test_the_inspector_says_retake_and_keeps_the_scores(tmp_path: Path) -> None:
    inspector = Inspector(open_model())
    dark = (weld() // 16).astype(np.uint8)
    path = tmp_path / "dark.png"
    Image.fromarray(dark).save(path)
    found = inspector.file(path)
    assert found.judgement is not None
    assert found.prediction is not None
    assert found.quality is not None
    assert found.judgement.verdict is Verdict.RETAKE
    assert found.judgement.reason.startswith("Too dark: mean brightness ")
    assert found.prediction.scores.shape == (labels.COUNT,)
    assert found.quality["brightness"] < 30
    everything = Inspector(open_model(), limits=None).file(path)
    assert everything.judgement is not None
    assert everything.judgement.verdict is not Verdict.RETAKE
    assert everything.quality == found.quality


def test_a_region_is_measured_alone() -> None:
    half = weld()
    half[:, :512] = 0
    inspector = Inspector(open_model())
    assert inspector.pixels(half, region=(0.0, 0.0, 0.5, 1.0)).judgement.verdict is Verdict.RETAKE
    assert inspector.pixels(half, region=(0.5, 0.0, 1.0, 1.0)).judgement.verdict is not Verdict.RETAKE


def test_limits_come_from_the_settings(workspace: Path) -> None:
    context = Context(workspace)
    assert context.inspector().limits == Limits()
    context.settings.quality.darkest = 60
    context.settings.quality.glare_percent = 35
    assert context.inspector().limits == Limits(darkest=60, glare=0.35)
    context.settings.quality = Quality(check=False)
    assert context.inspector().limits is None


def test_the_manner_follows_the_limits() -> None:
    model = open_model()
    manners = {Inspector(model, limits=limits).manner for limits in (None, Limits(), Limits(blur=2.5))}
    assert len(manners) == 3
    assert Inspector(model).manner == Inspector(model, limits=Limits()).manner
