"""The functions conv1d, conv2d, conv3d: unbatched input, padding by name, and the arguments' checks.

Lines are planes of one row; volumes become planes by `unfold` along the depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..errors import DTypeError, ShapeError
from ..fixed import Known, is_constant
from ..tensor import Tensor, apply
from .pad import pad
from .windows import sizes, window_count

Sizes = int | Sequence[int]
_images = Known()  # the attributes of conv2d


@public("torch", "F")
@composite(
    "conv1d",
    formula=r"y_{n,o,r} = b_o + \sum_{c,i} w_{o,c,i}\, x_{n,c,\,s r+d i-p}",
    derivative=r"\dfrac{\partial y_{n,o,r}}{\partial x_{n,c,\,s r+d i-p}} = w_{o,c,i}",
    en="Slides each kernel along the line; every output is the sum of the products under the kernel.",
    zh="每个卷积核沿着线滑动；每个输出是核下各乘积之和。",
)
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels `weight` (O, C / groups, F) along lines `input` (N, C, L) or (C, L).

    `padding` is "valid", "same" (with stride 1) or the number of zeros at both ends.
    """
    input, attrs = _prepare("conv1d", input, weight, stride, padding, dilation, groups)
    _check_bias("conv1d", weight, bias)
    batch = input if input.ndim == 3 else input.unsqueeze(0)
    tensors = (weight.unsqueeze(2),) if bias is None else (weight.unsqueeze(2), bias)
    planes = {
        "stride": (1, *attrs["stride"]),
        "padding": (0, *attrs["padding"]),
        "dilation": (1, *attrs["dilation"]),
        "groups": groups,
    }
    result = apply("conv2d", (batch.unsqueeze(2), *tensors), planes).squeeze(2)
    return result if input.ndim == 3 else result.squeeze(0)


@public("torch", "F")
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels `weight` (O, C / groups, F, F) over images `input` (N, C, H, W) or (C, H, W).

    `padding` is "valid", "same" (with stride 1) or the number of zeros around the image.
    """
    given = (input._node.spec, weight._node.spec, stride, padding, dilation, groups)
    known = _images.get(given)
    tensors = (weight,) if bias is None else (weight, bias)
    if known is not None:
        return apply("conv2d", (input, *tensors), known)
    input, attrs = _prepare("conv2d", input, weight, stride, padding, dilation, groups)
    if input.ndim == 4 and all(is_constant(each) for each in given[2:]):
        return apply("conv2d", (input, *tensors), _images.put(given, attrs))
    if input.ndim == 3:
        return apply("conv2d", (input.unsqueeze(0), *tensors), attrs).squeeze(0)
    return apply("conv2d", (input, *tensors), attrs)


@public("torch", "F")
@composite(
    "conv3d",
    formula=r"y_{n,o,t,r,q} = b_o + \sum_{c,h,i,j} w_{o,c,h,i,j}\,"
    r" x_{n,c,\,s t+d h-p,\,s r+d i-p,\,s q+d j-p}",
    derivative=r"\dfrac{\partial y_{n,o,t,r,q}}{\partial x_{n,c,\,s t+d h-p,\,s r+d i-p,\,s q+d j-p}}"
    r" = w_{o,c,h,i,j}",
    en="Slides each kernel through the volume; every output is the sum of the products inside the kernel.",
    zh="每个卷积核在体积中滑动；每个输出是核内各乘积之和。",
)
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels `weight` (O, C / groups, F, F, F) through volumes (N, C, D, H, W) or (C, D, H, W).

    `padding` is "valid", "same" (with stride 1) or the number of zeros around the volume.
    """
    input, attrs = _prepare("conv3d", input, weight, stride, padding, dilation, groups)
    _check_bias("conv3d", weight, bias)
    batch = input if input.ndim == 5 else input.unsqueeze(0)
    (samples, _, depth, height, width), (out, inside, deep, *kernel) = batch.shape, weight.shape
    steps, zeros, spread = attrs["stride"], attrs["padding"], attrs["dilation"]
    layers = window_count(depth, deep, steps[0], zeros[0], spread[0])
    if layers < 1:
        raise ShapeError(
            f"conv3d: a kernel of depth {deep} does not fit into the padded input {tuple(input.shape)}"
        )
    columns = apply(
        "im2col",
        (batch.reshape(samples, -1 if samples else batch.shape[1], depth, height * width),),
        {
            "kernel_size": (deep, 1),
            "dilation": (spread[0], 1),
            "padding": (zeros[0], 0),
            "stride": (steps[0], 1),
        },
    )
    planes = columns.reshape(samples, batch.shape[1] * deep, layers, height, width).transpose(1, 2)
    tensors = (weight.reshape(out, inside * deep, *kernel), *(() if bias is None else (bias,)))
    result = apply(
        "conv2d",
        (planes.reshape(samples * layers, batch.shape[1] * deep, height, width), *tensors),
        {"stride": steps[1:], "padding": zeros[1:], "dilation": spread[1:], "groups": groups},
    )
    result = result.reshape(samples, layers, *result.shape[1:]).transpose(1, 2).contiguous()
    return result if input.ndim == 5 else result.squeeze(0)


