"""What the page of models shows, read beside the window. Qt-free."""

from dataclasses import dataclass

from weldspot_desktop.context import Context
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import out_of_fold
from weldspot_desktop.registry.out_of_fold import OutOfFold, OutOfFoldError
from weldspot_desktop.store import people, threshold_sets
from weldspot_desktop.store.schema import Person, StoredThresholds
from weldspot_desktop.store.threshold_sets import ThresholdSetError
from weldspot_desktop.verdict import ThresholdSet


@dataclass(frozen=True)
class Sets:
    """The sets of a model.

    Attributes
    ----------
    made
        Those that people made, the newest first.
    chosen
        The one in force; None for the one that the model ships.
    in_force
        Its values.
    fault
        Why the chosen set cannot be used; `in_force` then holds what the model ships.
    everyone
        The people of the station.
    """

    made: tuple[StoredThresholds, ...]
    chosen: StoredThresholds | None
    in_force: ThresholdSet
    fault: ThresholdSetError | None
    everyone: tuple[Person, ...]


@dataclass(frozen=True)
class Reading:
    """The model in use with its scores and sets.

    Attributes
    ----------
    data
        Out-of-fold scores; None if there are none.
    missing
        Why there are none, for the person who looks for curves.
    """

    model: ModelFile
    data: OutOfFold | None
    missing: str
    sets: Sets


def read(context: Context, known: Reading | None = None) -> Reading:
    """Read model, scores and sets; of a model that is `known` already only the sets.

    Raises
    ------
    ModelFileError, StoreError
        If model or workspace cannot be used.
    """
    model = context.model
    if known is not None and known.model is model:
        return Reading(model, known.data, known.missing, read_sets(context))
    data, missing = None, f"No out-of-fold scores travel with {model.title}: thresholds can be set by numbers alone."
    try:
        data = out_of_fold.read(model)
    except OutOfFoldError as error:
        missing = str(error)
    if data is not None:
        # Counted here, so that the window does not wait for it.
        _ = data.curves, data.defective, data.welds
    return Reading(model, data, "" if data is not None else missing, read_sets(context))


def read_sets(context: Context) -> Sets:
    """The sets of the model in use, and who may change them."""
    card = context.model.card
    with context.database.read() as session:
        made = tuple(threshold_sets.every(session, card.sha256))
        row = threshold_sets.chosen(session, card.sha256)
        everyone = tuple(people.everyone(session))
    values, fault = card.thresholds, None
    if row is not None:
        try:
            values = threshold_sets.values(row)
        except ThresholdSetError as error:
            fault = error
    return Sets(made, row, values, fault, everyone)
