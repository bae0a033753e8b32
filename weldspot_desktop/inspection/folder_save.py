"""Saving what became of a folder's files: records, rows and hashes in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from weldspot_desktop.inspection.folder_look import Outcome
from weldspot_desktop.inspection.recording import Recorder, Source, ToRecord
from weldspot_desktop.store import folder_runs
from weldspot_desktop.store.folder_runs import Found, Manner
from weldspot_desktop.store.schema import Person


@dataclass(frozen=True)
class Saver:
    """Saves batches for one run.

    Attributes
    ----------
    recorder
        Writes inspections.
    manner
        In which way they were judged.
    source, person
        What is written into the records.
    """

    recorder: Recorder
    manner: Manner
    source: Source
    person: Person | None

    def save(self, session: Session, run_id: int, batch: Sequence[Outcome]) -> int:
        """Write a batch in the caller's transaction.

        Returns
        -------
        int
            New inspections; the others were there before, from this program or another.

        Raises
        ------
        StoreError
            If pictures cannot be kept.
        """
        found, new, twins = self._sorted(session, batch)
        records = self.recorder.add(
            session,
            [ToRecord(outcome.inspected, content=outcome.content) for outcome in new if outcome.inspected is not None],
            source=self.source,
            person=self.person,
        )
        for outcome, record in zip(new, records, strict=True):
            found[outcome.item.position] = folder_runs.found_of(record)
        found.update({position: found[first] for position, first in twins.items()})
        folder_runs.settle(session, run_id, found)
        folder_runs.remember(session, [outcome.file for outcome in batch if outcome.file is not None])
        return len(new)

    def _sorted(
        self, session: Session, batch: Sequence[Outcome]
    ) -> tuple[dict[int, Found], list[Outcome], dict[int, int]]:
        """What was found by position, what is new, and positions with the same content as another new one."""
        found = {outcome.item.position: outcome.found for outcome in batch if outcome.found is not None}
        judged = [outcome for outcome in batch if outcome.found is None and outcome.inspected is not None]
        # A twin may stand in an earlier batch, and another program may have judged the same content meanwhile.
        hashes = {outcome.sha256 for outcome in judged if outcome.sha256 is not None}
        known = folder_runs.judged_before(session, self.manner, sorted(hashes))
        new: list[Outcome] = []
        first: dict[str, int] = {}
        twins: dict[int, int] = {}
        for outcome in judged:
            sha256, position = outcome.sha256, outcome.item.position
            before = known.get(sha256) if sha256 is not None else self._same_error(session, outcome)
            if before is None and sha256 is not None and sha256 not in first:
                before = self._same_error(session, outcome)
            if before is not None:
                found[position] = before
            elif sha256 is not None and sha256 in first:
                twins[position] = first[sha256]
            else:
                new.append(outcome)
                if sha256 is not None:
                    first[sha256] = position
        return found, new, twins

    def _same_error(self, session: Session, outcome: Outcome) -> Found | None:
        inspected = outcome.inspected
        if inspected is None or inspected.error is None:
            return None
        return folder_runs.same_error(
            session, self.manner, sha256=outcome.sha256, origin=inspected.origin, error=inspected.error
        )
