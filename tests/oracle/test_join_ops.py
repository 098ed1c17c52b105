"""Joining tensors, grids, diagonals and triangles: many random calls agree with PyTorch."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import KINDS, Rng, dim_of, number, one_tensor, pick  # noqa: E402
from tests.oracle.draws import array, shape_of  # noqa: E402
from tests.oracle.sampled import check, one  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey"),
]


def some_tensors(rng: Rng) -> list[np.ndarray]:
    shape = shape_of(rng, 0, 4, empty=0.05)
    found = []
    kind = str(rng.choice(KINDS))
    for _ in range(number(rng, 1, 4)):
        own = list(shape)
        if own and rng.random() < 0.5:
            own[number(rng, 0, len(own))] = number(rng, 0, 4)
        if rng.random() < 0.1:
            own = own[1:]
        found.append(array(rng, tuple(own), kind if rng.random() < 0.8 else str(rng.choice(KINDS))))
    return found


def joins(rng: Rng) -> tuple[Any, list[Any]]:
    xs = some_tensors(rng)
    d = dim_of(rng, xs[0].ndim)
    if rng.random() < 0.5:
        xs = [array(rng, xs[0].shape, str(x.dtype)) for x in xs]
    call = pick(
        rng,
        lambda t, *xs: t.cat(xs, d),
        lambda t, *xs: t.concat(xs, dim=d),
        lambda t, *xs: t.concatenate(list(xs), axis=d),
        lambda t, *xs: t.stack(xs, d),
        lambda t, *xs: t.hstack(xs),
        lambda t, *xs: t.vstack(xs),
        lambda t, *xs: t.row_stack(xs),
        lambda t, *xs: t.dstack(xs),
        lambda t, *xs: t.column_stack(xs),
        # PyTorch's own gradient counts the row of an empty vector out
        lambda t, *xs: t.block_diag(*(x for x in xs if tuple(x.shape) != (0,))),
        lambda t, *xs: t.atleast_1d(*xs),
        lambda t, *xs: t.atleast_2d(xs),
        lambda t, *xs: t.atleast_3d(*xs),
        lambda t, *xs: t.broadcast_tensors(*xs),
    )
    return call, xs


def test_joins() -> None:
    check(joins, 1500)


@pytest.mark.filterwarnings("ignore:torch.meshgrid")
def test_grids() -> None:
    def grids(rng: Rng) -> tuple[Any, list[Any]]:
        kind = str(rng.choice(KINDS))
        low = 0 if rng.random() < 0.3 else 1
        xs = [array(rng, shape_of(rng, low, 2), kind) for _ in range(number(rng, 1, 4))]
        r, again = number(rng, -1 if rng.random() < 0.1 else 0, 4), bool(rng.random() < 0.5)
        call = pick(
            rng,
            lambda t, *xs: t.meshgrid(*xs),
            lambda t, *xs: t.meshgrid(list(xs), indexing="ij"),
            lambda t, *xs: t.meshgrid(*xs, indexing="xy"),
            lambda t, *xs: t.cartesian_prod(*xs),
            lambda t, *xs: t.combinations(xs[0], r, again),
            lambda t, *xs: t.combinations(xs[0]),
        )
        return call, xs

    check(grids, 400)


def diagonals(rng: Rng, x: np.ndarray) -> Any:
    k, (a, b) = number(rng, -4, 5), (dim_of(rng, x.ndim), dim_of(rng, x.ndim))
    return pick(
        rng,
        lambda t, x: t.diagonal(x, k, a, b),
        lambda t, x: x.diagonal(dim1=a, dim2=b),
        lambda t, x: x.diagonal(k),
        lambda t, x: t.diag(x, k),
        lambda t, x: x.diag(),
        lambda t, x: t.diag_embed(x, k, a, b),
        lambda t, x: x.diag_embed(),
        lambda t, x: t.diagflat(x, k),
        lambda t, x: t.trace(x),
        lambda t, x: t.tril(x, k),
        lambda t, x: x.triu(diagonal=k),
        lambda t, x: x.tril(),
        lambda t, x: t.diagonal_scatter(x, t.zeros(x.shape[:1]).to(x.dtype), k),
    )


def test_diagonals() -> None:
    check(one_tensor(diagonals), 900, "diagonals")


def test_indices_of_triangles() -> None:
    for rows in range(-1, 5):
        for columns in range(-1, 5):
            for offset in (-3, -1, 0, 2):
                check_triangle(rows, columns, offset)


def check_triangle(rows: int, columns: int, offset: int) -> None:
    one(lambda t: t.tril_indices(rows, columns, offset), [])
    one(lambda t: t.triu_indices(rows, columns, offset, dtype=t.int32), [])
