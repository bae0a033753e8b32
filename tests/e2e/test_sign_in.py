"""Signing in to Firebase, against Google's own emulators: who gets in, who is turned away, and with which sentence."""

import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bucket_server import BUCKET as PHONES
from bucket_server import bucket_server
from firebase_emulators import BUCKET, PROJECT, Emulators
from memory_keyring import MemoryKeyring, in_place

from weldspot_desktop import settings
from weldspot_desktop.cloud import faults, open_inbox, signing
from weldspot_desktop.cloud.check import check
from weldspot_desktop.cloud.firebase.opening import user_sign_in
from weldspot_desktop.cloud.firebase.sign_in import UserSignIn
from weldspot_desktop.cloud.inbox import ROOT, UPLOADS
from weldspot_desktop.cloud.keyring_entry import ONLY_THIS_RUN
from weldspot_desktop.context import Context
from weldspot_desktop.settings import Cloud, CloudBackend, Settings, SignInWay

pytestmark = pytest.mark.firebase

API_KEY = "AIza-key-of-the-tests"
PASSWORD = "correct horse battery"
NAME = "A0Z_1-0.9_0-0.1_0-0.2_0-0.3_0-0.4_0-0.5_0-0.6.jpg"
_numbers = itertools.count(1)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    with in_place(MemoryKeyring()) as ring:
        yield ring


@pytest.fixture
def email() -> str:
    return f"reviewer{next(_numbers)}@company.com"


@pytest.fixture
def uid(firebase: Emulators, email: str) -> str:
    return firebase.add_user(email, PASSWORD, reviewer=True)


@pytest.fixture
def cloud(firebase: Emulators, email: str, ring: MemoryKeyring) -> Cloud:
    # A project for each test: sign-ins are held for the program, one for each project.
    return Cloud(
        backend=CloudBackend.FIREBASE, bucket=BUCKET, project=f"{PROJECT}-{email}", api_key=API_KEY, email=email
    )


@pytest.fixture
def user(cloud: Cloud) -> UserSignIn:
    return UserSignIn(cloud.api_key, cloud.project)


def age(user: UserSignIn, seconds: float) -> None:
    """Let the held token be so much older."""
    object.__setattr__(user._held, "steady", user._held.steady - seconds)


def test_a_reviewer_signs_in_and_is_known_at_the_next_start(cloud, user, uid, email, ring):
    account = user.sign_in(f" {email} ", PASSWORD)
    assert (account.email, account.uid, account.reviewer) == (email, uid, True)
    assert user.note == ""
    assert list(ring.held) == [("WeldSpot Desktop", f"Firebase {cloud.project}")]

    later = UserSignIn(cloud.api_key, cloud.project)
    assert later.account is None
    assert later.restore() == account

    later.sign_out()
    assert not ring.held
    with pytest.raises(faults.SignInNeededError):
        UserSignIn(cloud.api_key, cloud.project).restore()


def test_somebody_without_the_claim_is_no_reviewer(firebase, user):
    firebase.add_user("welder@company.com", PASSWORD)
    assert not user.sign_in("welder@company.com", PASSWORD).reviewer


@pytest.mark.parametrize(
    ("address", "password", "fault"),
    [
        (None, "wrong password", faults.PasswordError),
        (None, "", faults.PasswordError),
        ("nobody@company.com", PASSWORD, faults.PasswordError),
        ("no address", PASSWORD, faults.AddressError),
    ],
)
def test_what_is_wrong_at_sign_in_is_said(user, uid, email, ring, address, password, fault):
    with pytest.raises(fault):
        user.sign_in(address or email, password)
    assert user.account is None
    assert not ring.held


def test_a_disabled_account_is_turned_away_until_it_is_enabled(firebase, user, uid, email):
    user.sign_in(email, PASSWORD)
    firebase.update(uid, disableUser=True)
    with pytest.raises(faults.DisabledUserError):
        user.confirm()
    age(user, 3600)
    with pytest.raises(faults.DisabledUserError):
        user.token()
    with pytest.raises(faults.DisabledUserError):
        user.sign_in(email, PASSWORD)
    firebase.update(uid, disableUser=False)
    assert user.token()


