"""The one place where parts are wired together; window, command line and server start from here."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weldspot_desktop import paths, settings
from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.inspection.inspector import Inspector
from weldspot_desktop.inspection.recording import Recorder
from weldspot_desktop.model import ModelFile
from weldspot_desktop.pictures.quality import Limits
from weldspot_desktop.registry.in_use import ModelInUse
from weldspot_desktop.reports.sources import Sources, TrailHead
from weldspot_desktop.store import Database, people, threshold_sets, trail_check, trail_seal
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import Person, StoredThresholds
from weldspot_desktop.store.trail_check import Verification
from weldspot_desktop.store.trail_head import Head
from weldspot_desktop.verdict import ThresholdSet

if TYPE_CHECKING:
    from weldspot_desktop.cloud.inbox import Inbox, RemoteObject
    from weldspot_desktop.dataset.sources import Room
    from weldspot_desktop.inspection.source_choices import SourceChoices
    from weldspot_desktop.inspection.sources import Source
    from weldspot_desktop.review.fetching import Scorer
    from weldspot_desktop.review.scoring import Rescored
    from weldspot_desktop.review.sync_result import LastSync, SyncResult

_LOG = logging.getLogger(__name__)


class WorkspaceError(ExpectedError):
    """The workspace folder cannot be used."""


class Context:
    """A workspace with everything that works on it; parts are opened at their first use.

    Parameters
    ----------
    workspace
        Folder of the workspace; None takes the environment's or the user's own.
    model
        A model file to use instead of the active one.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made.
    """

    def __init__(self, workspace: Path | None = None, *, model: Path | None = None) -> None:
        self.workspace = paths.Workspace((workspace or paths.default_workspace()).expanduser().absolute())
        self._model_in_use = ModelInUse(
            self.workspace.models, model, lambda: self.database if self._database or self.has_database else None
        )
        self._lock = threading.RLock()
        self._database: Database | None = None
        loaded = settings.load(self.workspace.settings)
        self.settings = loaded.settings
        self.settings_problems = loaded.problems

    @property
    def database(self) -> Database:
        """The workspace's database, or the one on a server that environment or settings name; made at first use.

        Raises
        ------
        WorkspaceError, StoreError
            If the workspace cannot be used.
        """
        with self._lock:
            if self._database is None:
                self._create()
                self._database = Database(self._shared_database or self.workspace.database)
            return self._database

    @property
    def has_database(self) -> bool:
        """Whether there is one to look into; looking makes no workspace."""
        return bool(self._shared_database) or self.workspace.database.is_file()

    @property
    def _shared_database(self) -> str:
        """Address of a database on a server, strongest first: the environment's, the settings'; else empty."""
        return paths.named_database() or self.settings.storage.database

    @property
    def picture_files(self) -> PictureFiles:
        return PictureFiles(self.workspace.pictures)

    @property
    def dataset_room(self) -> "Room":
        """What an import of a dataset works with."""
        # Imported here: commands that import nothing do without what downloads and unpacks.
        from weldspot_desktop.dataset.sources import Room

        return Room(self.workspace, self.database, self.picture_files)

    @property
    def source_choices(self) -> "SourceChoices":
        # Imported here: commands that open no source do without what watches cameras and folders.
        from weldspot_desktop.inspection.source_choices import SourceChoices

        return SourceChoices(self.workspace.sources)

    def source(self, text: str) -> "Source":
        """The live source that a text names, with what the settings say and what was chosen for it.

        Raises
        ------
        SourceError
            If the text has a mistake in it.
        """
        from weldspot_desktop.inspection import sources

        found = sources.parse(text)
        found.apply(self.source_choices.options(found, self.settings))
        return found

    @property
    def model(self) -> ModelFile:
        """The model in use: the file chosen at the start, else the workspace's, else the starter model.

        It stays the same until `refresh_model` finds another one in use.

        Raises
        ------
        ModelFileError, StoreError
            If it cannot be used.
        """
        return self._model_in_use.model()

    def refresh_model(self) -> bool:
        """Take over what was put in use meanwhile, by this program or another one on the workspace.

        For a timer of the window; `inspector` asks by itself.

        Returns
        -------
        bool
            Whether `model` is another one now. Whoever holds an inspector of the old one lets go of it then.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        return self._model_in_use.refresh()

    def inspector(self, *, threads_per_inference: int = 1) -> Inspector:
        """A new inspector with the model in use, its chosen thresholds and the settings' limits.

        Raises
        ------
        ModelFileError, StoreError, ThresholdSetError
            If model, workspace or the chosen set cannot be used.
        """
        self.refresh_model()
        model = self.model
        inspection, quality = self.settings.inspection, self.settings.quality
        limits = Limits(quality.darkest, quality.brightest, quality.glare_percent / 100, quality.blur)
        return Inspector(
            model,
            thresholds=self.thresholds_of(model),
            limits=limits if quality.check else None,
            tile_megapixels=inspection.tile_megapixels if inspection.tiles else None,
            largest_megapixels=inspection.largest_megapixels,
            threads_per_inference=threads_per_inference,
        )

    def thresholds(self) -> ThresholdSet:
        """The set in force for the model in use: the one chosen last, else the one that its card ships.

        Raises
        ------
        ModelFileError, StoreError, ThresholdSetError
            If model, workspace or the chosen set cannot be used.
        """
        return self.thresholds_of(self.model)

    def thresholds_of(self, model: ModelFile) -> ThresholdSet:
        """The set in force for a model; see `thresholds`."""
        card = model.card
        # Looking at pictures makes no workspace; without one nothing can have been chosen.
        if self._database is None and not self.has_database:
            return card.thresholds
        with self.database.read() as session:
            row = threshold_sets.chosen(session, card.sha256)
            return threshold_sets.values(row) if row is not None else card.thresholds

    def make_thresholds(
        self, thresholds: ThresholdSet, *, preset: str | None, basis: Mapping[str, Any], person: Person | None
    ) -> StoredThresholds:
        """Save a new set, under its name, for the model in use; see `store.threshold_sets.add`."""
        card = self.model.card
        with self.database.write() as session:
            return threshold_sets.add(
                session,
                model_sha256=card.sha256,
                shipped=card.thresholds,
                thresholds=thresholds,
                preset=preset,
                basis=basis,
                person=person,
            )

    def choose_thresholds(self, name: str, *, person: Person | None) -> ThresholdSet:
        """Put a set in force for the model in use; see `store.threshold_sets.choose`."""
        card = self.model.card
        with self.database.write() as session:
            return threshold_sets.choose(
                session, model_sha256=card.sha256, shipped=card.thresholds, name=name, person=person
            )

    def recorder(self, inspector: Inspector) -> Recorder:
        """A recorder for what that inspector judges."""
        return Recorder(self.database, self.picture_files, inspector, station=self.settings.station.facts())

    def report_sources(self) -> Sources:
        """What reports are made from; the boxes in them are those of the model in use."""
        levels = {}
        try:
            card = self.model.card
            levels[card.sha256] = dict(card.box_levels)
        except ExpectedError:
            # Reports tell of the past: they can be written without a model, only without its boxes.
            _LOG.warning("reports show no boxes, because the model cannot be used", exc_info=True)
        return Sources(
            database=self.database,
            files=self.picture_files,
            company=self.settings.company.model_copy(),
            layout=self.settings.report.model_copy(),
            logos=self.workspace.company,
            opacity=self.settings.inspection.heat_map_opacity / 100,
            box_levels=levels,
            sign_head=self._signed_for_report,
        )

    def _signed_for_report(self) -> TrailHead | None:
        head = self.seal_trail("report")
        if head is None:
            return None
        return TrailHead(head.count, head.hash, f"by station {head.station} at {head.when()}")

    @property
    def inbox(self) -> "Inbox":
        """Where phones' pictures come from, as the settings say.

        Raises
        ------
        CloudError, ExpectedError
            If it is not set up, or cannot be opened.
        """
        return self._open_inbox(full=False)

    def _complete_bucket(self) -> None:
        """Save the whole name of a bucket where older settings hold only the project's id."""
        wanted = self.settings.cloud
        if wanted.backend is not settings.CloudBackend.FIREBASE or "." in wanted.bucket:
            return
        from weldspot_desktop.cloud.faults import Offline
        from weldspot_desktop.cloud.firebase.opening import found_bucket

        # The sync that follows says that it is offline.
        with suppress(Offline):
            found = found_bucket(wanted)
            if found != wanted.bucket:
                wanted.bucket = found
                self.save_settings()

    def _open_inbox(self, *, full: bool) -> "Inbox":
        # Imported here, as all that only syncing needs: few commands do.
        from weldspot_desktop import cloud
        from weldspot_desktop.cloud.inbox import nothing_known
        from weldspot_desktop.review.known import known

        def arrived(inbox: str, names: Sequence[str]) -> Mapping[str, "RemoteObject"]:
            return known(self.database, inbox, names)

        return cloud.open_inbox(self.settings.cloud, nothing_known if full else arrived)

    def sync(
        self, progress: Callable[[int, int | None], None], *, full: bool = False, score: bool = True
    ) -> "SyncResult":
        """Take in what phones sent; see `review.sync.sync`.

        Parameters
        ----------
        progress
            Called with objects done and in all; what it raises stops the sync.
        full
            Compare everything, whatever the last look left.
        score
            Judge the pictures with the model in use; otherwise, and without a usable model, that is left for later.
        """
        from weldspot_desktop.review import sync
        from weldspot_desktop.review.cleaning import Cleaner

        self._complete_bucket()
        wanted = self.settings.cloud
        options = sync.Options(largest_bytes=wanted.largest_megabytes * 1_000_000, moves=wanted.move, full=full)
        cleaner = Cleaner(blur_faces=wanted.blur_faces, largest_megapixels=self.settings.inspection.largest_megapixels)
        scorer: Scorer | None = None
        if score:
            try:
                scorer = self.scorer()
            except ExpectedError as error:
                # Uploads must come in all the same; the queue shows which have no scores.
                _LOG.warning("Uploads are taken in without scores: %s", error)
        return sync.sync(
            self.database,
            self.picture_files,
            self._open_inbox(full=full),
            cleaner,
            scorer=scorer,
            options=options,
            progress=progress,
        )

    def last_sync(self) -> "LastSync | None":
        """How the last look at the inbox of the settings ended; None if there was none.

        Raises
        ------
        CloudError, ExpectedError
            If the inbox is not set up, or the database cannot be read.
        """
        from weldspot_desktop.review import sync

        return sync.last(self.database, self.inbox.id)

    def rescore_uploads(self, progress: Callable[[int, int | None], None]) -> "Rescored":
        """Judge the waiting uploads that the model in use has not judged; see `review.scoring.rescore`."""
        from weldspot_desktop.review import scoring

        return scoring.rescore(self.database, self.picture_files, self.scorer(), progress)

    def scorer(self) -> "Scorer":
        """What the model in use says of uploads.

        Raises
        ------
        ModelFileError, StoreError, ThresholdSetError
            If model, workspace or the chosen set cannot be used.
        """
        from weldspot_desktop.review.fetching import Scorer

        inspector = self.inspector()

        def scores(content: bytes) -> list[float] | None:
            prediction = inspector.content(content, origin="upload").prediction
            return prediction.scores.tolist() if prediction is not None else None

        return Scorer(inspector.model.card.sha256, inspector.thresholds, scores)

    def person(self, name: str) -> Person | None:
        """The active person of that name."""
        with self.database.read() as session:
            return next((person for person in people.everyone(session) if person.name == name), None)

    def save_settings(self) -> None:
        """Write the settings as they are now.

        Raises
        ------
        WorkspaceError
            If they cannot be written; they stay in force until the program ends.
        """
        try:
            settings.save(self.settings, self.workspace.settings)
        except OSError as error:
            raise WorkspaceError(
                f"The settings could not be saved: {error.strerror}.", "They hold until the program is closed."
            ) from error

    @property
    def seal_places(self) -> trail_seal.SealPlaces:
        """Where the trail's signed heads and the station's key lie."""
        return trail_seal.SealPlaces(self.workspace.root, paths.station_folder())

    def seal_trail(self, occasion: str) -> Head | None:
        """Sign the trail as it is now; for every report and export, which may print the head.

        Parameters
        ----------
        occasion
            Why: "report", "export".

        Returns
        -------
        Head or None
            None for an empty trail.

        Raises
        ------
        StationKeyError, HeadFileError, StoreError
            If it cannot be signed; the trail itself is not affected.
        """
        return trail_seal.seal(self.database, self.seal_places, occasion)

    def seal_exported(self) -> None:
        """Sign the trail after something was exported; a signature that fails does not take the export back."""
        try:
            self.seal_trail("export")
        except ExpectedError as error:
            _LOG.warning("The trail was not signed: %s", error)

    def verify_trail(
        self, report: Callable[[int, int], None], *, trusted: frozenset[str] = frozenset()
    ) -> Verification:
        """Compare chain, signed heads and records; see `trail_check.verify`.

        Parameters
        ----------
        report
            Called with entries done and entries in all; whatever it raises stops the work.
        trusted
            Numbers of other stations' keys that count as this one's.

        Raises
        ------
        StationKeyError, HeadFileError, StoreError
            If what is compared cannot be read.
        """
        heads = trail_seal.known_heads(self.database, self.seal_places, trusted=trusted)
        return trail_check.verify(self.database, heads, report)

    def close(self) -> None:
        """Sign the trail if something was written, and let go of everything; never raises for a failed signature."""
        with self._lock:
            if self._database is None:
                return
            try:
                if self._database.written:
                    self.seal_trail("shutdown")
            except ExpectedError as error:
                # Leaving must not fail; the next signature covers these entries too.
                _LOG.warning("The trail was not signed: %s", error)
            finally:
                self._database.close()
                self._database = None

    def _create(self) -> None:
        try:
            self.workspace.create()
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self.workspace.root} cannot be made: {error.strerror}.",
                f"Choose another folder with --workspace or {paths.WORKSPACE_VARIABLE}.",
            ) from error
