"""`weldspot models`: what the model in use was measured to do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from weldspot_desktop.cli import thresholds
from weldspot_desktop.cli.state import State

if TYPE_CHECKING:
    from weldspot_desktop.model import ModelCard


app = typer.Typer(invoke_without_command=True)
app.add_typer(thresholds.app, name="thresholds")


@app.callback()
def models(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print the whole card as JSON.")] = False,
) -> None:
    """Show the model in use: where it comes from, its scores with intervals and counts, its verdicts."""
    if context.invoked_subcommand is not None:
        return
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


_SHARES = ("recall", "precision", "false_alarms")


def _reports(card: "ModelCard") -> list[tuple[str, dict[str, Any]]]:
    found = card.metrics
    if not found:
        return []
    return [
        (f"{card.precision} file, test split", found["file"]),
        ("Keras, test split", found["keras"]),
        ("int8 files on pictures they did not see (thresholds come from these)", found["out_of_fold"]),
    ]


def _show(title: str, report: dict[str, Any]) -> None:
    from weldspot_desktop.verdict import Verdict

    typer.echo(f"{title}: {report['pictures']} pictures, {report['groups']} groups")
    heads = f"{'AUC':>7}{'95 % interval':>18}{'positives':>11}{'points at':>11}{'centre':>8}{'boxes':>8}{'found':>8}"
    typer.echo(f"  {'class':22}{heads}")
    for name, row in report["classes"].items():
        auc, pointing, boxes = row["auc"], report["pointing"].get(name), report["boxes"].get(name)
        places = [
            _figure(pointing["hit"]["value"] if pointing else None, 11),
            _figure(pointing["centre"]["value"] if pointing else None, 8),
            _figure(boxes["derived"]["value"] if boxes else None, 8),
            _figure(boxes["labelled"]["value"] if boxes else None, 8),
        ]
        typer.echo(f"  {name:22}{_figure(auc['value'])}{_interval(auc):>18}{auc['positives']:11}" + "".join(places))
    macro, mean = report["macro_auc"], report["pointing"]["mean"]
    typer.echo(
        f"  {'macro':22}{_figure(macro['value'])}{_interval(macro):>18}{'':11}"
        f"{_figure(mean['hit'], 11)}{_figure(mean['centre'], 8)}"
    )
    if baseline := report.get("baseline"):
        difference = baseline["difference"]
        typer.echo(f"  against {baseline['what']}: {difference['value']:+.3f} ({_interval(difference)})")
    for bound in ("upper", "lower"):
        typer.echo(f"  at the {bound} threshold {'':3}{'':7}{'recall':>24}{'precision':>24}{'false alarms':>24}")
        for name, row in report["classes"].items():
            at = row[bound]
            typer.echo(f"  {name:22}{at['threshold']:7.3f}" + "".join(f"{_share(at[kind]):>24}" for kind in _SHARES))
    typer.echo(f"  {'verdicts':22}" + "".join(f"{verdict.value:>10}" for verdict in Verdict))
    for name, row in report["verdicts"].items():
        typer.echo(f"  {name:22}" + "".join(f"{row[verdict.value]:10}" for verdict in Verdict))


def _share(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "–"
    return f"{share['value']:.3f} ({share['low']:.3f} to {share['high']:.3f})"


def _figure(value: float | None, width: int = 7) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:{width}.3f}"


def _interval(estimate: dict[str, Any]) -> str:
    return "–" if estimate["low"] is None else f"{estimate['low']:.3f} to {estimate['high']:.3f}"