def test_tokens_are_renewed_before_they_end_and_when_one_is_refused(user, uid, email):
    user.sign_in(email, PASSWORD)
    # Unsigned tokens of one second are the same text: what is held tells a renewed one.
    first = user._held
    token = user.token()
    assert user._held is first
    age(user, 3600 - 299)
    user.token()
    second = user._held
    assert second is not first
    user.token(stale="another that was refused before")
    assert user._held is second
    user.token(stale=token)
    assert user._held is not second


def test_a_revoked_sign_in_ends_with_its_sentence_and_is_forgotten(firebase, cloud, user, uid, email, ring):
    user.sign_in(email, PASSWORD)
    # Its tokens are worth nothing from this second on; those that were given within it hold, as on Google's server.
    firebase.revoke_after_a_second(uid)
    with pytest.raises(faults.RevokedError, match="revoked") as caught:
        user.confirm()
    assert "e-mail and password" in caught.value.advice
    assert user.account is None
    assert not ring.held


def test_an_account_that_was_deleted_ends_the_sign_in(firebase, cloud, user, uid, email, ring):
    user.sign_in(email, PASSWORD)
    firebase.delete(uid)
    later = UserSignIn(cloud.api_key, cloud.project)
    with pytest.raises(faults.RevokedError):
        later.restore()
    assert not ring.held


