"""From a finished job or a file to the model in use: taking in, the gate, promoting, rolling back, retiring."""

from pathlib import Path

from weldspot_desktop.context import Context
from weldspot_desktop.jobs import JobFolder
from weldspot_desktop.lifecycle import judged_pictures, measuring
from weldspot_desktop.lifecycle.measuring import Advance, nothing
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import gate, importing, listing, models, parity, taking_in
from weldspot_desktop.registry.active import STARTER_NUMBER
from weldspot_desktop.registry.comparison import OnSamePictures
from weldspot_desktop.registry.gate import Limits, Outcome
from weldspot_desktop.registry.importing import Offered, Scaling
from weldspot_desktop.registry.listing import Listed, Origin, RegistryError, State
from weldspot_desktop.registry.parity import ParityLimits
from weldspot_desktop.registry.scoring import LabelledFile
from weldspot_desktop.store.schema import Person


def listed(context: Context) -> list[Listed]:
    """All models, the starter model first.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    with context.database.read() as session:
        return listing.every(session, context.workspace.models)


def find(context: Context, text: str) -> Listed:
    """The model that a person names: "active", a number, the start of a hash, or "starter".

    Raises
    ------
    RegistryError
        If there is none.
    """
    every = listed(context)
    if text.strip().casefold() == "active":
        return next(model for model in every if State.ACTIVE in model.states)
    return listing.find(every, text)


def register_job(context: Context, job: Path, *, person: Person | None) -> Listed:
    """Put the model of a finished job on the list, as a candidate; a job that is there already stays there.

    Raises
    ------
    RegistryError, TakingInError, ModelFileError
        If the job has no model, or it is not what its card says.
    """
    folder = JobFolder(job)
    folder.job()
    _allowed(context, person)
    taken = taking_in.from_folder(job / "model", context.workspace.models)
    return _added(context, taken, Origin.TRAINING, f"job {job.name}", person)


def register_folder(context: Context, folder: Path, *, person: Person | None) -> Listed:
    """Put files that `weldspot convert` made on the list.

    Raises
    ------
    RegistryError, TakingInError, ModelFileError
        If there is no model in the folder, or it is not what its card says.
    """
    _allowed(context, person)
    taken = taking_in.from_folder(folder, context.workspace.models)
    return _added(context, taken, Origin.TRAINING, f"folder {folder.name}", person)


def import_file(
    context: Context,
    offered: Offered,
    *,
    person: Person | None,
    scaling: Scaling | None = None,
    name: str | None = None,
    licence: str = "",
) -> Listed:
    """Put a file from outside on the list, after it was checked; see `importing.take_in`.

    Raises
    ------
    RegistryError, ModelImportError, TakingInError, ModelFileError
        If it is not taken in.
    """
    _allowed(context, person)
    with context.database.read() as session:
        version = models.next_version(session, name) if name else 1
    taken = importing.take_in(
        offered, context.workspace.models, scaling=scaling, name=name, version=version, licence=licence
    )
    return _added(context, taken, Origin.IMPORT, f"file {offered.path.name}", person)


def limits(context: Context) -> Limits:
    """What the settings ask of a model."""
    asked = context.settings.models
    return Limits(asked.margin, asked.auc, parity_limits(context))


def parity_limits(context: Context) -> ParityLimits:
    """How far the settings let a file be from its network."""
    asked = context.settings.models
    return ParityLimits(asked.parity_mean, asked.parity_largest, asked.parity_auc, asked.parity_flips_percent / 100)


def ask_gate(context: Context, model: Listed, *, advance: Advance = nothing) -> Outcome:
    """Judge the file that would be used against the one that is, on pictures that neither learned from.

    Raises
    ------
    ModelFileError, ScoringError, StoreError
        If a model or picture cannot be read.
    """
    return ask_gate_of(context, ModelFile.open(model.path), advance=advance)


def ask_gate_of(context: Context, candidate: ModelFile, *, advance: Advance = nothing) -> Outcome:
    """The same for any file."""
    active = ModelFile.open(find(context, "active").path)
    seen = [judged_pictures.learned(candidate), judged_pictures.learned(active)]
    known = frozenset().union(*(one for one in seen if one is not None))
    frozen = judged_pictures.frozen(context)
    test = [file for file in frozen if file.sha256 not in known]
    newest = [
        file
        for file in judged_pictures.confirmed(context, context.settings.models.confirmed_pictures)
        if seen[0] is None or file.sha256 not in seen[0]
    ]
    total = 2 * len(test) + len(newest)
    steps = _Steps(advance, total)
    pair = None
    if test:
        ours, theirs = (
            measuring.evaluated(context, file, test, advance=steps.of(len(test))) for file in (candidate, active)
        )
        pair = OnSamePictures.of(ours.scored, theirs.scored)
    confirmed = measuring.evaluated(context, candidate, newest, advance=steps.of(len(newest))) if newest else None
    return gate.judge(
        model=candidate.card.sha256,
        against=active.card.sha256,
        test=pair,
        left_out=len(frozen) - len(test),
        confirmed=confirmed.scored if confirmed is not None else None,
        parity=parity.of_card(candidate.card.metrics),
        limits=limits(context),
        unknown=[file.title for file, one in zip((candidate, active), seen, strict=True) if one is None],
    )


def promote(
    context: Context,
    model: Listed,
    *,
    person: Person | None,
    override: str = "",
    advance: Advance = nothing,
) -> Outcome | None:
    """Ask the gate and put a model in use; every new inspector has it from now on.

    Parameters
    ----------
    override
        Why it is used although the gate does not pass it; needs a person.

    Returns
    -------
    Outcome or None
        What the gate said; None for the starter model, which needs none, and for what is in use already.

    Raises
    ------
    RegistryError
        If the gate does not pass it and it is not overridden, it is retired, or nobody is signed in who has to be.
    """
    _allowed(context, person)
    outcome = None
    if model.number != STARTER_NUMBER and State.ACTIVE not in model.states:
        if State.RETIRED in model.states:
            raise RegistryError(
                f"{model.title} is retired.", f"Bring it back first: weldspot models retire {model.number} --back."
            )
        outcome = ask_gate(context, model, advance=advance)
        if outcome.against != find(context, "active").sha256:
            raise RegistryError("Another model was put in use meanwhile.", "Nothing was changed. Ask the gate again.")
    with context.database.write() as session:
        models.promote(session, model, person=person, outcome=outcome, reason=override)
    context.refresh_model()
    return outcome


def roll_back(context: Context, *, person: Person | None, reason: str = "") -> Listed:
    """Put the model in use that was so before the present one, in one step.

    Raises
    ------
    RegistryError
        If there is none before it, or nobody is signed in who has to be.
    """
    with context.database.write() as session:
        number = models.roll_back(session, person=person, reason=reason)
    context.refresh_model()
    return find(context, str(number))


def retire(context: Context, model: Listed, *, person: Person | None, back: bool = False) -> None:
    """Take a model off, or bring it back; see `models.retire`."""
    with context.database.write() as session:
        models.retire(session, model, person=person, back=back)


def _allowed(context: Context, person: Person | None) -> None:
    """Before anything is copied or computed."""
    with context.database.read() as session:
        models.allowed(session, person)


def _added(context: Context, taken: taking_in.Taken, origin: Origin, source: str, person: Person | None) -> Listed:
    with context.database.write() as session:
        number = models.add(session, taken, origin=origin, source=source, person=person).id
    return find(context, str(number))


class _Steps:
    """Progress over several evaluations."""

    def __init__(self, advance: Advance, total: int) -> None:
        self._advance, self._total, self._before = advance, total, 0

    def of(self, count: int) -> Advance:
        before, self._before = self._before, self._before + count
        return lambda done, _: self._advance(before + done, self._total)


def learned_from(files: list[LabelledFile], model: ModelFile) -> int:
    """How many of some pictures a model learned from: figures on them say little."""
    known = judged_pictures.learned(model) or frozenset()
    return sum(file.sha256 in known for file in files)
