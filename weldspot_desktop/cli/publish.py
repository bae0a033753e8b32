"""`weldspot publish`: bring a model to phones."""

import json
from pathlib import Path
from typing import Annotated

import typer

from weldspot_desktop.cli.signing import signed_in
from weldspot_desktop.cli.state import State
from weldspot_desktop.cli.thresholds import PersonOption

_TO = {"local": "LOCAL", "storage": "STORAGE", "firebase-ml": "FIREBASE_ML"}


def publish(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Number in the list, start of its hash, “active” or “starter”.")] = (
        "active"
    ),
    to: Annotated[str | None, typer.Option(help="local, storage or firebase-ml; the setting if none is named.")] = None,
    folder: Annotated[Path | None, typer.Option(help="For local: the folder, instead of that of the settings.")] = None,
    precision: Annotated[
        str | None, typer.Option(help="Which file: int8, float16 or float32; the one that judges here by default.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key in a file (PEM), instead of the one in the keyring.")
    ] = None,
    name: Annotated[str, typer.Option(help="Under which phones look for the model.")] = "weld",
    person: PersonOption = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print what is in force as JSON.")] = False,
) -> None:
    """Publish a model; what is published already is not published twice, and a failure leaves the old one in force."""
    from weldspot_desktop.cloud import signing_keys
    from weldspot_desktop.cloud.signing_keys import Signer
    from weldspot_desktop.lifecycle import deciding, publishing
    from weldspot_desktop.settings import Destination

    if to is not None and to not in _TO:
        raise typer.BadParameter(f"known places are {', '.join(_TO)}", param_hint="--to")
    state: State = context.obj
    opened = state.open()
    try:
        by = signed_in(opened, person)
        destination = Destination[_TO[to]] if to is not None else opened.settings.models.destination
        signer = None
        if destination is not Destination.FIREBASE_ML:
            signer = Signer.of_file(key) if key is not None else signing_keys.signer()
        place = publishing.publisher(opened, destination, signer, folder=folder)
        if place.notice:
            typer.echo(place.notice, err=True)
        listed = deciding.find(opened, model)
        done = publishing.publish(opened, listed, place, person=by, precision=precision, name=name)
    finally:
        opened.close()
    if json_output:
        told = {"place": place.id, "version": done.version, "sha256": done.sha256, "path": done.path}
        typer.echo(json.dumps(told | {"key": done.key_id, "changed": done.changed}, indent=1))
        return
    word = "is published as" if done.changed else "is published already as"
    typer.echo(f"{listed.title} {word} version {done.version} at {place.title}: {done.path}")
