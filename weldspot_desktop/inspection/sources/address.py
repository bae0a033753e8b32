"""Network addresses with their secrets taken out: what may be shown, logged and stored."""

import re
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

MASK: Final = "•••"
DEFAULT_PORTS: Final = {"rtsp": 554, "rtsps": 322, "rtmp": 1935, "http": 80, "https": 443}

_SECRET_KEYS: Final = re.compile(
    r"(?i)(^|[?&;])((?:[\w.-]*(?:passw|pwd|passphrase|token|secret|auth|signature|apikey|api_key|api-key))[\w.-]*"
    r"|pass|psw|key|sig|p)=([^&;#]*)"
)


class AddressError(ValueError):
    """A text that is no network address; the message never repeats the text, which may hold a password."""


def split(address: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    AddressError
        If scheme or host are missing or not valid.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AddressError("Host or port of the address are not valid.") from None
    if parts.scheme not in DEFAULT_PORTS or port == 0:
        raise AddressError(f"An address begins with one of {', '.join(f'{name}://' for name in DEFAULT_PORTS)}.")
    if not parts.hostname:
        raise AddressError("The address names no host.")
    if "@" not in parts.netloc and "@" in address and ":" in parts.netloc.rpartition("]")[2]:
        # "user:pa/ss@host": the slash ends the host, and half of the password would be taken for a path.
        raise AddressError("An @ in the address is out of place: write / as %2F, ? as %3F and # as %23 in a password.")
    if re.search(r"[\s\x00-\x1f]", address):
        raise AddressError("An address holds no spaces.")
    return parts


def masked(address: str) -> str:
    """The address with every secret replaced by dots, for people."""
    return _replaced(address, MASK)


def without_secrets(address: str) -> str:
    """The address with every secret left out, for files; a user's name stays."""
    return _replaced(address, "")


def lacks_password(address: str) -> bool:
    """Whether the address names a user and no password, as `without_secrets` leaves it."""
    parts = split(address)
    return bool(parts.username) and not parts.password


def with_login(address: str, user: str, password: str) -> str:
    """The address with this login in place of the one it has; an empty user leaves it without.

    Raises
    ------
    AddressError
        If it is not an address.
    """
    parts = split(address)
    login = f"{quote(user, safe='')}{':' if password else ''}{quote(password, safe='')}@" if user else ""
    return parts._replace(netloc=login + parts.netloc.rpartition("@")[2]).geturl()


def _replaced(address: str, mask: str) -> str:
    try:
        parts = split(address)
    except AddressError:
        return f"{address.partition('://')[0][:8]}://{mask}"
    login, at, host = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    secret = f":{mask}" if colon and mask else ""
    query = _SECRET_KEYS.sub(rf"\1\2={mask}", parts.query)
    return parts._replace(netloc=f"{quote(user, safe='%')}{secret}{at}{host}", query=query).geturl()
