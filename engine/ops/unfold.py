"""Patches under a sliding window as columns, and back: two linear ops, each the gradient of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import float64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply
from .windows import over_place, pair, window_count

Size2 = int | Sequence[int]
_PLACE = r"s r+d i-p,\,s q+d j-p"


def _counts(size: Sequence[int], attrs: dict[str, Any]) -> tuple[int, int]:
    """How many windows fit along rows and columns of a plane of `size`."""
    rows, columns = (
        window_count(size[k], *(attrs[key][k] for key in ("kernel_size", "stride", "padding", "dilation")))
        for k in (0, 1)
    )
    return rows, columns


def _taps(rows: int, columns: int, attrs: dict[str, Any]) -> Iterator[tuple[int, int, slice, slice]]:
    """For each place (i, j) of the window, which rows and columns of the padded plane meet it."""
    (sy, sx), (dy, dx) = attrs["stride"], attrs["dilation"]
    for i in range(attrs["kernel_size"][0]):
        for j in range(attrs["kernel_size"][1]):
            top, left = i * dy, j * dx
            yield (
                i,
                j,
                slice(top, top + sy * (rows - 1) + 1, sy),
                slice(left, left + sx * (columns - 1) + 1, sx),
            )


@register
class Unfold(Op):
    """c[n, (c, i, j), (r, q)] = x[n, c, s r + d i − p, s q + d j − p]."""

    name = "im2col"
    torch_name = "Im2ColBackward0"
    formula = rf"c_{{n,(c,i,j),(r,q)}} = x_{{n,c,\,{_PLACE}}}"
    derivatives = (rf"\dfrac{{\partial c_{{n,(c,i,j),(r,q)}}}}{{\partial x_{{n,c,\,{_PLACE}}}}} = 1",)
    says: ClassVar = {
        "en": "Copies the patch under each position of a sliding window into a column of its own.",
        "zh": "把滑动窗口在每个位置覆盖的小块复制成单独的一列。",
    }
    vjps = (lambda g, y, x, **attrs: apply("col2im", (g,), {"output_size": tuple(x.shape[2:]), **attrs}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C · F · F, windows)."""
        x = inputs[0].shape
        rows, columns = _counts(x[2:], attrs)
        if rows < 1 or columns < 1:
            raise ShapeError(
                f"unfold: windows {attrs['kernel_size']} with padding {attrs['padding']} and dilation "
                f"{attrs['dilation']} do not fit into {x}"
            )
        kernel = attrs["kernel_size"]
        return Spec((x[0], x[1] * kernel[0] * kernel[1], rows * columns), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One copy for each place of the window."""
        x, (py, px) = inputs[0], attrs["padding"]
        rows, columns = _counts(x.shape[2:], attrs)
        padded = np.pad(x, ((0, 0), (0, 0), (py, py), (px, px)))
        y = np.empty((*x.shape[:2], *attrs["kernel_size"], rows, columns), x.dtype)
        for i, j, down, across in _taps(rows, columns, attrs):
            y[:, :, i, j] = padded[:, :, down, across]
        return y.reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The pixel, or 0 in the padding."""
        x = inputs[0]
        height, width = attrs["kernel_size"]
        channel, tap = divmod(index[1], height * width)
        place = []
        window = divmod(index[2], _counts(x.shape[2:], attrs)[1])
        for k, step in enumerate(divmod(tap, width)):
            place.append(window[k] * attrs["stride"][k] + step * attrs["dilation"][k] - attrs["padding"][k])
        if not all(0 <= at < size for at, size in zip(place, x.shape[2:], strict=True)):
            return 0.0
        return Call("id", (Ref(0, (index[0], channel, *place)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Windows with strides, padding and dilation."""
        for number in range(3):
            kernel = tuple(int(v) for v in rng.integers(1, 3, 2))
            attrs = {
                "kernel_size": kernel,
                "dilation": tuple(int(v) for v in rng.integers(1, 3, 2)) if number else (1, 1),
                "padding": tuple(int(v) for v in rng.integers(0, 2, 2)) if number else (0, 0),
                "stride": tuple(int(v) for v in rng.integers(1, 3, 2)) if number else (1, 1),
            }
            yield Sample((rng.normal(size=(int(rng.integers(1, 3)), int(rng.integers(1, 3)), 3, 4)),), attrs)


@register
class Fold(Op):
    """Adds each column back to the places that its patch covers."""

    name = "col2im"
    torch_name = "Col2ImBackward0"
    inputs = ("c",)
    formula = r"y_{n,c,u,v} = \sum_{i,j,r,q} c_{n,(c,i,j),(r,q)},\quad u = s r+d i-p,\; v = s q+d j-p"
    derivatives = (rf"\dfrac{{\partial y_{{n,c,\,{_PLACE}}}}}{{\partial c_{{n,(c,i,j),(r,q)}}}} = 1",)
    says: ClassVar = {
        "en": "Lays each column down as a patch of an image, and adds up where patches overlap.",
        "zh": "把每一列还原成图像上的一个小块，重叠处相加。",
    }
    vjps = (lambda g, y, x, output_size, **attrs: apply("im2col", (g,), attrs),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C, *output_size)."""
        x, size, kernel = inputs[0].shape, tuple(attrs["output_size"]), attrs["kernel_size"]
        area = kernel[0] * kernel[1]
        if x[1] % area:
            raise ShapeError(f"fold: the {x[1]} numbers of a column of {x} are no multiple of {area}")
        rows, columns = _counts(size, attrs)
        if rows < 1 or columns < 1 or rows * columns != x[2]:
            raise ShapeError(
                f"fold: an image of {size} has {rows} × {columns} windows {kernel}, but {x} {x[2]} columns"
            )
        return Spec((x[0], x[1] // area, *size), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One addition for each place of the window."""
        x, (py, px), (height, width) = inputs[0], attrs["padding"], attrs["output_size"]
        rows, columns = _counts((height, width), attrs)
        parts = x.reshape(*out.shape[:2], *attrs["kernel_size"], rows, columns)
        padded = np.zeros((*out.shape[:2], height + 2 * py, width + 2 * px), x.dtype)
        for i, j, down, across in _taps(rows, columns, attrs):
            padded[:, :, down, across] += parts[:, :, i, j]
        return np.ascontiguousarray(padded[:, :, py : py + height, px : px + width])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum over the windows that cover the pixel."""
        kernel, counts = attrs["kernel_size"], _counts(attrs["output_size"], attrs)
        down, across = (
            list(
                over_place(
                    index[2 + k],
                    counts[k],
                    kernel[k],
                    *(attrs[a][k] for a in ("stride", "padding", "dilation")),
                )
            )
            for k in (0, 1)
        )
        first = index[1] * kernel[0] * kernel[1]
        return Call(
            "add",
            tuple(
                Ref(0, (index[0], first + i * kernel[1] + j, r * counts[1] + q))
                for i, r in down
                for j, q in across
            ),
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """unfold's, from the other side."""
        for sample in Unfold().samples(rng):
            x = sample.inputs[0]
            shape = Unfold().spec(Spec(x.shape, float64), **sample.attrs).shape
            yield Sample((rng.normal(size=shape),), {"output_size": x.shape[2:], **sample.attrs})


def _attrs(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> dict[str, Any]:
    return {
        "kernel_size": _two(kernel_size, f"{name}: kernel_size", 1),
        "dilation": _two(dilation, f"{name}: dilation", 1),
        "padding": _two(padding, f"{name}: padding", 0),
        "stride": _two(stride, f"{name}: stride", 1),
    }


def _two(value: Any, what: str, least: int) -> tuple[int, int]:
    """As `pair`, but a sequence must have two numbers, as PyTorch has it here."""
    if isinstance(value, Sequence) and len(value) != 2:
        raise ShapeError(f"{what} must be an int or two ints, not {value!r}")
    return pair(value, what, least)


@public("F")
def unfold(
    input: Tensor, kernel_size: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1
) -> Tensor:
    """The patches under a sliding window of (N, C, H, W) or (C, H, W), as columns (N, C · F · F, windows)."""
    shape = tuple(input.shape)
    if not input.dtype.is_floating_point and input.dtype.name != "bool":
        raise DTypeError(f"unfold takes floating point, not {input.dtype.name}")
    if input.ndim not in (3, 4) or 0 in shape[-3:]:
        raise ShapeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
            f"for input, but got: {shape}"
        )
    attrs = _attrs("unfold", kernel_size, dilation, padding, stride)
    if input.ndim == 3:
        return apply("im2col", (input.unsqueeze(0),), attrs).squeeze(0)
    return apply("im2col", (input,), attrs)


@public("F")
def fold(
    input: Tensor,
    output_size: Size2,
    kernel_size: Size2,
    dilation: Size2 = 1,
    padding: Size2 = 0,
    stride: Size2 = 1,
) -> Tensor:
    """Images (N, C, *output_size) of columns (N, C · F · F, windows): patches that overlap add up."""
    shape = tuple(input.shape)
    if input.ndim not in (2, 3) or 0 in shape[-2:]:
        raise ShapeError(
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
            f"dimensions for input, but got: {shape}"
        )
    attrs = _attrs("fold", kernel_size, dilation, padding, stride)
    attrs["output_size"] = _two(output_size, "fold: output_size", 1)
    if input.ndim == 2:
        return apply("col2im", (input.unsqueeze(0),), attrs).squeeze(0)
    return apply("col2im", (input,), attrs)
