"""`weldspot serve`: a live station without a window, triggered over HTTP or by parts that come to rest."""

import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from weldspot_desktop.cli.state import State
from weldspot_desktop.errors import ExpectedError

if TYPE_CHECKING:
    from weldspot_desktop.inspection.station import Recorded
    from weldspot_desktop.inspection.triggers import Asked


class SourceEndedError(ExpectedError):
    """The source came to its end while it was served."""


def serve(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="camera:0, camera:NAME, an address, a video file, or demo.")],
    record: Annotated[bool, typer.Option("--record", help="Keep each triggered picture in the log.")] = False,
    at_rest: Annotated[bool, typer.Option("--at-rest", help="Also trigger when a part has come to rest.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.", show_default="as in the settings")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Who inspects, for --record.")] = None,
) -> None:
    """Judge a live source and answer POST /trigger with the verdict as JSON. Ctrl+C ends it."""
    state: State = context.obj
    opened = state.open()
    try:
        from weldspot_desktop.cli.recording import known_person
        from weldspot_desktop.inspection.live import Live
        from weldspot_desktop.inspection.live import State as LiveState
        from weldspot_desktop.inspection.station import Station
        from weldspot_desktop.inspection.triggers import Mode, RestOptions
        from weldspot_desktop.server import TOKEN_FILE, Token, TriggerServer

        live_settings = opened.settings.live
        parsed = opened.source(source)
        faults: list[Exception] = []
        ended = threading.Event()

        def broke(error: Exception) -> None:
            faults.append(error)
            ended.set()

        station = Station(
            opened.recorder if record else None,
            rest=RestOptions(live_settings.rest_seconds, live_settings.rest_levels),
            recorded=_print_recorded,
            failed=_print_failure,
            broke=broke,
        )
        station.person = known_person(opened, person)
        station.rest_records_no_weld = live_settings.rest_records_no_weld
        live = Live(
            parsed,
            opened.inspector(threads_per_inference=2),
            stall_seconds=live_settings.stall_seconds,
            smoothing_seconds=live_settings.shown_smoothing,
            seen=station.seen,
        )
        token = Token(opened.workspace.root / TOKEN_FILE)
        token.value()
        server = TriggerServer(
            station,
            token,
            address=live_settings.http_address,
            port=live_settings.http_port if port is None else port,
            broke=broke,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        station.attach(live)
        station.set_mode(Mode.REST if at_rest else Mode.CONTINUOUS)
        try:
            live.start()
            server.start()
            print(f"Listening on {server.url}; the token is in {token.path}", flush=True)
            while not ended.is_set() and live.status.state is not LiveState.ENDED:
                # Nobody looks at the results; but a source whose pictures all count waits until each is fetched.
                live.results.take(0.2)
        finally:
            server.stop()
            status = live.status
            station.close()
            live.stop()
        for fault in (*faults, *([live.fault] if live.fault is not None else [])):
            raise fault
        if not ended.is_set():
            raise SourceEndedError(status.what, status.advice)
    finally:
        opened.close()


def _print_recorded(recorded: "Recorded") -> None:
    """One line for each trigger, after its record is safe."""
    word = f"saved {recorded.number}" if recorded.number is not None else "judged"
    weld = "".join(c for c in recorded.weld.get("weld_id", "") if c.isprintable())
    print(f"{word}  {recorded.judged.judgement.verdict.value}  {recorded.asked.value}  {weld}".rstrip(), flush=True)


def _print_failure(asked: "Asked", error: ExpectedError) -> None:
    print(f"not recorded ({asked.value}): {error}", file=sys.stderr, flush=True)
