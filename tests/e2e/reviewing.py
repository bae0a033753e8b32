"""A reviewer as a program of its own: takes one upload after the other, decides, and prints its number.

Usage: reviewing.py DATABASE NAME LEASE_SECONDS. Says "ready", begins at a line on its input, so that several begin
together, and ends when no upload waits any more.
"""

import sys
import time
from pathlib import Path

from weldspot_desktop.store import Database, decisions, people, review_queue, uploads
from weldspot_desktop.store.decisions import Action
from weldspot_desktop.store.review_queue import Order, Scope


def main(place: str, name: str, seconds: float) -> None:
    database = Database(place if "://" in place else Path(place))
    with database.read() as session:
        person = next(person for person in people.everyone(session) if person.name == name)
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        with database.write() as session:
            found = review_queue.take(session, Scope(), Order.NEWEST, person, token=name, seconds=seconds)
        if found is None:
            with database.read() as session:
                if not any(uploads.counts(session)[state] for state in uploads.WAITING):
                    break
            time.sleep(0.1)
            continue
        with database.write() as session:
            decisions.decide(session, found.id, action=Action.CONFIRMED, person=person, token=name)
        print(found.id, flush=True)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
