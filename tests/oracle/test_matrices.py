"""Products of matrices, einsum, tensordot: many random calls agree with PyTorch."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import Rng, number, pick, strided  # noqa: E402
from tests.oracle.draws import array  # noqa: E402
from tests.oracle.sampled import check  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey"),
]

KINDS = ("float64", "float64", "float64", "float32", "int64", "int32", "uint8")


def kinds(rng: Rng, count: int) -> list[str]:
    """One dtype for all, now and then another one for one of them."""
    kind = str(rng.choice(KINDS))
    found = [kind] * count
    if rng.random() < 0.08:
        found[number(rng, 0, count)] = str(rng.choice(KINDS))
    return found


def size(rng: Rng) -> int:
    return 0 if rng.random() < 0.05 else number(rng, 1, 4)


def drawn(rng: Rng, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    found = []
    empty = any(0 in shape for shape in shapes)  # then PyTorch does not look at all
    types = ["float64"] * len(shapes) if empty else kinds(rng, len(shapes))
    for shape, kind in zip(shapes, types, strict=True):
        if shape and rng.random() < 0.04 and not empty:
            shape = (*shape[:-1], shape[-1] + 1)
        x = array(rng, shape[::-1] if rng.random() < 0.3 else shape, kind)
        found.append(np.asarray(x.T) if x.shape != shape and x.T.shape == shape else x)
    return [x if rng.random() < 0.9 else strided(rng, x) for x in found]


def products(rng: Rng) -> tuple[Any, list[Any]]:
    m, k, n, b = (size(rng) for _ in range(4))
    lead = [size(rng) for _ in range(number(rng, 0, 3))]
    other = [1 if rng.random() < 0.3 else s for s in lead[number(rng, 0, len(lead) + 1) :]]
    first = [1 if rng.random() < 0.3 else s for s in lead]
    call, shapes = pick(
        rng,
        (lambda t, x, y: t.matmul(x, y), ((*first, m, k), (*other, k, n))),
        (lambda t, x, y: x @ y, ((k,), (*other, k, n))),
        (lambda t, x, y: x.matmul(y), ((*first, m, k), (k,))),
        (lambda t, x, y: x @ y, ((k,), (k,))),
        (lambda t, x, y: x @ y, ((), (k,))),
        (lambda t, x, y: t.mm(x, y), ((m, k), (k, n))),
        (lambda t, x, y: x.mm(y), ((m, k), (k, n))),
        (lambda t, x, y: t.mv(x, y), ((m, k), (k,))),
        (lambda t, x, y: t.dot(x, y), ((k,), (k,))),
        (lambda t, x, y: t.vdot(x, y), ((k,), (k,))),
        (lambda t, x, y: x.vdot(y), ((k,), (k,))),
        (lambda t, x, y: t.bmm(x, y), ((b, m, k), (b, k, n))),
        (lambda t, x, y: x.bmm(y), ((b, m, k), (b, k, n))),
        (lambda t, x, y: t.inner(x, y), ((*first, k), (*other, k))),
        (lambda t, x, y: x.inner(y), ((), (*other, k))),
        (lambda t, x, y: t.outer(x, y), ((m,), (n,))),
        (lambda t, x, y: x.ger(y), ((m,), (n,))),
        (lambda t, x, y: t.kron(x.contiguous(), y.contiguous()), ((*lead, m), (*other, n))),
        (lambda t, x, y: t.chain_matmul(x, y), ((m, k), (k, n))),
        (lambda t, x, y: t.chain_matmul(x, y, x.t()), ((m, k), (k, k))),
    )
    return call, drawn(rng, *shapes)


@pytest.mark.filterwarnings("ignore:torch.chain_matmul is deprecated")
def test_products() -> None:
    check(products, 2500)


def test_half_precision() -> None:
    def halves(rng: Rng) -> tuple[Any, list[Any]]:
        m, k, n = (size(rng) for _ in range(3))
        x, y = (array(rng, shape, "float16", special=False) for shape in ((m, k), (k, n)))
        call = pick(
            rng,
            lambda t, x, y: x @ y,
            lambda t, x, y: t.matmul(x[None], y),
            lambda t, x, y: t.einsum("ij,jk->ik", x, y),
            lambda t, x, y: t.addmm(t.zeros(1).half(), x, y),
            lambda t, x, y: t.tensordot(x, y, 1),
        )
        return call, [x, y]

    check(halves, 100)


def test_products_of_one_matrix() -> None:
    def powers(rng: Rng) -> tuple[Any, list[Any]]:
        n, p = size(rng), number(rng, 0, 7)
        lead = [size(rng) for _ in range(number(rng, 0, 2))]
        shape = (*lead, n, n)
        return lambda t, x: t.matrix_power(x, p), [array(rng, shape, pick(rng, "float64", "float32"))]

    check(powers, 150)


def test_added_products() -> None:
    def added(rng: Rng) -> tuple[Any, list[Any]]:
        m, k, n, b = (size(rng) for _ in range(4))
        alpha, beta = pick(rng, 1, 2, -1, 0.5, 2.5), pick(rng, 1, 1, 0, 2, -0.5)

        def own(*shape: int) -> tuple[int, ...]:
            return tuple(1 if rng.random() < 0.2 else s for s in shape[number(rng, 0, len(shape) + 1) :])

        def options(name: str) -> Any:
            scales = pick(rng, {}, {"beta": beta}, {"alpha": alpha}, {"beta": beta, "alpha": alpha})
            if rng.random() < 0.5:
                return lambda t, a, x, y: getattr(t, name)(a, x, y, **scales)
            return lambda t, a, x, y: getattr(a, name)(x, y, **scales)

        outer = options("addr")

        def rank(t: Any, *each: Any) -> Any:
            return outer(t, *each).contiguous()

        call, shapes = pick(
            rng,
            (options("addmm"), (own(m, n), (m, k), (k, n))),
            (options("addmv"), (pick(rng, (m + 1,), (1,)), (m + 1, k + 1), (k + 1,))),
            (rank, (own(m, n), (m,), (n,))),
            (options("baddbmm"), (own(b, m, n), (b, m, k), (b, k, n))),
            (options("addbmm"), (own(m, n), (b, m, k), (b, k, n))),
            (lambda t, a, x, y: (a * 1).addmm_(x, y, alpha=2), ((m, n), (m, k), (k, n))),
        )
        return call, drawn(rng, *shapes)

    check(added, 1500)


def test_cross() -> None:
    def crosses(rng: Rng) -> tuple[Any, list[Any]]:
        shape = [size(rng) for _ in range(number(rng, 1, 4))]
        d = number(rng, 0, len(shape))
        shape[d] = 3
        other = [1 if rng.random() < 0.2 and i != d else s for i, s in enumerate(shape)]
        call = pick(
            rng,
            lambda t, x, y: t.cross(x, y, d),
            lambda t, x, y: x.cross(y, dim=d - len(shape)),
            lambda t, x, y: t.cross(x, y, dim=d),
        )
        return call, drawn(rng, tuple(shape), tuple(other))

    check(crosses, 300)


def einsums(rng: Rng) -> tuple[Any, list[Any]]:
    """Random equations with repeated labels, ellipses, permuted and summed outputs."""
    letters = [str(c) for c in rng.permutation(list("abcdijkXY"))[: number(rng, 1, 5)]]
    sizes = {letter: size(rng) for letter in letters}
    dots = [size(rng) for _ in range(number(rng, 0, 3))] if rng.random() < 0.35 else None
    terms, shapes = [], []
    for _ in range(number(rng, 1, 4)):
        own = [str(c) for c in rng.choice(letters, number(rng, 0, 4))]
        if rng.random() < 0.7:
            own = list(dict.fromkeys(own))
        term = "".join(own)
        shape = [1 if rng.random() < 0.05 and own.count(c) == 1 else sizes[c] for c in own]
        if dots is not None and rng.random() < 0.8:
            at, some = number(rng, 0, len(own) + 1), dots[number(rng, 0, len(dots) + 1) :]
            term = term[:at] + "..." + term[at:]
            shape[at:at] = [1 if rng.random() < 0.2 else s for s in some]
        terms.append(term)
        shapes.append(tuple(shape))
    equation = pick(rng, ",", ", ").join(terms)
    used = sorted({c for term in terms for c in term if c != "."})
    if rng.random() < 0.7:
        out = [str(c) for c in rng.permutation(used)[: number(rng, 0, len(used) + 1)]]
        if dots is not None and rng.random() < 0.8:
            out.insert(number(rng, 0, len(out) + 1), "...")
        if rng.random() < 0.04:
            out.append(pick(rng, "z", "Q", *used) if used else "z")
        equation += "->" + "".join(out)
    types = [kind.replace("uint8", "int64").replace("int32", "int64") for kind in kinds(rng, len(shapes))]
    if any(0 in shape for shape in shapes):  # then PyTorch does not look at them
        types = types[:1] * len(shapes)
    inputs = [array(rng, shape, kind) for shape, kind in zip(shapes, types, strict=True)]
    as_list = bool(rng.random() < 0.2)
    return (lambda t, *xs: t.einsum(equation, *([list(xs)] if as_list else xs)).contiguous()), inputs


@pytest.mark.parametrize("part", range(4))
def test_einsum(part: int) -> None:
    check(einsums, 700, f"einsum {part}")


def test_einsum_of_lists() -> None:
    def lists(rng: Rng) -> tuple[Any, list[Any]]:
        m, k, n = (size(rng) for _ in range(3))
        call, shapes = pick(
            rng,
            (lambda t, x, y: t.einsum(x, [0, 1], y, [1, 2], [0, 2]), ((m, k), (k, n))),
            (lambda t, x, y: t.einsum(x, [0, 1], y, [1, 30]), ((m, k), (k, n))),
            (lambda t, x, y: t.einsum(x, [Ellipsis, 1], y, [1, 2], [Ellipsis, 2]), ((n, m, k), (k, n))),
            (lambda t, x, y: t.einsum(x, [0, 60], y, [1, 2]), ((m, k), (k, n))),
            (lambda t, x, y: t.einsum(x, [3, 3], []), ((k, k), (n,))),
        )
        return call, [array(rng, shape, "float64") for shape in shapes]

    check(lists, 100)


def test_tensordot() -> None:
    def contractions(rng: Rng) -> tuple[Any, list[Any]]:
        rows, inner, columns = ([size(rng) for _ in range(number(rng, 0, 3))] for _ in range(3))
        count = len(inner)
        a = rng.permutation(len(rows) + count)
        b = rng.permutation(len(columns) + count)
        x, y = drawn(rng, tuple(rows + inner), tuple(inner + columns))
        if rng.random() < 0.5 or x.ndim != len(a) or y.ndim != len(b):
            dims = count if rng.random() < 0.9 else number(rng, -1, 4)
            return (lambda t, x, y: t.tensordot(x, y, dims)), [x, y]
        first = [int(np.where(a == len(rows) + k)[0][0]) for k in range(count)]
        second = [int(np.where(b == k)[0][0]) - (len(b) if rng.random() < 0.3 else 0) for k in range(count)]
        return (lambda t, x, y: t.tensordot(x, y, dims=(first, second))), [x.transpose(a), y.transpose(b)]

    check(contractions, 600)


def test_linalg() -> None:
    def products(rng: Rng) -> tuple[Any, list[Any]]:
        m, k, n = (size(rng) for _ in range(3))
        d, power = number(rng, 0, 2), number(rng, 0, 6)
        kind = pick(rng, "float64", "float64", "float32", "int64")
        call, shapes = pick(
            rng,
            (lambda t, x, y: t.linalg.matmul(x, y), ((m, k), (k, n))),
            (lambda t, x, y: t.linalg.multi_dot([x, y]), ((m, k), (k, n))),
            (lambda t, x, y: t.linalg.multi_dot((x, y.mT, y)), ((k,), (n, k))),
            (lambda t, x, y: t.linalg.multi_dot([x, y, x.mT, y]), ((m, k), (k, m))),
            (lambda t, x, y: t.linalg.cross(x, y), ((m, 3), (1, 3))),
            (lambda t, x, y: t.linalg.cross(x, y, dim=d), ((3, 3), (3, 3))),
            (lambda t, x, y: t.linalg.vecdot(x, y, dim=d - 2), ((m, k), (m, k))),
            (lambda t, x, y: t.linalg.vecdot(x, y), ((m, k), (k,))),
            (lambda t, x, y: t.linalg.diagonal(x, offset=d), ((n, m, k), ())),
            (lambda t, x, y: t.linalg.matrix_power(x, power), ((k, k), ())),
        )
        return call, [array(rng, shape, kind, special=False) for shape in shapes]

    check(products, 500)
