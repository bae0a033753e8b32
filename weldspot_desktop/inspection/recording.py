"""Turning judged pictures into records of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from weldspot_desktop import paths
from weldspot_desktop.inspection.inspector import Inspected, Inspector, Region
from weldspot_desktop.store import Database, heat_maps, inspections, weld_identity
from weldspot_desktop.store.picture_files import PictureFiles
from weldspot_desktop.store.schema import HeatMap, Inspection, Person
from weldspot_desktop.verdict.uncertainty import uncertainty

SYSTEM = "system"
"""Who stands behind what nobody was signed in for."""


class Source(StrEnum):
    """Which part of the program judged a picture."""

    LIVE = "live"
    IMPORT = "import"
    FOLDER = "folder"
    COMMAND = "command"


@dataclass(frozen=True)
class ToRecord:
    """One judged picture on its way into the store.

    Attributes
    ----------
    inspected
        The result.
    content
        The picture's bytes if they are to be kept, else None.
    region
        Region of interest that was judged, None for all of it.
    weld
        Weld identity by the keys of `store.weld_identity`; what is missing is taken from the station.
    trigger
        What asked for the record, in the live view.
    """

    inspected: Inspected
    content: bytes | None = None
    region: Region | None = None
    weld: Mapping[str, str] = field(default_factory=dict)
    trigger: str | None = None


class Recorder:
    """Writes inspections: pictures, rows and trail in one transaction.

    Parameters
    ----------
    database, files
        The workspace's store.
    inspector
        Whose model and thresholds are written into every record.
    station
        What the settings say of station, standards and conditions, by the same keys as a weld's identity.
    """

    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        inspector: Inspector,
        *,
        station: Mapping[str, str] | None = None,
    ) -> None:
        self._database = database
        self._files = files
        self._model = inspector.model.card
        self._thresholds = inspector.thresholds
        # Computed once and not for each of a hundred thousand records.
        self._stored_thresholds = inspector.thresholds.model_dump(mode="json")
        self._digest = inspector.thresholds.digest
        self._manner = inspector.manner
        self._station = dict(station or {})

    def record(self, items: Sequence[ToRecord], *, source: Source, person: Person | None) -> list[int]:
        """Write a batch; all of it or nothing.

        Returns
        -------
        list of int
            The numbers of the records, in the order of `items`.

        Raises
        ------
        StoreError
            If pictures or rows cannot be written.
        """
        with self._database.write() as session:
            return [row.id for row in self.add(session, items, source=source, person=person)]

    def add(
        self, session: Session, items: Sequence[ToRecord], *, source: Source, person: Person | None
    ) -> list[Inspection]:
        """Write a batch in the caller's transaction; where a picture is kept its heat map is too.

        Raises
        ------
        StoreError
            If pictures cannot be written.
        """
        rows: list[Inspection] = []
        maps: dict[int, HeatMap] = {}
        for place, item in enumerate(items):
            found = item.inspected
            if item.content is not None and found.width is not None and found.height is not None:
                self._files.keep(session, item.content, width=found.width, height=found.height)
                if found.prediction is not None and found.prediction.heatmap.size:
                    maps[place] = heat_maps.packed(found.prediction.heatmap)
            rows.append(self._row(item, source, person))
        inspections.add(session, rows, person=person.name if person is not None else SYSTEM, heat_maps=maps)
        return rows

    def _row(self, item: ToRecord, source: Source, person: Person | None) -> Inspection:
        found, card, thresholds = item.inspected, self._model, self._thresholds
        prediction, judgement = found.prediction, found.judgement
        return Inspection(
            created=datetime.now(UTC),
            source=source.value,
            origin=paths.printable(found.origin),
            sha256=found.sha256,
            width=found.width,
            height=found.height,
            verdict=judgement.verdict.value if judgement is not None else None,
            reason=judgement.reason if judgement is not None else "",
            classes=list(judgement.classes) if judgement is not None else [],
            scores=[round(float(score), 6) for score in prediction.scores] if prediction is not None else None,
            distance=prediction.distance if prediction is not None else None,
            uncertainty=uncertainty(judgement, prediction.scores.tolist(), thresholds)
            if judgement is not None and prediction is not None
            else None,
            milliseconds=prediction.milliseconds if prediction is not None else None,
            model_name=card.name,
            model_version=card.version,
            model_sha256=card.sha256,
            thresholds_name=thresholds.name,
            thresholds_digest=self._digest,
            thresholds=self._stored_thresholds,
            manner=self._manner,
            quality=dict(found.quality) if found.quality is not None else None,
            tile=list(found.tile) if found.tile is not None else None,
            trigger=item.trigger,
            region=list(item.region) if item.region is not None else None,
            weld=weld_identity.cleaned(self._station | dict(item.weld) | _certificate(person)),
            person_id=person.id if person is not None else None,
            error=found.error,
        )


def _certificate(person: Person | None) -> dict[str, str]:
    """The certificate as it is now: the record must not change when the list of people does."""
    return {"inspector_certificate": person.certificate} if person is not None and person.certificate else {}
