"""The keys that sign manifests: made once, rotated, never shown."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from weldspot_desktop.cloud import signing_keys
from weldspot_desktop.cloud.signing_keys import Signer, SigningKeyError
from weldspot_desktop.store.station_key import is_signed


class Memory(KeyringBackend):
    """A keyring that ends with the test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def ring() -> Iterator[Memory]:
    before = keyring.get_keyring()
    made = Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_keys_are_made_once_and_rotate(ring: Memory) -> None:
    with pytest.raises(SigningKeyError, match="no keys to sign with"):
        signing_keys.signer()
    signs, waits = signing_keys.create()
    assert (signs.signs, waits.signs) == (True, False)
    assert signing_keys.signer().key_id == signs.key_id
    with pytest.raises(SigningKeyError, match="There are keys already"):
        signing_keys.create()
    now, new = signing_keys.rotate()
    # Phones pinned both: the one that waited signs now, and they know it.
    assert (now.key_id, now.public) == (waits.key_id, waits.public)
    assert new.key_id not in {signs.key_id, waits.key_id}
    assert signing_keys.halves() == (now, new)
    signature = signing_keys.signer().sign(b"manifest")
    assert is_signed(b"manifest", signature, waits.public)
    assert not is_signed(b"manifest", signature, signs.public)
    # The old private key is gone.
    assert {name for _, name in ring.kept} == {"keys", now.key_id, new.key_id}


def test_a_keyring_that_lost_or_mixed_up_keys_is_told(ring: Memory) -> None:
    signs, waits = signing_keys.create()
    service = signing_keys.SERVICE
    ring.kept[service, signs.key_id] = ring.kept[service, waits.key_id]
    with pytest.raises(SigningKeyError, match="holds another key"):
        signing_keys.signer()
    del ring.kept[service, signs.key_id]
    with pytest.raises(SigningKeyError, match="is not in the keyring any more"):
        signing_keys.signer()
    ring.kept[service, "keys"] = '{"signs": "a", "waits": "b", "keys": {}}'
    with pytest.raises(SigningKeyError, match="list of keys in the keyring is damaged"):
        signing_keys.halves()


def test_rotating_needs_the_waiting_key(ring: Memory) -> None:
    signs, waits = signing_keys.create()
    del ring.kept[signing_keys.SERVICE, waits.key_id]
    with pytest.raises(SigningKeyError, match=waits.key_id):
        signing_keys.rotate()
    assert signing_keys.signer().key_id == signs.key_id


def test_without_a_keyring_the_way_out_is_told() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(SigningKeyError, match="weldspot keys create --file PATH"):
            signing_keys.create()
    finally:
        keyring.set_keyring(before)


def test_a_key_in_a_file_is_the_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    half = signing_keys.write_new(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(SigningKeyError, match="already"):
        signing_keys.write_new(path)
    assert path.read_bytes() == before
    assert Signer.of_file(path).key_id == half.key_id
    # openssl reads both halves, and derives the same public one.
    public = subprocess.run(
        ["openssl", "pkey", "-in", str(path), "-pubout"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert public == half.pem


def test_other_keys_are_refused(tmp_path: Path) -> None:
    others = (rsa.generate_private_key(public_exponent=65537, key_size=2048), ec.generate_private_key(ec.SECP256R1()))
    for other in others:
        path = tmp_path / "other.pem"
        path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(SigningKeyError, match="another kind of key"):
            Signer.of_file(path)
    for content in (b"", b"nonsense", b"\x00" * 20_000):
        path.write_bytes(content)
        with pytest.raises(SigningKeyError, match="no key that can be read"):
            Signer.of_file(path)
    with pytest.raises(SigningKeyError, match="cannot be read"):
        Signer.of_file(tmp_path / "missing.pem")


def test_a_private_key_is_not_shown() -> None:
    signer = Signer.generated()
    secret = signer.pem().decode().splitlines()[1]
    assert secret not in f"{signer!r} {signer} {signing_keys.of_signer(signer)!r}"