def test_without_a_keyring_the_sign_in_holds_for_this_run_and_says_so(firebase, cloud, uid, email, tmp_path):
    # PYTHON_KEYRING_BACKEND is the one that refuses everything: as on a machine without a desktop.
    code = (
        "import sys; from weldspot_desktop.cloud.firebase.sign_in import UserSignIn\n"
        "user = UserSignIn(sys.argv[1], sys.argv[2])\n"
        "user.sign_in(sys.argv[3], sys.argv[4])\n"
        "print(user.note); print(UserSignIn(sys.argv[1], sys.argv[2]).restore().email)\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, API_KEY, cloud.project, email, PASSWORD],
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == [ONLY_THIS_RUN, email]
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_no_secret_is_logged_or_shown(firebase, cloud, user, uid, email, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    firebase.put(f"uploads/u1/{NAME}", b"content")
    user.sign_in(email, PASSWORD)
    signing.sign_in(cloud, PASSWORD)
    secrets = {user.token(), user._held.tokens.refresh_token, PASSWORD, API_KEY}
    assert check(cloud)[-1].ok
    shown = [repr(user), repr(user._held), repr(user._held.tokens)]
    for wrong in ("not the password", PASSWORD[:-1]):
        with pytest.raises(faults.PasswordError) as caught:
            user.sign_in(email, wrong)
        shown += [str(caught.value), repr(caught.value), str(caught.value.__cause__), str(caught.value.__context__)]
        secrets.add(wrong)
    firebase.delete(uid)
    age(user, 3600)
    with pytest.raises(faults.RevokedError) as revoked:
        user.token()
    shown += [str(revoked.value), repr(revoked.value.__context__)]
    settings.save(Settings(cloud=cloud.model_copy(update={"api_key": ""})), tmp_path / "settings.json")
    shown += [caplog.text, (tmp_path / "settings.json").read_text()]
    assert "signInWithPassword" in caplog.text, "the log holds the requests, or this test proves nothing"
    for secret in secrets:
        assert secret not in "\n".join(shown)


def test_the_check_goes_step_by_step_and_stops_where_something_is_wrong(firebase, cloud, uid, email):
    firebase.put(f"uploads/u1/{NAME}", b"content")
    told = []
    wrong = check(cloud, told.append)
    assert [(step.key, step.ok) for step in wrong] == [
        ("settings", True),
        ("clock", True),
        ("sign-in", False),
        ("bucket", None),
        ("list", None),
        ("read", None),
    ]
    assert wrong == told
    assert "Nobody is signed in" in wrong[2].sentence

    signing.sign_in(cloud, PASSWORD)
    right = check(cloud)
    assert [step.ok for step in right] == [True] * 6, right
    assert email in right[2].sentence
    assert right[3].bucket == BUCKET
    assert signing.who(cloud) == email

    signing.sign_out(cloud)
    assert check(cloud)[2].ok is False


def test_the_check_says_that_the_right_is_missing(firebase, cloud, email):
    firebase.add_user(email, PASSWORD)
    signing.sign_in(cloud, PASSWORD)
    steps = check(cloud)
    assert "reviewer" in steps[2].advice
    assert (steps[3].ok, "no right" in steps[3].sentence) == (False, True)


def test_a_bare_project_id_finds_its_bucket(firebase, cloud, uid, email):
    signing.sign_in(cloud, PASSWORD)
    # The emulator makes every bucket that it is asked for: the first name is taken as given.
    found = check(cloud.model_copy(update={"bucket": "gs://demo-weldspot/"}))[3]
    assert (found.ok, found.bucket) == (True, "demo-weldspot")


def test_a_bucket_that_older_settings_name_by_its_project_is_completed_and_saved(monkeypatch, tmp_path):
    """Against fake-gcs-server, which says of a bucket that it does not have that it is missing."""
    with bucket_server(tmp_path) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        context = Context()
        context.settings.cloud = Cloud(backend=CloudBackend.FIREBASE, bucket="phones")
        server.put(f"uploads/u1/{NAME}", b"no picture")
        assert context.sync(lambda done, total: None, score=False).quarantined == 1
        context.close()
        assert settings.load(context.workspace.settings).settings.cloud.bucket == PHONES


def test_offline_is_a_state_of_its_own(cloud, user, monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    with pytest.raises(faults.Offline):
        UserSignIn(cloud.api_key, cloud.project).sign_in("a@company.com", PASSWORD)
    monkeypatch.setenv("FIREBASE_STORAGE_EMULATOR_HOST", "127.0.0.1:9")
    assert "cannot be reached" in check(cloud)[1].sentence


def test_passwords_go_to_no_emulator_of_another_computer(cloud, monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "emulator.company.com:9099")
    with pytest.raises(faults.SetUpError, match="this computer"):
        UserSignIn(cloud.api_key, cloud.project)


def test_known_uploads_cost_no_request_of_their_own(firebase, cloud, uid, monkeypatch):
    bucket = "known.firebasestorage.app"
    names = [f"uploads/u{number % 3}/{number:03}.jpg" for number in range(24)]
    for name in names:
        firebase.put(name, name.encode(), bucket)
    signing.sign_in(cloud, PASSWORD)
    wanted = cloud.model_copy(update={"bucket": bucket})
    first = list(open_inbox(wanted).listing(UPLOADS))
    assert [found.name for found in first] == sorted(names)

    held = {found.name: found for found in first[:-2]}
    inbox = open_inbox(wanted, lambda _, asked: {name: held[name] for name in asked if name in held})
    asked = []
    metadata = inbox._metadata
    monkeypatch.setattr(inbox, "_metadata", lambda name: asked.append(name) or metadata(name))
    assert list(inbox.listing(UPLOADS)) == first
    assert sorted(asked) == sorted(names)[-2:]
    assert [found.name for found in inbox.listing(ROOT)] == []


def test_an_inbox_says_that_the_sign_in_was_revoked(firebase, cloud, uid, tmp_path):
    firebase.put(f"uploads/u1/{NAME}", b"content")
    signing.sign_in(cloud, PASSWORD)
    inbox = open_inbox(cloud)
    found = next(inbox.listing(UPLOADS))
    firebase.delete(uid)
    age(user_sign_in(cloud), 3600)
    with pytest.raises(faults.RevokedError):
        inbox.download(found, tmp_path / "target")
    with pytest.raises(faults.SignInNeededError):
        list(inbox.listing(UPLOADS))


def test_the_way_of_a_person_moves_nothing(cloud):
    with pytest.raises(faults.SetUpError, match="Move what was fetched"):
        open_inbox(cloud.model_copy(update={"move": True}))
    assert cloud.sign_in is SignInWay.USER


def test_check_on_the_command_line(firebase, cloud, uid, tmp_path):
    workspace = Path(os.environ["WELDSPOT_WORKSPACE"])
    workspace.mkdir(parents=True)
    settings.save(Settings(cloud=cloud), workspace / "settings.json")
    done = subprocess.run(
        [sys.executable, "-m", "weldspot_desktop", "sync", "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Nobody is signed in" in done.stdout + done.stderr
