"""`weldspot models thresholds`: the threshold sets of the model in use: list, show, make from a preset, choose."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop import labels
from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.context import Context
    from weldspot_desktop.registry.threshold_basis import Basis
    from weldspot_desktop.registry.threshold_presets import Costs, Proposal
    from weldspot_desktop.store.schema import Person, StoredThresholds
    from weldspot_desktop.verdict import ThresholdSet

app = typer.Typer(help="Threshold sets of the model in use.", no_args_is_help=True)

PersonOption = Annotated[str | None, typer.Option("--person", help="Who does it; a PIN is asked for if there is one.")]


@app.command("list")
def list_sets(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the sets, the one in force marked."""
    opened = _open(context)
    try:
        rows, chosen = _stored(opened)
        shipped = opened.model.card.thresholds
    finally:
        opened.close()
    from weldspot_desktop.store.threshold_sets import AS_SHIPPED

    listed = [
        {
            "name": AS_SHIPPED,
            "digest": shipped.digest,
            "preset": shipped.name,
            "created": None,
            "person": None,
            "in_force": chosen is None,
        }
    ] + [
        {
            "name": row.name,
            "digest": row.digest,
            "preset": row.preset,
            "created": row.created.isoformat(timespec="seconds"),
            "person": row.person.name if row.person is not None else None,
            "in_force": chosen is not None and chosen.id == row.id,
        }
        for row in rows
    ]
    if json_output:
        typer.echo(json.dumps(listed, indent=1))
        return
    for found in listed:
        mark = "*" if found["in_force"] else " "
        about = ", ".join(str(part) for part in (found["preset"], found["person"], found["created"]) if part)
        typer.echo(f"{mark} {found['name']:40} {found['digest']}  {about}")


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A set; the one in force if none is named.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print values and basis as JSON.")] = False,
) -> None:
    """Show the thresholds of a set, what they rest on and what they cost."""
    from weldspot_desktop.registry import out_of_fold, threshold_basis, threshold_presets
    from weldspot_desktop.store import threshold_sets

    opened = _open(context)
    try:
        shipped = opened.model.card.thresholds
        rows, chosen = _stored(opened)
        row = chosen if name is None else _named(rows, name, shipped)
        data = out_of_fold.read(opened.model)
    finally:
        opened.close()
    if row is None:
        thresholds, basis = shipped, threshold_presets.balanced(data, shipped).basis.as_json()
        shown = threshold_sets.AS_SHIPPED
    else:
        thresholds, basis, shown = threshold_sets.values(row), row.basis, row.name
    if json_output:
        typer.echo(
            json.dumps(thresholds.model_dump(mode="json") | {"digest": thresholds.digest, "basis": basis}, indent=1)
        )
        return
    typer.echo(f"{shown} · {thresholds.digest}")
    _print_values(thresholds)
    if data is not None:
        for index in labels.DEFECTS:
            typer.echo(f"{labels.CLASSES[index]}:")
            for sentence in threshold_basis.class_counts(data, thresholds, index).sentences():
                typer.echo(f"  {sentence}")
    _print_basis(basis)


@app.command()
def preset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="balanced, miss-no-crack or cost-based.")],
    allow: Annotated[int, typer.Option(min=0, help="Cracks that miss-no-crack may miss.")] = 0,
    miss: Annotated[list[str] | None, typer.Option(help="Cost of a miss, as CLASS=COST; repeat for others.")] = None,
    false_alarm: Annotated[list[str] | None, typer.Option(help="Cost of a false alarm, as CLASS=COST.")] = None,
    share: Annotated[
        list[str] | None, typer.Option(help="Share of pictures that show a class in use, as CLASS=0.02.")
    ] = None,
    look: Annotated[float | None, typer.Option(min=0, help="Cost of a look at an UNSURE picture.")] = None,
    save: Annotated[str | None, typer.Option(help="Save it as a new set of this name.")] = None,
    use: Annotated[bool, typer.Option("--use", help="With --save: put the new set in force.")] = False,
    person: PersonOption = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print values and basis as JSON.")] = False,
) -> None:
    """Work out a preset and what it rests on; with --save, make a set of it."""
    if use and save is None:
        raise ExpectedError("--use needs --save: only a set with a name can be in force.")
    opened = _open(context)
    try:
        proposal = _proposal(opened, name, allow, _costs(miss, false_alarm, share, look))
        if json_output:
            values = proposal.thresholds.model_dump(mode="json") | {"digest": proposal.thresholds.digest}
            typer.echo(json.dumps(values | {"basis": proposal.basis.as_json()}, indent=1))
        else:
            _print_values(proposal.thresholds)
            _print_basis(proposal.basis.as_json())
        if save is not None:
            _save(opened, proposal.thresholds, proposal.preset.value, proposal.basis, save, use, person)
    finally:
        opened.close()


@app.command()
def choose(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A set; “as shipped” for the one of the model's card.")],
    person: PersonOption = None,
) -> None:
    """Put a set in force for window, folders and command line."""
    opened = _open(context)
    try:
        found = opened.choose_thresholds(name, person=_person(opened, person))
    finally:
        opened.close()
    typer.echo(f"{found.name} ({found.digest}) is in force.")


