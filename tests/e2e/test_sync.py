"""From phones through a real server into the queue: thousands of uploads, kills, and what a second look costs."""

import json
import random

import phones
from bucket_server import bucket_server

COUNT, BAD, KILLS = 5000, 300, 5


def test_nothing_is_lost_nothing_comes_twice_and_the_bucket_is_untouched(tmp_path, workspace):
    with bucket_server(tmp_path) as server:
        sent = phones.send(server, COUNT, BAD)
        before = server.listing()
        assert len(before) == COUNT
        environment = phones.environment(server, workspace, BLUR_FACES="false")

        chance = random.Random()
        killed = 0
        for number in range(KILLS):
            wanted = 0 if number == 0 else int((number - 1 + chance.random()) / KILLS * COUNT)
            killed += phones.kill_when(environment, workspace, wanted, chance.uniform(0, 0.3 if number else 2))
        assert killed >= KILLS - 1, "the syncs ended before they could be killed"

        done = phones.run(environment, "--score-later", "--json")
        assert done.returncode == 0, done.stderr
        assert phones.check(workspace, sent) == []
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
