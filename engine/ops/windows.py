"""What convolution and pooling share: pairs of sizes, output sizes, and which places lie under a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..dtypes import DType, float16, float32
from ..errors import ArgumentError, DTypeError, ShapeError
from ..op import Spec

Pair = tuple[int, int]


def pair(value: Any, what: str, least: int = 0) -> Pair:
    """An int twice, or a sequence of one or two ints; ArgumentError if it is none or below `least`."""
    items = tuple(value) if isinstance(value, Sequence) else (value,)
    if len(items) == 1:
        items *= 2
    if len(items) != 2 or any(isinstance(v, (str, float)) or int(v) < least for v in items):
        raise ArgumentError(f"{what} must be an int or two ints of at least {least}, not {value!r}")
    return int(items[0]), int(items[1])


def floating(name: str, *specs: Spec) -> DType:
    """The one floating point dtype of the inputs; DTypeError if they differ or hold integers."""
    dtype = specs[0].dtype
    for spec in specs:
        if not spec.dtype.is_floating_point:
            raise DTypeError(f"{name} takes floating point, not {spec.dtype.name}")
        if spec.dtype is not dtype:
            raise DTypeError(
                f"{name}: the inputs must have one dtype, but are {dtype.name} and {spec.dtype.name}"
            )
    return dtype


def working_dtype(*specs: Spec) -> DType:
    """What kernels compute in: float16 becomes float32, for which they are compiled."""
    return float32 if specs[0].dtype is float16 else specs[0].dtype


def window_count(size: int, kernel: int, stride: int, pad: int, dilation: int = 1, ceil: bool = False) -> int:
    """How many windows fit: ⌊(W + 2P − D(F − 1) − 1) / S⌋ + 1.

    With `ceil` rounded up, but no window may start in the padding on the right.
    """
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    count = (-(-room // stride) if ceil else room // stride) + 1
    return count - 1 if ceil and (count - 1) * stride >= size + pad else count


def check_planes(name: str, shape: tuple[int, ...]) -> None:
    """ShapeError unless it is (N, C, H, W)."""
    if len(shape) != 4:
        raise ShapeError(f"{name}: input must have shape (N, C, H, W) or (C, H, W), not {shape}")


def check_output(name: str, shape: tuple[int, ...], kernel: Pair, rows: int, columns: int) -> None:
    """ShapeError if no window fits."""
    if rows < 1 or columns < 1:
        raise ShapeError(
            f"{name}: a window of {kernel[0]}×{kernel[1]} does not fit into the padded input {shape}"
        )


def under_window(at: int, size: int, kernel: int, stride: int, pad: int, dilation: int = 1) -> Iterator[Pair]:
    """The pairs (tap, place) of window number `at` that lie within the input."""
    for tap in range(kernel):
        place = at * stride - pad + tap * dilation
        if 0 <= place < size:
            yield tap, place


def over_place(
    place: int, count: int, kernel: int, stride: int, pad: int, dilation: int = 1
) -> Iterator[Pair]:
    """The pairs (tap, window) with which `count` windows cover one place of the input."""
    for tap in range(kernel):
        at, rest = divmod(place + pad - tap * dilation, stride)
        if rest == 0 and 0 <= at < count:
            yield tap, at
