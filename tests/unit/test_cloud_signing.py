"""Sentences of the cloud, the bucket's name, key files, keyrings, and what Google's emulator never answers."""

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import keyring
import pytest
import requests
from google.auth.exceptions import RefreshError, TransportError
from keyring.backends import null
from keyring.errors import KeyringLocked
from memory_keyring import MemoryKeyring, in_place

from weldspot_desktop.cloud import faults
from weldspot_desktop.cloud.check import CLOCK_SECONDS, check
from weldspot_desktop.cloud.firebase import bucket, credentials
from weldspot_desktop.cloud.firebase.bucket import Look
from weldspot_desktop.cloud.firebase.refusals import explained, fault_of
from weldspot_desktop.cloud.firebase.user_inbox import UserInbox
from weldspot_desktop.cloud.inbox import ROOT, UPLOADS, RemoteObject
from weldspot_desktop.cloud.keyring_entry import KeyringEntry
from weldspot_desktop.settings import Cloud, CloudBackend, SignInWay

KEY = SignInWay.KEY_FILE


@pytest.mark.parametrize(
    ("status", "reason", "name", "fault"),
    [
        (401, "", "", faults.RevokedError),
        (402, "", "", faults.PaymentError),
        (403, "forbidden", "", faults.ForbiddenError),
        (403, "The billing account for the owning project is disabled", "", faults.PaymentError),
        (403, "rateLimitExceeded", "", faults.BusyError),
        (404, "", "", faults.MissingBucketError),
        (404, "", "a.jpg", faults.MissingObjectError),
        (412, "", "a.jpg", faults.MissingObjectError),
        (400, "", "", faults.RefusedError),
        (429, "", "", faults.BusyError),
        (408, "", "", faults.ServerError),
        (503, "", "", faults.ServerError),
        (302, "", "", faults.AnswerError),
    ],
)
def test_each_status_has_its_sentence(status, reason, name, fault):
    found = faults.of_status(status, reason, bucket="b", name=name, way=KEY)
    assert type(found) is fault
    assert found.advice
    assert found.retryable is (fault in (faults.BusyError, faults.ServerError, faults.AnswerError))


def test_names_of_strangers_are_shown_without_control_signs():
    said = faults.MissingObjectError("a\n\x1b[31m" + "x" * 500).what
    assert said.isprintable()
    assert len(said) < 160


def _certificate(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "failed")
    error.verify_message = message
    return error


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (httpx.ConnectError("no route"), faults.Offline),
        (httpx.ReadTimeout("slow"), faults.Offline),
        (httpx.RemoteProtocolError("cut"), faults.ServerError),
        (httpx.TooManyRedirects("login page"), faults.AnswerError),
        (_caused(httpx.ConnectError("x"), _certificate("no local issuer")), faults.CertificateError),
        (_caused(httpx.ConnectError("x"), _certificate("certificate is not yet valid")), faults.ClockError),
        (requests.exceptions.SSLError(_certificate("self-signed certificate")), faults.CertificateError),
        (requests.ConnectionError("no route"), faults.Offline),
        (TransportError(requests.ConnectionError("no route")), faults.Offline),
        (RefreshError("invalid_grant: Invalid JWT: Token must be in a reasonable timeframe."), faults.ClockError),
        (RefreshError("invalid_grant: Bad Request"), faults.RevokedError),
        (RefreshError("internal_failure", retryable=True), faults.ServerError),
    ],
)
def test_exceptions_of_libraries_are_told_as_faults(error, fault):
    assert type(fault_of(error, way=KEY)) is fault


def test_bugs_and_disks_are_no_faults_of_the_cloud():
    for error in (KeyError("x"), OSError(28, "No space left on device"), httpx.UnsupportedProtocol("x")):
        assert fault_of(error) is None
        with pytest.raises(type(error)), explained():
            raise error


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("my-project", ["my-project", "my-project.appspot.com", "my-project.firebasestorage.app"]),
        (" gs://my-project.appspot.com/ ", ["my-project.appspot.com"]),
    ],
)
def test_a_bucket_is_taken_as_given_or_completed(given, names):
    assert bucket.candidates(given) == names


@pytest.mark.parametrize("given", ["", "gs://", "a/b", "a?b.c", "..", "A.b", "a..b.c", "a" * 300, "ä.app"])
def test_what_is_no_bucket_is_refused(given):
    with pytest.raises(faults.SetUpError):
        bucket.candidates(given)


def test_a_bucket_of_somebody_else_does_not_end_the_search():
    seen = {"weld": Look.CLOSED, "weld.appspot.com": Look.MISSING, "weld.firebasestorage.app": Look.OPEN}
    asked = []
    assert bucket.find("weld", lambda name: asked.append(name) or seen[name], KEY) == ("weld.firebasestorage.app")
    assert asked == list(seen)
    with pytest.raises(faults.ForbiddenError):
        bucket.find("other", lambda name: Look.CLOSED if name == "other" else Look.MISSING, KEY)
    with pytest.raises(faults.MissingBucketError, match="other"):
        bucket.find("other", lambda name: Look.MISSING, KEY)


