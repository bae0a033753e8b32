"""`weldspot keys`: the keys that sign what phones fetch."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from weldspot_desktop.cloud.signing_keys import PublicHalf

app = typer.Typer(help="Keys that sign published models.", no_args_is_help=True)


@app.command()
def create(
    file: Annotated[Path | None, typer.Option(help="Make one key in this file instead of two in the keyring.")] = None,
) -> None:
    """Make the two keys whose public halves phones pin: one signs, one waits."""
    from weldspot_desktop.cloud import signing_keys

    halves = (signing_keys.write_new(file),) if file is not None else signing_keys.create()
    _show(halves)


@app.command()
def rotate() -> None:
    """Let the waiting key sign, and make a new one to wait, which the next version of the app pins."""
    from weldspot_desktop.cloud import signing_keys

    _show(signing_keys.rotate())
    typer.echo("Publish again, so that the manifest is signed by the new key.")


@app.command()
def export(
    key: Annotated[
        Path | None, typer.Option(help="Of a private key in a file, instead of those in the keyring.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON, for the build of the app.")] = False,
) -> None:
    """Print the public halves, for the phones."""
    from weldspot_desktop.cloud import signing_keys
    from weldspot_desktop.cloud.signing_keys import Signer

    if key is not None:
        halves: tuple[PublicHalf, ...] = (signing_keys.of_signer(Signer.of_file(key)),)
    else:
        halves = signing_keys.halves()
    if json_output:
        told = [{"key_id": half.key_id, "public": half.public, "signs": half.signs} for half in halves]
        typer.echo(json.dumps({"algorithm": "Ed25519", "keys": told}, indent=1))
        return
    for half in halves:
        typer.echo(f"# {half.key_id} {'signs' if half.signs else 'waits'}")
        typer.echo(half.pem, nl=False)


def _show(halves: "tuple[PublicHalf, ...]") -> None:
    for half in halves:
        typer.echo(f"{half.key_id}  {half.public}  {'signs' if half.signs else 'waits'}")
