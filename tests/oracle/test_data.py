"""Loaders make the same batches as PyTorch's, from samples of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import same  # noqa: E402

pytestmark = pytest.mark.oracle

Rng = np.random.Generator


def sample(t: Any, rng: Rng, shape: int, depth: int = 0) -> Any:
    """A sample whose kind is drawn by `shape`, its numbers from `rng`."""
    kinds: list[Callable[[], Any]] = [
        lambda: float(rng.normal()),
        lambda: int(rng.integers(9)),
        lambda: bool(rng.integers(2)),
        lambda: str(rng.integers(9)),
        lambda: np.float32(rng.normal()),
        lambda: np.int16(rng.integers(9)),
        lambda: rng.normal(size=(2, 3)),
        lambda: rng.integers(9, size=3),
        lambda: np.array(rng.normal()),
        lambda: t.tensor(rng.normal(size=2)),
        lambda: t.tensor(int(rng.integers(9))),
    ]
    if depth < 2:
        kinds += [
            lambda: (sample(t, rng, shape + 3, depth + 1), sample(t, rng, shape + 5, depth + 1)),
            lambda: [sample(t, rng, shape + 2, depth + 1), sample(t, rng, shape + 7, depth + 1)],
            lambda: {"a": sample(t, rng, shape + 4, depth + 1), "b": sample(t, rng, shape + 8, depth + 1)},
        ]
    return kinds[(shape * 7) % len(kinds)]()


def compare(ours: Any, theirs: Any) -> None:
    assert type(ours).__name__ == type(theirs).__name__
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for key in theirs:
            compare(ours[key], theirs[key])
    elif isinstance(theirs, (list, tuple)):
        for a, b in zip(ours, theirs, strict=True):
            compare(a, b)
    else:
        same(ours, theirs)


@pytest.mark.parametrize("shape", range(40))
def test_batches(shape: int) -> None:
    def run(t: Any) -> Any:
        rng = np.random.default_rng(shape)
        samples = [sample(t, rng, shape) for _ in range(int(rng.integers(1, 8)))]
        size = [None, 1, 2, 3][int(rng.integers(4))]
        loader = t.utils.data.DataLoader(
            samples, batch_size=size, drop_last=size is not None and shape % 2 == 0
        )
        return len(loader), list(loader)

    (length, ours), (expected, theirs) = run(gradviz), run(torch)
    assert length == expected
    compare(ours, theirs)


@pytest.mark.parametrize(
    "fractions", [[0.5, 0.5], [0.3, 0.3, 0.4], [0.1] * 10, [0.9, 0.1], [1.0], [7, 6], [13]]
)
@pytest.mark.parametrize("count", [13])
def test_lengths_of_splits(fractions: list[float], count: int) -> None:
    found = [
        [len(part) for part in t.utils.data.random_split(range(count), fractions)] for t in (gradviz, torch)
    ]
    assert found[0] == found[1]


MISTAKES: list[Callable[[Any], Any]] = [
    lambda d: d.DataLoader(range(3), shuffle=True, sampler=[1]),
    lambda d: d.DataLoader(range(3), batch_sampler=[[1]], drop_last=True),
    lambda d: d.DataLoader(range(3), batch_size=None, drop_last=True),
    lambda d: d.DataLoader(range(3), batch_size=1.5),
    lambda d: d.DataLoader(range(3), num_workers=-1),
    lambda d: d.DataLoader(range(3), prefetch_factor=1),
    lambda d: d.DataLoader(range(3), persistent_workers=True),
    lambda d: d.DataLoader(range(3), multiprocessing_context="fork"),
    lambda d: d.DataLoader(range(0), shuffle=True),
    lambda d: d.RandomSampler(range(3), replacement=1),
    lambda d: d.RandomSampler(range(3), num_samples=0),
    lambda d: d.WeightedRandomSampler([1.0], 0),
    lambda d: d.WeightedRandomSampler([[1.0]], 2),
    lambda d: list(d.WeightedRandomSampler([-1.0, 2.0], 2)),
    lambda d: list(d.WeightedRandomSampler([0.0, 0.0], 2)),
    lambda d: list(d.WeightedRandomSampler([1.0, float("inf")], 2)),
    lambda d: list(d.WeightedRandomSampler([0.0, 2.0], 3, replacement=False)),
    lambda d: d.WeightedRandomSampler([1.0], 2, replacement=1),
    lambda d: d.BatchSampler(range(3), 2, 1),
    lambda d: d.ConcatDataset([]),
    lambda d: d.StackDataset(),
    lambda d: d.StackDataset([1], [1, 2]),
    lambda d: d.Dataset()[0],
    lambda d: d.random_split(range(3), [1, 1]),
    lambda d: d.random_split(range(3), [1.5, -0.5]),
    lambda d: d.default_collate([{1}]),
    lambda d: d.default_collate([[1], [1, 2]]),
    lambda d: d.default_collate([np.array(["a"])]),
]


@pytest.mark.parametrize("call", MISTAKES)
def test_mistakes(call: Callable[[Any], Any]) -> None:
    messages = []
    for t in (gradviz, torch):
        with pytest.raises(
            (ValueError, TypeError, AssertionError, RuntimeError, NotImplementedError)
        ) as caught:
            call(t.utils.data)
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]