def _open(context: typer.Context) -> "Context":
    state: State = context.obj
    return state.open()


def _stored(opened: "Context") -> "tuple[list[StoredThresholds], StoredThresholds | None]":
    from weldspot_desktop.store import threshold_sets

    # Looking makes no workspace.
    if not opened.has_database:
        return [], None
    sha256 = opened.model.card.sha256
    with opened.database.read() as session:
        return threshold_sets.every(session, sha256), threshold_sets.chosen(session, sha256)


def _named(rows: "list[StoredThresholds]", name: str, shipped: "ThresholdSet") -> "StoredThresholds | None":
    """The row of that name; None for the set of the card."""
    from weldspot_desktop.store.threshold_sets import AS_SHIPPED, ThresholdSetError

    if name.casefold() in (AS_SHIPPED, shipped.name.casefold()):
        return None
    for row in rows:
        if row.name.casefold() == name.casefold():
            return row
    raise ThresholdSetError(
        f"There is no threshold set “{name}” for this model.", "See weldspot models thresholds list."
    )


def _proposal(opened: "Context", name: str, allowed: int, costs: "Costs") -> "Proposal":
    from weldspot_desktop.registry import out_of_fold, threshold_presets
    from weldspot_desktop.registry.threshold_presets import Preset, PresetError

    wanted = name.replace("-", " ").replace("_", " ").casefold()
    known = {preset.value.replace("-", " "): preset for preset in Preset}
    if wanted not in known:
        raise PresetError(f"There is no preset “{name}”.", f"Choose one of {', '.join(_typed(p) for p in Preset)}.")
    shipped, data = opened.model.card.thresholds, out_of_fold.read(opened.model)
    if known[wanted] is Preset.BALANCED:
        return threshold_presets.balanced(data, shipped)
    if data is None:
        raise PresetError("No out-of-fold scores travel with this model: only its own set is known.")
    if known[wanted] is Preset.MISS_NO_CRACK:
        return threshold_presets.miss_no_crack(data, shipped, allowed=allowed)
    return threshold_presets.by_cost(data, shipped, costs)


def _typed(preset: str) -> str:
    return preset.replace(" ", "-")


def _costs(
    miss: list[str] | None, false_alarm: list[str] | None, share: list[str] | None, look: float | None
) -> "Costs":
    from dataclasses import replace

    from weldspot_desktop.registry.threshold_presets import Costs

    costs = Costs() if look is None else Costs(look=look)
    classes = dict(costs.classes)
    for key, entries in (("miss", miss), ("false_alarm", false_alarm), ("share", share)):
        for entry in entries or []:
            index, value = _class_value(entry)
            classes[index] = replace(classes[index], **{key: value})
    return Costs(classes, costs.look)


def _class_value(entry: str) -> tuple[int, float]:
    name, _, number = entry.rpartition("=")
    try:
        index, value = labels.class_index(name), float(number)
    except ValueError as error:
        raise ExpectedError(f"“{entry}” is not CLASS=NUMBER.", "Such as Crack=50.") from error
    if index not in labels.DEFECTS:
        raise ExpectedError(f"{labels.CLASSES[index]} is no defect: it has no cost.")
    return index, value


def _save(
    opened: "Context",
    thresholds: "ThresholdSet",
    preset: str,
    basis: "Basis",
    name: str,
    use: bool,
    person: str | None,
) -> None:
    by = _person(opened, person)
    named = thresholds.model_copy(update={"name": " ".join(name.split())})
    made = opened.make_thresholds(named, preset=preset, basis=basis.as_json(), person=by)
    if use:
        opened.choose_thresholds(made.name, person=by)
    typer.echo(f"“{made.name}” ({made.digest}) is saved{' and in force' if use else ''}.", err=True)


def _person(opened: "Context", name: str | None) -> "Person | None":
    """The person of that name, after the PIN if there is one."""
    from weldspot_desktop.cli.recording import UnknownPersonError
    from weldspot_desktop.store import people

    if name is None:
        return None
    found = opened.person(name)
    if found is None:
        raise UnknownPersonError(f"{name} is not on the list of people.", "Add the name on the Settings page.")
    if found.pin_hash is not None:
        pin = typer.prompt(f"PIN of {found.name}", hide_input=True, err=True)
        if not people.pin_matches(found, pin):
            raise ExpectedError("That is not the PIN. Nothing was changed.")
    return found


def _print_values(thresholds: "ThresholdSet") -> None:
    typer.echo(f"{'class':22}{'lower':>9}{'upper':>9}")
    for index, name in enumerate(labels.CLASSES):
        lower = f"{thresholds.lower[index]:9.4f}" if index in labels.DEFECTS else f"{'–':>9}"
        typer.echo(f"{name:22}{lower}{thresholds.upper[index]:9.4f}")
    limit = thresholds.distance_limit
    typer.echo(f"distance limit {limit:.4f}" if limit is not None else "no distance limit")


def _print_basis(basis: dict[str, Any]) -> None:
    for sentence in basis.get("rests_on", []):
        typer.echo(sentence)
    for warning in basis.get("warnings", []):
        typer.echo(f"! {warning}")
