"""Firebase ML over REST, for apps that still fetch models there; it is shut down on 2027-06-15.

The bytes go to `Firebase/ML/Models/` in the bucket; Firebase ML fetches them from a signed address and checks them. A
model that exists is changed and published by one request, so that the old one stays in force until the new one was
accepted. Version and hash stand in the tags, because the service knows no versions of its own.

`firebase_admin.ml` does the same but imports TensorFlow; the calls are those of the discovery document of v1beta2.
"""

import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from google.auth.credentials import Signing
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client

from weldspot_desktop.cloud import manifest
from weldspot_desktop.cloud.faults import AnswerError, SetUpError
from weldspot_desktop.cloud.firebase.publishing_access import explained, of_status
from weldspot_desktop.cloud.firebase.refusals import body_of, reason_of
from weldspot_desktop.cloud.firebase.storage_publisher import BucketPlace
from weldspot_desktop.cloud.publisher import ChangedMeanwhileError, Published, PublishingError, ToPublish
from weldspot_desktop.cloud.signed_publisher import BINARY
from weldspot_desktop.settings import SignInWay

ENDPOINT: Final = "https://firebaseml.googleapis.com/"
VERSION: Final = "v1beta2"

NOTICE: Final = (
    "Firebase ML is shut down on 2027-06-15. Phones of this program fetch models from Cloud Storage; publish there."
)

_TAG: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SIGNED_FOR: Final = timedelta(hours=1)
_LARGEST_ANSWER: Final = 1_000_000
_TIMEOUT: Final = (10.0, 60.0)
_MOST_PAGES: Final = 50


