"""The functions of adaptive pooling: the output's size is given, the windows follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..errors import ArgumentError, ShapeError
from ..state import function_scope
from ..tensor import Tensor, apply
from .windows import sizes

Size2 = int | Sequence[int | None]


def _arguments(
    name: str, input: Tensor, output_size: Any, full_channels: bool
) -> tuple[Tensor, dict[str, Any]]:
    """Planes with a batch dimension, and the attribute; with `full_channels` channels may not be empty."""
    count = int(name[-2])
    shape = tuple(input.shape)
    batched = input.ndim == count + 2
    if input.ndim < count + 1 and count > 1:
        raise ArgumentError(f"{name}: Input dimension should be at least {count + 1}, not {input.ndim}")
    if not batched and input.ndim != count + 1:
        raise ShapeError(f"{name}: input must have {count + 1} or {count + 2} dimensions, not {shape}")
    if 0 in shape[-count:] or (full_channels and 0 in shape[batched:]):
        raise ShapeError(f"{name}: only the batch may be empty, but the input is {shape}")
    if count == 2 and not isinstance(output_size, int):
        if len(output_size) != 2:
            raise ShapeError(f"{name}: output_size must be an int or two, not {output_size!r}")
        output_size = tuple(
            n if size is None else size for n, size in zip(shape[-2:], output_size, strict=True)
        )
    wanted = sizes(output_size, count, f"{name}: output_size")
    x = input if batched else input.unsqueeze(0)
    if count == 1:
        return x.unsqueeze(2), {"output_size": (1, *wanted)}
    return x, {"output_size": wanted}


def _finish(name: str, input: Tensor, result: Tensor) -> Tensor:
    count = int(name[-2])
    result = result.squeeze(2) if count == 1 else result
    return result if input.ndim == count + 2 else result.squeeze(0)


def _average(name: str, input: Tensor, output_size: Any) -> Tensor:
    x, attrs = _arguments(name, input, output_size, False)
    return _finish(name, input, apply("adaptive_avg_pool2d", (x,), attrs))


def _maximum(name: str, input: Tensor, output_size: Any, return_indices: bool) -> Any:
    x, attrs = _arguments(name, input, output_size, True)
    indices = apply("adaptive_max_pool2d_indices", (x,), attrs)
    result = _finish(name, input, apply("max_pool2d", (x, indices)))
    return (result, _finish(name, input, indices)) if return_indices else result


@public("torch", "F")
@composite(
    "adaptive_avg_pool1d",
    formula=r"y_{n,c,r} = \dfrac{1}{|W_r|}\sum_{u\,\in\,W_r} x_{n,c,u}",
    derivative=r"\dfrac{\partial y_{n,c,r}}{\partial x_{n,c,u}} = \dfrac{1}{|W_r|},\quad u\in W_r",
    en="Splits each line into as many parts as the output has numbers and takes the mean of each.",
    zh="按输出大小把每条线分成若干部分，取各部分的平均值。",
)
def adaptive_avg_pool1d(input: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """Means over parts of the lines (N, C, L) or (C, L), as many as `output_size` says."""
    return _average("adaptive_avg_pool1d", input, output_size)


@public("F")
def adaptive_avg_pool2d(input: Tensor, output_size: Size2) -> Tensor:
    """Means over parts of (N, C, H, W) or (C, H, W), as many as `output_size` says; None keeps a size."""
    return _average("adaptive_avg_pool2d", input, output_size)


@public("F")
@composite(
    "adaptive_max_pool1d",
    formula=r"y_{n,c,r} = \max_{u\,\in\,W_r} x_{n,c,u}",
    derivative=r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{for\ the\ winner,\; else}\; 0",
    en="Splits each line into as many parts as the output has numbers and keeps the largest of each.",
    zh="按输出大小把每条线分成若干部分，保留各部分中最大的数。",
)
def adaptive_max_pool1d(input: Tensor, output_size: int | Sequence[int], return_indices: bool = False) -> Any:
    """The largest numbers of parts of lines (N, C, L) or (C, L); with `return_indices` their places too."""
    return _maximum("adaptive_max_pool1d", input, output_size, return_indices)


@public("F")
def adaptive_max_pool2d(input: Tensor, output_size: Size2, return_indices: bool = False) -> Any:
    """The largest numbers of parts of (N, C, H, W) or (C, H, W); with `return_indices` their places too.

    None in `output_size` keeps a size; a place is row · W + column.
    """
    with function_scope("adaptive_max_pool2d"):
        return _maximum("adaptive_max_pool2d", input, output_size, return_indices)


@public("torch", name="adaptive_max_pool1d")
def _adaptive_max_pool1d(input: Tensor, output_size: int | Sequence[int]) -> Any:
    """The largest numbers of parts of the lines, and their places."""
    return adaptive_max_pool1d(input, output_size, True)
