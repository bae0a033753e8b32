"""What can be chosen at a camera: size, frame rate, exposure, focus, white balance; and what it makes of it."""

import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final, Literal, Protocol

import cv2
from annotated_types import Interval

AUTO: Final = "auto"
Wish = Annotated[float, Interval(ge=-100, le=100_000)] | Literal["auto"] | None
"""None leaves the camera as it is; "auto" lets it choose by itself; a number is set, in the driver's own unit."""

NOT_OFFERED: Final = "not offered by this camera"

_MOTION_JPEG: Final = cv2.VideoWriter.fourcc(*"MJPG")
_UNKNOWN: Final = -1.0
"""What drivers answer for a property that they do not have (cap_v4l.cpp, cap_dshow.cpp)."""


class Control(StrEnum):
    """What can be chosen."""

    SIZE = "Size"
    FRAME_RATE = "Frame rate"
    EXPOSURE = "Exposure"
    FOCUS = "Focus"
    WHITE_BALANCE = "White balance"


@dataclass(frozen=True)
class CameraControls:
    """Choices for one camera; what is None is left to the camera (the size: to the settings).

    Attributes
    ----------
    width, height : pixels
    frame_rate : pictures per second
    exposure : steps of the driver: 100 µs under Linux, powers of two seconds (-6 is 1/64 s) under Windows
    focus : steps of the driver, mostly 0 (far) to 255 (near)
    white_balance : kelvin
    """

    width: Annotated[int, Interval(ge=16, le=7680)] | None = None
    height: Annotated[int, Interval(ge=16, le=4320)] | None = None
    frame_rate: Annotated[float, Interval(ge=1, le=1000)] | None = None
    exposure: Wish = None
    focus: Wish = None
    white_balance: Wish = None

    def sized(self, width: int, height: int) -> "CameraControls":
        """The same with this size where none is chosen."""
        if self.width is not None and self.height is not None:
            return self
        return replace(self, width=width, height=height)


@dataclass(frozen=True)
class ControlState:
    """What a camera made of one choice, read back from its driver.

    Attributes
    ----------
    control
        Which one.
    offered
        Whether the camera has it, and took what was asked.
    automatic
        Whether the camera chooses by itself; None where that is not known.
    values
        What is in force; (width, height) for the size; empty where the driver does not tell.
    exact
        Whether that is what was asked; True if nothing was.
    """

    control: Control
    offered: bool
    automatic: bool | None = None
    values: tuple[float, ...] = ()
    exact: bool = True

    def words(self) -> str:
        """For people: "30/s", "automatic", "not offered by this camera", "the camera chose 640 × 480"."""
        if not self.offered:
            return NOT_OFFERED
        value = " × ".join(f"{part:g}" for part in self.values)
        if value and self.control is Control.FRAME_RATE:
            value += "/s"
        if self.automatic:
            return "automatic"
        if not value:
            return "in force; the driver does not say which value"
        return value if self.exact else f"the camera chose {value}"


class Properties(Protocol):
    """The half of `cv2.VideoCapture` that is needed here."""

    def get(self, prop: int) -> float: ...
    def set(self, prop: int, value: float) -> bool: ...


def apply_controls(camera: Properties, controls: CameraControls) -> tuple[ControlState, ...]:
    """Ask a camera for what was chosen, and read back what it does.

    Frame rate, format and size come first, in this order: DirectShow forgets the format when the rate is set, and
    Video4Linux starts the stream anew, after which the other values may be the driver's own.
    """
    rate_taken = controls.frame_rate is not None and camera.set(cv2.CAP_PROP_FPS, controls.frame_rate)
    _ask_size(camera, controls)
    adjusted = (
        _adjust(camera, Control.EXPOSURE, controls.exposure, _EXPOSURE),
        _adjust(camera, Control.FOCUS, controls.focus, _FOCUS),
        _adjust(camera, Control.WHITE_BALANCE, controls.white_balance, _WHITE_BALANCE),
    )
    return (_size(camera, controls), _frame_rate(camera, controls.frame_rate, rate_taken), *adjusted)


