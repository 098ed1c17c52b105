"""Transposed convolutions: what a convolution's backward does to gradients, as a forward function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..errors import ShapeError
from ..tensor import Tensor, apply
from .conv_call import check_kernels
from .pad import pad
from .windows import sizes

Sizes = int | Sequence[int]


@public("torch", "F")
@composite(
    "conv_transpose1d",
    formula=r"y_{n,o,u} = b_o + \sum_{c,i,r} w_{c,o,i}\, x_{n,c,r},\quad u = s r+d i-p",
    derivative=r"\dfrac{\partial y_{n,o,\,s r+d i-p}}{\partial x_{n,c,r}} = w_{c,o,i}",
    en="Lays the kernel down once for each number of the line, multiplied by it, and adds up overlaps.",
    zh="线上每个数都放下一份乘以它的卷积核，重叠处相加。",
)
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Lay kernels `weight` (C, O / groups, F) along lines (N, C, L) or (C, L).

    L' = (L − 1) S − 2 P + D (F − 1) + output_padding + 1.
    """
    name = "conv_transpose1d"
    attrs = _arguments(name, input, weight, bias, stride, padding, output_padding, groups, dilation)
    lines = {key: ((0 if "padding" in key else 1), *value) for key, value in attrs.items()}
    batch = input if input.ndim == 3 else input.unsqueeze(0)
    result = _lay(batch.unsqueeze(2), weight.unsqueeze(2), groups, lines).squeeze(2)
    if bias is not None:
        result = result + bias.reshape(-1, 1)
    return result if input.ndim == 3 else result.squeeze(0)


@public("torch", "F")
@composite(
    "conv_transpose2d",
    formula=r"y_{n,o,u,v} = b_o + \sum_{c,i,j,r,q} w_{c,o,i,j}\, x_{n,c,r,q},"
    r"\quad u = s r+d i-p,\; v = s q+d j-p",
    derivative=r"\dfrac{\partial y_{n,o,\,s r+d i-p,\,s q+d j-p}}{\partial x_{n,c,r,q}} = w_{c,o,i,j}",
    en="Lays the kernel down once for each pixel, multiplied by it, and adds up where they overlap.",
    zh="每个像素都放下一份乘以它的卷积核，重叠处相加。",
)
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Lay kernels `weight` (C, O / groups, F, F) over images (N, C, H, W) or (C, H, W).

    H' = (H − 1) S − 2 P + D (F − 1) + output_padding + 1.
    """
    name = "conv_transpose2d"
    attrs = _arguments(name, input, weight, bias, stride, padding, output_padding, groups, dilation)
    batch = input if input.ndim == 4 else input.unsqueeze(0)
    result = _lay(batch, weight, groups, attrs)
    if bias is not None:
        result = result + bias.reshape(-1, 1, 1)
    return result if input.ndim == 4 else result.squeeze(0)


def _arguments(
    name: str,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> dict[str, tuple[int, ...]]:
    """The numbers for each dimension, once all fits."""
    count = int(name[-2])
    check_kernels(name, input, weight, "C, O / groups")
    channels = input.shape[-1 - count]
    if groups < 1 or channels != weight.shape[0] or channels % groups:
        raise ShapeError(
            f"{name}: input {tuple(input.shape)} has {channels} channels, but weight {tuple(weight.shape)} "
            f"takes {weight.shape[0]} in {groups} groups"
        )
    out = weight.shape[1] * groups
    if bias is not None and tuple(bias.shape) != (out,):
        raise ShapeError(f"{name}: bias must have shape ({out},), not {tuple(bias.shape)}")
    attrs = {
        "stride": sizes(stride, count, f"{name}: stride", 1),
        "padding": sizes(padding, count, f"{name}: padding"),
        "output_padding": sizes(output_padding, count, f"{name}: output_padding"),
        "dilation": sizes(dilation, count, f"{name}: dilation", 1),
    }
    for k in range(count):
        if attrs["output_padding"][k] >= max(attrs["stride"][k], attrs["dilation"][k]):
            raise ShapeError(
                f"{name}: output padding must be smaller than either stride or dilation, but got "
                f"output_padding={attrs['output_padding']}, stride={attrs['stride']}, "
                f"dilation={attrs['dilation']}"
            )
    return attrs


def _lay(input: Tensor, weight: Tensor, groups: int, attrs: dict[str, tuple[int, ...]]) -> Tensor:
    """The transposed convolution of (N, C, H, W), without bias."""
    steps, zeros, spread = attrs["stride"], attrs["padding"], attrs["dilation"]
    full = [
        (n - 1) * s + d * (f - 1) + 1
        for n, s, d, f in zip(input.shape[2:], steps, spread, weight.shape[2:], strict=True)
    ]
    behind = [more - p for p, more in zip(zeros, attrs["output_padding"], strict=True)]
    wanted = [size - p + b for size, p, b in zip(full, zeros, behind, strict=True)]
    if min(wanted) < 1 or 0 in input.shape[1:]:
        raise ShapeError(
            f"conv_transpose: input {tuple(input.shape)} and weight {tuple(weight.shape)} would give the "
            f"size {tuple(wanted)}, which is too small"
        )
    # One more window would fit into the result if the extra border were as wide as a step: then cut and
    # pad the full result instead.
    wide = any(more >= s for more, s in zip(attrs["output_padding"], steps, strict=True))
    shape = (input.shape[0], weight.shape[1] * groups, *(full if wide else wanted))
    result = apply(
        "conv2d_input_grad",
        (input, weight),
        {
            "shape": shape,
            "stride": steps,
            "padding": (0, 0) if wide else zeros,
            "dilation": spread,
            "groups": groups,
        },
    )
    if not wide:
        return result
    return pad(result, (-zeros[1], behind[1], -zeros[0], behind[0]))
