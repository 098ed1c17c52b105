"""Functions named after rows and columns: they join tensors, take them apart, or spread them to grids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..dtypes import result_type
from ..errors import ShapeError
from ..tensor import Tensor, apply
from .filling import zeros
from .join import cat
from .split import tensor_split


def _each(tensors: tuple[Any, ...]) -> list[Tensor]:
    """Tensors given as `f(a, b)` or `f([a, b])`."""
    return list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else list(tensors)


def _reshaped(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return apply("reshape", (x,), {"shape": shape})


def _to_1d(x: Tensor) -> Tensor:
    return x if x.ndim else _reshaped(x, (1,))


def _to_2d(x: Tensor) -> Tensor:
    return x if x.ndim > 1 else _reshaped(x, (1, x.numel()))


def _to_3d(x: Tensor) -> Tensor:
    if x.ndim > 2:
        return x
    return _reshaped(x, (*x._node.spec.shape, 1) if x.ndim == 2 else (1, x.numel(), 1))


def _mapped(change: Any, tensors: tuple[Any, ...]) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return change(tensors[0])
    return tuple(change(each) for each in _each(tensors))


@public("torch")
def atleast_1d(*tensors: Any) -> Any:
    """Each tensor as it is, or with one dimension if it has none."""
    return _mapped(_to_1d, tensors)


@public("torch")
def atleast_2d(*tensors: Any) -> Any:
    """Each tensor as it is, or as a matrix of one row."""
    return _mapped(_to_2d, tensors)


@public("torch")
def atleast_3d(*tensors: Any) -> Any:
    """Each tensor as it is, or with a third dimension of size 1: (n) becomes (1, n, 1), (n, m) (n, m, 1)."""
    return _mapped(_to_3d, tensors)


def _some(name: str, tensors: Sequence[Tensor]) -> None:
    if isinstance(tensors, Tensor):
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    if not tensors:
        raise ShapeError(f"{name} expects a non-empty TensorList")


@public("torch")
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Beside each other: along dimension 1, vectors along their only one."""
    _some("hstack", tensors)
    each = [_to_1d(x) for x in tensors]
    return cat(each, 0 if each[0].ndim == 1 else 1)


@public("torch", aliases=("row_stack",))
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Below each other: along dimension 0, vectors as rows."""
    _some("vstack", tensors)
    return cat([_to_2d(x) for x in tensors], 0)


@public("torch")
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Behind each other: along dimension 2."""
    _some("dstack", tensors)
    return cat([_to_3d(x) for x in tensors], 2)


@public("torch")
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Beside each other, vectors as columns."""
    _some("column_stack", tensors)
    return hstack([x if x.ndim > 1 else _reshaped(x, (x.numel(), 1)) for x in tensors])


def _apart(name: str, input: Tensor, parts: Any, dim: int, least: int) -> tuple[Tensor, ...]:
    if input.ndim < least:
        raise ShapeError(
            f"torch.{name} requires a tensor with at least {least} dimension"
            f"{'s' if least > 1 else ''}, but got a tensor with {input.ndim} dimensions!"
        )
    if isinstance(parts, int) and (parts <= 0 or input.shape[dim] % parts):
        raise ShapeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{input.shape[dim]} is not divisible by the split_size {parts}!"
        )
    return tensor_split(input, parts, dim)


@public("torch", "method")
def hsplit(input: Tensor, split_size_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Equal parts beside each other, or those that begin at the given columns."""
    return _apart("hsplit", input, split_size_or_sections, 0 if input.ndim == 1 else 1, 1)


@public("torch", "method")
def vsplit(input: Tensor, split_size_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Equal parts below each other, or those that begin at the given rows."""
    return _apart("vsplit", input, split_size_or_sections, 0, 2)


@public("torch", "method")
def dsplit(input: Tensor, split_size_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Equal parts behind each other, along dimension 2."""
    return _apart("dsplit", input, split_size_or_sections, 2, 3)


@public("torch")
@composite(
    "block_diag",
    formula=r"Y = \mathrm{diag}(X_1,\, X_2,\, \ldots)",
    derivative=r"\dfrac{\partial L}{\partial X_k} = "
    r"\mathrm{block}\; k\;\mathrm{of}\; \dfrac{\partial L}{\partial Y}",
    en="Puts matrices along the diagonal of a larger one, with zeros around them.",
    zh="把各矩阵依次放在一个大矩阵的对角线上，其余为零。",
)
def block_diag(*tensors: Tensor) -> Tensor:
    """A matrix with the given ones along its diagonal; numbers and vectors count as rows."""
    if not tensors:
        return zeros(1, 0)
    blocks = []
    for number, each in enumerate(_each(tensors)):
        if each.ndim > 2:
            raise ShapeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {number} has "
                f"{each.ndim} dimensions"
            )
        blocks.append(_to_2d(each))
    dtype = result_type([each._node.spec for each in _each(tensors)])
    width = sum(each.shape[1] for each in blocks)
    rows, left = [], 0
    for block in (each.to(dtype) for each in blocks):
        height, own = block.shape
        before, after = (block.new_zeros(height, n) for n in (left, width - left - own))
        rows.append(cat([before, block, after], 1))
        left += own
    return cat(rows, 0)
