"""`x[key]` to second order, and `x[key] = value` on results and views, with random keys."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import KINDS, Rng  # noqa: E402
from tests.oracle.draws import array, shape_of, smaller  # noqa: E402
from tests.oracle.sampled import check  # noqa: E402
from tests.oracle.test_indexing import empty, key, made, repeats  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey"),
]


@pytest.mark.parametrize("part", range(3))
def test_reading(part: int) -> None:
    def reads(rng: Rng) -> tuple[Any, list[Any]]:
        x = array(rng, shape_of(rng, 1, 5, empty=0), str(rng.choice(KINDS)))
        parts = key(rng, x.shape)
        if empty(x.shape, parts):
            parts = [("plain", 0)]
        return (lambda t, x: x[made(t, parts)].contiguous()), [x]

    check(reads, 500, f"reads {part}")


@pytest.mark.parametrize("part", range(3))
def test_writing(part: int) -> None:
    def writes(rng: Rng) -> tuple[Any, list[Any]]:
        x = array(rng, shape_of(rng, 1, 4, empty=0), str(rng.choice(KINDS)))
        parts = key(rng, x.shape)
        if repeats(x.shape, parts) or empty(x.shape, parts):
            parts = [("plain", 0)]
        try:
            shape = tuple(torch.zeros(x.shape)[made(torch, parts)].shape)
        except (IndexError, ValueError, TypeError, RuntimeError):
            shape = (2,)
        value = array(rng, smaller(rng, shape), str(rng.choice(KINDS)))
        if np.issubdtype(value.dtype, np.floating):
            value = np.asarray(np.where(np.isfinite(value), value, 1)).astype(value.dtype)
            if not np.issubdtype(x.dtype, np.floating):
                value = np.asarray(np.abs(value))
        way = int(rng.integers(3))

        def write(t: Any, x: Any, v: Any) -> Any:
            y = x.clone()
            v = v if y.is_floating_point() else v.detach()
            target = y if way == 0 else y.unsqueeze(0)[0] if way == 1 else y.view(-1).view(y.shape)
            if way == 2 and v.is_floating_point() == y.is_floating_point():
                target[made(t, parts)] += v.to(y.dtype)
            else:
                target[made(t, parts)] = v
            return y * 1

        return write, [x, value]

    check(writes, 400, f"writes {part}")
