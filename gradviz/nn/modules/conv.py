"""Convolution layers for lines, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from gradviz.engine.dtypes import DType
from gradviz.engine.errors import ShapeError
from gradviz.engine.ops.conv_call import conv1d, conv2d, conv3d
from gradviz.engine.ops.pad import pad
from gradviz.engine.ops.windows import sizes
from gradviz.engine.tensor import Tensor

from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter
from .linear import reset_weighted_sum

Sizes = int | Sequence[int]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _numbers(value: Any, count: int, what: str) -> tuple[int, ...]:
    """`sizes`, refused as a layer's argument is."""
    try:
        return sizes(value, count, what)
    except ShapeError as error:
        raise ValueError(str(error)) from None


class Kernels(Module):
    """What convolutions and transposed convolutions have in common: settings, weight, bias, repr."""

    count: ClassVar[int]  # of dimensions that the kernels slide along
    transposed: ClassVar[bool] = False
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: Sizes | str,
        dilation: Sizes,
        output_padding: Sizes,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string '{padding}', should be one of {{'same', 'valid'}}")
            if padding == "same" and max(_numbers(stride, self.count, "stride")) > 1:
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_PADDING_MODES)}, but got padding_mode='{padding_mode}'"
            )
        if self.transposed and padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _numbers(kernel_size, self.count, "kernel_size")
        self.stride = _numbers(stride, self.count, "stride")
        self.padding = padding if isinstance(padding, str) else _numbers(padding, self.count, "padding")
        self.dilation = _numbers(dilation, self.count, "dilation")
        self.output_padding = _numbers(output_padding, self.count, "output_padding")
        self.groups = groups
        self.padding_mode = padding_mode
        outer, inner = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = empty_parameter(outer, inner // groups, *self.kernel_size, dtype=dtype)
        if bias:
            self.bias = empty_parameter(out_channels, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        reset_weighted_sum(self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != (0,) * self.count:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.count:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self.count:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Convolution(Kernels):
    """Base of the convolutions."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode,
            dtype,
        )  # fmt: skip

    def _bordered(self, input: Tensor) -> tuple[Tensor, Any]:
        """The input and its padding: borders that are not zeros are put on first."""
        if self.padding_mode == "zeros":
            return input, self.padding
        return pad(input, self._borders(), mode=self.padding_mode), 0

    def _borders(self) -> list[int]:
        """Before and behind, from the last dimension to the first."""
        if self.padding == "valid":
            return [0] * (2 * self.count)
        if not isinstance(self.padding, str):
            return [each for amount in reversed(self.padding) for each in (amount, amount)]
        totals = [d * (f - 1) for d, f in zip(self.dilation, self.kernel_size, strict=True)]
        return [each for total in reversed(totals) for each in (total // 2, total - total // 2)]


class Conv1d(_Convolution):
    """Slides kernels along lines (N, in_channels, L): L' = ⌊(L + 2P − D(F − 1) − 1) / S⌋ + 1.

    Weights and bias start from U(−k, k) with k = 1 / √(in_channels / groups · F).
    """

    count = 1

    def forward(self, input: Tensor) -> Tensor:
        """The sums of products under each kernel, plus the bias."""
        input, padding = self._bordered(input)
        return conv1d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(_Convolution):
    """Slides kernels over images (N, in_channels, H, W): H' = ⌊(H + 2P − D(F − 1) − 1) / S⌋ + 1.

    Weights and bias start from U(−k, k) with k = 1 / √(in_channels / groups · F · F).
    """

    _pure = True
    count = 2

    def forward(self, input: Tensor) -> Tensor:
        """The sums of products under each kernel, plus the bias."""
        input, padding = self._bordered(input)
        return conv2d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv3d(_Convolution):
    """Slides kernels through volumes (N, in_channels, D, H, W).

    Weights and bias start from U(−k, k) with k = 1 / √(in_channels / groups · F · F · F).
    """

    count = 3

    def forward(self, input: Tensor) -> Tensor:
        """The sums of products in each kernel, plus the bias."""
        input, padding = self._bordered(input)
        return conv3d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