class FirebaseMlPublisher:
    """Models of a Firebase project; see `cloud.publisher.Publisher`.

    Parameters
    ----------
    project
        Identifier of the project.
    bucket
        Of Cloud Storage in that project, for the bytes.
    credentials
        Of Google's library; they must be able to sign addresses: a service account, or impersonating one.
    way
        How they were come by, for the sentences of refusals.
    endpoint, storage
        Other servers, for tests; `storage` is of the signed addresses.
    patience
        Seconds to wait for the service to accept a model.
    """

    notice = NOTICE

    def __init__(
        self,
        project: str,
        bucket: str,
        credentials: Any,
        *,
        way: SignInWay = SignInWay.APPLICATION_DEFAULT,
        endpoint: str = ENDPOINT,
        storage: str | None = None,
        patience: float = 300.0,
    ) -> None:
        if not project:
            raise SetUpError("the identifier of the Firebase project is missing")
        if not isinstance(credentials, Signing):
            raise PublishingError(
                "These credentials cannot sign addresses, which Firebase ML needs.",
                "Impersonate a service account: gcloud auth application-default login "
                "--impersonate-service-account=ACCOUNT. Cloud Storage needs no signing.",
            )
        self._project, self._bucket_name, self._way = project, bucket, way
        self._endpoint, self._storage, self._patience = endpoint, storage, patience
        self._credentials = credentials
        self._place = BucketPlace(bucket, credentials, way=way)
        self._session = AuthorizedSession(credentials)

    @property
    def id(self) -> str:
        return f"firebase-ml:{self._project}"

    @property
    def title(self) -> str:
        return f"Firebase ML of {self._project}"

    def current(self, name: str) -> Published | None:
        """See `Publisher.current`: the model of that name, if it is published and of this program."""
        found = self._model(name)
        if found is None or not found.get("state", {}).get("published", False):
            return None
        return _published(found, changed=False)

    def publish(self, wanted: ToPublish) -> Published:
        """See `Publisher.publish`."""
        # What phones cannot use is refused as everywhere.
        described = manifest.made(wanted, version=1, path=manifest.bytes_path(wanted.name, 1, wanted.card.sha256))
        before = self._model(wanted.name)
        version = wanted.at_least
        if before is not None:
            known = _published(before, changed=False)
            same = known.sha256 == _short(described.sha256) and before.get("state", {}).get("published", False)
            if same:
                return replace(known, sha256=described.sha256)
            version = max(version, known.version + 1)
        path = f"Firebase/ML/Models/{wanted.name}-{version}-{described.sha256[:12]}.tflite"
        if not self._place.create(path, wanted.content, BINARY):
            found = self._place.read(path, len(wanted.content))
            if found is None or found.content != wanted.content:
                raise PublishingError(f"Other bytes lie at {path} than should.", "Nothing was changed.")
        tags = [f"weldspot-v{version}", f"sha-{_short(described.sha256)}"]
        body: dict[str, Any] = {
            "displayName": wanted.name,
            "tags": tags,
            "tfliteModel": {"gcsTfliteUri": self._signed(path)},
        }
        if not all(_TAG.fullmatch(tag) for tag in (wanted.name, *tags)):
            raise PublishingError(f"Firebase ML does not take the name “{wanted.name}”.", "Nothing was published.")
        if before is None:
            made = self._operation(self._call("POST", f"projects/{self._project}/models", body))
            _accepted(made)
            change: dict[str, Any] = {"state": {"published": True}}
            done = self._operation(self._call("PATCH", made["name"], change, mask="state.published"))
        else:
            # The service takes no precondition (its etag can only be read): of two at once the later one holds.
            change = body | {"state": {"published": True}}
            mask = "displayName,tags,tfliteModel.gcsTfliteUri,state.published"
            done = self._operation(self._call("PATCH", before["name"], change, mask=mask))
        _accepted(done)
        return replace(_published(done, changed=True), sha256=described.sha256)

    def _model(self, name: str) -> dict[str, Any] | None:
        """The model with that display name, which is unique in a project."""
        token = ""
        for _ in range(_MOST_PAGES):
            query = {"pageSize": "100", "filter": f"displayName:{name}"} | ({"pageToken": token} if token else {})
            answer = self._call("GET", f"projects/{self._project}/models", query=query)
            for model in answer.get("models", []):
                if isinstance(model, dict) and model.get("displayName") == name:
                    return model
            token = answer.get("nextPageToken", "")
            if not token:
                return None
        raise AnswerError

    def _operation(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Wait until the service has done what was asked; gives the model."""
        deadline = time.monotonic() + self._patience
        pause = 0.2
        while not operation.get("done", False):
            if time.monotonic() > deadline:
                raise PublishingError(
                    "Firebase ML has not accepted the model in time.",
                    "What was published before stays in force. Publish again later: nothing is done twice.",
                )
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
            operation = self._call("GET", str(operation.get("name", "")))
        fault = operation.get("error")
        if fault:
            raise PublishingError(
                "Firebase ML refused the model.", "What was published before stays in force. See the Firebase console."
            )
        response = operation.get("response")
        if not isinstance(response, dict):
            raise AnswerError
        return response

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        mask: str = "",
        query: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        parameters = (query or {}) | ({"updateMask": mask} if mask else {})
        with explained(bucket=self._bucket_name, way=self._way):
            answer = self._session.request(
                method,
                f"{self._endpoint}{VERSION}/{path}",
                json=body,
                params=parameters,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        if answer.status_code in (409, 412):
            raise ChangedMeanwhileError
        if answer.status_code != 200:
            raise of_status(answer.status_code, reason_of(body_of(answer)), bucket=self._bucket_name, way=self._way)
        try:
            if len(answer.content) > _LARGEST_ANSWER:
                raise ValueError("too large")
            found = answer.json()
        except ValueError as error:
            raise AnswerError from error
        if not isinstance(found, dict):
            raise AnswerError
        return found

    def _signed(self, path: str) -> str:
        """An address from which Firebase ML may fetch the bytes for an hour; it is a secret and never kept."""
        with explained(bucket=self._bucket_name, way=self._way):
            blob = Client(project="none", credentials=self._credentials).bucket(self._bucket_name).blob(path)
            return str(
                blob.generate_signed_url(
                    version="v4",
                    expiration=_SIGNED_FOR,
                    method="GET",
                    credentials=self._credentials,
                    **({"api_access_endpoint": self._storage} if self._storage else {}),
                )
            )


def _accepted(model: dict[str, Any]) -> None:
    if model.get("state", {}).get("validationError"):
        raise PublishingError(
            "Firebase ML did not accept the file as a model.", "What was published before stays in force."
        )


def _short(sha256: str) -> str:
    """As much of a hash as fits into a tag."""
    return sha256[:28]


def _published(model: dict[str, Any], *, changed: bool) -> Published:
    """What the tags say; a model of another program counts as version 0."""
    tags = [tag for tag in model.get("tags", []) if isinstance(tag, str)]
    version = next((int(tag[10:]) for tag in tags if re.fullmatch(r"weldspot-v[0-9]{1,15}", tag)), 0)
    sha = next((tag[4:] for tag in tags if re.fullmatch(r"sha-[0-9a-f]{28}", tag)), "")
    told = {key: model.get(key) for key in ("name", "displayName", "tags", "etag", "modelHash", "updateTime")}
    return Published(version, sha, str(model.get("name", "")), None, json.dumps(told, sort_keys=True), changed)
