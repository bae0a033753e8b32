"""Large photographs in tiles: how they are cut, and how the worst of whole and tiles is found."""

import io
import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from weldspot_desktop import labels, paths, pictures
from weldspot_desktop.context import Context
from weldspot_desktop.inspection import tiles
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.model import Prediction
from weldspot_desktop.registry.active import open_model
from weldspot_desktop.verdict import ThresholdSet, Verdict, judge

CRACK, POROSITY = labels.class_index("Crack"), labels.class_index("Porosity")
SET = ThresholdSet(name="test", lower=(0.5,) + (0.3,) * 6, upper=(0.5,) + (0.6,) * 6, distance_limit=2.0)


def prediction(distance: float | None = 1.0, **scores: float) -> Prediction:
    """A prediction with scores by class name, the others near 0, and a heat map of the same evidence."""
    values = np.full(labels.COUNT, 0.01, dtype=np.float32)
    for name, score in scores.items():
        values[labels.class_index(name.replace("_", " "))] = score
    heatmap = np.broadcast_to(np.log(values / (1 - values)), (40, 40, labels.COUNT)).astype(np.float32)
    return Prediction(values, np.zeros(4, dtype=np.float32), heatmap, distance, 2.0)


EMPTY = prediction(Background=0.9)
WELD = prediction(Good_Welding=0.9)
LAYOUT = tiles.layout(4000, 3000)


def combined(whole: Prediction, changed: dict[int, Prediction], other: Prediction = EMPTY) -> tuple[Prediction, list]:
    found, sources = tiles.combine(whole, LAYOUT, [changed.get(n, other) for n in range(len(LAYOUT))], SET)
    return found, sources.tolist()


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_tiles_cover_everything_overlap_and_are_few(width: int, height: int) -> None:
    layout = tiles.layout(width, height)
    assert 2 <= len(layout) <= 16
    covered = np.zeros((200, 200), dtype=bool)
    for left, top, right, bottom in layout:
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        covered[int(top * 200) : round(bottom * 200), int(left * 200) : round(right * 200)] = True
    assert covered.all()
    columns = sorted({(left, right) for left, _, right, _ in layout})
    for (_, end), (start, right) in itertools.pairwise(columns):
        assert end - start == pytest.approx(tiles.OVERLAP * (right - start))


def test_the_number_of_tiles_follows_the_size() -> None:
    assert [len(tiles.layout(*size)) for size in ((1920, 1080), (3000, 2000), (4000, 3000), (11_500, 8700))] == [
        2, 6, 12, 12,
    ]  # fmt: skip
    assert len(tiles.layout(3000, 4000)) == 12


@given(st.integers(200, 12_000), st.integers(200, 12_000))
def test_enough_pixels_are_decoded_for_the_tiles(width: int, height: int) -> None:
    across, down = tiles.enough(width, height, (320, 320))
    for left, top, right, bottom in tiles.layout(width, height):
        assert across * (right - left) >= 319.9
        assert down * (bottom - top) >= 319.9


def test_a_tile_must_be_surer_where_the_whole_shows_a_weld() -> None:
    assert judge(combined(WELD, {5: prediction(Porosity=0.9)})[0].scores.tolist(), SET).verdict is Verdict.UNSURE
    found, sources = combined(WELD, {5: prediction(Porosity=0.99)})
    assert judge(found.scores.tolist(), SET).classes == (POROSITY,)
    assert sources[POROSITY] == 5
    found, sources = combined(EMPTY, {5: prediction(Porosity=0.9)})
    assert judge(found.scores.tolist(), SET).verdict is Verdict.DEFECT
    assert sources[POROSITY] == 5


def test_the_worst_tile_of_each_class_counts_and_the_whole_stays() -> None:
    whole = prediction(Crack=0.95)
    found, sources = combined(
        whole, {1: prediction(Porosity=0.98), 2: prediction(Porosity=0.99), 3: prediction(Crack=0.9)}
    )
    assert sources[POROSITY] == 2
    assert sources[CRACK] == tiles.WHOLE
    assert found.scores[CRACK] == whole.scores[CRACK]
    assert found.distance == whole.distance
    assert found.milliseconds == pytest.approx(2.0 * 13)


def test_a_tile_unlike_the_training_data_says_nothing() -> None:
    found, sources = combined(EMPTY, {0: prediction(distance=9.0, Crack=0.99), 4: prediction(distance=None, Crack=0.8)})
    assert sources[CRACK] == 4
    assert judge(found.scores.tolist(), SET, distance=found.distance).verdict is Verdict.DEFECT
    untouched, _ = combined(EMPTY, {}, other=prediction(distance=9.0, Crack=0.99))
    assert np.array_equal(untouched.scores, EMPTY.scores)


