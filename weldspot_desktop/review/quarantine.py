"""Mending by hand what came into quarantine for its name. Rejecting is `store.decisions.decide`, as for any upload."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from weldspot_desktop import upload_name
from weldspot_desktop.store import decisions
from weldspot_desktop.store.decisions import DecisionError
from weldspot_desktop.store.schema import Person, Upload, UploadDecision
from weldspot_desktop.upload_name import UploadName

_ID_AT_THE_START: Final = re.compile(r"[A-Za-z0-9-]{1,64}(?=[_.]|$)")


def proposed_id(object_name: str, upload_id: int) -> str:
    """The id that a broken name begins with, if it can be one, else one made of the upload's number."""
    found = _ID_AT_THE_START.match(object_name.rpartition("/")[2])
    return found.group() if found is not None else f"upload-{upload_id}"


def rename(session: Session, upload_id: int, name: str, *, person: Person, token: str | None = None) -> UploadDecision:
    """Bring an upload into the queue under a name that a person typed; the object in the inbox keeps its own.

    Raises
    ------
    UploadNameError
        If that name cannot be read either.
    DecisionError
        If the upload is not in quarantine for its name, or somebody else holds it.
    """
    return _rename(session, upload_id, upload_name.parse(name), person, token)


def tick(
    session: Session,
    upload_id: int,
    ticks: int,
    *,
    scores: Sequence[float] | None = None,
    person: Person,
    token: str | None = None,
) -> UploadDecision:
    """Bring an upload into the queue with ticks that a person gives, for a name that says too little.

    Parameters
    ----------
    ticks
        Classes as bits, class 0 the lowest.
    scores
        The phone's seven, if they are known from elsewhere; drift judges the phone only by these.

    Raises
    ------
    DecisionError
        If the upload is not in quarantine for its name, or somebody else holds it.
    ValueError
        If ticks or scores are not those of seven classes.
    """
    upload = session.get(Upload, upload_id)
    if upload is None:
        raise DecisionError(f"There is no upload {upload_id}.", "Nothing was changed.")
    name = UploadName(proposed_id(upload.name, upload_id), ticks, tuple(scores) if scores is not None else None)
    return _rename(session, upload_id, name, person, token)


def _rename(session: Session, upload_id: int, name: UploadName, person: Person, token: str | None) -> UploadDecision:
    return decisions.rename(
        session,
        upload_id,
        name=upload_name.write(name),
        phone_id=name.id,
        ticks=name.ticks,
        scores=name.scores,
        person=person,
        token=token,
    )
