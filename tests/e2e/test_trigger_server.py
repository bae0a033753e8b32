"""`weldspot serve` as a program, asked by a real HTTP client."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.station import Station
from weldspot_desktop.inspection.triggers import RestOptions
from weldspot_desktop.server import LARGEST_BODY, ServerError, Token, TriggerServer
from weldspot_desktop.store import inspections, trail
from weldspot_desktop.verdict import Verdict


@dataclass
class Served:
    process: "subprocess.Popen[str]"
    url: str
    workspace: Path
    token: str

    def post(self, **options: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | dict(options.pop("headers", {}))  # type: ignore[call-overload]
        return httpx.post(f"{self.url}/trigger", headers=headers, timeout=30, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    workspace = tmp_path_factory.mktemp("serve")
    command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(workspace)]
    process = subprocess.Popen(
        [*command, "serve", "--source", "demo", "--record", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "WELDSPOT_KEYS": str(workspace / "keys")},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.match(r"Listening on (http://127\.0\.0\.1:\d+); the token is in (.+)", line)
    assert found is not None, line
    made = Served(process, found[1], workspace, Path(found[2]).read_text())
    made.post()
    yield made
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert made.token not in out + err


def test_a_trigger_answers_with_the_verdict_of_its_record(served: Served) -> None:
    response = served.post(json={"weld_id": "W-77", "report_number": "VT-2026-014"})
    assert response.status_code == 200
    found = response.json()
    context = Context(served.workspace)
    try:
        with context.database.read() as session:
            row = inspections.get(session, found["record"])
            assert row is not None
            assert trail.first_fault(session) is None
            path = context.picture_files.path(session, row.sha256 or "")
    finally:
        context.close()
    assert path is not None
    assert path.is_file()
    assert found["verdict"] == row.verdict
    assert Verdict(found["verdict"])
    assert list(found["scores"]) == list(labels.CLASSES)
    assert list(found["scores"].values()) == row.scores
    assert found["classes"] == labels.names(row.classes)
    assert (found["reason"], found["picture_sha256"]) == (row.reason, row.sha256)
    assert found["model"]["sha256"] == row.model_sha256
    assert found["thresholds"] == {"name": row.thresholds_name, "digest": row.thresholds_digest}
    assert row.weld["weld_id"] == "W-77"
    assert row.weld["report_number"] == "VT-2026-014"
    assert row.trigger == "http"
    assert 0 < found["latency_ms"] < 5000


def test_without_the_token_nothing_is_judged(served: Served) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {served.token}"}):
        response = httpx.post(f"{served.url}/trigger", headers=headers, timeout=10)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert "token" in response.json()["error"]
    assert served.post(headers={"Authorization": "Bearer ü".encode()}).status_code == 401


def test_health_says_that_it_is_up_and_no_more(served: Served) -> None:
    response = httpx.get(f"{served.url}/health", timeout=10)
    assert (response.status_code, response.json()) == (200, {"status": "up"})
    assert "server" not in response.headers
    assert httpx.get(f"{served.url}/docs", timeout=10).status_code == 404
    assert httpx.get(f"{served.url}/trigger", timeout=10).status_code == 405


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"json": {"colour": "red"}}, 422, "Unknown field"),
        ({"json": {"weld_id": 7}}, 422, "must be a text"),
        ({"json": {"weld_id": "x" * 121}}, 422, "longer than"),
        ({"json": {"weld_id": "a\nb"}}, 422, "cannot be printed"),
        ({"json": ["W-1"]}, 422, "object"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "not JSON"),
        ({"content": b"[" * 9000, "headers": {"Content-Type": "application/json"}}, 400, "not JSON"),
        ({"content": b"weld_id=1"}, 415, "JSON"),
        ({"content": b" " * (LARGEST_BODY + 1)}, 413, "larger"),
    ],
)
def test_a_body_that_is_not_understood_is_refused_before_anything_is_judged(
    served: Served, options: dict[str, object], status: int, words: str
) -> None:
    response = served.post(**options)
    assert response.status_code == status
    assert words in response.json()["error"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("127.0.0.1.evil.example:8750", 403),
        ("192.168.1.5", 403),
        ("", 403),
        ("localhost:1", 200),
        ("[::1]:8750", 200),
    ],
)
def test_a_browser_that_was_led_here_under_another_name_is_refused(served: Served, host: str, status: int) -> None:
    assert httpx.get(f"{served.url}/health", headers={"Host": host}, timeout=10).status_code == status


def test_the_token_lies_in_a_file_of_its_owner_and_can_be_renewed(tmp_path: Path) -> None:
    token = Token(tmp_path / "token")
    first = token.value()
    assert stat.S_IMODE(token.path.stat().st_mode) == 0o600
    assert Token(token.path).value() == first
    token.path.chmod(0o644)
    assert Token(token.path).value() == first
    assert stat.S_IMODE(token.path.stat().st_mode) == 0o600
    second = token.renew()
    assert second != first
    assert token.matches(second)
    assert not token.matches(first)
    assert Token(token.path).value() == second
    token.path.write_text("short")
    assert len(Token(token.path).value()) > 40
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_a_port_in_use_is_explained_and_a_station_without_source_answers_so(tmp_path: Path) -> None:
    station = Station(None, rest=RestOptions())
    token = Token(tmp_path / "token")
    server = TriggerServer(station, token)
    server.start()
    try:
        with pytest.raises(ServerError, match=f"port {server.port}"):
            TriggerServer(station, token, port=server.port).start()
        headers = {"Authorization": f"Bearer {token.value()}"}
        response = httpx.post(f"{server.url}/trigger", headers=headers, timeout=10)
        assert response.status_code == 409
        assert "No live source" in response.json()["error"]
    finally:
        server.stop()
        station.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0
