"""The functions of max- and average pooling: lines as planes of one row, unbatched input, checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import call_in_scope, composite
from ..errors import DTypeError, ShapeError
from ..fixed import Known, is_constant
from ..tensor import Tensor, apply
from .windows import check_padding, pool_input, sizes

Sizes = int | Sequence[int]
_maxima = Known()  # the attributes of max_pool2d


def _windows(
    name: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[tuple[int, ...], ...]:
    """Kernel, stride, padding and dilation for planes; lines get one row."""
    count = int(name[-2])
    kernel = sizes(kernel_size, count, f"{name}: kernel_size", 1)
    default = stride is None or (isinstance(stride, Sequence) and not stride)
    steps = kernel if default else sizes(stride, count, f"{name}: stride", 1)
    zeros = sizes(padding, count, f"{name}: padding")
    spread = sizes(dilation, count, f"{name}: dilation", 1)
    check_padding(name, kernel, zeros)
    if count == 1:
        return (1, *kernel), (1, *steps), (0, *zeros), (1, *spread)
    return kernel, steps, zeros, spread


def _max_pool(
    name: str,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    count = int(name[-2])
    if count == 2 and not return_indices:
        known = _maxima.get((input._node.spec, kernel_size, stride, padding, dilation, ceil_mode))
        if known is not None:
            return apply("max_pool2d", (input, apply("max_pool2d_indices", (input,), known)))
    kernel, steps, zeros, spread = _windows(name, kernel_size, stride, padding, dilation)
    attrs = {
        "kernel_size": kernel,
        "stride": steps,
        "padding": zeros,
        "dilation": spread,
        "ceil_mode": bool(ceil_mode),
    }
    x = pool_input(name, input, count)
    if count == 1:
        if not input.dtype.is_floating_point:
            raise DTypeError(f"{name} takes floating point, not {input.dtype.name}")
        x = x.unsqueeze(2)
    if x is input and count == 2 and type(ceil_mode) is bool:
        given = (kernel_size, stride, padding, dilation)
        if all(each is None or is_constant(each) for each in given):
            attrs = _maxima.put((input._node.spec, *given, ceil_mode), attrs)
    indices = apply("max_pool2d_indices", (x,), attrs)
    found = [apply("max_pool2d", (x, indices)), *([indices] if return_indices else [])]
    if count == 1:
        found = [each.squeeze(2) for each in found]
    if input.ndim == count + 1:
        found = [each.squeeze(0) for each in found]
    return tuple(found) if return_indices else found[0]


@public("torch", "F")
@composite(
    "max_pool1d",
    formula=r"y_{n,c,r} = \max_{i}\; x_{n,c,\,s r+d i-p}",
    derivative=r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{for\ the\ winner,\; else}\; 0",
    en="Keeps the largest number of each window of the line; only that winner will get the gradient.",
    zh="保留线上每个窗口中最大的数；只有这个胜者会得到梯度。",
)
def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number under each window of (N, C, L) or (C, L); windows do not overlap by default.

    With `return_indices` a pair: the values, and their places.
    """
    return _max_pool("max_pool1d", input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@public("torch", "F")
def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number under each window of (N, C, H, W) or (C, H, W); windows do not overlap by default.

    With `return_indices` a pair: the values, and their places row · W + column.
    """
    given = (input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    return call_in_scope("max_pool2d", None, _max_pool, ("max_pool2d", *given), {})


def _avg_pool(
    name: str,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    count = int(name[-2])
    kernel, steps, zeros, _ = _windows(name, kernel_size, stride, padding, 1)
    if divisor_override == 0:
        raise ShapeError(f"{name}: divisor_override must not be zero")
    attrs = {
        "kernel_size": kernel,
        "stride": steps,
        "padding": zeros,
        "ceil_mode": bool(ceil_mode),
        "count_include_pad": bool(count_include_pad),
        "divisor_override": divisor_override,
    }
    x = pool_input(name, input, count)
    result = apply("avg_pool2d", (x.unsqueeze(2) if count == 1 else x,), attrs)
    result = result.squeeze(2) if count == 1 else result
    return result if input.ndim == count + 2 else result.squeeze(0)


@public("torch", "F")
@composite(
    "avg_pool1d",
    formula=r"y_{n,c,r} = \dfrac{1}{F}\sum_{i} x_{n,c,\,s r+i-p}",
    derivative=r"\dfrac{\partial y_{n,c,r}}{\partial x_{n,c,\,s r+i-p}} = \dfrac{1}{F}",
    en="Takes the mean under each window of the line; its gradient spreads evenly over the window.",
    zh="取线上每个窗口内的平均值；梯度平均分给窗口内的各位置。",
)
def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean under each window of (N, C, L) or (C, L); windows do not overlap by default."""
    return _avg_pool("avg_pool1d", input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@public("F")
def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean under each window of (N, C, H, W) or (C, H, W); windows do not overlap by default.

    Zeros of the padding count unless `count_include_pad` is False; `divisor_override` is divided by instead.
    """
    return _avg_pool(
        "avg_pool2d", input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )
