"""Convolution layers."""

from __future__ import annotations

from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.conv_call import conv2d
from gradviz.engine.ops.pad import pad
from gradviz.engine.ops.windows import pair
from gradviz.engine.tensor import Tensor

from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter
from .linear import reset_weighted_sum

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Conv2d(Module):
    """Slides kernels over images (N, in_channels, H, W): H' = ⌊(H + 2P − D(F − 1) − 1) / S⌋ + 1.

    Weights and bias start from U(−k, k) with k = 1 / √(in_channels / groups · F · F).
    """

    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_PADDING_MODES)}, but got padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = pair(stride, "stride", 1)
        self.padding = padding if isinstance(padding, str) else pair(padding, "padding")
        self.dilation = pair(dilation, "dilation", 1)
        self.groups = groups
        self.padding_mode = padding_mode
        self.weight = empty_parameter(out_channels, in_channels // groups, *self.kernel_size, dtype=dtype)
        if bias:
            self.bias = empty_parameter(out_channels, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        reset_weighted_sum(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """The sums of products under each kernel, plus the bias."""
        padding: tuple[int, int] | str = self.padding
        if self.padding_mode != "zeros":
            input = pad(input, self._borders(), mode=self.padding_mode)
            padding = 0, 0
        return conv2d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _borders(self) -> tuple[int, int, int, int]:
        """Left, right, top, bottom."""
        if self.padding == "valid":
            return 0, 0, 0, 0
        if isinstance(self.padding, str):
            rows, columns = (self.dilation[k] * (self.kernel_size[k] - 1) for k in (0, 1))
            return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2
        rows, columns = self.padding
        return columns, columns, rows, rows

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != (0, 0):
            text += f", padding={self.padding}"
        if self.dilation != (1, 1):
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text
