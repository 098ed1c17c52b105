"""Pooling of volumes: planes are pooled first, then the results along the depth.

That is the same as pooling boxes: a mean of means over equal windows is a mean, and the first of the largest
numbers of the first plane that has one is the first of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..dtypes import float64
from ..errors import ArgumentError, ShapeError
from ..tensor import Tensor, apply
from .arithmetic import div
from .windows import check_padding, sizes

Sizes = int | Sequence[int]


def _volume(name: str, input: Tensor) -> Tensor:
    """(N, C, D, H, W); ShapeError unless only N is empty."""
    shape = tuple(input.shape)
    batched = input.ndim == 5
    if input.ndim not in (4, 5) or 0 in shape[batched:]:
        raise ShapeError(
            f"{name}: input must be (N, C, D, H, W) or (C, D, H, W), empty in nothing but N, not {shape}"
        )
    return input if batched else input.unsqueeze(0)


def _windows(name: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> dict[str, Any]:
    kernel = sizes(kernel_size, 3, f"{name}: kernel_size", 1)
    default = stride is None or (isinstance(stride, Sequence) and not stride)
    attrs = {
        "kernel_size": kernel,
        "stride": kernel if default else sizes(stride, 3, f"{name}: stride", 1),
        "padding": sizes(padding, 3, f"{name}: padding"),
        "dilation": sizes(dilation, 3, f"{name}: dilation", 1),
    }
    check_padding(name, kernel, attrs["padding"])
    return attrs


def _of_planes(attrs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**{key: value[1:] for key, value in attrs.items()}, **more}


def _of_depth(attrs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The same along the rows of planes (D, H' · W')."""
    idle = {"padding": 0}
    return {**{key: (value[0], idle.get(key, 1)) for key, value in attrs.items()}, **more}


