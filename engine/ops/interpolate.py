"""interpolate and upsample: resampling of lines, images and volumes, one dimension after the other."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from ..tensor import Tensor, apply
from .adaptive_call import adaptive_avg_pool1d, adaptive_avg_pool2d
from .pool_volumes import adaptive_avg_pool3d

_KINDS = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}
_SPACE = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


@public("F")
@composite(
    "interpolate",
    formula=r"y_{n,c,r,q} = \sum_{u,v} a_{r,u}\, b_{q,v}\, x_{n,c,u,v}",
    derivative=r"\dfrac{\partial y_{n,c,r,q}}{\partial x_{n,c,u,v}} = a_{r,u}\, b_{q,v}",
    en="Changes the size of an image: each new pixel is the nearest old one, or a mean of those around it.",
    zh="改变图像大小：每个新像素取最近的旧像素，或取周围像素的加权平均。",
)
def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resize (N, C, L), (N, C, H, W) or (N, C, D, H, W) to `size`, or by `scale_factor`.

    Modes: "nearest", "nearest-exact", "area"; "linear" (lines), "bilinear" and "bicubic" (images),
    "trilinear" (volumes). With `align_corners` the outermost old and new places coincide, else the borders.
    `antialias` widens the windows of "bilinear" and "bicubic" where the image gets smaller.
    """
    if mode in ("nearest", "nearest-exact", "area") and align_corners is not None:
        raise ArgumentError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | "
            "bicubic | trilinear"
        )
    align = bool(align_corners)
    count = input.ndim - 2
    wanted, scales = _sizes(input, count, size, scale_factor, mode, recompute_scale_factor)
    if antialias and not (mode in ("bilinear", "bicubic") and input.ndim == 4):
        raise ArgumentError(
            "Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input"
        )
    if mode == "area" and count in (1, 2, 3):
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[count - 1](input, wanted)
    if mode not in ("nearest", "nearest-exact") and (mode not in _SPACE or _SPACE[mode] != count):
        needs = f", but {mode} mode needs {_SPACE[mode] + 2}D input" if mode in _SPACE else f" for {mode!r}"
        raise UnsupportedError(f"Got {input.ndim}D input{needs}")
    if count not in (1, 2, 3):
        raise UnsupportedError(f"Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D)")
    _check(input, wanted, mode)
    if mode == "bicubic" and not antialias and wanted == list(input.shape[2:]):
        return input.clone()
    kind = _KINDS.get(mode, mode) + ("-antialias" if antialias else "")
    if mode == "nearest" and count == 2:  # PyTorch takes whole steps for images that stay or double
        scales = [None if wanted[k] in (n, 2 * n) else scales[k] for k, n in enumerate(input.shape[2:])]
    for k in range(count):
        attrs = {"dim": 2 + k, "size": wanted[k], "mode": kind, "align_corners": align, "scale": scales[k]}
        input = apply("resample", (input,), attrs)
    return input


def _sizes(
    input: Tensor, count: int, size: Any, scale_factor: Any, mode: str, recompute: bool | None
) -> tuple[list[int], list[float | None]]:
    """The new sizes, and the scales that decide on places, if they were given."""
    if size is not None and scale_factor is not None:
        raise ArgumentError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ArgumentError("either size or scale_factor should be defined")
    given = size if scale_factor is None else scale_factor
    if isinstance(given, Sequence) and len(given) != count:
        raise ArgumentError(
            f"Input and {'output' if scale_factor is None else 'scale_factor'} must have the same number of "
            f"spatial dimensions, but got input with {list(input.shape[2:])} and {given}"
        )
    each = list(given) if isinstance(given, Sequence) else [given] * count
    if scale_factor is None:
        if recompute:
            raise ArgumentError("recompute_scale_factor is not meaningful with an explicit size.")
        return [operator.index(v) for v in each], [None] * count
    wanted = [int(n * float(s)) for n, s in zip(input.shape[2:], each, strict=True)]
    if recompute or mode == "area":
        return wanted, [None] * count
    return wanted, [float(s) for s in each]


def _check(input: Tensor, wanted: list[int], mode: str) -> None:
    shape = tuple(input.shape)
    if 0 in shape[1:] or min(wanted) < 1:
        raise ShapeError(
            f"Input and output sizes should be greater than 0, but got input {shape} and output {wanted}"
        )
    if not input.dtype.is_floating_point and (
        mode not in ("nearest", "nearest-exact") or input.dtype.name != "uint8"
    ):
        raise DTypeError(f"interpolate takes floating point, not {input.dtype.name}")


@public("F")
def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """The old name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@public("F")
def upsample_nearest(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
) -> Tensor:
    """`interpolate` in mode "nearest"."""
    return interpolate(input, size, scale_factor, "nearest")


@public("F")
def upsample_bilinear(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
) -> Tensor:
    """`interpolate` in mode "bilinear", corners aligned."""
    return interpolate(input, size, scale_factor, "bilinear", True)
