"""Transposed convolution layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.conv_transpose import conv_transpose1d, conv_transpose2d
from gradviz.engine.tensor import Tensor

from .conv import Kernels, Sizes


class _TransposedConvolution(Kernels):
    """Base of both."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
            padding_mode, dtype,
        )  # fmt: skip

    def _extra(self, input: Tensor, output_size: Sequence[int] | None) -> tuple[int, ...]:
        """The output padding that gives `output_size`, which several inputs' sizes may lead to."""
        if output_size is None:
            return self.output_padding
        wanted = tuple(output_size)[-self.count :]
        if len(output_size) not in (self.count, input.ndim):
            raise ValueError(
                f"{type(self).__name__}: for {input.ndim}D input, output_size must have {self.count} or "
                f"{input.ndim} elements (got {len(output_size)})"
            )
        found = []
        for k in range(self.count):
            least = (input.shape[k - self.count] - 1) * self.stride[k] - 2 * self._zeros()[k]
            least += self.dilation[k] * (self.kernel_size[k] - 1) + 1
            if not least <= wanted[k] < least + self.stride[k]:
                raise ValueError(
                    f"requested an output size of {wanted}, but in dimension {k} sizes range from {least} to "
                    f"{least + self.stride[k] - 1} (for an input of {tuple(input.shape)})"
                )
            found.append(wanted[k] - least)
        return tuple(found)

    def _zeros(self) -> tuple[int, ...]:
        if isinstance(self.padding, str):
            raise TypeError(f"{type(self).__name__}: padding must be numbers, not {self.padding!r}")
        return self.padding


class ConvTranspose1d(_TransposedConvolution):
    """Lays kernels along lines (N, in_channels, L).

    L' = (L − 1) S − 2 P + D (F − 1) + output_padding + 1.
    """

    count = 1

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The sum of all kernels, each multiplied by the number that it lies at, plus the bias."""
        extra = self._extra(input, output_size)
        return conv_transpose1d(
            input, self.weight, self.bias, self.stride, self._zeros(), extra, self.groups, self.dilation
        )


class ConvTranspose2d(_TransposedConvolution):
    """Lays kernels over images (N, in_channels, H, W).

    H' = (H − 1) S − 2 P + D (F − 1) + output_padding + 1.
    """

    count = 2

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The sum of all kernels, each multiplied by the pixel that it lies at, plus the bias."""
        extra = self._extra(input, output_size)
        return conv_transpose2d(
            input, self.weight, self.bias, self.stride, self._zeros(), extra, self.groups, self.dilation
        )
