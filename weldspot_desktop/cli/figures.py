"""Figures of a model as text for a terminal."""

from typing import Any

import typer

_SHARES = ("recall", "precision", "false_alarms")


def show_report(title: str, report: dict[str, Any]) -> None:
    """Print a report of `registry.evaluation.report`."""
    from weldspot_desktop.verdict import Verdict

    pointed_at, boxed = report["pointing"] or {}, report["boxes"] or {}
    typer.echo(f"{title}: {report['pictures']} pictures, {report['groups']} groups")
    heads = f"{'AUC':>7}{'95 % interval':>18}{'positives':>11}{'points at':>11}{'centre':>8}{'boxes':>8}{'found':>8}"
    typer.echo(f"  {'class':22}{heads}")
    for name, row in report["classes"].items():
        auc, pointing, boxes = row["auc"], pointed_at.get(name), boxed.get(name)
        places = [
            figure(pointing["hit"]["value"] if pointing else None, 11),
            figure(pointing["centre"]["value"] if pointing else None, 8),
            figure(boxes["derived"]["value"] if boxes else None, 8),
            figure(boxes["labelled"]["value"] if boxes else None, 8),
        ]
        typer.echo(f"  {name:22}{figure(auc['value'])}{interval(auc):>18}{auc['positives']:11}" + "".join(places))
    macro, mean = report["macro_auc"], pointed_at.get("mean", {"hit": None, "centre": None})
    typer.echo(
        f"  {'macro':22}{figure(macro['value'])}{interval(macro):>18}{'':11}"
        f"{figure(mean['hit'], 11)}{figure(mean['centre'], 8)}"
    )
    if baseline := report.get("baseline"):
        difference = baseline["difference"]
        typer.echo(f"  against {baseline['what']}: {difference['value']:+.3f} ({interval(difference)})")
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


def figure(value: float | None, width: int = 7) -> str:
    """A number in its column, or a dash."""
    return f"{'–':>{width}}" if value is None else f"{value:{width}.3f}"


def interval(estimate: dict[str, Any]) -> str:
    """Both ends, or a dash."""
    return "–" if estimate["low"] is None else f"{estimate['low']:.3f} to {estimate['high']:.3f}"
