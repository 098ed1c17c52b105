"""The function conv2d: unbatched images, padding by name, and the arguments' checks."""

from __future__ import annotations

from ..api import public
from ..errors import ArgumentError
from ..tensor import Tensor, apply
from .pad import pad
from .windows import pair


@public("torch", "F")
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] | str = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels `weight` (O, C / groups, F, F) over images `input` (N, C, H, W) or (C, H, W).

    `padding` is "valid", "same" (with stride 1) or the number of zeros around the image.
    """
    steps, spread = pair(stride, "conv2d: stride", 1), pair(dilation, "conv2d: dilation", 1)
    if groups < 1:
        raise ArgumentError(f"conv2d: groups must be at least 1, not {groups}")
    if isinstance(padding, str):
        input, zeros = _named_padding(input, weight, padding, steps, spread)
    else:
        zeros = pair(padding, "conv2d: padding")
    attrs = {"stride": steps, "padding": zeros, "dilation": spread, "groups": groups}
    tensors = (weight,) if bias is None else (weight, bias)
    if input.ndim == 3:
        return apply("conv2d", (input.unsqueeze(0), *tensors), attrs).squeeze(0)
    return apply("conv2d", (input, *tensors), attrs)


def _named_padding(
    input: Tensor, weight: Tensor, padding: str, stride: tuple[int, int], dilation: tuple[int, int]
) -> tuple[Tensor, tuple[int, int]]:
    """The padding that keeps the size; where it is odd, the extra row or column goes to the end."""
    if padding == "valid":
        return input, (0, 0)
    if padding != "same":
        raise ArgumentError(f"conv2d: padding must be 'valid', 'same' or numbers, not {padding!r}")
    if stride != (1, 1):
        raise ArgumentError("conv2d: padding='same' is not supported for strided convolutions")
    rows, columns = (dilation[k] * (weight.shape[2 + k] - 1) for k in (0, 1))
    if rows % 2 or columns % 2:
        input = pad(input, (0, columns % 2, 0, rows % 2))
    return input, (rows // 2, columns // 2)
