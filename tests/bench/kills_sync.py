"""Kills a sync at many random moments and checks the queue. Usage: kills_sync.py [KILLS] [UPLOADS] [SEED].

Without arguments 30 kills among 5,000 uploads, 300 of them bad in all ways that `phones.BAD` has, from a real server on
loopback. A fault ends it with its sentence. Faces are not looked for and scores are left for later: both are work on a
picture before it is committed, and only make the syncs slower.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "e2e"), str(TESTS.parent)]

import phones  # noqa: E402 - after the path is set
from bucket_server import bucket_server  # noqa: E402


def main() -> None:
    kills, count, seed = (int(word) for word in (*sys.argv[1:], *("30", "5000", "1")[len(sys.argv) - 1 :]))
    bad = max(len(phones.BAD), count * 6 // 100)
    with tempfile.TemporaryDirectory() as place, bucket_server(Path(place)) as server:
        workspace = Path(place) / "workspace"
        sent = phones.send(server, count, bad)
        before = server.listing()
        environment = phones.environment(server, workspace, BLUR_FACES="false")
        begun = time.perf_counter()
        for number, committed in enumerate(
            phones.kill_often(environment, workspace, kills, count, random.Random(seed))
        ):
            print(f"kill {number + 1:3}: {committed:5} of {count} uploads are committed", flush=True)
        done = phones.run(environment, "--score-later")
        seconds = time.perf_counter() - begun
        assert done.returncode == 0, done.stderr
        faults = phones.check(workspace, sent)
        assert not faults, "\n".join(faults[:20])
        assert server.listing() == before, "the bucket was changed"
        downloads = len(server.downloads())
        more = [phones.good(count + number) for number in range(10)]
        for one in more:
            server.put(one.name, one.content, metadata=one.metadata)
        second = phones.run(environment, "--score-later")
        assert second.returncode == 0, second.stderr
        assert sorted(server.downloads()[downloads:]) == sorted(one.name for one in more), "more than what is new"
        assert not phones.check(workspace, [*sent, *more])
        print(
            f"{kills} kills in {seconds:.0f} s: {count - bad} good uploads are in the queue once, {bad} bad ones in "
            f"quarantine in {len(phones.BAD)} ways, the bucket is as it was; {downloads} downloads; a second sync "
            f"with {len(more)} new ones downloaded only those"
        )


if __name__ == "__main__":
    main()
