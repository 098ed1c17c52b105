"""Shapes, splitting, moving: many random calls agree with PyTorch."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import (  # noqa: E402
    Rng,
    dim_of,
    dims_of,
    factors,
    number,
    numbers,
    one_tensor,
    pick,
)
from tests.oracle.sampled import check  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey"),
]


def reshapes(rng: Rng, x: np.ndarray) -> Any:
    sizes = factors(rng, x.size)
    return pick(
        rng,
        lambda t, x: t.reshape(x, sizes),
        lambda t, x: x.reshape(*sizes),
        lambda t, x: x.view(sizes),
        lambda t, x: x.view(*sizes),
        lambda t, x: x.reshape_as(t.zeros([abs(n) for n in sizes])),
        lambda t, x: x.view_as(t.zeros([abs(n) for n in sizes])),
    )


def flattens(rng: Rng, x: np.ndarray) -> Any:
    a, b = dim_of(rng, x.ndim), dim_of(rng, x.ndim)
    return pick(
        rng,
        lambda t, x: t.flatten(x, a, b),
        lambda t, x: x.flatten(a),
        lambda t, x: x.flatten(start_dim=a, end_dim=-1),
        lambda t, x: x.ravel(),
        lambda t, x: t.ravel(x),
    )


def unflattens(rng: Rng, x: np.ndarray) -> Any:
    d = dim_of(rng, x.ndim)
    size = x.shape[d] if -x.ndim <= d < x.ndim else 1
    sizes = factors(rng, size)
    return pick(rng, lambda t, x: t.unflatten(x, d, sizes), lambda t, x: x.unflatten(d, tuple(sizes)))


def squeezes(rng: Rng, x: np.ndarray) -> Any:
    d, several = dim_of(rng, x.ndim), tuple(dims_of(rng, x.ndim))
    return pick(
        rng,
        lambda t, x: x.squeeze(),
        lambda t, x: t.squeeze(x, d),
        lambda t, x: x.squeeze(several),
        lambda t, x: x[:1].squeeze(0) if x.ndim else x,
        lambda t, x: x.unsqueeze(d).squeeze(d),
        lambda t, x: t.unsqueeze(x, d),
        lambda t, x: x.unsqueeze(dim=d),
    )


def permutes(rng: Rng, x: np.ndarray) -> Any:
    order = [int(d) - (x.ndim if rng.random() < 0.3 else 0) for d in rng.permutation(x.ndim)]
    some = dims_of(rng, x.ndim)
    a, b = dim_of(rng, x.ndim), dim_of(rng, x.ndim)
    places = numbers(rng, -x.ndim, max(x.ndim, 1), len(some))
    return pick(
        rng,
        lambda t, x: t.permute(x, order),
        lambda t, x: x.permute(*order),
        lambda t, x: x.permute(some),
        lambda t, x: t.transpose(x, a, b),
        lambda t, x: x.swapaxes(a, b),
        lambda t, x: t.swapaxes(x, axis0=a, axis1=b),
        lambda t, x: t.swapdims(x, dim0=a, dim1=b),
        lambda t, x: x.movedim(a, b),
        lambda t, x: t.movedim(x, some, places),
        lambda t, x: t.moveaxis(x, source=some, destination=some[::-1]),
    )


def transposes(rng: Rng, x: np.ndarray) -> Any:
    return pick(
        rng,
        lambda t, x: x.t(),
        lambda t, x: x.T if x.ndim == 2 else x,
        lambda t, x: x.mT,
        lambda t, x: x.mH,
        lambda t, x: x.H,
        lambda t, x: t.adjoint(x),
        lambda t, x: x.adjoint(),
    )


def expands(rng: Rng, x: np.ndarray) -> Any:
    shape = [pick(rng, n, -1) if n != 1 else number(rng, 1, 4) for n in x.shape]
    front = numbers(rng, 0 if rng.random() < 0.1 else 1, 3, number(rng, 0, 3))
    if rng.random() < 0.05:
        front = [-1]
    sizes = front + shape
    full = front + [n if n != -1 else m for n, m in zip(shape, x.shape, strict=True)]
    return pick(
        rng,
        lambda t, x: x.expand(*sizes),
        lambda t, x: x.expand(sizes),
        lambda t, x: t.broadcast_to(x, sizes),
        lambda t, x: x.broadcast_to(full),
        lambda t, x: x.expand_as(t.zeros(full)),
        lambda t, x: t.broadcast_tensors(x, t.zeros(full)),
        lambda t, x: t.broadcast_shapes(x.shape, full),
    )


def splits(rng: Rng, x: np.ndarray) -> Any:
    d = dim_of(rng, x.ndim)
    size = x.shape[d] if -x.ndim <= d < x.ndim else 1
    n = number(rng, -1, 5) if rng.random() < 0.1 else number(rng, 1, 5)
    cuts = sorted(numbers(rng, 0, size + 1, 2))
    sizes = [cuts[0], cuts[1] - cuts[0], size - cuts[1]]
    places = numbers(rng, -size - 1, size + 2, number(rng, 0, 4))
    return pick(
        rng,
        lambda t, x: t.split(x, n, d),
        lambda t, x: x.split(n),
        lambda t, x: x.split(sizes, dim=d),
        lambda t, x: t.split_with_sizes(x, sizes, d),
        lambda t, x: x.split([n, n], d),
        lambda t, x: t.chunk(x, n, d),
        lambda t, x: x.chunk(n),
        lambda t, x: t.tensor_split(x, n, d),
        lambda t, x: x.tensor_split(places, d),
        lambda t, x: x.tensor_split(t.tensor(places, dtype=t.int64), dim=d),
        lambda t, x: t.hsplit(x, n),
        lambda t, x: x.vsplit(places),
        lambda t, x: t.vsplit(x, n),
        lambda t, x: x.dsplit(places),
        lambda t, x: t.unbind(x, d),
        lambda t, x: x.unbind(),
    )


def parts(rng: Rng, x: np.ndarray) -> Any:
    d = dim_of(rng, x.ndim)
    size = x.shape[d] if -x.ndim <= d < x.ndim else 1
    start = number(rng, -size - 1, size + 2)
    length = number(rng, -1, size + 1)
    step = number(rng, 0, 4)
    return pick(
        rng,
        lambda t, x: t.narrow(x, d, start, length),
        lambda t, x: x.narrow(d, start, 1),
        lambda t, x: x.narrow(d, t.tensor(start), 0),
        lambda t, x: t.select(x, d, start),
        lambda t, x: x.select(d, start),
        lambda t, x: x.unfold(d, length, step),
        lambda t, x: x.unfold(d, max(length, 1), max(step, 1)),
    )


def flips(rng: Rng, x: np.ndarray) -> Any:
    some = dims_of(rng, x.ndim)
    k, (a, b) = number(rng, -5, 6), (dim_of(rng, x.ndim), dim_of(rng, x.ndim))
    return pick(
        rng,
        lambda t, x: t.flip(x, some),
        lambda t, x: x.flip(*some) if some else x.flip(some),
        lambda t, x: t.fliplr(x),
        lambda t, x: x.flipud(),
        lambda t, x: t.rot90(x, k, [a, b]),
        lambda t, x: x.rot90(k),
    )


def rolls(rng: Rng, x: np.ndarray) -> Any:
    some = dims_of(rng, x.ndim)
    if some and rng.random() < 0.2:
        some.append(some[0])
    shifts = numbers(rng, -7, 8, len(some) + (rng.random() < 0.05))
    n = number(rng, -9, 10)
    return pick(
        rng,
        lambda t, x: t.roll(x, shifts, some),
        lambda t, x: x.roll(tuple(shifts), dims=tuple(some)),
        lambda t, x: x.roll(n),
        lambda t, x: t.roll(x, n, some[0] if some else ()),
    )


def repeats(rng: Rng, x: np.ndarray) -> Any:
    counts = numbers(rng, 0 if rng.random() < 0.2 else 1, 4, max(x.ndim + number(rng, -1, 3), 0))
    return pick(
        rng,
        lambda t, x: x.repeat(*counts) if counts else x.repeat(()),
        lambda t, x: x.repeat(counts),
        lambda t, x: t.tile(x, tuple(counts)),
        lambda t, x: x.tile(tuple(counts)),
    )


def interleaves(rng: Rng, x: np.ndarray) -> Any:
    d = dim_of(rng, x.ndim)
    size = x.shape[d] if -x.ndim <= d < x.ndim else 1
    n = number(rng, -1 if rng.random() < 0.1 else 0, 4)
    each = numbers(rng, 0, 4, size if rng.random() < 0.9 else 2)
    whole = numbers(rng, 0, 3, x.size)
    return pick(
        rng,
        lambda t, x: t.repeat_interleave(x, n, d),
        lambda t, x: x.repeat_interleave(n),
        lambda t, x: x.repeat_interleave(t.tensor(each, dtype=t.int64), d),
        lambda t, x: t.repeat_interleave(x, t.tensor(each, dtype=t.int32), dim=d, output_size=sum(each)),
        lambda t, x: x.repeat_interleave(t.tensor(n), d),
        lambda t, x: x.repeat_interleave(t.tensor(whole, dtype=t.int64)),
        lambda t, x: t.repeat_interleave(t.tensor(each, dtype=t.int64)),
    )


MAKERS = (
    *(reshapes, flattens, unflattens, squeezes, permutes, transposes, expands, splits, parts, flips),
    *(rolls, repeats, interleaves),
)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_one_tensor(make: Any) -> None:
    check(one_tensor(make), 300, make.__name__)
