"""Products composed of others: outer, inner, addmm and its relatives, kron, cross, powers of matrices."""

from __future__ import annotations

from ..api import public
from ..composite import composite
from ..convert import check_number
from ..dims import wrap_dim
from ..dtypes import bool_
from ..errors import DTypeError, ShapeError
from ..op import broadcast_shapes
from ..tensor import Tensor, apply, as_tensor_operand
from .layout import expand
from .matmul import bmm, dot, mm, mv


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
    if input.dtype is bool_:
        beta, alpha = int(bool(beta)), int(bool(alpha))
    elif not input.dtype.is_floating_point:
        beta, alpha = int(beta), int(alpha)
    if input._node.spec.shape != shape:
        input = expand(input, shape)
    scaled = product if alpha == 1 else product * alpha
    if alpha == 0 and (
        name in ("addmm", "addmv", "addbmm") or input.dtype is bool_
    ):  # BLAS does not look at the product then
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
        whole = input.dtype.rank < 2 and product.dtype.rank < 2
        if whole and isinstance(number, float):
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
    return cross(input, other, dim=dim)


@composite(
    "cross",
    formula=r"z_i = x_{i+1}\, y_{i+2} - x_{i+2}\, y_{i+1}",
    derivative=r"\dfrac{\partial L}{\partial x} = y \times g,\quad "
    r"\dfrac{\partial L}{\partial y} = g \times x",
    en="The vector that stands on both others, as long as the area between them.",
    zh="垂直于两个向量的向量，其长度等于它们张成的平行四边形的面积。",
)
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
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


@composite(
    "vecdot",
    formula=r"z_{i} = \sum_k x_{ik}\, y_{ik}",
    derivative=r"\dfrac{\partial z_i}{\partial x_{ik}} = y_{ik},\quad "
    r"\dfrac{\partial z_i}{\partial y_{ik}} = x_{ik}",
    en="The inner product of vectors along one dimension.",
    zh="沿某一维求向量的内积。",
)
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Σ x · y along `dim`; the other dimensions broadcast."""
    same_dtype("linalg.vecdot", x, y)
    if not x.dtype.is_floating_point:
        raise DTypeError(f"linalg.vecdot: Expected a floating point tensor as input. Got {x.dtype}")
    result: Tensor = (x * y).sum(dim)
    return result


@public("torch", "method")
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The inner product of two vectors (of real numbers, which have no conjugates)."""
    return dot(input, other)
