"""Other names and forms of permute, transpose and expand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import public
from ..dims import shape_of, wrap_dim
from ..errors import ArgumentError, ShapeError
from ..op import broadcast_shapes as common_shape
from ..size import Size
from ..tensor import Tensor
from .layout import expand, permute, transpose


@public("torch", "method", aliases=("moveaxis",))
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Dimensions `source` moved to the places `destination`; the others keep their order."""
    a, b = ((each,) if isinstance(each, int) else tuple(each) for each in (source, destination))
    if len(a) != len(b):
        raise ShapeError(
            f"movedim: Invalid source or destination dims: source ({list(a)} dims) should contain the same "
            f"number of dims as destination ({list(b)} dims)"
        )
    a, b = (tuple(wrap_dim(d, input.ndim) for d in each) for each in (a, b))
    for name, dims in (("source", a), ("destination", b)):
        if len(set(dims)) != len(dims):
            raise ShapeError(f"movedim: repeated dim in `{name}` ({list(dims)})")
    if not input.ndim:
        return permute(input, ())
    rest = iter([d for d in range(input.ndim) if d not in a])
    places = dict(zip(b, a, strict=True))
    return permute(input, [places[d] if d in places else next(rest) for d in range(input.ndim)])


@public("torch", "method")
def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Repeated along dimensions of size 1 to the given shape."""
    return expand(input, size)


@public("method")
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Repeated along dimensions of size 1 to the shape of `other`."""
    return expand(self, other.shape)


@public("torch")
def broadcast_shapes(*shapes: Any) -> Size:
    """The shape to which all given shapes broadcast."""
    each = tuple(shape_of((shape,)) for shape in shapes)
    if any(size < 0 for shape in each for size in shape):
        raise ArgumentError("Attempting to broadcast a dimension with negative length!")
    return Size(common_shape("broadcast_shapes", (), *each))


@public("torch")
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Every tensor, repeated along dimensions of size 1 to the shape of all together."""
    each = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape = common_shape("broadcast_tensors", (), *(x._node.spec.shape for x in each))
    return tuple(x if x._node.spec.shape == shape else expand(x, shape) for x in each)


@public("property", name="T")
def _reversed_dims(self: Tensor) -> Tensor:
    """The dimensions in reverse order: a matrix transposed."""
    return permute(self, range(self.ndim - 1, -1, -1))


def _matrices(input: Tensor, name: str) -> Tensor:
    if input.ndim == 1:
        raise ShapeError(
            f"tensor.{name} is only supported on matrices or batches of matrices. Got {input.ndim}-D tensor."
        )
    return transpose(input, -2, -1) if input.ndim else input


@public("property", name="mT")
def _matrix_transposed(self: Tensor) -> Tensor:
    """The last two dimensions swapped."""
    return _matrices(self, "mT")


@public("property", name="mH")
def _matrix_adjoint(self: Tensor) -> Tensor:
    """The last two dimensions swapped (and conjugated, which real numbers do not notice)."""
    return _matrices(self, "mH")


@public("property", name="H")
def _adjoint(self: Tensor) -> Tensor:
    """A matrix transposed (and conjugated, which real numbers do not notice)."""
    if self.ndim not in (0, 2):
        raise ShapeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor. For batches of "
            "matrices, consider using tensor.mH"
        )
    return _matrices(self, "H")


@public("torch", "method")
def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions swapped (and conjugated, which real numbers do not notice)."""
    return _matrices(input, "adjoint()")
