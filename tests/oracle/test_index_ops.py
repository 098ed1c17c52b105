"""Gathering, scattering, masks: many random calls agree with PyTorch."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import KINDS, Rng, dim_of, number, numbers, pick, strided, tensor  # noqa: E402
from tests.oracle.draws import array, shape_of, smaller  # noqa: E402
from tests.oracle.sampled import check  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey"),
    pytest.mark.filterwarnings("ignore:indexing with dtype torch.uint8"),
]


def positions(
    rng: Rng, size: int, shape: tuple[int, ...], negative: bool = False, wrong: bool = True
) -> np.ndarray:
    """Positions in a dimension; now and then out of range."""
    low, high = (-size if negative else 0), size
    if rng.random() < 0.04 and wrong:
        low, high = -size - 1, size + 1
    if high <= low:
        shape = (*shape[:-1], 0) if shape else (0,)
        high = low + 1
    found = np.asarray(rng.integers(low, high, shape))
    return found.astype(np.int32) if rng.random() < 0.05 else found


def along(rng: Rng, x: np.ndarray) -> tuple[int, int]:
    """A dimension and its size."""
    d = dim_of(rng, x.ndim)
    return d, x.shape[d] if -x.ndim <= d < x.ndim else 1


def index_for(rng: Rng, x: np.ndarray, d: int, size: int, negative: bool = False) -> np.ndarray:
    shape = [int(rng.integers(1, n + 1)) if n and rng.random() < 0.4 else n for n in x.shape]
    if -x.ndim <= d < x.ndim:
        shape[d] = number(rng, 0 if rng.random() < 0.1 else 1, 5)
    if rng.random() < 0.04 and x.size:
        shape = shape[1:]
    return positions(rng, size, tuple(shape), negative, x.size > 0)


def distinct(rng: Rng, x: np.ndarray, d: int) -> np.ndarray:
    """Positions along a dimension, none of them twice."""
    if not x.ndim or not x.size:
        return np.zeros(x.shape, np.int64)
    order = np.argsort(rng.random(x.shape), axis=d)
    count = number(rng, 1, x.shape[d] + 1)
    return np.take(order, np.arange(count), axis=d)


def test_gather() -> None:
    def gathers(rng: Rng) -> tuple[Any, list[Any]]:
        x = strided(rng, tensor(rng))
        d, size = along(rng, x)
        index = index_for(rng, x, d, size)
        flat = positions(rng, x.size, shape_of(rng, 0, 3), True).astype(np.int64)
        lines = list(x.shape)
        if -x.ndim <= d < x.ndim:
            lines[d] = 2
        wide = tuple(1 if rng.random() < 0.3 else n for n in lines)
        call, chosen = pick(
            rng,
            (lambda t, x, i: t.gather(x, d, i), index),
            (lambda t, x, i: x.gather(d, index=i), index),
            (lambda t, x, i: t.take(x.contiguous(), i), flat),
            (lambda t, x, i: x.contiguous().take(i), flat),
            (lambda t, x, i: t.take_along_dim(x, i, d), positions(rng, size, wide, True)),
            (lambda t, x, i: x.take_along_dim(i, dim=d), index),
            (lambda t, x, i: x.contiguous().take_along_dim(i), flat),
            (
                lambda t, x, i: t.index_select(x, d, i),
                positions(rng, size, (number(rng, 0, 5),), wrong=x.size > 0),
            ),
            (
                lambda t, x, i: x.index_select(d, i),
                positions(rng, size, shape_of(rng, 0, 3), wrong=x.size > 0),
            ),
        )
        return call, [x, chosen]

    check(gathers, 1500)


def test_scatter() -> None:
    def scatters(rng: Rng) -> tuple[Any, list[Any]]:
        x = strided(rng, tensor(rng, low=0, high=4))
        d, size = along(rng, x)
        again = index_for(rng, x, d, size)
        once = distinct(rng, x, d) if -x.ndim <= d < x.ndim else again
        more = tuple(n + (rng.random() < 0.1) for n in again.shape)
        src, own = (array(rng, shape, str(x.dtype)) for shape in (more, once.shape))
        value = pick(rng, 2, 2.5, True, -1)
        call, index, values = pick(
            rng,
            (lambda t, x, i, v: t.scatter(x, d, i, v), once, own),
            (lambda t, x, i, v: x.scatter(d, i, src=v), once, own),
            (lambda t, x, i, v: t.scatter(x, d, i, value), again, own),
            (lambda t, x, i, v: x.scatter(d, i, value=value), again, own),
            (lambda t, x, i, v: t.scatter_add(x, d, i, v), again, array(rng, again.shape, str(x.dtype))),
            (lambda t, x, i, v: x.scatter_add(d, i, v), again, array(rng, again.shape, str(x.dtype))),
            (lambda t, x, i, v: x.detach().scatter(d, i, v.detach(), reduce="add"), again, src),
            (lambda t, x, i, v: x.detach().scatter(d, i, v.detach(), reduce="multiply"), again, src),
            (lambda t, x, i, v: x.detach().clone().scatter_(d, i, v.detach()), once, own),
            (lambda t, x, i, v: (x * 1).scatter_add_(d, i, v), once, own),
        )
        return call, [x, index, values]

    check(scatters, 1500)


def test_scatter_reduce() -> None:
    def reduces(rng: Rng) -> tuple[Any, list[Any]]:
        x = tensor(rng, low=0, high=4)
        d, size = along(rng, x)
        index = index_for(rng, x, d, size)
        src = array(rng, index.shape, str(x.dtype))
        name, itself = pick(rng, "sum", "prod", "mean", "amax", "amin"), bool(rng.random() < 0.6)
        call = pick(
            rng,
            lambda t, x, i, v: t.scatter_reduce(x, d, i, v, name, include_self=itself),
            lambda t, x, i, v: x.scatter_reduce(d, i, v, reduce=name),
        )
        return call, [x, index, src]

    check(reduces, 600)


def test_slices() -> None:
    def slices(rng: Rng) -> tuple[Any, list[Any]]:
        x = strided(rng, tensor(rng, low=0, high=4))
        d, size = along(rng, x)
        count = number(rng, 0 if rng.random() < 0.1 else 1, 5)
        index = positions(rng, size, (count,), wrong=x.size > 0 and x.ndim < 2)  # PyTorch has two errors
        shape = list(x.shape)
        if -x.ndim <= d < x.ndim:
            shape[d] = index.size
        if rng.random() < 0.04 and shape:
            shape[0] += 1
        source = array(rng, tuple(shape), str(x.dtype))
        once = np.arange(min(size, 2))[::-1].copy()
        one = list(x.shape)
        if -x.ndim <= d < x.ndim:
            one[d] = once.size
        single = array(rng, tuple(one), str(x.dtype))
        alpha = pick(rng, 1, 2, -0.5, 3)
        value = pick(rng, 3, -1.5, True)
        call, where, values = pick(
            rng,
            (lambda t, x, i, v: t.index_add(x, d, i, v), index, source),
            (lambda t, x, i, v: x.index_add(d, i, v, alpha=alpha), index, source),
            (lambda t, x, i, v: (x * 1).index_add_(d, i, v), index, source),
            (lambda t, x, i, v: t.index_copy(x, d, i, v), once, single),
            (lambda t, x, i, v: x.index_copy(d, i, v), once, single),
            (lambda t, x, i, v: t.index_fill(x, d, i, value), index, source),
            (
                lambda t, x, i, v: x.index_fill(d, i, value),
                positions(rng, size, (count,), True, x.size > 0),
                source,
            ),
            (lambda t, x, i, v: x.index_fill(d, i, v.sum().to(x.dtype)), index, source),
        )
        return call, [x, where, values]

    check(slices, 1200)


def test_masks() -> None:
    def masks(rng: Rng) -> tuple[Any, list[Any]]:
        x = strided(rng, tensor(rng))
        shape = smaller(rng, x.shape)
        mask = rng.random(shape) < 0.5
        if rng.random() < 0.05:
            mask = mask.astype(np.uint8)
        source = array(rng, (x.size + (rng.random() < 0.5),), str(x.dtype))
        y = array(rng, smaller(rng, x.shape), str(rng.choice(KINDS)))
        value = pick(rng, 3, -1.5, float("inf"), True, 0)
        if not np.issubdtype(x.dtype, np.floating):
            value = pick(rng, 3, 1.5, True)
        call, other = pick(
            rng,
            (lambda t, x, m, v: t.masked_fill(x, m, value), y),
            (lambda t, x, m, v: x.masked_fill(m, v.sum().to(x.dtype)), y),
            (lambda t, x, m, v: (x * 1).masked_fill_(m, value), y),
            (lambda t, x, m, v: t.masked_select(x, m), y),
            (lambda t, x, m, v: x.masked_select(m), y),
            (lambda t, x, m, v: t.masked_scatter(x, m, v), source),
            (lambda t, x, m, v: x.masked_scatter(m, v), source),
            (lambda t, x, m, v: t.where(m, x, v).contiguous(), y),
            (lambda t, x, m, v: x.where(m, value), y),
            (lambda t, x, m, v: t.where(m, value, x), y),
            (lambda t, x, m, v: t.where(m), y),
            (lambda t, x, m, v: t.where(x), y),
            (lambda t, x, m, v: t.where(m, 1, 2.5), y),
            (lambda t, x, m, v: t.nonzero(x).contiguous(), y),
            (lambda t, x, m, v: t.argwhere(x).contiguous(), y),
            (lambda t, x, m, v: x.nonzero(as_tuple=True), y),
            (lambda t, x, m, v: x[m].contiguous(), y),
        )
        return call, [x, np.asarray(mask), other]

    check(masks, 1500)


def test_patches() -> None:
    def patches(rng: Rng) -> tuple[Any, list[Any]]:
        x = strided(rng, tensor(rng, low=1, high=4))
        d, size = along(rng, x)
        shape = [n for k, n in enumerate(x.shape) if k != d % x.ndim]
        at = number(rng, -size - 1, size + 1) if rng.random() < 0.1 else number(rng, -size, max(size, 1))
        one, two, step = number(rng, -size - 1, size + 2), number(rng, -size - 1, size + 2), number(rng, 1, 3)
        rest = list(x.shape)
        rest[d % x.ndim] = len(range(*slice(one, two, step).indices(size)))
        own = array(rng, tuple(shape), str(x.dtype))
        part = array(rng, tuple(rest), str(x.dtype))
        flat = positions(rng, x.size, (number(rng, 0, 5),), True, x.size > 0).astype(np.int64)
        added = array(rng, flat.shape, str(x.dtype))
        target = smaller(rng, x.shape)
        again = bool(rng.random() < 0.7)
        if not again:
            flat, added = flat[:1], added[:1]
        call, *others = pick(
            rng,
            (lambda t, x, v: t.select_scatter(x, v, d, at), own),
            (lambda t, x, v: x.select_scatter(v, d, at), part),
            (lambda t, x, v: t.slice_scatter(x, v, d, one, two, step), part),
            (lambda t, x, v: x.slice_scatter(v, dim=d, start=one, end=two, step=step), part),
            (lambda t, x, v: x.narrow_copy(d % x.ndim, abs(at), 1), own),
            (lambda t, x, v: x.sum_to_size(target) if x.is_floating_point() else x, own),
            (lambda t, x, i, v: x.put(i, v, again).contiguous(), flat, added),
            (lambda t, x, i, v: t.put(x, i, v, accumulate=again).contiguous(), flat, added),
            (lambda t, x, i: [p + 0 for p in t.unravel_index(i, tuple(x.shape))], np.abs(flat)),
        )
        return call, [x, *others]

    check(patches, 1000)


def test_index_put() -> None:
    def puts(rng: Rng) -> tuple[Any, list[Any]]:
        x = array(rng, shape_of(rng, 1, 4, empty=0), str(rng.choice(KINDS)))
        count = number(rng, 1, x.ndim + 1)
        places = shape_of(rng, 0, 3)
        indices = [np.asarray(rng.integers(-size, max(size, 1), places)) for size in x.shape[:count]]
        again = bool(rng.random() < 0.6)
        shape = np.broadcast_shapes(*(each.shape for each in indices)) + x.shape[count:]
        values = array(rng, smaller(rng, shape) if again else (), str(x.dtype))
        call = pick(
            rng,
            lambda t, x, v, *i: x.index_put(i, v, accumulate=again),
            lambda t, x, v, *i: t.index_put(x, list(i), v, again),
            lambda t, x, v, *i: (x * 1).index_put_(tuple(i), v, again),
        )
        return call, [x, values, *indices]

    check(puts, 600)


def test_truth_values_as_indices() -> None:
    def reads(rng: Rng) -> tuple[Any, list[Any]]:
        x = tensor(rng, low=1, high=4)
        flag, places = bool(rng.random() < 0.5), numbers(rng, 0, max(x.shape[0], 1), 2)
        call = pick(
            rng,
            lambda t, x: x[flag],
            lambda t, x: x[t.tensor(flag)],
            lambda t, x: x[None, flag],
            lambda t, x: x[..., flag],
            lambda t, x: x[:, flag],
            lambda t, x: x[flag, places],
            lambda t, x: x[places, flag],
            lambda t, x: x[0, flag],
            lambda t, x: x[flag, flag],
            lambda t, x: x[(x > 0).byte()] if x.dtype != t.bool else x,
        )
        return call, [x]

    check(reads, 300)
