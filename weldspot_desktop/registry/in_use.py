"""The model that a program holds open, and whether another one was put in use meanwhile."""

import threading
from collections.abc import Callable
from pathlib import Path

from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import active
from weldspot_desktop.store import Database


class ModelInUse:
    """The model file chosen at the start, else the workspace's, else the starter model; opened at its first use.

    Parameters
    ----------
    models
        Folder of the workspace's models.
    chosen
        A file to use whatever the workspace says; None for the workspace's.
    database
        Gives the database, or None where there is none to look into: looking makes no workspace.
    """

    def __init__(self, models: Path, chosen: Path | None, database: Callable[[], Database | None]) -> None:
        self._models, self._chosen, self._database = models, chosen, database
        self._lock = threading.RLock()
        self._model: ModelFile | None = None
        self._mark = 0

    def model(self) -> ModelFile:
        """The same object until `refresh` finds another one in use.

        Raises
        ------
        ModelFileError, StoreError
            If it cannot be used.
        """
        with self._lock:
            if self._model is None:
                self._mark, path = self._in_use()
                self._model = active.open_model(path)
            return self._model

    def refresh(self) -> bool:
        """Let go of a model that is not in use any more; one small question to the database.

        Returns
        -------
        bool
            Whether `model` is another one now.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        mark, path = self._in_use()
        with self._lock:
            if self._model is None or mark == self._mark:
                return False
            changed = (path or active.starter_model()) != self._model.path
            if changed:
                self._model = None
            self._mark = mark
            return changed

    def _in_use(self) -> tuple[int, Path | None]:
        """The mark of the choice and the file; no file for the starter model."""
        database = self._database() if self._chosen is None else None
        if database is None:
            return 0, self._chosen
        with database.read() as session:
            return active.mark(session), active.path(session, self._models)
