"""The pages of the window. A new page is one new file and one line here."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from weldspot_desktop.ui.drops import Dropped

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.ui.frame import Frame
    from weldspot_desktop.ui.page import Page


@dataclass(frozen=True)
class PageSpec:
    """A page as the rail knows it, before its file is imported.

    Attributes
    ----------
    title
        Its word in the rail.
    icon
        Name for `theme.icon`.
    module, class_name
        Where its class lies, under `weldspot_desktop.ui.pages`; imported when it is first opened.
    purpose
        One sentence: tooltip and command palette.
    takes
        Dropped things that belong to this page (`Page.open_paths`).
    at_foot
        Whether it stands at the lower end of the rail.
    """

    title: str
    icon: str
    module: str
    class_name: str
    purpose: str
    takes: frozenset[Dropped] = frozenset()
    at_foot: bool = False

    def make(self, context: "Context", frame: "Frame") -> "Page":
        """Import the page's file and make the page."""
        page_class: type[Page] = getattr(import_module(f"{__name__}.{self.module}"), self.class_name)
        return page_class(context, frame)


PAGES: Final[dict[str, PageSpec]] = {
    "live": PageSpec(
        "Live",
        "record-circle-outline",
        "live_page",
        "LivePage",
        "Judge what a camera or a video shows.",
        frozenset({Dropped.VIDEO}),
    ),
    "import": PageSpec(
        "Import",
        "image-outline",
        "import_page",
        "ImportPage",
        "Judge one picture and see where the model looks.",
        frozenset({Dropped.PICTURE}),
    ),
    "folder": PageSpec(
        "Folder",
        "folder-outline",
        "folder_page",
        "FolderPage",
        "Judge all pictures of a folder.",
        frozenset({Dropped.FOLDER, Dropped.PICTURES}),
    ),
    "log": PageSpec("Log", "format-list-bulleted", "log_page", "LogPage", "Every kept inspection, with its picture."),
    "review": PageSpec(
        "Review",
        "check",
        "review_page",
        "ReviewPage",
        "Confirm or correct what phones sent.",
    ),
    "models": PageSpec(
        "Models",
        "tune-vertical",
        "models_page",
        "ModelsPage",
        "What the model was measured to do, and the thresholds that its verdicts rest on.",
    ),
    "settings": PageSpec(
        "Settings",
        "cog-outline",
        "settings_page",
        "SettingsPage",
        "What can be chosen, and the people of this station.",
        at_foot=True,
    ),
}
"""Every page by key, in the order of the rail."""