def _key(path, **fields):
    content = {
        "type": "service_account",
        "client_email": "sync@weld.iam.gserviceaccount.com",
        "private_key": "-----BEGIN SECRET-----",
        "token_uri": "https://oauth2.googleapis.com/token",
        "project_id": "weld",
    }
    path.write_text(json.dumps(content | fields))
    path.chmod(0o600)
    return path


def test_a_key_file_is_checked_and_warned_about_and_never_quoted(tmp_path):
    path = _key(tmp_path / "key.json")
    found = credentials.look_at_key(path)
    assert found.account == "sync@weld.iam.gserviceaccount.com"
    assert found.warnings == (credentials.LONG_LIVED,)
    path.chmod(0o644)
    assert "chmod" in credentials.look_at_key(path).warnings[1]
    with pytest.raises(faults.KeyFileError) as caught:
        credentials.of_settings(KEY, str(path))
    assert "SECRET" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "not a key"),
        ("[]", "not a key"),
        ("[" * 50_000, "not a key"),
        (json.dumps({"type": "authorized_user", "refresh_token": "t"}), "person's"),
        (json.dumps({"type": "service_account"}), "not one of a service account"),
        ("{}" + " " * 200_000, "not a key"),
    ],
)
def test_what_is_no_key_is_said(tmp_path, content, words):
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(faults.KeyFileError, match=words):
        credentials.look_at_key(tmp_path / "key.json")
    with pytest.raises(faults.KeyFileError, match="not there"):
        credentials.look_at_key(tmp_path / "none.json")


def test_missing_default_credentials_say_what_to_run(monkeypatch, tmp_path):
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(faults.SignInNeededError, match="gcloud auth application-default login"):
        credentials.of_settings(SignInWay.APPLICATION_DEFAULT, "")


class LockedKeyring(MemoryKeyring):
    def get_password(self, service, username):
        raise KeyringLocked("dismissed")


class PlainFiles(MemoryKeyring):
    priority = 0.5


class Chain(MemoryKeyring):
    """As several keyrings come: the first is asked, the plain files behind it never."""

    priority = 10.0

    def __init__(self, *backends):
        super().__init__()
        self.backends = backends


@pytest.mark.parametrize(
    ("ring", "kept"),
    [
        (MemoryKeyring(), True),
        (Chain(MemoryKeyring(), PlainFiles()), True),
        (Chain(PlainFiles()), False),
        (Chain(), False),
        (PlainFiles(), False),
        (LockedKeyring(), False),
        (null.Keyring(), False),
    ],
)
def test_secrets_outlive_the_program_only_in_a_keyring_that_keeps_them(ring, kept):
    with in_place(ring):
        entry = KeyringEntry("Firebase test")
        assert entry.get() is None
        assert entry.keep("secret") is kept
        assert entry.get() == "secret"
        entry.forget()
        assert entry.get() is None
    assert not isinstance(keyring.get_keyring(), MemoryKeyring)


