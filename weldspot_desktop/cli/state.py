"""What the options before the command chose."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weldspot_desktop.context import Context


@dataclass(frozen=True)
class State:
    """Workspace and model; None takes the usual one."""

    workspace: Path | None
    model: Path | None

    def open(self) -> "Context":
        """The context of that workspace.

        Raises
        ------
        WorkspaceError
            If it cannot be used.
        """
        from weldspot_desktop.context import Context

        return Context(self.workspace, model=self.model)