def _largest(input: Tensor, op: str, planes: dict[str, Any], depth: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """The largest numbers of (N, C, D, H, W), and their places in the volume."""
    samples, channels, layers, height, width = input.shape
    flat = input.reshape(samples, channels * layers, height, width)
    near = apply(op, (flat,), planes)
    rows, columns = near.shape[2:]
    shape = (samples, channels, layers, rows * columns)
    values, places = apply("max_pool2d", (flat, near)).reshape(shape), near.reshape(shape)
    found = apply(op, (values,), depth)
    result = apply("max_pool2d", (values, found)).reshape(samples, channels, found.shape[2], rows, columns)
    inside = apply("max_pool2d", (places, found))
    where = (found // (rows * columns)) * (height * width) + inside
    return result, where.reshape(result.shape)


@public("torch", "F")
@composite(
    "max_pool3d",
    formula=r"y_{n,c,t,r,q} = \max_{h,i,j}\; x_{n,c,\,s t+d h-p,\,s r+d i-p,\,s q+d j-p}",
    derivative=r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{for\ the\ winner,\; else}\; 0",
    en="Keeps the largest number of each box of the volume; only that winner will get the gradient.",
    zh="保留体积中每个小块里最大的数；只有这个胜者会得到梯度。",
)
def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number under each window of (N, C, D, H, W) or (C, D, H, W).

    With `return_indices` a pair: the values, and their places (layer · H + row) · W + column.
    """
    attrs = _windows("max_pool3d", kernel_size, stride, padding, dilation)
    x = _volume("max_pool3d", input)
    ceil = {"ceil_mode": bool(ceil_mode)}
    found = _largest(x, "max_pool2d_indices", _of_planes(attrs, **ceil), _of_depth(attrs, **ceil))
    if input.ndim == 4:
        found = found[0].squeeze(0), found[1].squeeze(0)
    return found if return_indices else found[0]


@public("F")
@composite(
    "avg_pool3d",
    formula=r"y_{n,c,t,r,q} = \dfrac{1}{|W|}\sum_{(h,u,v)\,\in\,W_{t,r,q}} x_{n,c,h,u,v}",
    derivative=r"\dfrac{\partial y_{n,c,t,r,q}}{\partial x_{n,c,h,u,v}} = \dfrac{1}{|W|},\quad (h,u,v)\in W",
    en="Takes the mean of each box of the volume; its gradient spreads evenly over the box.",
    zh="取体积中每个小块的平均值；梯度平均分给小块内的各位置。",
)
def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean under each window of (N, C, D, H, W) or (C, D, H, W); windows do not overlap by default.

    Zeros of the padding count unless `count_include_pad` is False; `divisor_override` is divided by instead.
    """
    attrs = _windows("avg_pool3d", kernel_size, stride, padding, 1)
    del attrs["dilation"]
    if divisor_override == 0:
        raise ShapeError("avg_pool3d: divisor_override must not be zero")
    x = _volume("avg_pool3d", input)
    if any(n < f for n, f in zip(x.shape[2:], attrs["kernel_size"], strict=True)):
        raise ShapeError(
            f"avg_pool3d: input {tuple(input.shape)} is smaller than the window {attrs['kernel_size']}"
        )
    samples, channels, layers, height, width = x.shape
    more = {"ceil_mode": bool(ceil_mode), "count_include_pad": bool(count_include_pad)}
    flat = x.reshape(samples, channels * layers, height, width)
    if not x.dtype.is_floating_point:  # one division, of the whole sum
        call = (attrs["kernel_size"], attrs["stride"], attrs["padding"], ceil_mode, count_include_pad)
        total = avg_pool3d(input.to(float64), *call, 1)
        if divisor_override is not None:
            return div(total, divisor_override, rounding_mode="trunc").to(x.dtype)
        ones = input.new_ones(input.shape, dtype=float64)
        places = avg_pool3d(ones, *call, 1) / avg_pool3d(ones, *call)
        return div(total, places.nan_to_num(1).round(), rounding_mode="trunc").to(x.dtype)
    planes = apply("avg_pool2d", (flat,), _of_planes(attrs, **more, divisor_override=divisor_override))
    rows, columns = planes.shape[2:]
    lines = planes.reshape(samples, channels, layers, rows * columns)
    last = 1 if divisor_override else None
    result = apply("avg_pool2d", (lines,), _of_depth(attrs, **more, divisor_override=last))
    result = result.reshape(samples, channels, result.shape[2], rows, columns)
    return result if input.ndim == 5 else result.squeeze(0)


def _output(name: str, input: Tensor, output_size: Any) -> tuple[Tensor, tuple[int, ...]]:
    shape = tuple(input.shape)
    if input.ndim < 4:
        raise ArgumentError(f"{name}: Input dimension should be at least 4, not {input.ndim}")
    if input.ndim > 5 or 0 in shape[-3:]:
        raise ShapeError(f"{name}: input must be (N, C, D, H, W) or (C, D, H, W), not empty, but is {shape}")
    if not isinstance(output_size, int):
        if len(output_size) != 3:
            raise ShapeError(f"{name}: output_size must be an int or three, not {output_size!r}")
        output_size = tuple(n if v is None else v for n, v in zip(shape[-3:], output_size, strict=True))
    return input if input.ndim == 5 else input.unsqueeze(0), sizes(output_size, 3, f"{name}: output_size")


@public("F")
@composite(
    "adaptive_avg_pool3d",
    formula=r"y_{n,c,t,r,q} = \dfrac{1}{|W|}\sum_{(h,u,v)\,\in\,W_{t,r,q}} x_{n,c,h,u,v}",
    derivative=r"\dfrac{\partial y_{n,c,t,r,q}}{\partial x_{n,c,h,u,v}} = \dfrac{1}{|W|},\quad (h,u,v)\in W",
    en="Splits each volume into as many boxes as the output has numbers and takes the mean of each.",
    zh="按输出大小把每个体积分成若干小块，取各块的平均值。",
)
def adaptive_avg_pool3d(input: Tensor, output_size: int | Sequence[int | None]) -> Tensor:
    """Means over boxes of (N, C, D, H, W) or (C, D, H, W), as many as `output_size` says; None keeps."""
    x, wanted = _output("adaptive_avg_pool3d", input, output_size)
    samples, channels, layers, height, width = x.shape
    flat = x.reshape(samples, channels * layers, height, width)
    planes = apply("adaptive_avg_pool2d", (flat,), {"output_size": wanted[1:]})
    lines = planes.reshape(samples, channels, layers, wanted[1] * wanted[2])
    attrs = {"output_size": (wanted[0], wanted[1] * wanted[2])}
    result = apply("adaptive_avg_pool2d", (lines,), attrs).reshape(samples, channels, *wanted)
    return result if input.ndim == 5 else result.squeeze(0)


@public("F")
@composite(
    "adaptive_max_pool3d",
    formula=r"y_{n,c,t,r,q} = \max_{(h,u,v)\,\in\,W_{t,r,q}} x_{n,c,h,u,v}",
    derivative=r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{for\ the\ winner,\; else}\; 0",
    en="Splits each volume into as many boxes as the output has numbers and keeps the largest of each.",
    zh="按输出大小把每个体积分成若干小块，保留各块中最大的数。",
)
def adaptive_max_pool3d(
    input: Tensor, output_size: int | Sequence[int | None], return_indices: bool = False
) -> Any:
    """The largest numbers of boxes of (N, C, D, H, W) or (C, D, H, W); `return_indices` adds their places."""
    x, wanted = _output("adaptive_max_pool3d", input, output_size)
    planes, depth = wanted[1:], (wanted[0], wanted[1] * wanted[2])
    op = "adaptive_max_pool2d_indices"
    found = _largest(x, op, {"output_size": planes}, {"output_size": depth})
    if input.ndim == 4:
        found = found[0].squeeze(0), found[1].squeeze(0)
    return found if return_indices else found[0]
