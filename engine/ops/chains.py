"""Products of several matrices, and powers of one."""

from __future__ import annotations

from collections.abc import Sequence

from ..api import public
from ..errors import ShapeError
from ..tensor import Tensor, apply
from .diagonal import diag_embed
from .layout import contiguous
from .matmul import matmul, mm


@public("torch")
def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of several matrices, in the order that needs the fewest multiplications."""
    return multi_dot(list(matrices))


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices, in the order that needs the fewest multiplications.

    The first and the last may be vectors.
    """
    if len(tensors) < 2:
        raise ShapeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    each = list(tensors)
    row, column = each[0].ndim == 1, each[-1].ndim == 1
    if row:
        each[0] = each[0].unsqueeze(0)
    if column:
        each[-1] = each[-1].unsqueeze(1)
    result = _in_best_order(each)
    if row:
        result = result.squeeze(0)
    return result.squeeze(-1) if column else result


def _in_best_order(each: list[Tensor]) -> Tensor:
    sizes = [x.shape[0] for x in each] + [each[-1].shape[1]]
    count = len(each)
    cost: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(count)}
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            costs = [
                (cost[i, k][0] + cost[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            least = min(costs)[0]
            ties = [k for price, k in costs if price == least]
            cost[i, j] = least, ties[-1 if count == 3 else 0]  # as PyTorch decides

    def product(i: int, j: int) -> Tensor:
        return each[i] if i == j else mm(product(i, cost[i, j][1]), product(cost[i, j][1] + 1, j))

    return product(0, count - 1)


@public("torch", "method")
def matrix_power(input: Tensor, n: int) -> Tensor:
    """A square matrix (or a batch of them) multiplied by itself n times; n ≥ 0."""
    if input.ndim < 2 or input.shape[-1] != input.shape[-2]:
        raise ShapeError("linalg.matrix_power: A must be batches of square matrices")
    if n < 0:
        raise ShapeError("matrix_power: gradviz has no inverse of matrices; n must not be negative")
    if n == 0:
        one = diag_embed(input.detach().new_ones(input.shape[-1:]))
        return contiguous(apply("copy", (input, one)))
    if n == 3:  # as PyTorch does it, for the sake of infinities
        return matmul(matmul(input, input), input)
    result: Tensor | None = None
    square, left = input, int(n)
    while left:
        if left % 2:
            result = square if result is None else matmul(result, square)
        left //= 2
        square = matmul(square, square) if left else square
    assert result is not None
    return result if n > 1 else apply("clone", (result,), {"contiguous": True})
