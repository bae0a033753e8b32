import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.inspection.mailbox import Mailbox


@given(st.lists(st.one_of(st.integers(), st.none())))
def test_what_is_fetched_is_always_the_newest_and_each_item_comes_once(steps: list[int | None]) -> None:
    """An integer is put, None fetches."""
    box: Mailbox[int] = Mailbox()
    newest: int | None = None
    for step in steps:
        if step is None:
            assert box.take() == newest
            newest = None
        else:
            box.put(step)
            newest = step


def test_between_threads_numbers_only_grow_and_the_last_one_arrives() -> None:
    box: Mailbox[int] = Mailbox()
    seen: list[int] = []

    def read() -> None:
        while not seen or seen[-1] != 5000:
            item = box.take(1.0)
            assert item is not None
            seen.append(item)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 5001):
        box.put(number)
    reader.join(10)
    assert not reader.is_alive()
    assert seen == sorted(set(seen))


def test_closing_wakes_who_waits_and_drops_what_comes_later() -> None:
    box: Mailbox[str] = Mailbox()
    threading.Timer(0.05, box.close).start()
    start = time.monotonic()
    assert box.take(10) is None
    assert time.monotonic() - start < 5
    box.put("late")
    assert box.take() is None


def test_an_old_item_is_not_kept_alive() -> None:
    class Large:
        alive = 0

        def __init__(self) -> None:
            Large.alive += 1

        def __del__(self) -> None:
            Large.alive -= 1

    box: Mailbox[Large] = Mailbox()
    for _ in range(100):
        box.put(Large())
    assert Large.alive == 1


def test_items_that_all_count_wait_for_each_other() -> None:
    box: Mailbox[int] = Mailbox()
    writer = threading.Thread(target=lambda: [box.put_after(number) for number in range(50)])
    writer.start()
    assert [box.take(5) for _ in range(50)] == list(range(50))
    writer.join()
    assert box.take() is None
    box.put(1)
    late = threading.Thread(target=lambda: box.put_after(2))
    late.start()
    box.close()
    late.join(5)
    assert not late.is_alive()
