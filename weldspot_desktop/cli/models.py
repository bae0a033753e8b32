"""`weldspot models`: what the model in use was measured to do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.model import ModelCard


def models(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print the whole card as JSON.")] = False,
) -> None:
    """Show the model in use: where it comes from, its scores with intervals and counts, its verdicts."""
    state: State = context.obj
    opened = state.open()
    card = opened.model.card
    opened.close()
    if json_output:
        typer.echo(card.model_dump_json(indent=1, by_alias=True))
        return
    typer.echo(f"{opened.model.title} · {card.bytes / 1e6:.1f} MB · sha256 {card.sha256[:12]}")
    typer.echo(f"Trained on {card.dataset.version}: {card.dataset.pictures} pictures, {card.dataset.groups} groups.")
    if latency := card.metrics.get("latency_ms"):
        shown = ", ".join(f"{value} ms on {threads}" for threads, value in latency.items())
        typer.echo(f"Latency where it was trained: {shown}.")
    for title, report in _reports(card):
        typer.echo("")
        _show(title, report)


def _reports(card: "ModelCard") -> list[tuple[str, dict[str, Any]]]:
    found = card.metrics
    return (
        [(f"{card.precision} file, test split", found["file"]), ("Keras, test split", found["keras"])] if found else []
    )


def _show(title: str, report: dict[str, Any]) -> None:
    from weldspot_desktop.verdict import Verdict

    typer.echo(f"{title}: {report['pictures']} pictures, {report['groups']} groups")
    heads = f"{'AUC':>7}{'95 % interval':>18}{'positives':>11}{'recall':>9}{'false alarms':>14}{'points at':>11}"
    typer.echo(f"  {'class':22}{heads}")
    for name, row in report["classes"].items():
        auc, pointing = row["auc"], report["pointing"].get(name, {}).get("hit", {}).get("value")
        typer.echo(
            f"  {name:22}{_figure(auc['value'])}{_interval(auc):>18}{auc['positives']:11}"
            f"{_figure(row['recall']['value'], 9)}{_figure(row['false_alarms']['value'], 14)}{_figure(pointing, 11)}"
        )
    macro = report["macro_auc"]
    typer.echo(f"  {'macro':22}{_figure(macro['value'])}{_interval(macro):>18}")
    difference = report["baseline"]["difference"]
    typer.echo(f"  against {report['baseline']['what']}: {difference['value']:+.3f} ({_interval(difference)})")
    typer.echo(f"  {'verdicts':22}" + "".join(f"{verdict.value:>10}" for verdict in Verdict))
    for name, row in report["verdicts"].items():
        typer.echo(f"  {name:22}" + "".join(f"{row[verdict.value]:10}" for verdict in Verdict))


def _figure(value: float | None, width: int = 7) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:{width}.3f}"


def _interval(estimate: dict[str, Any]) -> str:
    return "–" if estimate["low"] is None else f"{estimate['low']:.3f} to {estimate['high']:.3f}"
