"""Products composed of others: outer, inner, addmm and its relatives, kron, cross, powers of matrices."""

from __future__ import annotations

from collections.abc import Sequence

from ..api import public
from ..composite import composite
from ..convert import check_number
from ..dims import wrap_dim
from ..errors import DTypeError, ShapeError
from ..op import broadcast_shapes
from ..tensor import Tensor, apply, as_tensor_operand
from .diagonal import diag_embed
from .layout import contiguous, expand
from .matmul import bmm, matmul, mm, mv


def same_dtype(name: str, *tensors: Tensor) -> None:
    """DTypeError unless all have one dtype."""
    if any(each.dtype is not tensors[0].dtype for each in tensors):
        names = ", ".join(each.dtype.name for each in tensors)
        raise DTypeError(f"{name}: all must have one dtype, but are {names}")


def _weighted(name: str, input: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
    """beta · input + alpha · product; with beta = 0 not even a NaN of `input` counts."""
    same_dtype(name, input, product)
    for number in (beta, alpha) if product.numel() else ():
        check_number(number, product.dtype)
    shape = product._node.spec.shape
    if not input.dtype.is_floating_point:
        beta, alpha = int(beta), int(alpha)
    if input._node.spec.shape != shape:
        input = expand(input, shape)
    scaled = product if alpha == 1 else product * alpha
    if alpha == 0 and name in ("addmm", "addmv", "addbmm"):  # BLAS does not look at the product then
        scaled = apply("fill", (product, as_tensor_operand(0)))
    if beta == 0:
        input = apply("fill", (input, as_tensor_operand(0)))
    result: Tensor = (input if beta in (0, 1) else input * beta) + scaled
    return result


@public("torch", "method", "inplace")
@composite(
    "addmm",
    formula=r"Z = \beta\, A + \alpha\, X Y",
    derivative=r"\dfrac{\partial L}{\partial X} = \alpha\, G\, Y^{\top},\quad "
    r"\dfrac{\partial L}{\partial Y} = \alpha\, X^{\top} G,\quad \dfrac{\partial L}{\partial A} = \beta\, G",
    en="A matrix product added to a matrix, each with a factor.",
    zh="矩阵乘积与另一矩阵按系数相加。",
)
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · mat1 @ mat2; `input` broadcasts."""
    return _weighted("addmm", input, mm(mat1, mat2), beta, alpha)


@public("torch", "method", "inplace")
@composite(
    "addmv",
    formula=r"z = \beta\, a + \alpha\, X y",
    derivative=r"\dfrac{\partial L}{\partial X} = \alpha\, g\, y^{\top},\quad "
    r"\dfrac{\partial L}{\partial y} = \alpha\, X^{\top} g,\quad \dfrac{\partial L}{\partial a} = \beta\, g",
    en="A matrix times a vector added to a vector, each with a factor.",
    zh="矩阵与向量之积同另一向量按系数相加。",
)
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · mat @ vec; `input` broadcasts."""
    return _weighted("addmv", input, mv(mat, vec), beta, alpha)


@public("torch", "method", "inplace")
@composite(
    "addr",
    formula=r"Z = \beta\, A + \alpha\, x\, y^{\top}",
    derivative=r"\dfrac{\partial L}{\partial x} = \alpha\, G\, y,\quad "
    r"\dfrac{\partial L}{\partial y} = \alpha\, G^{\top} x,\quad \dfrac{\partial L}{\partial A} = \beta\, G",
    en="The outer product of two vectors added to a matrix, each with a factor.",
    zh="两个向量的外积与矩阵按系数相加。",
)
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · vec1 ⊗ vec2; `input` broadcasts."""
    product = outer(vec1, vec2)
    for name, number in (("beta", beta), ("alpha", alpha)):
        if isinstance(number, float) and not (
            input.dtype.is_floating_point or product.dtype.is_floating_point
        ):
            raise DTypeError(
                f"For integral input tensors, argument {name} must not be a floating point number."
            )
    if input.dtype is not product.dtype:  # other than its relatives, it promotes
        kind = (input.new_zeros((1,)) + product.new_zeros((1,))).dtype
        input, product = input.to(kind), product.to(kind)
    return _weighted("addr", input, product, beta, alpha)


@public("torch", "method", "inplace")
@composite(
    "baddbmm",
    formula=r"Z_b = \beta\, A_b + \alpha\, X_b Y_b",
    derivative=r"\dfrac{\partial L}{\partial X_b} = \alpha\, G_b\, Y_b^{\top},\quad "
    r"\dfrac{\partial L}{\partial Y_b} = \alpha\, X_b^{\top} G_b",
    en="A batch of matrix products added to a batch of matrices, each with a factor.",
    zh="一批矩阵乘积与一批矩阵按系数相加。",
)
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · batch1 @ batch2, for each entry of the batch; `input` broadcasts."""
    return _weighted("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@public("torch", "method", "inplace")
@composite(
    "addbmm",
    formula=r"Z = \beta\, A + \alpha \sum_b X_b Y_b",
    derivative=r"\dfrac{\partial L}{\partial X_b} = \alpha\, G\, Y_b^{\top},\quad "
    r"\dfrac{\partial L}{\partial Y_b} = \alpha\, X_b^{\top} G",
    en="The sum of a batch of matrix products added to a matrix, each with a factor.",
    zh="一批矩阵乘积之和与矩阵按系数相加。",
)
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta · input + alpha · Σ batch1 @ batch2 over the batch; `input` broadcasts."""
    total = bmm(batch1, batch2).sum(0).to(batch1.dtype)
    return _weighted("addbmm", input, total, beta, alpha)


@public("torch", "method", aliases=("ger",))
@composite(
    "outer",
    formula=r"z_{ij} = x_i\, y_j",
    derivative=r"\dfrac{\partial z_{ij}}{\partial x_i} = y_j,\quad "
    r"\dfrac{\partial z_{ij}}{\partial y_j} = x_i",
    en="Every element of one vector times every element of another.",
    zh="一个向量的每个元素与另一个向量的每个元素相乘。",
)
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """The matrix of all products of an element of `input` and one of `vec2`."""
    for name, each in (("self", input), ("vec2", vec2)):
        if each.ndim != 1:
            raise ShapeError(f"outer: Expected 1-D argument {name}, but got {each.ndim}-D")
    result: Tensor = input.unsqueeze(1) * vec2
    return result


@public("torch", "method")
@composite(
    "inner",
    formula=r"z_{ij} = \sum_k x_{ik}\, y_{jk}",
    derivative=r"\dfrac{\partial z_{ij}}{\partial x_{ik}} = y_{jk},\quad "
    r"\dfrac{\partial z_{ij}}{\partial y_{jk}} = x_{ik}",
    en="Sums products over the last dimensions of both tensors.",
    zh="沿两个张量的最后一维求乘积之和。",
)
def inner(input: Tensor, other: Tensor) -> Tensor:
    """Σ over the last dimension of both; with a tensor without dimensions, the plain product."""
    if not input.ndim or not other.ndim:
        product: Tensor = input * other
        return product
    if input.shape[-1] != other.shape[-1]:
        raise ShapeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input.shape)} "
            f"and {list(other.shape)}"
        )
    same_dtype("inner", input, other)
    rows, columns = (
        each.reshape(-1, each.shape[-1]) if each.shape[-1] else _no_terms(each) for each in (input, other)
    )
    product = mm(rows, columns.t())
    return product.reshape((*input.shape[:-1], *other.shape[:-1]))


def _no_terms(x: Tensor) -> Tensor:
    count = 1
    for size in x.shape[:-1]:
        count *= size
    return x.reshape(count, 0)


@public("torch", "method")
@composite(
    "kron",
    formula=r"z_{i p + k,\, j q + l} = x_{ij}\, y_{kl}",
    derivative=r"\dfrac{\partial z_{ip+k,\,jq+l}}{\partial x_{ij}} = y_{kl}",
    en="Every element of the first tensor becomes itself times the whole second one.",
    zh="第一个张量的每个元素都换成它乘以整个第二个张量。",
)
def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: each element of `input` times all of `other`."""
    ndim = max(input.ndim, other.ndim)
    a, b = ((1,) * (ndim - each.ndim) + tuple(each.shape) for each in (input, other))
    left = [n for size in a for n in (size, 1)]
    right = [n for size in b for n in (1, size)]
    product: Tensor = input.reshape(left) * other.reshape(right)
    return product.reshape([m * n for m, n in zip(a, b, strict=True)])


@public("torch", "method", name="cross")
def _cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three elements along `dim` (default: the first of that size)."""
    if dim is None:
        dim = next((d for d, size in enumerate(input.shape) if size == 3), None)
        if dim is None:
            raise ShapeError("no dimension of size 3 in input")
    return cross(input, other, dim)


@composite(
    "cross",
    formula=r"z_i = x_{i+1}\, y_{i+2} - x_{i+2}\, y_{i+1}",
    derivative=r"\dfrac{\partial L}{\partial x} = y \times g,\quad "
    r"\dfrac{\partial L}{\partial y} = g \times x",
    en="The vector that stands on both others, as long as the area between them.",
    zh="垂直于两个向量的向量，其长度等于它们张成的平行四边形的面积。",
)
def cross(input: Tensor, other: Tensor, dim: int = -1) -> Tensor:
    """The cross product along `dim`, which has three elements; the other dimensions broadcast."""
    if input.ndim != other.ndim:
        raise ShapeError("linalg.cross: inputs must have the same number of dimensions.")
    at = wrap_dim(dim, input.ndim)
    if not input.ndim or input.shape[at] != 3 or other.shape[at] != 3:
        raise ShapeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {list(input.shape)} and "
            f"{list(other.shape)}"
        )
    same_dtype("cross", input, other)
    shape = broadcast_shapes("cross", tuple(input.shape), tuple(other.shape))
    x, y = (expand(each, shape) for each in (input, other))
    attrs = {"dims": (at,)}
    x1, x2, y1, y2 = (
        apply("roll", (each,), {"shifts": (shift,), **attrs}) for each in (x, y) for shift in (-1, -2)
    )
    result: Tensor = x1 * y2 - x2 * y1
    return result


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
