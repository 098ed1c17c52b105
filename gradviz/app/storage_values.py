"""The numbers of a recording: one flat .npy array for each dtype; equal values are stored once."""

from __future__ import annotations

import hashlib
import io
import math
from typing import IO

import numpy as np

from .storage_json import FormatError

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
_HEADER = 4096  # more than any header of ours takes


class Pool:
    """Collects arrays; each gets an offset into the flat array of its dtype."""

    def __init__(self) -> None:
        self._arrays: dict[str, list[np.ndarray]] = {}
        self._sizes: dict[str, int] = {}
        self._by_place: dict[tuple[int, int, str], int] = {}
        self._by_content: dict[tuple[str, bytes], int] = {}

    def add(self, value: np.ndarray) -> int:
        """Where the elements of `value`, in C order, will lie."""
        dtype = value.dtype.name
        if dtype not in DTYPES:
            raise TypeError(f"values of dtype {dtype} cannot be stored")
        flat = np.ascontiguousarray(value).reshape(-1)
        shared = np.may_share_memory(flat, value)  # not a copy: the program keeps what lies there alive
        place = (flat.__array_interface__["data"][0], flat.size, dtype)
        if shared and place in self._by_place:
            return self._by_place[place]
        content = (dtype, hashlib.blake2b(_bytes(flat), digest_size=16).digest())
        offset = self._by_content.get(content)
        if offset is None:
            offset = self._sizes.get(dtype, 0)
            self._sizes[dtype] = offset + flat.size
            self._arrays.setdefault(dtype, []).append(flat)
            self._by_content[content] = offset
        if shared:
            self._by_place[place] = offset
        return offset

    def dtypes(self) -> tuple[str, ...]:
        """The dtypes that occur."""
        return tuple(self._arrays)

    def size(self) -> int:
        """How many bytes all values take."""
        return sum(np.dtype(dtype).itemsize * size for dtype, size in self._sizes.items())

    def write(self, dtype: str, stream: IO[bytes]) -> None:
        """Write the flat array of a dtype as .npy."""
        header = {"descr": _little(dtype).str, "fortran_order": False, "shape": (self._sizes[dtype],)}
        np.lib.format.write_array_header_1_0(stream, header)
        for flat in self._arrays[dtype]:
            stream.write(_bytes(flat.astype(_little(dtype), copy=False)))


def read_flat(dtype: str, data: bytes) -> np.ndarray:
    """The flat array of a dtype, read-only; FormatError if it is not one. No header can make it allocate."""
    head = io.BytesIO(data[:_HEADER])
    try:
        if np.lib.format.read_magic(head) != (1, 0):
            raise FormatError("an unknown version of .npy")
        shape, fortran, found = np.lib.format.read_array_header_1_0(head)
    except (ValueError, EOFError) as error:
        raise FormatError(str(error)) from error
    body = len(data) - head.tell()
    if found != _little(dtype) or len(shape) != 1 or fortran or shape[0] * found.itemsize != body:
        raise FormatError(f"{found} of shape {shape} in {body} bytes, expected a list of {dtype}")
    flat = np.frombuffer(data, _little(dtype), offset=head.tell())
    if dtype == "bool" and flat.size and flat.view(np.uint8).max() > 1:
        raise FormatError("a truth value that is neither 0 nor 1")
    return flat.astype(dtype, copy=False)  # to the machine's byte order, where that is another one


def cut(flat: np.ndarray, offset: int, shape: tuple[int, ...]) -> np.ndarray:
    """The array of `shape` at `offset`, a read-only view; FormatError if it does not fit."""
    size = math.prod(shape)
    if not 0 <= offset <= flat.size - size:
        raise FormatError(f"{size} values at {offset} of {flat.size}")
    return flat[offset : offset + size].reshape(shape)


def _bytes(flat: np.ndarray) -> memoryview:
    return flat.view(np.uint8).data


def _little(dtype: str) -> np.dtype[np.generic]:
    return np.dtype(dtype).newbyteorder("<")