class _SignIn:
    """Gives tokens in order; the inbox asks for another when one is refused."""

    def __init__(self) -> None:
        self.number = 1

    def token(self, *, stale: str | None = None) -> str:
        self.number += stale == f"token{self.number}"
        return f"token{self.number}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body, headers = self.server.answer(self.path, self.headers)  # type: ignore[attr-defined]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response_only(status)
        for key, value in ({"Date": self.date_time_string(), "Content-Length": len(content)} | headers).items():
            self.send_header(key, str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def server(monkeypatch) -> Iterator[ThreadingHTTPServer]:
    """What the emulator never answers: other statuses, login pages, changed objects, a token refused."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("FIREBASE_STORAGE_EMULATOR_HOST", f"127.0.0.1:{made.server_port}")
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (402, {"error": {"code": 402, "message": "Payment required"}}, faults.PaymentError),
        (404, {"error": {"code": 404, "message": "Not Found."}}, faults.MissingBucketError),
        (403, {"error": {"code": 403, "message": "Permission denied."}}, faults.ForbiddenError),
        (401, {"error": {"code": 401, "message": "Unauthorized"}}, faults.RevokedError),
        (503, b"<html>busy</html>", faults.ServerError),
        (200, b"<html>Please accept the terms of this network</html>", faults.AnswerError),
        (200, [], faults.AnswerError),
        (302, b"", faults.AnswerError),
    ],
)
def test_refusals_of_a_listing_have_their_sentences(server, status, body, fault):
    server.answer = lambda path, headers: (status, body, {"Location": "http://127.0.0.1:9/"} if status == 302 else {})
    with pytest.raises(fault):
        list(UserInbox("b.app", _SignIn()).listing(UPLOADS))


def _metadata(name: str) -> dict[str, object]:
    return {
        "name": name,
        "generation": "17",
        "size": "7",
        "timeCreated": "2026-01-02T03:04:05.678Z",
        "crc32c": "EHsvsg==",
        "contentType": "image/jpeg",
        "metadata": {"group": "hall 7"},
    }


def test_a_token_that_ended_on_its_way_is_renewed_and_pages_are_followed(server, tmp_path):
    seen = []

    def answer(path, headers):
        seen.append(path)
        if headers["Authorization"] != "Firebase token2":
            return 401, {}, {}
        if "alt=media" in path:
            return 200, b"content", {"x-goog-generation": "17"}
        if "/o?" not in path:
            return 200, _metadata(path.rsplit("/o/")[1].replace("%2F", "/").partition("?")[0]), {}
        if "prefix=uploads%2F&" in path and "pageToken" not in path:
            return 200, {"prefixes": ["uploads/u2/", "uploads/"], "items": [], "nextPageToken": "more"}, {}
        if "pageToken=more" in path:
            return 200, {"prefixes": ["uploads/u1/", 7], "items": [{"name": "uploads/z.jpg"}, {}]}, {}
        return 200, {"items": [{"name": f"uploads/{'u1' if 'u1' in path else 'u2'}/a.jpg"}]}, {}

    server.answer = answer
    inbox = UserInbox("b.app", _SignIn())
    found = list(inbox.listing(UPLOADS))
    assert [one.name for one in found] == ["uploads/u1/a.jpg", "uploads/u2/a.jpg", "uploads/z.jpg"]
    assert found[0].generation == 17
    assert dict(found[0].metadata) == {"group": "hall 7"}
    inbox.download(found[0], tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"content"
    seen.clear()
    assert [one.name for one in inbox.listing(UPLOADS, start="uploads/u2/")] == ["uploads/u2/a.jpg", "uploads/z.jpg"]
    assert not [path for path in seen if "u1" in path]


@pytest.mark.parametrize(
    ("status", "body", "generation", "fault"),
    [
        (200, b"content", 18, faults.MissingObjectError),
        (200, b"content and more than that", 17, faults.MissingObjectError),
        (404, {}, 17, faults.MissingObjectError),
        (500, {}, 17, faults.ServerError),
    ],
)
def test_a_download_gives_its_generation_or_nothing(server, tmp_path, status, body, generation, fault):
    server.answer = lambda path, headers: (status, body, {"x-goog-generation": generation})
    found = RemoteObject("uploads/u/a.jpg", 17, 7, None)
    with pytest.raises(fault):
        UserInbox("b.app", _SignIn()).download(found, tmp_path / "target")


@pytest.mark.parametrize(
    "wrong", [{"generation": "x"}, {"size": None}, {"timeCreated": "yesterday"}, {"name": "other"}, {"metadata": 3}]
)
def test_nonsense_about_an_object_is_no_object(server, wrong):
    server.answer = lambda path, headers: (
        (200, {"items": [{"name": "a.jpg"}]}, {}) if "/o?" in path else (200, _metadata("a.jpg") | wrong, {})
    )
    with pytest.raises(faults.AnswerError):
        list(UserInbox("b.app", _SignIn()).listing(ROOT))


def test_a_root_that_is_closed_to_reviewers_hides_nothing_else(server):
    def answer(path, headers):
        return (403, {}, {}) if "prefix=&" in path else (200, {"items": []}, {})

    server.answer = answer
    assert list(UserInbox("b.app", _SignIn()).listing(ROOT)) == []
    server.answer = lambda path, headers: (403, {}, {})
    with pytest.raises(faults.ForbiddenError):
        list(UserInbox("b.app", _SignIn()).listing(ROOT))


def test_a_wrong_clock_is_said_with_its_amount(server):
    server.answer = lambda path, headers: (404, b"", {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    cloud = Cloud(backend=CloudBackend.FIREBASE, bucket="b.app", project="p", api_key="k", email="a@b.com")
    step = check(cloud)[1]
    assert (step.key, step.ok) == ("clock", False)
    assert "ahead" in step.sentence
    assert CLOCK_SECONDS < 3600


def test_a_folder_is_checked_too(tmp_path):
    cloud = Cloud(backend=CloudBackend.LOCAL, folder=str(tmp_path / "phones"))
    assert [step.ok for step in check(cloud)] == [False, None, None]
    (tmp_path / "phones" / "uploads" / "u1").mkdir(parents=True)
    assert [step.ok for step in check(cloud)] == [True, True, None]
    (tmp_path / "phones" / "uploads" / "u1" / "a.jpg").write_bytes(b"content")
    assert [step.ok for step in check(cloud)] == [True, True, True]
