"""einsum and tensordot: sums of products over named dimensions, made of matrix products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..api import public
from ..composite import composite
from ..dims import wrap_dim
from ..errors import ArgumentError, DTypeError, ShapeError
from ..tensor import Tensor, apply
from .diagonal import diagonal
from .layout import permute

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class _Plan:
    """An equation taken apart: labels of each operand and of the result; "…" are numbered ("…0", "…1")."""

    def __init__(self, equation: str, tensors: Sequence[Tensor]) -> None:
        left, arrow, right = equation.replace(" ", "").partition("->")
        terms = left.split(",")
        if len(terms) < len(tensors):
            raise ShapeError("einsum(): more operands were provided than specified in the equation")
        if len(terms) > len(tensors):
            raise ShapeError("einsum(): fewer operands were provided than specified in the equation")
        self.wide = 0  # the most dimensions that an ellipsis stands for
        self.operands = [
            self._labels(term, x.ndim, k) for k, (term, x) in enumerate(zip(terms, tensors, strict=True))
        ]
        self.output = self._output(right if arrow else None, terms)

    def _labels(self, term: str, ndim: int, number: int) -> list[str]:
        before, dots, after = term.partition("...")
        _check_letters(before + after, "for operand " + str(number))
        rest = ndim - len(before) - len(after)
        if rest < 0 or (rest and not dots):
            raise ShapeError(
                f"einsum(): the number of subscripts in the equation ({len(before) + len(after)}) does not "
                f"match the number of dimensions ({ndim}) for operand {number}"
                + ("" if dots else " and no ellipsis was given")
            )
        if dots:
            self.wide = max(self.wide, rest)
        return [*before, *(f"…{rest - 1 - k}" for k in range(rest)), *after]

    def _output(self, right: str | None, terms: list[str]) -> list[str]:
        dots = [f"…{self.wide - 1 - k}" for k in range(self.wide)]
        if right is None:
            letters = [letter for labels in self.operands for letter in labels if letter[0] != "…"]
            return [*dots, *sorted(letter for letter in set(letters) if letters.count(letter) == 1)]
        before, ellipsis, after = right.partition("...")
        _check_letters(before + after, "for the output")
        named = before + after
        for letter in named:
            if named.count(letter) > 1:
                raise ShapeError(f"einsum(): output subscript {letter} appears more than once in the output")
            if not any(letter in labels for labels in self.operands):
                raise ShapeError(
                    f"einsum(): output subscript {letter} does not appear in the equation for any input "
                    "operand"
                )
        return [*before, *(dots if ellipsis else ()), *after]


def _check_letters(labels: str, where: str) -> None:
    for letter in labels:
        if letter == ".":
            raise ShapeError(f"einsum(): found '.' {where} that is not part of any ellipsis")
        if letter not in _LETTERS:
            raise ShapeError(
                f"einsum(): invalid subscript given {where}: {letter!r} is no letter in [a-zA-Z]"
            )


def _sizes(plan: _Plan, tensors: Sequence[Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for number, (labels, x) in enumerate(zip(plan.operands, tensors, strict=True)):
        own: dict[str, int] = {}
        for label, size in zip(labels, x.shape, strict=True):
            if own.setdefault(label, size) != size:
                raise ShapeError(
                    f"einsum(): subscript {label} is repeated for operand {number} but the sizes don't "
                    f"match, {size} != {own[label]}"
                )
            known = sizes.get(label, 1)
            if known != size and 1 not in (known, size):
                raise ShapeError(
                    f"einsum(): operands do not broadcast with remapped shapes: dimension {label} has sizes "
                    f"{known} and {size}"
                )
            sizes[label] = size if known == 1 else known
    return sizes


def _without_repeats(x: Tensor, labels: list[str]) -> tuple[Tensor, list[str]]:
    """The diagonal wherever a label stands twice."""
    labels = list(labels)
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = diagonal(x, 0, first, second)
            labels = [each for k, each in enumerate(labels) if k not in (first, second)] + [label]
    return x, labels


def _total(x: Tensor, labels: list[str], keep: set[str]) -> tuple[Tensor, list[str]]:
    """Summed over the labels that nobody needs any more."""
    single = [k for k, label in enumerate(labels) if label not in keep and x.shape[k] == 1]
    if single:  # nothing to add; so whole numbers keep their dtype
        x = x.squeeze(tuple(single))
        labels = [label for k, label in enumerate(labels) if k not in single]
    drop = [k for k, label in enumerate(labels) if label not in keep]
    if drop:
        x = x.sum(drop)
    return x, [label for label in labels if label in keep]


Labelled = tuple[Tensor, list[str]]


def _arranged(one: Labelled, groups: Sequence[Sequence[str]], sizes: dict[str, int]) -> Tensor:
    """The dimensions in the order of `groups`, each group as one dimension."""
    x, labels = one
    order = [labels.index(label) for group in groups for label in group]
    if order != list(range(len(order))):
        x = permute(x, order)
    shape = [math.prod(sizes[label] for label in group) for group in groups]
    return x if list(x.shape) == shape else x.reshape(shape)


def _own_sizes(one: Labelled) -> dict[str, int]:
    return dict(zip(one[1], one[0].shape, strict=True))


def _pair(a: Labelled, b: Labelled, keep: set[str]) -> Labelled:
    """The product of two operands, summed over the labels that are not kept: one batched matrix product."""
    a, b = _squeezed(a, b, keep), _squeezed(b, a, keep)
    a = _total(*a, keep | set(b[1]))
    b = _total(*b, keep | set(a[1]))
    shared = [label for label in a[1] if label in b[1]]
    batch = [label for label in shared if label in keep]
    inner = [label for label in shared if label not in keep]
    rows = [label for label in a[1] if label not in shared]
    columns = [label for label in b[1] if label not in shared]
    if not inner:
        return _spread(a, b, batch, rows, columns)
    if a[0].dtype is not b[0].dtype:
        raise DTypeError(
            f"einsum: expected operands of one dtype where dimensions are summed, not {a[0].dtype} and "
            f"{b[0].dtype}"
        )
    own, others = _own_sizes(a), _own_sizes(b)
    left = _arranged(a, (batch, rows, inner), own)
    right = _arranged(b, (batch, inner, columns), others)
    product = apply("matmul", (left, right)) if batch else apply("mm", (left.squeeze(0), right.squeeze(0)))
    result = [*batch, *rows, *columns]
    shape = [own[k] if k in own else others[k] for k in result]
    return product.reshape(shape), result


def _squeezed(one: Labelled, other: Labelled, keep: set[str]) -> Labelled:
    """Without dimensions of size 1 that the other has in full, or that nobody keeps: they broadcast."""
    x, labels = one
    sizes = _own_sizes(other)
    single = [k for k, size in enumerate(x.shape) if size == 1]
    drop = [k for k in single if labels[k] not in keep or sizes.get(labels[k], 1) != 1]
    return (x.squeeze(tuple(drop)) if drop else x), [each for k, each in enumerate(labels) if k not in drop]


def _spread(a: Labelled, b: Labelled, batch: list[str], rows: list[str], columns: list[str]) -> Labelled:
    """Nothing to sum: the plain product of both, broadcast."""
    labels = [*batch, *rows, *columns]
    x = _arranged(a, [[k] if k in a[1] else [] for k in labels], _own_sizes(a))
    y = _arranged(b, [[k] if k in b[1] else [] for k in labels], _own_sizes(b))
    product: Tensor = x * y
    return product, labels


@composite(
    "einsum",
    formula=r"z_{\mathrm{out}} = \sum_{\mathrm{others}} \prod_k x^{(k)}_{\ldots}",
    derivative=r"\dfrac{\partial L}{\partial x^{(k)}_{\ldots}} = "
    r"\sum g_{\mathrm{out}} \prod_{m \neq k} x^{(m)}_{\ldots}",
    en="Multiplies tensors along named dimensions and sums over those that the result does not name.",
    zh="按下标名相乘，再对结果中没有的下标求和。",
)
def _einsum(equation: str, tensors: Sequence[Tensor]) -> Tensor:
    plan = _Plan(equation, tensors)
    _sizes(plan, tensors)
    rest = [_without_repeats(x, labels) for x, labels in zip(tensors, plan.operands, strict=True)]
    wanted = set(plan.output)
    result = rest.pop(0)
    while rest:
        following = rest.pop(0)
        later = {label for _, labels in rest for label in labels}
        result = _pair(result, following, wanted | later)
    x, labels = result
    drop = [k for k, label in enumerate(labels) if label not in wanted]
    if drop:
        x, labels = x.sum(drop), [label for label in labels if label in wanted]
    return permute(x, [labels.index(label) for label in plan.output])


@public("torch", name="einsum")
def einsum(*args: Any) -> Tensor:
    """Sums of products over named dimensions: `einsum("ij,jk->ik", x, y)` is the matrix product.

    Names that the result lacks are summed over; a name twice in one operand takes the diagonal; "..." stands
    for any dimensions, which broadcast. Also as `einsum(x, [0, 1], y, [1, 2], [0, 2])`.
    """
    if not args:
        raise ShapeError("einsum(): must specify the equation string and at least one operand")
    equation, tensors = (args[0], args[1:]) if isinstance(args[0], str) else _from_lists(args)
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if not tensors:
        raise ShapeError("einsum(): must provide at least one operand")
    return _einsum(equation, tensors)


def _from_lists(args: Sequence[Any]) -> tuple[str, tuple[Tensor, ...]]:
    def term(labels: Sequence[Any]) -> str:
        return "".join("..." if each is Ellipsis else _letter(each) for each in labels)

    equation = ",".join(term(labels) for labels in args[1::2][: len(args) // 2])
    if len(args) % 2:
        equation += "->" + term(args[-1])
    return equation, tuple(args[0 : len(args) - len(args) % 2 : 2])


def _letter(number: int) -> str:
    if not 0 <= number < 52:
        raise ArgumentError(f"einsum(): subscript {number} is not within the valid range [0, 52)")
    return _LETTERS[number]


@public("torch")
@composite(
    "tensordot",
    formula=r"z_{i \ldots j \ldots} = \sum_{k \ldots} x_{i \ldots k \ldots}\, y_{k \ldots j \ldots}",
    derivative=r"\dfrac{\partial z_{ij}}{\partial x_{ik}} = y_{kj},\quad "
    r"\dfrac{\partial z_{ij}}{\partial y_{kj}} = x_{ik}",
    en="Multiplies two tensors and sums over pairs of their dimensions.",
    zh="两个张量相乘，并对成对的维度求和。",
)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Σ over pairs of dimensions: the last `dims` of `a` with the first of `b`, or two lists of them."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise ShapeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = (range(a.ndim - dims, a.ndim), range(dims))
    first, second = ((each,) if isinstance(each, int) else tuple(each) for each in dims)
    if len(first) != len(second):
        raise ShapeError("both dimension lists should have same length")
    first = tuple(wrap_dim(d, a.ndim) for d in first)
    second = tuple(wrap_dim(d, b.ndim) for d in second)
    if a.dtype is not b.dtype:
        raise DTypeError(f"tensordot: both inputs should have same dtype, not {a.dtype} and {b.dtype}")
    for d, e in zip(first, second, strict=True):
        if a.shape[d] == 1 or b.shape[e] == 1:  # sizes of 1 broadcast
            a = a.sum(d, True).to(a.dtype) if a.shape[d] != 1 else a
            b = b.sum(e, True).to(b.dtype) if b.shape[e] != 1 else b
        elif a.shape[d] != b.shape[e]:
            raise ShapeError(
                f"contracted dimensions need to match, but first has size {a.shape[d]} in dim {d} and second "
                f"has size {b.shape[e]} in dim {e}"
            )
    rows = [d for d in range(a.ndim) if d not in first]
    columns = [d for d in range(b.ndim) if d not in second]
    inner = math.prod(a.shape[d] for d in first)
    left = permute(a, [*rows, *first]).reshape(math.prod(a.shape[d] for d in rows), inner)
    right = permute(b, [*second, *columns]).reshape(inner, math.prod(b.shape[d] for d in columns))
    return apply("mm", (left, right)).reshape([a.shape[d] for d in rows] + [b.shape[d] for d in columns])
