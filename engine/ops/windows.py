"""What convolution and pooling share: pairs of sizes, output sizes, and which places lie under a window."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..dtypes import DType, float16, float32, float64
from ..errors import DTypeError, ShapeError
from ..op import Spec

if TYPE_CHECKING:
    from ..tensor import Tensor

Pair = tuple[int, int]
_INTS = {int}


def sizes(value: Any, count: int, what: str, least: int = 0) -> tuple[int, ...]:
    """`count` ints: an int (or a sequence of one) for all, or a sequence with one for each dimension.

    TypeError for what is no int, RuntimeError for another number of them or one below `least`.
    """
    if type(value) is int and value >= least:  # most often
        return (value,) * count
    if type(value) is tuple and len(value) == count and {*map(type, value)} == _INTS and min(value) >= least:
        return value
    items = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    try:
        numbers = tuple(operator.index(item) for item in items)
    except TypeError:
        raise TypeError(f"{what} must be an int or {count} ints, not {value!r}") from None
    if len(numbers) == 1:
        numbers *= count
    if len(numbers) != count or min(numbers) < least:
        raise ShapeError(f"{what} must be an int or {count} ints of at least {least}, not {value!r}")
    return numbers


def pair(value: Any, what: str, least: int = 0) -> Pair:
    """`sizes` for planes."""
    first, second = sizes(value, 2, what, least)
    return first, second


def floating(name: str, *specs: Spec, whole: tuple[DType, ...] = ()) -> DType:
    """The one floating point dtype of the inputs, or one of `whole`; DTypeError if they differ or hold
    others."""
    dtype = specs[0].dtype
    for spec in specs:
        if not spec.dtype.is_floating_point and spec.dtype not in whole:
            raise DTypeError(f"{name} takes floating point, not {spec.dtype.name}")
        if spec.dtype is not dtype:
            raise DTypeError(
                f"{name}: the inputs must have one dtype, but are {dtype.name} and {spec.dtype.name}"
            )
    return dtype


def working_dtype(*specs: Spec) -> DType:
    """What kernels are compiled for: float16 becomes float32, integers float64."""
    dtype = specs[0].dtype
    if not dtype.is_floating_point:
        return float64
    return float32 if dtype is float16 else dtype


def pool_input(name: str, input: Tensor, count: int) -> Tensor:
    """The input with a batch dimension; ShapeError unless (N, C, …) or (C, …), empty in nothing but N."""
    shape = tuple(input.shape)
    batched = input.ndim == count + 2
    if (not batched and input.ndim != count + 1) or 0 in shape[batched:]:
        sizes_of = ", ".join("HW" if count == 2 else "L")
        raise ShapeError(
            f"{name}: input must have shape (N, C, {sizes_of}) or (C, {sizes_of}), empty in nothing but N, "
            f"not {shape}"
        )
    return input if batched else input.unsqueeze(0)


def check_padding(name: str, kernel: Sequence[int], padding: Sequence[int]) -> None:
    """ShapeError if the padding is wider than half a window (which dilation does not count for)."""
    for f, p in zip(kernel, padding, strict=True):
        if p > f // 2:
            raise ShapeError(
                f"{name}: pad should be at most half of kernel size, but got pad={tuple(padding)} and "
                f"kernel_size={tuple(kernel)}"
            )


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
