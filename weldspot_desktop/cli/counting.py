"""Where a long command is, on a terminal; in a file it would only be noise."""

import sys
import time
from types import TracebackType
from typing import Final, Self

import typer

_SECONDS: Final = 0.1
_WIDTH: Final = 50


class Counting:
    """Shows stage and progress in one line; says what is safe when Ctrl+C ends the block.

    Parameters
    ----------
    safe
        Sentence about what holds after Ctrl+C.
    """

    def __init__(self, safe: str) -> None:
        self._safe = safe
        self._shown = 0.0

    def __enter__(self) -> Self:
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show where we are; `total` is 0 if unknown."""
        now = time.monotonic()
        if now - self._shown < _SECONDS:
            return
        self._shown = now
        figures = f" {done / total:.0%}" if total else f" {done}" if done else ""
        self._print(f"{stage}{figures}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._print("")
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            typer.echo(f"Stopped. {self._safe}", err=True)
            raise typer.Exit(130)

    @staticmethod
    def _print(text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{text:{_WIDTH}}\r", end="", file=sys.stderr, flush=True)
