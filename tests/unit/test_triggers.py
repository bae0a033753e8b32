import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from weldspot_desktop.inspection import scene
from weldspot_desktop.inspection.current_weld import CurrentWeld
from weldspot_desktop.inspection.triggers import Phase, RestOptions, RestTrigger
from weldspot_desktop.pictures.synthetic_weld import render_weld

RATE = 30.0


@pytest.fixture(scope="module")
def part() -> NDArray[np.uint8]:
    return render_weld(3, size=160).pixels


@pytest.fixture(scope="module")
def other_part() -> NDArray[np.uint8]:
    return render_weld(4, size=160).pixels


class Camera:
    """Frames of a bench on which parts come and go, with the noise of a camera."""

    def __init__(self, trigger: RestTrigger) -> None:
        self._trigger = trigger
        self._noise = np.random.default_rng(7).normal(0, 4, (9, 180, 320, 3)).astype(np.float32)
        self._n = 0
        self.fired = 0
        self.phases: list[Phase] = []

    def see(self, part: NDArray[np.uint8] | None, left: int = 80, *, frames: int = 1, light: float = 0.0) -> None:
        for _ in range(frames):
            bench = np.full((180, 320, 3), 120.0 + light * np.sin(self._n * 2.1), np.float32)
            if part is not None and left < 320:
                wide = min(part.shape[1], 320 - left)
                bench[10:170, left : left + wide] += part[:, :wide].astype(np.float32) - 120
            picture = np.clip(bench + self._noise[self._n % 9], 0, 255).astype(np.uint8)
            phase = self._trigger.update(scene.small(picture), self._n / RATE)
            self.phases.append(phase)
            self.fired += phase is Phase.CAME_TO_REST
            self._n += 1

    def slide_in(self, part: NDArray[np.uint8], *, speed: int = 12) -> None:
        for left in range(320, 80, -speed):
            self.see(part, left)

    def slide_out(self, part: NDArray[np.uint8]) -> None:
        for left in range(80, 320, 12):
            self.see(part, left)


@pytest.fixture
def camera() -> Camera:
    return Camera(RestTrigger(RestOptions(0.5, 6.0)))


def test_each_part_that_comes_to_rest_fires_once(
    camera: Camera, part: NDArray[np.uint8], other_part: NDArray[np.uint8]
) -> None:
    camera.see(None, frames=60)
    assert camera.fired == 0
    camera.slide_in(part)
    assert camera.fired == 0
    camera.see(part, frames=14)
    assert camera.fired == 0
    camera.see(part, frames=120)
    assert camera.fired == 1
    camera.slide_out(part)
    camera.slide_in(other_part)
    camera.see(other_part, frames=60)
    assert camera.fired == 2


def test_a_part_that_lies_there_from_the_start_does_not_fire(camera: Camera, part: NDArray[np.uint8]) -> None:
    camera.see(part, frames=90)
    assert camera.fired == 0


def test_a_hand_over_the_same_part_does_not_fire_again(
    camera: Camera, part: NDArray[np.uint8], other_part: NDArray[np.uint8]
) -> None:
    camera.see(None, frames=10)
    camera.slide_in(part)
    camera.see(part, frames=60)
    for top in range(10):
        camera.see(other_part, 80 + 20 * top)
    camera.see(part, frames=60)
    assert camera.fired == 1
    assert camera.phases[-1] is Phase.WAITING


def test_the_same_part_again_after_an_empty_bench_fires(camera: Camera, part: NDArray[np.uint8]) -> None:
    camera.see(None, frames=10)
    for _ in range(2):
        camera.slide_in(part)
        camera.see(part, frames=40)
        camera.slide_out(part)
        camera.see(None, frames=40)
    # Part, empty bench, part, empty bench: who records leaves the empty ones out by their verdict.
    assert camera.fired == 4


def test_slow_motion_is_motion(camera: Camera, part: NDArray[np.uint8]) -> None:
    camera.see(None, frames=10)
    camera.slide_in(part, speed=12)
    fired = camera.fired
    for shift in range(0, 75, 1):
        camera.see(part, 80 - shift)
    assert camera.fired == fired
    camera.see(part, 5, frames=40)
    assert camera.fired == fired + 1


def test_flickering_light_is_no_movement(camera: Camera, part: NDArray[np.uint8]) -> None:
    camera.see(None, frames=10)
    camera.slide_in(part)
    camera.see(part, frames=120, light=12.0)
    assert camera.fired == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=60))
def test_it_never_fires_twice_without_movement_between(steps: list[int]) -> None:
    """Whatever happens before it: each firing needs a frame that moved since the last."""
    trigger = RestTrigger(RestOptions(0.2, 6.0))
    moved = False
    for n, step in enumerate(steps):
        small = np.zeros((scene.HEIGHT, scene.WIDTH), np.float32)
        small[:, : 10 * step] = 50.0
        phase = trigger.update(small, n / 10)
        moved = moved or phase is Phase.MOVING
        if phase is Phase.CAME_TO_REST:
            assert moved
            moved = False


def test_a_weld_is_kept_the_next_one_suggested_and_given_back() -> None:
    weld = CurrentWeld()
    weld.set({"weld_id": " W-009 ", "welder": "K-207", "part": ""})
    taken = weld.take()
    assert taken == {"weld_id": "W-009", "welder": "K-207"}
    assert weld.values() == {"weld_id": "W-010", "welder": "K-207"}
    weld.give_back(taken)
    assert weld.values() == {"weld_id": "W-009", "welder": "K-207"}
    assert weld.take(go_on=False)["weld_id"] == "W-009"
    assert weld.take({"weld_id": "X", "joint": "fillet"}) == {"weld_id": "X", "joint": "fillet", "welder": "K-207"}
    assert weld.values() == {"weld_id": "W-009", "welder": "K-207"}
    taken = weld.take()
    weld.set({"weld_id": "typed meanwhile"})
    weld.give_back(taken)
    assert weld.values() == {"weld_id": "typed meanwhile"}
