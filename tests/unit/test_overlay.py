import numpy as np
import pytest

from weldspot_desktop import labels
from weldspot_desktop.pictures.marks import CLASS_MARKS, VERDICT_COLOURS, VERDICT_STROKES, contrast, text_on
from weldspot_desktop.pictures.overlay import Box, annotate, draw_boxes
from weldspot_desktop.pictures.thumbnail import thumbnail
from weldspot_desktop.verdict import Verdict


def grey(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 128, dtype=np.uint8)


def test_every_class_and_verdict_has_a_mark_and_no_two_share_one():
    assert len(CLASS_MARKS) == labels.COUNT
    assert len({mark.colour for mark in CLASS_MARKS}) == len({mark.sign for mark in CLASS_MARKS}) == labels.COUNT
    assert set(VERDICT_COLOURS) == set(VERDICT_STROKES) == {verdict.value for verdict in Verdict}


def test_marks_stay_in_their_square():
    corners = [xy for mark in CLASS_MARKS for xy in mark.outline]
    corners += [xy for strokes in VERDICT_STROKES.values() for stroke in strokes for xy in stroke]
    assert max(abs(value) for xy in corners for value in xy) <= 1.0 + 1e-9


@pytest.mark.parametrize("colour", [*VERDICT_COLOURS.values(), *(mark.colour for mark in CLASS_MARKS)])
def test_words_on_a_colour_can_be_read(colour: tuple[int, int, int]):
    assert contrast(text_on(colour), colour) >= 4.5


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_a_box_is_drawn_in_its_class_colour_at_its_place_on_a_copy():
    pixels = grey(400, 300)
    drawn = draw_boxes(pixels, [Box(2, (0.25, 0.5, 0.75, 0.9), 0.93)])
    assert (pixels == 128).all()
    assert tuple(drawn[270 - 1, 200]) == CLASS_MARKS[2].colour
    assert tuple(drawn[200, 100]) == CLASS_MARKS[2].colour
    assert (drawn[:120] == 128).all()


@pytest.mark.parametrize("region", [(0.0, 0.0, 1.0, 1.0), (0.9, 0.9, 1.0, 1.0), (0.0, 0.0, 0.01, 0.01)])
@pytest.mark.parametrize("size", [(1, 1), (12, 9), (900, 40)])
def test_boxes_at_the_edge_and_tiny_pictures_do_no_harm(size, region):
    drawn = draw_boxes(grey(*size), [Box(i, region) for i in range(7)], region=region)
    assert drawn.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("verdict", [*(v.value for v in Verdict), None])
@pytest.mark.parametrize("size", [(640, 480), (40, 900), (3000, 200)])
def test_an_annotated_picture_has_a_banner_above_the_picture(verdict, size):
    reason = "Schweißnaht 焊缝 " * 30
    drawn = annotate(grey(*size), verdict=verdict, reason=reason)
    width, height = size
    assert drawn.shape[1] == max(width, 320)
    assert drawn.shape[0] > height
    left = (drawn.shape[1] - width) // 2
    assert (drawn[-height:, left : left + width] == 128).all()
    if verdict is not None:
        assert tuple(drawn[1, 1]) == VERDICT_COLOURS[verdict]


def test_the_heat_map_is_on_the_annotated_picture():
    logits = np.full((8, 8, 7), 5.0, dtype=np.float32)
    plain = annotate(grey(320, 320), verdict="DEFECT", reason="")
    shown = annotate(grey(320, 320), verdict="DEFECT", reason="", logits=logits, class_index=5, opacity=0.5)
    assert (shown[-160, 160] != plain[-160, 160]).any()


@pytest.mark.parametrize("size", [(1, 1), (5000, 3), (3, 5000), (96, 72), (640, 480)])
def test_a_thumbnail_covers_its_size_and_keeps_the_middle(size):
    small = thumbnail(grey(*size))
    assert small.shape == (72, 96, 3)
    assert small.flags["C_CONTIGUOUS"]
    wide = np.zeros((100, 900, 3), dtype=np.uint8)
    wide[:, 400:500] = 255
    assert thumbnail(wide)[36, 48].min() == 255
