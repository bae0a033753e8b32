"""The people of a workstation: name, role and an optional PIN that keeps one from signing as another."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.errors import ExpectedError
from weldspot_desktop.store import trail
from weldspot_desktop.store.schema import Person

LONGEST_CERTIFICATE = 120


class Role(StrEnum):
    """What somebody does here."""

    INSPECTOR = "inspector"
    REVIEWER = "reviewer"
    MANAGER = "manager"


class PersonError(ExpectedError):
    """A name that cannot be added or used."""


def everyone(session: Session, *, former: bool = False) -> list[Person]:
    """Active people by name; with `former` also those who left."""
    query = select(Person).order_by(Person.name)
    return list(session.scalars(query if former else query.where(Person.active)))


def add(session: Session, *, name: str, role: Role, pin: str | None = None, certificate: str = "", by: str) -> Person:
    """Add somebody; the certificate (number, scheme, expiry) is copied into what they record.

    Raises
    ------
    PersonError
        If the name is empty, too long or taken, or the PIN is not four to twelve digits.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise PersonError("A person needs a name of 1 to 120 characters.")
    if session.scalars(select(Person).where(Person.name == name)).first() is not None:
        raise PersonError(f"{name} is on the list already.")
    person = Person(
        name=name,
        role=Role(role).value,
        certificate=_certificate(certificate),
        pin_hash=_hashed(pin),
        active=True,
        created=datetime.now(UTC),
    )
    session.add(person)
    session.flush()
    trail.append(session, person=by, action="person added", subject=name, details=_state(person))
    return person


def change(
    session: Session,
    person: Person,
    *,
    role: Role,
    pin: str | None,
    keep_pin: bool,
    certificate: str | None = None,
    by: str,
) -> None:
    """Change role, certificate and PIN; with `keep_pin` the PIN stays as it is, None keeps the certificate.

    Raises
    ------
    PersonError
        If the PIN is not four to twelve digits.
    """
    before = _state(person)
    person.role = Role(role).value
    if not keep_pin:
        person.pin_hash = _hashed(pin)
    if certificate is not None:
        person.certificate = _certificate(certificate)
    details = {"before": before, "after": _state(person), "pin_changed": not keep_pin}
    trail.append(session, person=by, action="person changed", subject=person.name, details=details)


def set_active(session: Session, person: Person, active: bool, *, by: str) -> None:
    """Let somebody leave (their records stay) or come back."""
    person.active = active
    action = "person came back" if active else "person left"
    trail.append(session, person=by, action=action, subject=person.name, details={})


def may_change(actor: Person | None, person: Person) -> bool:
    """Whether somebody may change a person: one without a PIN anyone, others themselves and managers alone."""
    if person.pin_hash is None:
        return True
    return actor is not None and (actor.id == person.id or actor.role == Role.MANAGER)


def pin_matches(person: Person, pin: str) -> bool:
    """Whether the PIN is right; anyone without a PIN may sign with any."""
    if person.pin_hash is None:
        return True
    salt, _, digest = person.pin_hash.partition("$")
    return hmac.compare_digest(_scrypt(pin, bytes.fromhex(salt)), digest)


def _state(person: Person) -> dict[str, str | bool]:
    """What the trail says of somebody; the certificate only where there is one."""
    certificate = {"certificate": person.certificate} if person.certificate else {}
    return {"role": person.role, "pin": bool(person.pin_hash), **certificate}


def _certificate(text: str) -> str | None:
    return " ".join(text.split())[:LONGEST_CERTIFICATE] or None


def _hashed(pin: str | None) -> str | None:
    if not pin:
        return None
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
        raise PersonError("A PIN has four to twelve digits.")
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(pin, salt)}"


def _scrypt(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1).hex()
