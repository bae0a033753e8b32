import json
from pathlib import Path

import cv2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weldspot_desktop.context import Context
from weldspot_desktop.inspection.source_choices import ChoicesError, SourceChoice, SourceChoices
from weldspot_desktop.inspection.sources import controls as module
from weldspot_desktop.inspection.sources import parse
from weldspot_desktop.inspection.sources.controls import (
    NOT_OFFERED,
    CameraControls,
    Control,
    ControlState,
    apply_controls,
)
from weldspot_desktop.settings import Settings

SIZE = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
NAMES = {getattr(cv2, name): name for name in sorted(dir(cv2)) if name.startswith("CAP_PROP_")}


class Recorder:
    """What `cv2.VideoCapture` promises: `set` is False and `get` -1 for a property that the driver does not have.

    Written after cap_v4l.cpp: numbers are rounded and clamped, and the size takes effect when both sides are given.
    """

    def __init__(self, properties: dict[int, float], *, sizes: tuple[tuple[int, int], ...] = ()) -> None:
        self.properties = properties
        self.sizes = sizes
        self.asked: list[tuple[int, float]] = []
        self._width = 0

    def get(self, prop: int) -> float:
        return self.properties.get(prop, -1.0)

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        if prop not in self.properties:
            return False
        if prop == cv2.CAP_PROP_FRAME_WIDTH:
            self._width = int(value)
        elif prop == cv2.CAP_PROP_FRAME_HEIGHT:
            near = min(self.sizes, key=lambda size: abs(size[0] - self._width) + abs(size[1] - value))
            self.properties.update(zip(SIZE, map(float, near), strict=True))
        else:
            self.properties[prop] = float(min(round(value), 5000))
        return True

    def order(self) -> list[str]:
        return [NAMES[prop] for prop, _ in self.asked]


def webcam() -> Recorder:
    return Recorder(
        {
            cv2.CAP_PROP_FRAME_WIDTH: 640.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 480.0,
            cv2.CAP_PROP_FOURCC: 0.0,
            cv2.CAP_PROP_FPS: 30.0,
            cv2.CAP_PROP_AUTO_EXPOSURE: 3.0,
            cv2.CAP_PROP_EXPOSURE: 157.0,
            cv2.CAP_PROP_AUTOFOCUS: 1.0,
            cv2.CAP_PROP_FOCUS: 30.0,
            cv2.CAP_PROP_AUTO_WB: 1.0,
            cv2.CAP_PROP_WB_TEMPERATURE: 4600.0,
        },
        sizes=((640, 480), (1280, 720)),
    )


@pytest.fixture(autouse=True)
def video4linux(monkeypatch: pytest.MonkeyPatch) -> None:
    switched = module._Switched(cv2.CAP_PROP_AUTO_EXPOSURE, (3.0, 0.0), 1.0, (cv2.CAP_PROP_EXPOSURE,))
    monkeypatch.setattr(module, "_EXPOSURE", switched)


def by_control(states: tuple[ControlState, ...]) -> dict[Control, ControlState]:
    assert [state.control for state in states] == list(Control)
    return {state.control: state for state in states}


def test_what_was_chosen_is_asked_in_the_order_that_drivers_need_and_read_back() -> None:
    camera = webcam()
    wish = CameraControls(1280, 720, frame_rate=15.0, exposure=200.0, focus="auto", white_balance=6500.0)
    states = by_control(apply_controls(camera, wish))
    assert camera.order() == [
        "CAP_PROP_FPS",
        "CAP_PROP_FOURCC",
        "CAP_PROP_FRAME_WIDTH",
        "CAP_PROP_FRAME_HEIGHT",
        "CAP_PROP_AUTO_EXPOSURE",
        "CAP_PROP_EXPOSURE",
        "CAP_PROP_AUTOFOCUS",
        "CAP_PROP_AUTO_WB",
        "CAP_PROP_WB_TEMPERATURE",
    ]
    assert (cv2.CAP_PROP_AUTO_EXPOSURE, 1.0) in camera.asked
    assert {control: state.words() for control, state in states.items()} == {
        Control.SIZE: "1280 × 720",
        Control.FRAME_RATE: "15/s",
        Control.EXPOSURE: "200",
        Control.FOCUS: "automatic",
        Control.WHITE_BALANCE: "the camera chose 5000",
    }


