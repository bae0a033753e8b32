import pytest

from weldspot_desktop.inspection.pace import Pace


def test_nothing_judged_is_no_rate_and_no_latency() -> None:
    summary = Pace().summary(now=10)
    assert (summary.per_second, summary.p50_ms, summary.p95_ms, summary.count) == (0.0, None, None, 0)


@pytest.mark.parametrize("frames", [20, 1000])
def test_the_rate_is_that_of_the_last_seconds(frames: int) -> None:
    pace = Pace(5)
    for number in range(frames):
        pace.add(0.02, now=number / 25)
    assert pace.summary(now=(frames - 1) / 25).per_second == pytest.approx(25, rel=0.01)


def test_percentiles_are_of_the_window_in_milliseconds() -> None:
    pace = Pace(5)
    pace.add(9.0, now=0)
    for number in range(101):
        pace.add(number / 1000, now=10 + number / 1000)
    summary = pace.summary(now=10.1)
    assert summary.count == 101
    assert summary.p50_ms == pytest.approx(50)
    assert summary.p95_ms == pytest.approx(95)


def test_a_source_that_stops_is_seen_in_the_rate() -> None:
    pace = Pace(5)
    for number in range(250):
        pace.add(0.02, now=number / 25)
    assert pace.summary(now=12.5).per_second == pytest.approx(12.5, rel=0.02)
    assert pace.summary(now=20).count == 0


def test_a_new_beginning_forgets() -> None:
    pace = Pace()
    pace.add(1, now=1)
    pace.restart()
    assert pace.summary(now=1).count == 0
