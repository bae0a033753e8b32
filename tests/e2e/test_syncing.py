"""From phones through a real server into the queue: thousands of uploads, kills, and what a second look costs."""

import json
import random
import subprocess
import sys

import phones
import pytest
from bucket_server import bucket_server

from weldspot_desktop.settings import CloudBackend

COUNT, BAD, KILLS, SEED = 1000, 60, 5, 5
"""The full 5,000 with 300 bad ones and 30 kills are in tests/bench/kills_sync.py."""


def test_nothing_is_lost_nothing_comes_twice_and_the_bucket_is_untouched(tmp_path, workspace):
    with bucket_server(tmp_path) as server:
        sent = phones.send(server, COUNT, BAD)
        before = server.listing()
        assert len(before) == COUNT
        environment = phones.environment(server, workspace, BLUR_FACES="false")

        committed = list(phones.kill_often(environment, workspace, KILLS, COUNT, random.Random(SEED)))
        assert len(committed) == KILLS
        assert 0 < committed[-1] < COUNT

        done = phones.run(environment, "--score-later", "--json")
        assert done.returncode == 0, done.stderr
        assert server.listing() == before

        more = [phones.good(COUNT + number) for number in range(10)]
        for one in more:
            server.put(one.name, one.content, metadata=one.metadata)
        downloads = len(server.downloads())
        second = phones.run(environment, "--score-later", "--json")
        assert second.returncode == 0, second.stderr
        assert sorted(server.downloads()[downloads:]) == sorted(one.name for one in more)
        result = json.loads(second.stdout)
        assert (result["outcome"], result["kept"], result["found"]) == ("done", 10, 10)
        assert phones.check(workspace, [*sent, *more]) == []
        assert sum(bool(one.reason) for one in sent) == BAD


def test_scores_and_faces_come_with_the_uploads_or_later(tmp_path, workspace):
    """With everything on, as it is after set-up."""
    with bucket_server(tmp_path) as server:
        sent = [phones.good(number) for number in range(12)]
        portrait = phones.portrait()
        for one in [*sent, portrait]:
            server.put(one.name, one.content, metadata=one.metadata)
        environment = phones.environment(server, workspace)
        done = phones.run(environment, "--json")
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert (result["kept"], result["faces"]) == (13, 1)
        assert phones.check(workspace, sent, also=[portrait]) == []

        with phones.uploads_of(workspace) as found:
            scores = {one.name: one.own_scores for one in found}
            assert all(one.disagreement is not None and one.uncertainty is not None for one in found)
        late = phones.good(99)
        server.put(late.name, late.content)
        assert "1 new" in phones.run(environment, "--score-later").stdout
        assert "1 uploads were judged" in phones.run(environment, "--rescore").stdout

        # Another model becomes active: all that wait are judged again, and by the same model nothing.
        other = str(next((phones.ROOT / "resources" / "models").glob("*-float16.tflite")))
        again = phones.run(environment, "--rescore", "--json", model=other)
        assert json.loads(again.stdout) == {"scored": 14, "unreadable": 0}
        with phones.uploads_of(workspace) as found:
            assert all(one.own_scores != scores.get(one.name) for one in found)
            assert len({one.own_model_sha256 for one in found}) == 1


def test_being_offline_has_an_exit_code_of_its_own_and_loses_nothing(tmp_path, workspace):
    with bucket_server(tmp_path) as server:
        sent = [phones.good(number) for number in range(3)]
        for one in sent:
            server.put(one.name, one.content, metadata=one.metadata)
        environment = phones.environment(server, workspace, BLUR_FACES="false")
        assert phones.run(environment, "--score-later").returncode == 0
    done = phones.run(environment, "--score-later", "--json")
    assert done.returncode == 3
    assert done.stderr.startswith("weldspot: Offline.")
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["outcome"] == "offline"
    assert phones.check(workspace, sent) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"BACKEND": "local folder"}, "no folder of uploads is chosen"),
        ({"BACKEND": "local folder", "FOLDER": "/no/such/folder"}, "is not there"),
        ({"BUCKET": "no-such-bucket-anywhere"}, "There is no bucket"),
    ],
)
def test_what_is_in_the_way_is_a_sentence(tmp_path, workspace, settings, sentence):
    with bucket_server(tmp_path) as server:
        done = phones.run(phones.environment(server, workspace, **settings), "--score-later")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("backend", list(CloudBackend))
def test_no_sync_loads_tensorflow(tmp_path, workspace, backend):
    """Google's packages and LiteRT's reach for it where they find it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    one = phones.good(10)
    (folder / one.name).write_bytes(one.content)
    with bucket_server(tmp_path) as server:
        server.put(one.name, one.content)
        environment = phones.environment(server, workspace, BACKEND=backend.value, FOLDER=str(folder))
        script = (
            "import sys\n"
            "from weldspot_desktop.context import Context\n"
            "context = Context()\n"
            "assert context.sync(lambda done, total: None).kept == 1\n"
            "context.close()\n"
            "print(*sys.modules)"
        )
        loaded = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=100
        ).stdout.split()
    assert "weldspot_desktop.review.sync" in loaded
    assert ("google.cloud.storage" in loaded) == (backend is CloudBackend.FIREBASE)
    assert not {"tensorflow", "keras", "PySide6"} & set(loaded)
