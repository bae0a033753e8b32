"""Changes of the list of models: added, put in use, rolled back, retired, published; each an entry of the trail.

Number 0 is the starter model that ships with the program. It has no row and no file in the workspace: it cannot be
retired or lost, and whoever rolls back far enough arrives at it.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weldspot_desktop.model.file import read_card
from weldspot_desktop.registry import active
from weldspot_desktop.registry.active import STARTER_NUMBER, Action, starter_model
from weldspot_desktop.registry.listing import Listed, Origin, RegistryError, in_force
from weldspot_desktop.store import people, trail
from weldspot_desktop.store.schema import ModelChoice, ModelVersion, Person, Publication

if TYPE_CHECKING:
    # Their figures need SciPy, which listing models does without.
    from weldspot_desktop.registry.gate import Outcome
    from weldspot_desktop.registry.taking_in import Taken

SYSTEM: Final = "system"


def next_version(session: Session, name: str) -> int:
    """The version that a new training of this name should carry, above every model of the list."""
    highest = session.scalar(select(func.max(ModelVersion.version)).where(ModelVersion.name == name)) or 0
    shipped = read_card(starter_model())
    return max(highest, shipped.version if shipped.name == name else 0) + 1


def add(session: Session, taken: "Taken", *, origin: Origin, source: str, person: Person | None) -> ModelVersion:
    """Put a model whose files were taken in on the list, as a candidate; the same file again gives its row.

    Raises
    ------
    RegistryError
        If nobody is signed in who has to be, or it is the starter model itself.
    """
    allowed(session, person)
    if taken.card.sha256 == read_card(starter_model()).sha256:
        raise RegistryError("This is the starter model: it is on the list already, as number 0.")
    known = session.scalars(select(ModelVersion).where(ModelVersion.sha256 == taken.card.sha256)).first()
    if known is not None:
        return known
    row = ModelVersion(
        name=taken.card.name,
        version=taken.card.version,
        folder=taken.folder.name,
        file=taken.file,
        sha256=taken.card.sha256,
        files=[dict(file) for file in taken.files],
        origin=origin.value,
        source=source,
        created=datetime.now(UTC),
        person_id=person.id if person is not None else None,
        retired=None,
    )
    session.add(row)
    session.flush()
    details = {
        "name": row.name,
        "version": row.version,
        "sha256": row.sha256,
        "files": [{"file": file["file"], "sha256": file["sha256"]} for file in row.files],
        "origin": origin.value,
        "source": source,
        "dataset": taken.card.dataset.hash,
    }
    trail.append(session, person=_by(person), action="model added", subject=f"model {row.id}", details=details)
    return row


def promote(
    session: Session, model: Listed, *, person: Person | None, outcome: "Outcome | None", reason: str = ""
) -> bool:
    """Put a model in use.

    Parameters
    ----------
    model
        From `every`.
    person
        Who does it.
    outcome
        What the gate says of it; None only for the starter model.
    reason
        Why it is put in use although the gate does not pass it; enters the trail with the name.

    Returns
    -------
    bool
        Whether anything changed: the model in use stays in use without an entry.

    Raises
    ------
    RegistryError
        If it is retired, the gate does not pass it and nobody by name says why it should be used all the same, or
        nobody is signed in who has to be.
    """
    allowed(session, person)
    row = _row(session, model)
    if row is not None and row.retired is not None:
        raise RegistryError(
            f"{model.title} is retired.", f"Bring it back first: weldspot models retire {row.id} --back."
        )
    if active.number(session) == model.number:
        return False
    overridden = row is not None and (outcome is None or not outcome.passed)
    if overridden:
        _may_override(outcome, person, reason)
    details: dict[str, Any] = {"before": active.number(session), "sha256": model.sha256}
    if outcome is not None:
        details["gate"] = outcome.as_json()
    if overridden:
        details["overridden"] = True
    _choose(session, model.number, Action.PROMOTED, person, " ".join(reason.split()), details, outcome)
    return True


def roll_back(session: Session, *, person: Person | None, reason: str = "") -> int:
    """Put the model in use that was so before the present one; retired ones are passed over.

    Returns
    -------
    int
        Its number.

    Raises
    ------
    RegistryError
        If there is none before it, or nobody is signed in who has to be.
    """
    allowed(session, person)
    *earlier, now = active.stack(session)
    retired = set(session.scalars(select(ModelVersion.id).where(ModelVersion.retired.is_not(None))))
    if not earlier:
        raise RegistryError("There is no earlier model: the starter model is in use.", "Nothing was changed.")
    number = next(number or STARTER_NUMBER for number in reversed(earlier) if number not in retired)
    details = {"before": now or STARTER_NUMBER}
    _choose(session, number, Action.ROLLED_BACK, person, " ".join(reason.split()), details, None)
    return number


def retire(session: Session, model: Listed, *, person: Person | None, back: bool = False) -> None:
    """Take a model out of use for good, or bring it `back`; its files stay, because records name it.

    Raises
    ------
    RegistryError
        If it is the starter model, in use or published, or nobody is signed in who has to be.
    """
    allowed(session, person)
    row = _row(session, model)
    if row is None:
        raise RegistryError("The starter model cannot be retired: it is what rolling back ends at.")
    if back == (row.retired is None):
        return
    if active.number(session) == row.id:
        raise RegistryError(f"{model.title} is in use.", "Put another model in use first.")
    if published := in_force(session).get(row.id):
        raise RegistryError(
            f"{model.title} is published at {', '.join(published)}.", "Publish another model there first."
        )
    row.retired = None if back else datetime.now(UTC)
    action = "model brought back" if back else "model retired"
    details = {"sha256": row.sha256}
    trail.append(session, person=_by(person), action=action, subject=f"model {row.id}", details=details)


def note_publication(
    session: Session,
    model: Listed,
    *,
    destination: str,
    sha256: str,
    version: int,
    path: str,
    key_id: str | None,
    receipt: str,
    person: Person | None,
) -> bool:
    """Remember that a model is published; False if that was known already."""
    last = session.scalars(
        select(Publication).where(Publication.destination == destination).order_by(Publication.id.desc()).limit(1)
    ).first()
    if last is not None and (last.sha256, last.version, last.receipt) == (sha256, version, receipt):
        return False
    row = Publication(
        at=datetime.now(UTC),
        person_id=person.id if person is not None else None,
        destination=destination,
        model_id=model.number or None,
        sha256=sha256,
        version=version,
        path=path,
        key_id=key_id,
        receipt=receipt,
    )
    session.add(row)
    session.flush()
    details = {"destination": destination, "sha256": sha256, "version": version, "path": path, "key": key_id}
    trail.append(
        session,
        person=_by(person),
        action="model published",
        subject=f"model {model.number}",
        details=details,
        records=[row],
    )
    return True


def allowed(session: Session, person: Person | None) -> None:
    """Whether somebody may change models: on a station that has people, one of them has to be signed in.

    Raises
    ------
    RegistryError
        If nobody is.
    """
    everyone = people.everyone(session)
    if everyone and (person is None or all(known.id != person.id for known in everyone)):
        raise RegistryError(
            "Sign in first: models are changed by a person of this station.",
            "Nothing was changed. Commands take the name with --person.",
        )


def _may_override(outcome: "Outcome | None", person: Person | None, reason: str) -> None:
    reasons = " ".join(outcome.reasons) if outcome is not None else "The gate was not asked."
    if not reason.strip():
        raise RegistryError(
            f"The gate does not pass this model. {reasons}",
            "Nothing was changed. A person of this station may use it all the same, with a reason: --override.",
        )
    if person is None:
        raise RegistryError(
            "Only a person with a name may put a model in use that the gate does not pass.",
            "Nothing was changed. Add the name on the Settings page, then give it with --person.",
        )


def _choose(
    session: Session,
    number: int,
    action: Action,
    person: Person | None,
    reason: str,
    details: dict[str, Any],
    outcome: "Outcome | None",
) -> None:
    row = ModelChoice(
        at=datetime.now(UTC),
        person_id=person.id if person is not None else None,
        model_id=number or None,
        action=action.value,
        reason=reason,
        gate=outcome.as_json() if outcome is not None else None,
    )
    session.add(row)
    session.flush()
    trail.append(
        session,
        person=_by(person),
        action="model in use" if action is Action.PROMOTED else "model rolled back",
        subject=f"model {number}",
        details=details | {"reason": reason},
        records=[row],
    )


def _row(session: Session, model: Listed) -> ModelVersion | None:
    return session.get(ModelVersion, model.number) if model.number != STARTER_NUMBER else None


def _by(person: Person | None) -> str:
    return person.name if person is not None else SYSTEM