def test_nothing_chosen_changes_nothing_and_tells_what_is_in_force() -> None:
    camera = webcam()
    states = by_control(apply_controls(camera, CameraControls().sized(640, 480)))
    assert camera.order() == ["CAP_PROP_FOURCC"]
    assert states[Control.EXPOSURE].automatic
    assert states[Control.EXPOSURE].values == (157.0,)
    assert all(state.offered and state.exact for state in states.values())


def test_a_size_that_the_camera_does_not_have_is_told_with_what_it_took() -> None:
    states = by_control(apply_controls(webcam(), CameraControls(1920, 1080)))
    assert states[Control.SIZE].words() == "the camera chose 1280 × 720"


@pytest.mark.parametrize("wish", ["auto", 5.0])
def test_what_the_driver_refuses_is_not_offered(wish: object) -> None:
    camera = Recorder(dict.fromkeys(SIZE, 480.0), sizes=((480, 480),))
    wishes = CameraControls(frame_rate=25.0, exposure=wish, focus=wish, white_balance=wish)  # type: ignore[arg-type]
    states = by_control(apply_controls(camera, wishes))
    assert {control for control, state in states.items() if not state.offered} == set(Control) - {Control.SIZE}
    assert states[Control.FOCUS].words() == NOT_OFFERED


def test_a_number_is_taken_where_there_is_no_automatic() -> None:
    camera = webcam()
    del camera.properties[cv2.CAP_PROP_AUTO_EXPOSURE]
    states = by_control(apply_controls(camera, CameraControls(exposure=-6.0)))
    assert states[Control.EXPOSURE].words() == "-6"
    # DirectShow has the colour temperature under another name.
    del camera.properties[cv2.CAP_PROP_WB_TEMPERATURE]
    camera.properties[cv2.CAP_PROP_WHITE_BALANCE_BLUE_U] = 4000.0
    states = by_control(apply_controls(camera, CameraControls(white_balance=4500.0)))
    assert states[Control.WHITE_BALANCE].words() == "4500"


# What is kept


def test_choices_are_kept_for_each_source_and_used_by_every_door(workspace: Path) -> None:
    context = Context(workspace)
    camera, film = parse("camera:C920"), parse("/films/weld.mp4")
    wish = CameraControls(1920, 1080, exposure=-6.0, focus="auto")
    context.source_choices.keep_controls(camera, wish)
    context.source_choices.keep_loop(film, False)
    again = Context(workspace)
    assert again.source("camera:C920")._options.controls == wish
    assert again.source("camera:Other")._options.controls == CameraControls()
    assert not again.source("/films/weld.mp4")._options.loop
    assert again.source("/films/other.mp4")._options.loop
    again.settings.live.loop = False
    assert not again.source("/films/other.mp4")._options.loop
    context.source_choices.keep_controls(camera, CameraControls())
    assert list(json.loads(context.workspace.sources.read_text())["sources"]) == [str(film.address)]


def test_no_password_is_kept_with_a_choice(workspace: Path) -> None:
    context = Context(workspace)
    context.source_choices.keep_loop(parse("rtsp://me:geheim@camera/s"), False)
    assert "geheim" not in context.workspace.sources.read_text()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    content=st.binary(max_size=40)
    | _JSON.map(json.dumps).map(str.encode)
    | _JSON.map(lambda value: json.dumps({"sources": {"camera:0": value}}).encode())
    | _JSON.map(lambda value: json.dumps({"sources": {"camera:0": {"controls": value}}}).encode())
)
def test_whatever_the_file_holds_a_source_starts(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    path.write_bytes(content)
    choices = SourceChoices(path)
    choice = choices.of(parse("camera:0"))
    assert choice == SourceChoice() or isinstance(choice.controls, CameraControls)
    assert choices.options(parse("camera:0"), Settings()).width == 1280
    choices.keep_loop(parse("demo"), False)
    assert choices.of(parse("demo")).loop is False


def test_a_choice_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ChoicesError, match="could not be saved"):
        SourceChoices(tmp_path / "file" / "sources.json").keep_loop(parse("demo"), False)
