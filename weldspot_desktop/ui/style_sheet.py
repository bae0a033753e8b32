"""The application's one style sheet: flat controls with a border that can be seen and a focus that cannot be missed.

It says only what a palette cannot. No widget has a style sheet of its own; a widget that differs says so with
the property `look`: "main" (the one main action), "chip", "plain" (no border until touched).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from weldspot_desktop import paths

if TYPE_CHECKING:
    from weldspot_desktop.ui.theme import Colours

TEXT_SIZE: Final = "textSize"
"""Property of a widget: name of its text size in the scale, "TITLE"."""

BOLD: Final = "textBold"
"""Property of a widget whose words are bold."""

MUTED: Final = "textMuted"
"""Property of a label whose words have lesser weight."""

FAULT: Final = "fault"
"""Property of a label that says what is wrong."""


def style_sheet(of: "Colours", sizes: Mapping[str, int]) -> str:
    """The sheet for a theme.

    Parameters
    ----------
    of
        The theme's colours.
    sizes
        Pixels of each text size of the scale, by name; indicators and arrows grow with "BODY".
    """
    kind = "dark" if of.dark else "light"
    icons = {name: paths.resource("icons", f"{name}-{kind}.svg").as_posix() for name in ("down", "up", "check")}
    box = round(sizes["BODY"] * 1.15)
    arrow = round(sizes["BODY"] * 0.9)
    text = "\n".join(f'*[{TEXT_SIZE}="{name}"] {{ font-size: {pixels}px; }}' for name, pixels in sizes.items())
    field = "QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox"
    return f"""
    QToolTip {{ color: {of.text}; background: {of.raised}; border: 1px solid {of.edge}; padding: 4px; }}

    {text}
    *[{BOLD}="true"] {{ font-weight: 600; }}
    QLabel[{MUTED}="true"] {{ color: {of.muted}; }}
    QLabel[{FAULT}="true"] {{ color: {of.bad}; }}

    QPushButton, QToolButton {{
        color: {of.text}; background: {of.raised}; border: 1px solid {of.edge}; border-radius: 6px;
        padding: 5px 12px; icon-size: {box}px;
    }}
    QToolButton {{ padding: 5px 8px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {of.text}; }}
    QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {{
        background: {of.line}; border-color: {of.text};
    }}
    QPushButton:disabled, QToolButton:disabled {{ color: {of.edge}; border-color: {of.line}; }}
    QPushButton:focus, QToolButton:focus {{ border: 2px solid {of.accent}; padding: 4px 11px; }}
    QToolButton:focus {{ padding: 4px 7px; }}

    QPushButton[look="main"] {{
        color: {of.on_accent}; background: {of.accent}; border-color: {of.accent}; padding: 8px 12px;
        font-weight: 600;
    }}
    QPushButton[look="main"]:focus {{ border: 2px solid {of.text}; padding: 7px 11px; }}
    QPushButton[look="main"]:disabled {{
        color: {of.edge}; background: {of.raised}; border-color: {of.line};
    }}
    QPushButton[look="chip"] {{ border-radius: 12px; padding: 3px 12px; background: {of.window}; }}
    QPushButton[look="chip"]:checked {{
        background: {of.selected}; border: 2px solid {of.accent}; padding: 2px 11px;
    }}
    QPushButton[look="chip"]:focus {{ border: 2px solid {of.accent}; padding: 2px 11px; }}
    QPushButton[look="chip"]:checked:focus {{ border-color: {of.text}; }}
    QPushButton[look="plain"], QToolButton[look="plain"] {{
        background: transparent; border: 1px solid transparent; padding: 3px 6px;
    }}
    QPushButton[look="plain"]:hover, QToolButton[look="plain"]:hover {{ background: {of.raised}; }}
    QPushButton[look="plain"]:focus, QToolButton[look="plain"]:focus {{
        border: 2px solid {of.accent}; padding: 2px 5px;
    }}

    {field} {{
        color: {of.text}; background: {of.raised}; border: 1px solid {of.edge}; border-radius: 6px; padding: 5px 8px;
        selection-color: {of.on_accent}; selection-background-color: {of.accent};
    }}
    QLineEdit, QPlainTextEdit {{ placeholder-text-color: {of.muted}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
        border: 2px solid {of.accent}; padding: 4px 7px;
    }}
    QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{
        color: {of.muted}; background: {of.window}; border-color: {of.line};
    }}
    QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0 0 0 6px; background: transparent; }}
    QComboBox::drop-down {{ border: none; width: {arrow + 12}px; }}
    QComboBox::down-arrow {{ image: url("{icons["down"]}"); width: {arrow}px; height: {arrow}px; }}
    QAbstractSpinBox {{ padding-right: {arrow + 12}px; }}
    QAbstractSpinBox:focus {{ padding-right: {arrow + 11}px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
        border: none; width: {arrow + 8}px; background: transparent;
    }}
    QAbstractSpinBox::up-arrow {{ image: url("{icons["up"]}"); width: {arrow}px; height: {arrow}px; }}
    QAbstractSpinBox::down-arrow {{ image: url("{icons["down"]}"); width: {arrow}px; height: {arrow}px; }}
    QComboBox QAbstractItemView {{
        color: {of.text}; background: {of.window}; border: 1px solid {of.edge}; padding: 4px;
        selection-color: {of.on_accent}; selection-background-color: {of.accent};
    }}

    QCheckBox::indicator, QRadioButton::indicator {{
        width: {box}px; height: {box}px; border: 1px solid {of.edge}; border-radius: 4px; background: {of.raised};
    }}
    QCheckBox::indicator:checked {{
        background: {of.accent}; border-color: {of.accent}; image: url("{icons["check"]}");
    }}
    QRadioButton::indicator {{ border-radius: {(box + 2) // 2}px; }}
    QRadioButton::indicator:checked {{
        border-color: {of.accent};
        background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
            stop: 0 {of.on_accent}, stop: 0.4 {of.on_accent}, stop: 0.5 {of.accent}, stop: 1 {of.accent});
    }}
    QCheckBox, QRadioButton {{ padding: 2px; border: 2px solid transparent; border-radius: 6px; }}
    QCheckBox:focus, QRadioButton:focus {{ border-color: {of.accent}; }}
    QCheckBox:disabled, QRadioButton:disabled {{ color: {of.muted}; }}
    QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {of.line}; }}

    QAbstractItemView {{
        background: {of.window}; alternate-background-color: {of.window}; border: none; outline: none;
    }}
    QTableView {{ gridline-color: {of.line}; }}
    QTableView::item, QTreeView::item, QListView::item {{ padding: 4px 8px; }}
    QTableView::item:focus, QListView::item:focus {{ border: 1px solid {of.accent}; }}
    QListView::item:selected {{ color: {of.on_accent}; background: {of.accent}; }}
    QListView::item:selected:focus {{ border: 1px solid {of.text}; }}
    QHeaderView {{ background: {of.window}; }}
    QHeaderView::section {{
        color: {of.muted}; background: {of.window}; border: none; border-bottom: 1px solid {of.line};
        padding: 6px 11px;
    }}
    QTableCornerButton::section {{ background: {of.window}; border: none; }}

    QProgressBar {{ background: {of.line}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {of.accent}; border-radius: 3px; }}

    QAbstractScrollArea::corner {{ background: {of.window}; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {of.edge}; border-radius: 3px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 32px; }}
    QScrollBar::handle:horizontal {{ min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {of.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

    QMenu {{ color: {of.text}; background: {of.window}; border: 1px solid {of.edge}; padding: 4px; }}
    QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ color: {of.on_accent}; background: {of.accent}; }}
    QMenu::item:disabled {{ color: {of.muted}; }}
    QMenu::separator {{ height: 1px; background: {of.line}; margin: 4px 8px; }}
    """