def test_a_good_weld_in_one_tile_is_a_weld_and_scenery_is_none() -> None:
    found, sources = combined(EMPTY, {7: WELD})
    assert judge(found.scores.tolist(), SET).verdict is Verdict.CLEAR
    assert sources[labels.GOOD_WELDING] == 7
    assert judge(combined(EMPTY, {})[0].scores.tolist(), SET).verdict is Verdict.NO_WELD
    doubtful = prediction(Background=0.8, Good_Welding=0.75)
    assert judge(combined(EMPTY, {7: doubtful})[0].scores.tolist(), SET).verdict is Verdict.NO_WELD


def test_the_heat_map_is_stitched_in_the_fineness_of_the_tiles() -> None:
    strong = prediction(Porosity=0.99)
    found, _ = combined(EMPTY, {len(LAYOUT) - 1: strong})
    rows, columns = found.heatmap.shape[:2]
    assert (columns, rows) == (130, 100)
    evidence = found.heatmap[..., POROSITY]
    assert evidence[-1, -1] == pytest.approx(strong.heatmap[0, 0, POROSITY] - tiles.WITHOUT_WELD)
    assert evidence[:60, :80].max() == pytest.approx(EMPTY.heatmap[0, 0, POROSITY])
    places = np.argwhere(evidence > 0)
    left, top = LAYOUT[-1][:2]
    assert tuple(places.min(axis=0)) == pytest.approx((top * rows, left * columns), abs=1)


def scene() -> NDArray[np.uint8]:
    """Twelve megapixels of grey floor with a small porous weld at the lower right."""
    noise = np.random.default_rng(2).normal(120, 6, (300, 400, 1)).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    picture = np.asarray(cv2.resize(noise, (4000, 3000), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    weld = pictures.decode(paths.resource("samples", "porosity.jpg").read_bytes()).pixels
    picture[2100:2500, 3000:3400] = cv2.resize(weld, (400, 400), interpolation=cv2.INTER_AREA)
    return picture


def test_a_small_weld_in_a_large_photograph_is_found_and_its_tile_named(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.fromarray(scene()).save(path, quality=92)
    model = open_model()
    plain = Inspector(model, tile_megapixels=None).file(path)
    found = Inspector(model).file(path)
    assert plain.judgement is not None
    assert found.judgement is not None
    assert found.prediction is not None
    assert plain.tile is None
    assert plain.judgement.verdict is Verdict.NO_WELD
    assert found.judgement.verdict is Verdict.DEFECT
    assert POROSITY in found.judgement.classes
    assert found.tile is not None
    left, top, right, bottom = found.tile
    assert left < 3200 / 4000 < right
    assert top < 2300 / 3000 < bottom
    boxes = Inspector(model).boxes(found.prediction, POROSITY)
    assert boxes
    for box in boxes:
        assert box.region[0] > 0.6
        assert box.region[1] > 0.55


def test_a_reduced_decode_for_tiles_judges_like_the_full_one() -> None:
    file = io.BytesIO()
    picture = scene()
    Image.fromarray(picture).save(file, "JPEG", quality=95)
    inspector = Inspector(open_model())
    reduced = inspector.content(file.getvalue(), origin="x")
    whole = inspector.pixels(picture)
    assert reduced.prediction is not None
    assert np.abs(reduced.prediction.scores - whole.prediction.scores).max() < 0.1
    assert reduced.tile == whole.tile


def test_a_region_is_tiled_by_its_own_size() -> None:
    inspector = Inspector(open_model())
    region = (0.65, 0.6, 0.97, 0.97)
    small = inspector.pixels(scene(), region=region)
    assert small.tile is None
    assert small.prediction.heatmap.shape[:2] == (40, 40)
    inspector = Inspector(open_model(), tile_megapixels=0.5)
    tiled = inspector.pixels(scene(), region=region)
    assert tiled.prediction.heatmap.shape[0] > 40
    if tiled.tile is not None:
        assert region[0] - 1e-6 <= tiled.tile[0] < tiled.tile[2] <= region[2] + 1e-6


def test_live_frames_and_small_pictures_are_judged_whole() -> None:
    found = Inspector(open_model()).pixels(scene()[:720, :1280])
    assert found.tile is None
    assert found.prediction.heatmap.shape[:2] == (40, 40)


def test_tiles_come_from_the_settings_and_belong_to_the_manner(workspace: Path) -> None:
    context = Context(workspace)
    usual = context.inspector()
    assert usual.tile_megapixels == 2.0
    context.settings.inspection.tile_megapixels = 8
    larger = context.inspector()
    context.settings.inspection.tiles = False
    never = context.inspector()
    assert (larger.tile_megapixels, never.tile_megapixels) == (8, None)
    assert len({usual.manner, larger.manner, never.manner}) == 3
