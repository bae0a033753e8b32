"""Bringing a model to phones: which place, which key, and what must hold before."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weldspot_desktop.cloud.faults import SetUpError
from weldspot_desktop.cloud.local_publisher import LocalPlace
from weldspot_desktop.cloud.publisher import Published, Publisher, PublishingError, ToPublish
from weldspot_desktop.cloud.signed_publisher import SignedPublisher
from weldspot_desktop.cloud.signing_keys import Signer
from weldspot_desktop.context import Context
from weldspot_desktop.lifecycle import deciding
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import models, parity
from weldspot_desktop.registry.active import STARTER_NUMBER
from weldspot_desktop.registry.listing import Listed, Origin, RegistryError, State
from weldspot_desktop.settings import Destination
from weldspot_desktop.store.schema import ModelChoice, Person, Publication

NAME = "weld"
"""Under which phones look for their model."""


def publisher(
    context: Context, destination: Destination, signer: Signer | None, *, folder: Path | None = None
) -> Publisher:
    """A place to publish to, as the settings say.

    Parameters
    ----------
    signer
        Signs manifests; Firebase ML needs none.
    folder
        For the local folder, instead of that of the settings.

    Raises
    ------
    CloudError
        If the settings lack something, or the sign-in cannot publish.
    """
    cloud, own = context.settings.cloud, context.settings.models
    if destination is Destination.LOCAL:
        named = folder or (Path(own.publish_folder).expanduser() if own.publish_folder else None)
        if named is None:
            raise PublishingError(
                "No folder is chosen for published models.", "Name it on the Settings page, or with --folder."
            )
        return SignedPublisher(LocalPlace(named), signer)
    if not cloud.bucket:
        raise SetUpError("the name of the bucket is missing")
    # Google's libraries take a third of a second to load.
    from weldspot_desktop.cloud.firebase import publishing_access

    credentials = publishing_access.publishing_credentials(cloud)
    if destination is Destination.FIREBASE_ML:
        from weldspot_desktop.cloud.firebase.ml_publisher import FirebaseMlPublisher

        return FirebaseMlPublisher(cloud.project, cloud.bucket, credentials, way=cloud.sign_in)
    from weldspot_desktop.cloud.firebase.storage_publisher import BucketPlace

    return SignedPublisher(BucketPlace(cloud.bucket, credentials, way=cloud.sign_in), signer)


def publish(
    context: Context,
    model: Listed,
    place: Publisher,
    *,
    person: Person | None,
    precision: str | None = None,
    name: str = NAME,
) -> Published:
    """Publish a file of a model; what is published there already changes nothing.

    Parameters
    ----------
    model
        From the list. It must have passed the gate, or been put in use in spite of it by a person with a reason.
    precision
        Which of its files; the one that judges here if none is named.
    name
        Under which phones look for it.

    Raises
    ------
    RegistryError
        If it may not be published.
    CloudError
        If the place refuses or cannot be reached; what was published before stays in force.
    """
    file = ModelFile.open(model.path if precision is None else model.file_of(precision))
    with context.database.read() as session:
        models.allowed(session, person)
        _may_publish(session, model)
        faults = _conversion_faults(context, model, file)
        if faults:
            raise RegistryError(
                f"{file.path.name} differs too much from its Keras network: {'; '.join(faults)}.",
                "Nothing was published. Convert it again, or publish another file of the model.",
            )
        highest, known_path = _known(session, place.id, file.card.sha256)
    if file.card.sha256 != model.sha256 and model.number != STARTER_NUMBER:
        _ask_gate(context, file)
    wanted = ToPublish(
        name=name,
        content=file.content,
        card=file.card.model_copy(update={"thresholds": context.thresholds_of(file)}),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        min_app_version=context.settings.models.min_app_version,
        at_least=highest + 1,
        known_path=known_path,
    )
    done = place.publish(wanted)
    with context.database.write() as session:
        models.note_publication(
            session,
            model,
            destination=place.id,
            sha256=done.sha256,
            version=done.version,
            path=done.path,
            key_id=done.key_id,
            receipt=done.receipt,
            person=person,
        )
    return done


def _ask_gate(context: Context, file: ModelFile) -> None:
    """The gate judged the file that is used here; phones get another one, so it is asked again."""
    outcome = deciding.ask_gate_of(context, file)
    if not outcome.passed:
        raise RegistryError(
            f"The gate does not pass {file.path.name}. {' '.join(outcome.reasons)}",
            "Nothing was published. The file that judges here can be published.",
        )


def _may_publish(session: Session, model: Listed) -> None:
    """A model goes to phones only after it was put in use here: by the gate, or by a person with a reason."""
    if State.RETIRED in model.states:
        raise RegistryError(f"{model.title} is retired.", "Bring it back first.")
    if model.number == STARTER_NUMBER or State.ACTIVE in model.states:
        return
    chosen = session.scalar(select(func.count()).select_from(ModelChoice).where(ModelChoice.model_id == model.number))
    if not chosen:
        raise RegistryError(
            f"{model.title} was never in use here, so the gate was not asked.",
            f"Nothing was published. First: weldspot models promote {model.number}.",
        )


def _conversion_faults(context: Context, model: Listed, file: ModelFile) -> list[str]:
    """What is over the limits of conversion; a file without figures is only let through if it came without Keras."""
    figures = parity.of_card(file.card.metrics)
    if figures is None:
        return [] if model.origin is Origin.IMPORT else ["its agreement was never measured"]
    return list(parity.faults(figures, deciding.parity_limits(context)))


def _known(session: Session, destination: str, sha256: str) -> tuple[int, str | None]:
    """Highest version that this workspace published at a place, and where the same bytes lie there already."""
    highest = session.scalar(select(func.max(Publication.version)).where(Publication.destination == destination))
    path = session.scalars(
        select(Publication.path)
        .where(Publication.destination == destination, Publication.sha256 == sha256)
        .order_by(Publication.id.desc())
        .limit(1)
    ).first()
    return highest or 0, path