def _prepare(
    name: str, input: Tensor, weight: Tensor, stride: Any, padding: Any, dilation: Any, groups: int
) -> tuple[Tensor, dict[str, Any]]:
    """The input, padded where one zero more is needed behind than before, and the attributes."""
    count = int(name[-2])
    steps = sizes(stride, count, f"{name}: stride", 1)
    spread = sizes(dilation, count, f"{name}: dilation", 1)
    if groups < 1:
        raise ShapeError(f"{name}: groups must be at least 1, not {groups}")
    check_kernels(name, input, weight, "O, C / groups")
    channels = input.shape[-1 - count]
    if channels != weight.shape[1] * groups:
        grouped = f" × {groups} groups" if groups > 1 else ""
        raise ShapeError(
            f"{name}: input {tuple(input.shape)} has {channels} channels, but weight {tuple(weight.shape)} "
            f"takes {weight.shape[1]}{grouped}"
        )
    if weight.shape[0] % groups:
        raise ShapeError(
            f"{name}: the {weight.shape[0]} output channels of weight {tuple(weight.shape)} do not split "
            f"into {groups} groups"
        )
    if isinstance(padding, str):
        input, zeros = _named_padding(name, input, tuple(weight.shape[2:]), padding, steps, spread)
    else:
        zeros = sizes(padding, count, f"{name}: padding")
    return input, {"stride": steps, "padding": zeros, "dilation": spread, "groups": groups}


def check_kernels(name: str, input: Tensor, weight: Tensor, leading: str) -> None:
    """ShapeError or DTypeError unless input and weight have the dimensions and the dtype of a convolution."""
    count = int(name[-2])
    sizes_of = ", ".join("DHW"[3 - count :]) if count > 1 else "L"
    if input.ndim not in (count + 1, count + 2):
        raise ShapeError(
            f"{name}: input must have shape (N, C, {sizes_of}) or (C, {sizes_of}), not {tuple(input.shape)}"
        )
    if weight.ndim != count + 2 or 0 in weight.shape:
        raise ShapeError(
            f"{name}: weight must have shape ({leading}{', F' * count}), not {tuple(weight.shape)}"
        )
    if input.dtype is not weight.dtype:
        raise DTypeError(
            f"{name}: input and weight must have one dtype, but are {input.dtype.name} and "
            f"{weight.dtype.name}"
        )


def _check_bias(name: str, weight: Tensor, bias: Tensor | None) -> None:
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ShapeError(
            f"{name}: bias must have shape ({weight.shape[0]},) for weight {tuple(weight.shape)}, not "
            f"{tuple(bias.shape)}"
        )


def _named_padding(
    name: str,
    input: Tensor,
    kernel: tuple[int, ...],
    padding: str,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[Tensor, tuple[int, ...]]:
    """The padding that keeps the size; where it is odd, the extra zeros go to the end."""
    if padding == "valid":
        return input, (0,) * len(kernel)
    if padding != "same":
        raise ShapeError(f"{name}: padding must be 'valid', 'same' or numbers, not {padding!r}")
    if max(stride) > 1:
        raise ShapeError(f"{name}: padding='same' is not supported for strided convolutions")
    totals = [d * (f - 1) for d, f in zip(dilation, kernel, strict=True)]
    if any(total % 2 for total in totals):
        input = pad(input, [each for total in reversed(totals) for each in (0, total % 2)])
    return input, tuple(total // 2 for total in totals)
