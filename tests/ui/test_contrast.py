"""Contrast of every colour pair of the window, by WCAG 2.2."""

from collections.abc import Callable
from dataclasses import asdict

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from weldspot_desktop import labels
from weldspot_desktop.pictures.marks import Rgb, contrast
from weldspot_desktop.settings import Theme
from weldspot_desktop.ui.class_style import STYLES, VERDICTS
from weldspot_desktop.ui.theme import DARK, LIGHT, Colours, colours

TEXT, MARK = 4.5, 3.0
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ratio(one: str, other: str) -> float:
    return contrast(rgb(one), rgb(other))


def grounds(of: Colours) -> tuple[str, str, str]:
    return of.window, of.raised, of.selected


@pytest.mark.parametrize("of", THEMES)
@pytest.mark.parametrize("name", ["text", "muted", "good", "warning", "bad", "info"])
def test_words_on_every_ground(of: Colours, name: str) -> None:
    for ground in grounds(of):
        assert ratio(asdict(of)[name], ground) >= TEXT, f"{name} on {ground}"


@pytest.mark.parametrize("of", THEMES)
def test_words_on_the_accent(of: Colours) -> None:
    assert ratio(of.on_accent, of.accent) >= TEXT


@pytest.mark.parametrize("of", THEMES)
def test_borders_and_focus(of: Colours) -> None:
    for ground in (of.window, of.raised):
        assert ratio(of.edge, ground) >= MARK, f"edge on {ground}"
        assert ratio(of.accent, ground) >= MARK, f"accent on {ground}"


@pytest.mark.parametrize("chosen", [Theme.LIGHT, Theme.DARK])
def test_placeholder_of_a_field_as_it_is_painted(qtbot: QtBot, look: Callable[[Theme], None], chosen: Theme) -> None:
    look(chosen)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    colour = field.palette().placeholderText().color()
    assert colour.alpha() == 255
    assert ratio(colour.name(), colours().raised) >= TEXT


@pytest.mark.parametrize("of", THEMES)
@pytest.mark.parametrize("index", range(labels.COUNT), ids=labels.CLASSES)
def test_classes(of: Colours, index: int) -> None:
    style = STYLES[index]
    edge, text = (style.edge.dark, style.text.dark) if of.dark else (style.edge.light, style.text.light)
    for ground in grounds(of):
        assert ratio(edge, ground) >= MARK, f"edge on {ground}"
        assert ratio(text, ground) >= TEXT, f"text on {ground}"


@pytest.mark.parametrize("of", THEMES)
@pytest.mark.parametrize("verdict", list(VERDICTS))
def test_verdicts(of: Colours, verdict: str) -> None:
    style = VERDICTS[verdict]  # type: ignore[index]
    edge, text = (style.edge.dark, style.text.dark) if of.dark else (style.edge.light, style.text.light)
    assert ratio(style.ink, style.fill) >= TEXT
    assert ratio(edge, of.window) >= MARK
    for ground in grounds(of):
        assert ratio(text, ground) >= TEXT, f"text on {ground}"


def test_the_measure_itself() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
