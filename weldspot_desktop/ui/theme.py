"""Colours, sizes, fonts and icons of the window, for the light and the dark theme."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import qtawesome
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from weldspot_desktop.settings import Theme
from weldspot_desktop.ui.style_sheet import BOLD, MUTED, TEXT_SIZE, style_sheet

STEP: Final = 4
"""Every distance is a multiple of this many pixels."""

PANEL_WIDTH: Final = 320
RAIL_WIDTH: Final = 160
NARROW: Final = 1100
"""Window width below which the rail shows icons alone."""


class Size(IntEnum):
    """The one scale of text sizes, in pixels at 100 %."""

    SMALL = 12
    BODY = 14
    HEAD = 16
    TITLE = 20
    BIG = 28
    VERDICT = 56


@dataclass(frozen=True)
class Colours:
    """Colours of one theme, as "#rrggbb".

    Attributes
    ----------
    window
        Rail, panel, pages.
    raised
        Buttons and fields.
    selected
        Selected rows.
    canvas
        Behind a picture.
    line
        Between areas; carries no meaning.
    edge
        Border of fields and buttons: 3:1 on `window`.
    text, muted
        Words, and words of lesser weight: 4.5:1 on `window`, `raised` and `selected`.
    accent, on_accent
        The one main action, selection, focus; and words on it.
    good, warning, bad, info
        Small coloured words and signs: 4.5:1 on `window`, `raised` and `selected`.
    """

    dark: bool
    window: str
    raised: str
    selected: str
    canvas: str
    line: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    info: str


LIGHT: Final = Colours(
    dark=False,
    window="#ffffff",
    raised="#f0f1f4",
    selected="#e6effa",
    canvas="#e2e5e9",
    line="#d9dce1",
    edge="#7f858e",
    text="#16191d",
    muted="#565c65",
    accent="#1a66c2",
    on_accent="#ffffff",
    good="#00714f",
    warning="#855900",
    bad="#b04a00",
    info="#1a62b8",
)

DARK: Final = Colours(
    dark=True,
    window="#1e2126",
    raised="#292d34",
    selected="#27384d",
    canvas="#0c0d0e",
    line="#353a42",
    edge="#767d88",
    text="#eceef1",
    muted="#a5acb6",
    accent="#4c9be8",
    on_accent="#07111c",
    good="#3cc299",
    warning="#e9ab1e",
    bad="#f28b45",
    info="#6db3f5",
)


@dataclass
class _Chosen:
    colours: Colours = LIGHT
    percent: int = 100


_chosen = _Chosen()


def colours() -> Colours:
    """Colours of the theme in force. Painted widgets ask at each paint; a change sends `PaletteChange` to all."""
    return _chosen.colours


def pixels(size: Size | int) -> int:
    """A text size of the scale in pixels, at the chosen text size."""
    return max(1, round(int(size) * _chosen.percent / 100))


def wider(width: int) -> int:
    """A width in pixels of a column of words: it takes the half of what the words grow, the page needs the rest."""
    return round(width * (1 + max(0.0, _chosen.percent / 100 - 1) / 2))


def font(size: Size = Size.BODY, *, bold: bool = False) -> QFont:
    """The system's font in a size of the scale, with digits of one width."""
    made = QFont(QGuiApplication.font())
    made.setPixelSize(pixels(size))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def set_text(widget: QWidget, size: Size, *, bold: bool = False, muted: bool = False) -> None:
    """Give a widget a text size of the scale (and the muted colour) that follow theme and text size.

    The style sheet does it, by properties: a font or palette set on the widget would be lost when Qt polishes it
    again, as it does when the widget gets another parent.
    """
    widget.setProperty(TEXT_SIZE, size.name)
    widget.setProperty(BOLD, bold)
    widget.setProperty(MUTED, muted)
    _polish_again(widget)


def set_look(widget: QWidget, look: str) -> None:
    """Mark a button as "main" (the one main action), "chip" or "plain"; see `style_sheet`."""
    widget.setProperty("look", look)
    _polish_again(widget)


def space(steps: int) -> int:
    """A distance of so many steps of 4 pixels."""
    return steps * STEP


def icon(name: str, colour: str | None = None) -> QIcon:
    """An icon of the one family (Material Design Icons, "camera-outline") in a colour; the text's by default."""
    made: QIcon = qtawesome.icon(f"mdi6.{name}", color=QColor(colour or colours().text))
    return made


def icon_size(size: Size = Size.TITLE) -> QSize:
    """Square for an icon beside text."""
    side = pixels(size)
    return QSize(side, side)


def apply(application: QApplication, theme: Theme, percent: int) -> None:
    """Put a theme and a text size in force for all windows, present and to come.

    Parameters
    ----------
    application
        The one application.
    theme
        SYSTEM follows the system, also when it changes later (call again on `colorSchemeChanged`).
    percent
        Text size, 80 to 200.
    """
    hints = QGuiApplication.styleHints()
    wanted = {
        Theme.SYSTEM: Qt.ColorScheme.Unknown,
        Theme.LIGHT: Qt.ColorScheme.Light,
        Theme.DARK: Qt.ColorScheme.Dark,
    }[theme]
    hints.setColorScheme(wanted)
    # Some platforms (offscreen, bare X) know no scheme and keep saying Unknown: the choice itself then decides.
    dark = theme is Theme.DARK or (theme is Theme.SYSTEM and hints.colorScheme() is Qt.ColorScheme.Dark)
    _chosen.colours = DARK if dark else LIGHT
    _chosen.percent = percent
    if application.style().objectName() != "fusion":
        application.setStyle("Fusion")
    application.setFont(font())
    application.setPalette(palette(_chosen.colours))
    # PySide takes the class name as str and refuses the bytes that its type stub asks for.
    application.setPalette(_table_palette(_chosen.colours), "QTableView")  # type: ignore[arg-type]
    application.setStyleSheet(style_sheet(_chosen.colours, {size.name: pixels(size) for size in Size}))


def palette(of: Colours) -> QPalette:
    """The Qt palette of a theme."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, colour in {
        role.Window: of.window,
        role.WindowText: of.text,
        role.Base: of.window,
        role.AlternateBase: of.raised,
        role.Text: of.text,
        role.PlaceholderText: of.muted,
        role.Button: of.raised,
        role.ButtonText: of.text,
        role.BrightText: of.bad,
        role.ToolTipBase: of.raised,
        role.ToolTipText: of.text,
        role.Highlight: of.accent,
        role.HighlightedText: of.on_accent,
        role.Accent: of.accent,
        role.Link: of.info,
        role.LinkVisited: of.info,
        role.Mid: of.edge,
        role.Midlight: of.line,
        role.Dark: of.edge,
        role.Light: of.raised,
        role.Shadow: of.line,
    }.items():
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(of.edge))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(of.line))
    return made


def _table_palette(of: Colours) -> QPalette:
    """The palette of tables: a selected row keeps its coloured words readable."""
    made = palette(of)
    made.setColor(QPalette.ColorRole.Highlight, QColor(of.selected))
    made.setColor(QPalette.ColorRole.HighlightedText, QColor(of.text))
    return made


def _polish_again(widget: QWidget) -> None:
    """Let a property count on a widget that was shown already."""
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
