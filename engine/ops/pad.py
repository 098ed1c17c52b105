"""Padding: constant borders as an op of its own; mirrored, repeated and wrapped ones by indexing."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError, UnsupportedError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply

_MODES = ("reflect", "replicate", "circular")


@register
class Pad(Op):
    """Put borders of a constant around a tensor, or cut borders off where the amount is negative."""

    name = "pad"
    torch_name = "ConstantPadNdBackward0"
    formula = r"y_{i} = x_{i-p}\;\mathrm{inside},\quad y_{i} = c\;\mathrm{in\ the\ border}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_{i-p}} = 1",)
    says: ClassVar = {
        "en": "Puts a border of a constant around the tensor; backward cuts the border off again.",
        "zh": "在张量四周填充常数边框；反向时再把边框裁掉。",
    }
    vjps = (
        lambda g, y, x, widths, value: apply(
            "pad", (g,), {"widths": tuple((-a, -b) for a, b in widths), "value": 0.0}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Each size grows by what is put before and behind it; `widths` has a pair for each dimension."""
        shape = tuple(n + a + b for n, (a, b) in zip(inputs[0].shape, attrs["widths"], strict=True))
        if any(n < 0 for n in shape):
            raise ShapeError(f"pad: cutting {attrs['widths']} off {inputs[0].shape} leaves nothing")
        return Spec(shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Copy the part that stays into a block of the constant."""
        x, widths = inputs[0], attrs["widths"]
        y = np.full(out.shape, attrs["value"], x.dtype)
        inside = tuple(slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(out.shape, widths, strict=True))
        kept = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, widths, strict=True))
        y[inside] = x[kept]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element that was moved here, or the constant."""
        place = tuple(i - a for i, (a, _) in zip(index, attrs["widths"], strict=True))
        inside = all(0 <= i < n for i, n in zip(place, inputs[0].shape, strict=True))
        return Call("id", (Ref(0, place),)) if inside else float(attrs["value"])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Borders of 0 to 2, another constant, and borders that are cut off."""
        shape = random_shape(rng, 1)
        for low in (0, -1):
            widths = tuple((int(rng.integers(low, 3)), int(rng.integers(0, 3))) for _ in shape)
            yield Sample((rng.normal(size=shape),), {"widths": widths, "value": float(rng.normal())})


@public("F")
def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Put borders around a tensor: `pad` holds (before, behind) for the last dimension, then the one before.

    Modes: "constant" (`value`, 0 by default) for any dimensions; "reflect", "replicate" and "circular" for
    the last of (N, C, L), the last two of (N, C, H, W) or three of (N, C, D, H, W), with or without N.
    Negative amounts cut off.
    """
    amounts = [operator.index(amount) for amount in pad]
    if len(amounts) % 2 or len(amounts) // 2 > input.ndim:
        raise ShapeError(
            f"pad: {tuple(amounts)} must hold two amounts for each of at most {input.ndim} dimensions"
        )
    given = list(zip(amounts[::2], amounts[1::2], strict=True))
    if mode == "constant":
        widths = ((0, 0),) * (input.ndim - len(given)) + tuple(reversed(given))
        return apply("pad", (input,), {"widths": widths, "value": float(value or 0.0)})
    if value:
        raise ShapeError(f'Padding mode "{mode}" does not take a value')
    if len(given) not in (1, 2, 3) or input.ndim - len(given) not in (1, 2):
        raise UnsupportedError(
            f"pad: {len(amounts)} amounts do not fit a {input.ndim}D input: mode {mode!r} pads the last 1, 2 "
            "or 3 dimensions, behind one for channels and perhaps one for the batch"
        )
    if mode not in _MODES:
        raise UnsupportedError(
            f"pad: mode must be 'constant', 'reflect', 'replicate' or 'circular', not {mode!r}"
        )
    batched = input.ndim - len(given) == 2
    if mode != "circular" and 0 in input.shape[batched:]:
        raise ShapeError(
            f"pad: mode {mode!r} takes nothing that is empty but the batch, not {tuple(input.shape)}"
        )
    wanted = [size + sum(given[-1 - k]) for k, size in enumerate(input.shape[-len(given) :])]
    if min(wanted) < 0 or (mode != "circular" and max(wanted) < 1):
        raise ShapeError(f"pad: cutting {given} off {tuple(input.shape)} leaves nothing")
    for k, (before, behind) in enumerate(given):
        order = _border(mode, input.shape[-1 - k], before, behind)
        if order != list(range(input.shape[-1 - k])):
            input = input[(..., order, *(slice(None),) * k)]
    return input.clone() if not any(amounts) else input


def _border(mode: str, size: int, before: int, behind: int) -> list[int]:
    """Which old place each new one is a copy of."""
    most = {"reflect": size - 1, "circular": size}.get(mode, max(before, behind))
    if max(before, behind) > most:
        raise ShapeError(f"pad: {mode} padding ({before}, {behind}) does not fit a dimension of size {size}")
    new = np.arange(-before, size + behind)
    if mode == "reflect":
        new = size - 1 - np.abs(size - 1 - np.abs(new))
    elif mode == "replicate":
        new = new.clip(0, size - 1)
    elif len(new):
        first, last = max(-before, 0), size + min(behind, 0)  # what is left once borders have been cut off
        new = first + (new - first) % (last - first)
    return [int(place) for place in new]
