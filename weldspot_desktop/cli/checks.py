"""`weldspot --self-test`: whether this installation works, in a few seconds and without a display."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from weldspot_desktop import jobs, paths
from weldspot_desktop.cli.state import State
from weldspot_desktop.context import Context

KNOWN_ANSWER = "known-answer.json"
"""Beside the models: a sample, the model's hash and the scores it must give."""

TOLERANCE = 0.03
"""Largest difference of a score between machines: int8 kernels round in different ways."""


def run(state: State) -> int:
    """Run all checks in a temporary workspace, print a line for each; 0 if all passed."""
    failures = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        context = Context(Path(folder), model=state.model)
        checks: list[tuple[str, Callable[[Context], list[str]]]] = [
            ("pages", _pages),
            ("inference", _inference),
            ("capture", _capture),
            ("training command", _training),
            ("no TensorFlow", _no_tensorflow),
        ]
        for name, check in checks:
            start = time.perf_counter()
            problems = check(context)
            failures += bool(problems)
            print(f"{'FAILED' if problems else 'ok':6} {name} ({time.perf_counter() - start:.2f} s)")
            for problem in problems:
                print(f"       {problem}")
        context.close()
    print("self-test passed" if not failures else f"self-test: {failures} checks failed")
    return 1 if failures else 0


def _pages(context: Context) -> list[str]:
    from weldspot_desktop.ui.self_test import self_test

    return self_test(context)


def _inference(context: Context) -> list[str]:
    known = json.loads(paths.resource("models", KNOWN_ANSWER).read_text(encoding="utf-8"))
    inspected = context.inspector().file(paths.resource("samples", known["sample"]))
    if inspected.prediction is None:
        return [f"{known['sample']}: {inspected.error}"]
    if context.model.card.sha256 != known["model_sha256"]:
        return ["the known answer was made with another model"]
    pairs = zip(inspected.prediction.scores.tolist(), known["scores"], strict=True)
    largest = max(abs(score - expected) for score, expected in pairs)
    return [] if largest <= TOLERANCE else [f"a score differs by {largest:.3f} from the known answer"]


def _capture(context: Context) -> list[str]:
    from weldspot_desktop.cli import capture_check

    return capture_check.problems(context)


def _training(_: Context) -> list[str]:
    """The command must resolve, or the installation must say why it has none."""
    try:
        command = jobs.training_command(Path("job"))
    except jobs.JobError as error:
        print(f"       {error}")
        return [] if getattr(sys, "frozen", False) else [str(error)]
    print(f"       {' '.join(command)}")
    return [] if Path(command[0]).is_file() else [f"{command[0]} does not exist"]


def _no_tensorflow(_: Context) -> list[str]:
    loaded = sorted(name for name in ("tensorflow", "keras") if name in sys.modules)
    return [f"{', '.join(loaded)} was loaded"] if loaded else []
