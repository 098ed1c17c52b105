"""Random arguments for calls: tensors, dimensions, sizes; some of them wrong."""

from typing import Any

import numpy as np

from tests.oracle.draws import array, shape_of
from tests.oracle.sampled import Draw

Rng = np.random.Generator
KINDS = ("float64", "float64", "float64", "float32", "int64", "bool", "float16", "uint8")


def tensor(rng: Rng, shape: tuple[int, ...] | None = None, low: int = 0, high: int = 5) -> np.ndarray:
    shape = shape_of(rng, low, high, empty=0.08) if shape is None else shape
    return array(rng, shape, str(rng.choice(KINDS)))


def strided(rng: Rng, x: np.ndarray) -> np.ndarray:
    """The array as it is, or lying otherwise in memory."""
    return np.asarray(x.T if x.ndim > 1 and rng.random() < 0.3 else x)


def number(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high))


def numbers(rng: Rng, low: int, high: int, count: int) -> list[int]:
    return [int(n) for n in rng.integers(low, high, count)]


def pick(rng: Rng, *choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def dims_of(rng: Rng, ndim: int) -> list[int]:
    """Some dimensions, now and then one that is out of range or named twice."""
    if rng.random() < 0.1:
        return numbers(rng, -ndim - 1, ndim + 1, 2)
    chosen = rng.permutation(ndim)[: number(rng, 0, ndim + 1)]
    return [int(d) - (ndim if rng.random() < 0.3 else 0) for d in chosen]


def dim_of(rng: Rng, ndim: int) -> int:
    if rng.random() < 0.05:
        return number(rng, -ndim - 2, ndim + 2)
    return number(rng, -ndim, ndim) if ndim else number(rng, -1, 1)


def one_tensor(make: Any) -> Draw:
    """Draws of a function of one tensor: `make(rng, x)` gives the call."""

    def draw(rng: Rng) -> tuple[Any, list[Any]]:
        x = tensor(rng)
        x = strided(rng, x)
        return make(rng, x), [x]

    return draw


def factors(rng: Rng, count: int) -> list[int]:
    """Sizes whose product is `count`, one of them now and then left to be worked out."""
    sizes = []
    while count > 1 and len(sizes) < 4:
        divisors = [d for d in range(1, count + 1) if count % d == 0]
        sizes.append(int(rng.choice(divisors)))
        count //= sizes[-1]
    sizes.append(count)
    rng.shuffle(sizes)
    sizes = [int(n) for n in sizes]
    if rng.random() < 0.4:
        sizes[number(rng, 0, len(sizes))] = -1
    if rng.random() < 0.05:
        sizes[number(rng, 0, len(sizes))] = number(rng, -2, 4)
    return sizes
