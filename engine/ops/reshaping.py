"""In-place forms of view functions: the handle itself gets another shape, its memory stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api import public
from ..mutation import check_in_place, turn_into
from ..tensor import Tensor
from .layout import swapaxes, swapdims, t, transpose
from .shape import squeeze, unsqueeze


def _turn(self: Tensor, name: str, view: Callable[..., Tensor], *args: Any) -> Tensor:
    check_in_place(self, name)
    turn_into(self, view(self, *args))
    return self


@public("method")
def transpose_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions `dim0` and `dim1` swapped, in place."""
    return _turn(self, "transpose_", transpose, dim0, dim1)


@public("method")
def swapaxes_(self: Tensor, axis0: int, axis1: int) -> Tensor:
    """Dimensions `axis0` and `axis1` swapped, in place."""
    return _turn(self, "swapaxes_", swapaxes, axis0, axis1)


@public("method")
def swapdims_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions `dim0` and `dim1` swapped, in place."""
    return _turn(self, "swapdims_", swapdims, dim0, dim1)


@public("method")
def t_(self: Tensor) -> Tensor:
    """A matrix transposed, in place."""
    return _turn(self, "t_", t)


@public("method")
def squeeze_(self: Tensor, dim: Any = None) -> Tensor:
    """Without the dimensions of size 1, or without those of `dim` that have size 1; in place."""
    return _turn(self, "squeeze_", squeeze, dim)


@public("method")
def unsqueeze_(self: Tensor, dim: int) -> Tensor:
    """A new dimension of size 1 at `dim`, in place."""
    return _turn(self, "unsqueeze_", unsqueeze, dim)
