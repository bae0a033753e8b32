"""Why a network address does not open: OpenCV says only that it does not."""

import http.client
import socket
import ssl
from contextlib import ExitStack
from typing import Final

from weldspot_desktop.inspection.sources.address import DEFAULT_PORTS, masked, split
from weldspot_desktop.inspection.sources.source import SourceError

_ANSWER_BYTES: Final = 256


def check_reachable(address: str, seconds: float) -> None:
    """Connect to the host and port of an address, and hang up.

    Raises
    ------
    SourceError
        If the host is unknown, refuses, or does not answer within `seconds`.
    """
    with _connected(address, seconds):
        pass


def refusal(address: str, seconds: float) -> SourceError | None:
    """Ask the server for the address as any player would; what it objected to, or None if it did not.

    The login is not sent: for an address with a login that did not open, "who are you?" means that it was wrong.
    """
    try:
        status = _status(address, seconds)
    except SourceError as error:
        return error
    except TimeoutError:
        return SourceError(f"{masked(address)} takes the call and says nothing.", "Restart the camera.")
    except (OSError, http.client.HTTPException, ValueError):
        return SourceError(f"{masked(address)} answers in another language.", "Check scheme and port of the address.")
    if status in (401, 403):
        return SourceError(f"{masked(address)} refuses the login.", "Enter the address with user name and password.")
    if status == 404:
        return SourceError(f"{masked(address)} does not exist on that host.", "Check the path of the address.")
    if status >= 400:
        return SourceError(f"{masked(address)} answers with error {status}.", "Look at the camera's own page.")
    return None


def _connected(address: str, seconds: float) -> socket.socket:
    parts = split(address)
    host = parts.hostname or ""
    shown = masked(address)
    try:
        return socket.create_connection((host, parts.port or DEFAULT_PORTS[parts.scheme]), timeout=seconds)
    except socket.gaierror as error:
        raise SourceError(f"The host of {shown} is not known.", "Check its name and the network cable.") from error
    except ConnectionRefusedError as error:
        raise SourceError(f"{shown} refuses the connection.", "Check the port and that the camera is on.") from error
    except TimeoutError as error:
        raise SourceError(f"{shown} does not answer.", "Check that the camera is on and in this network.") from error
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "the host's name is not valid"
        raise SourceError(f"{shown} cannot be reached: {reason}.", "Check the network cable.") from error


def _status(address: str, seconds: float) -> int:
    """Status code of the server's answer to a first request."""
    parts = split(address)
    with ExitStack() as stack:
        connection = stack.enter_context(_connected(address, seconds))
        if parts.scheme in ("https", "rtsps"):
            connection = stack.enter_context(_any_certificate().wrap_socket(connection))
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        if parts.scheme.startswith("rtsp"):
            request = f"DESCRIBE {bare.geturl()} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
        else:
            path = bare._replace(scheme="", netloc="", fragment="").geturl() or "/"
            request = f"GET {path} HTTP/1.1\r\nHost: {bare.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode("utf-8", "replace"))
        answer = connection.recv(_ANSWER_BYTES).decode("latin-1")
    version, _, rest = answer.partition(" ")
    if not version.startswith(("HTTP/", "RTSP/")):
        raise http.client.BadStatusLine("not HTTP, not RTSP")
    return int(rest[:3])


def _any_certificate() -> ssl.SSLContext:
    """Cameras sign their own certificates, and the player accepts them; no login is sent over this connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