@dataclass(frozen=True)
class _Switched:
    """Properties of what is either automatic or a number.

    Attributes
    ----------
    switch : property that turns automatic on and off
    on, off : values for that, in the order in which they are tried
    numbers : properties for the number, in the order in which they are tried
    """

    switch: int
    on: tuple[float, ...]
    off: float
    numbers: tuple[int, ...]


# Video4Linux knows four kinds of exposure: 0 automatic, 1 manual, 2 shutter priority, 3 aperture priority, which is
# what webcams call automatic (V4L2_CID_EXPOSURE_AUTO). Other backends follow 0.75 and 0.25.
_EXPOSURE: Final = (
    _Switched(cv2.CAP_PROP_AUTO_EXPOSURE, (3.0, 0.0), 1.0, (cv2.CAP_PROP_EXPOSURE,))
    if sys.platform.startswith("linux")
    else _Switched(cv2.CAP_PROP_AUTO_EXPOSURE, (0.75,), 0.25, (cv2.CAP_PROP_EXPOSURE,))
)
_FOCUS: Final = _Switched(cv2.CAP_PROP_AUTOFOCUS, (1.0,), 0.0, (cv2.CAP_PROP_FOCUS,))
# DirectShow has the colour temperature under the name of the blue part (videoInput::getVideoPropertyFromCV).
_WHITE_BALANCE: Final = _Switched(
    cv2.CAP_PROP_AUTO_WB, (1.0,), 0.0, (cv2.CAP_PROP_WB_TEMPERATURE, cv2.CAP_PROP_WHITE_BALANCE_BLUE_U)
)


def _ask_size(camera: Properties, controls: CameraControls) -> None:
    # Uncompressed pictures of 1280 x 720 exceed what USB 2 carries at 30 frames/s; a camera that knows no Motion
    # JPEG declines and keeps its own format.
    camera.set(cv2.CAP_PROP_FOURCC, _MOTION_JPEG)
    if controls.width is None or controls.height is None or _measured(camera) == (controls.width, controls.height):
        # Video4Linux starts the stream anew even for the size that it has.
        return
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, controls.width)
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, controls.height)


def _size(camera: Properties, controls: CameraControls) -> ControlState:
    found = _measured(camera)
    exact = controls.width is None or controls.height is None or found == (controls.width, controls.height)
    return ControlState(Control.SIZE, True, values=found if min(found) > 0 else (), exact=exact)


def _measured(camera: Properties) -> tuple[float, float]:
    return camera.get(cv2.CAP_PROP_FRAME_WIDTH), camera.get(cv2.CAP_PROP_FRAME_HEIGHT)


def _frame_rate(camera: Properties, wish: float | None, taken: bool) -> ControlState:
    found = camera.get(cv2.CAP_PROP_FPS)
    values = (round(found, 2),) if found > 0 else ()
    if wish is None:
        return ControlState(Control.FRAME_RATE, bool(values), values=values)
    return ControlState(
        Control.FRAME_RATE, taken or abs(found - wish) < 0.5, values=values, exact=not values or abs(found - wish) < 0.5
    )


def _adjust(camera: Properties, control: Control, wish: Wish, of: _Switched) -> ControlState:
    if wish is None:
        value = next((found for prop in of.numbers if (found := camera.get(prop)) != _UNKNOWN), None)
        switched = camera.get(of.switch)
        automatic = None if switched == _UNKNOWN else _is_on(switched, of)
        return ControlState(control, value is not None or automatic is not None, automatic, _values(value))
    if wish == AUTO:
        taken = any(camera.set(of.switch, value) for value in of.on)
        return ControlState(control, taken, automatic=taken or None)
    # A camera without an automatic refuses this; its number may be set all the same.
    camera.set(of.switch, of.off)
    for prop in of.numbers:
        if camera.set(prop, wish):
            found = camera.get(prop)
            return ControlState(control, True, False, _values(found), exact=abs(found - wish) < 0.5)
    return ControlState(control, False)


def _is_on(switched: float, of: _Switched) -> bool:
    return any(abs(switched - value) < 0.1 for value in of.on)


def _values(value: float | None) -> tuple[float, ...]:
    return () if value is None else (round(value, 2),)
