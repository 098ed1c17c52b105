"""Random shapes and arrays for the comparisons with PyTorch."""

import numpy as np

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool", "float16")
FLOATS = ("float32", "float64")
ROUNDS = 150


def array(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, special: bool = True) -> np.ndarray:
    """Random numbers, now and then with equal ones, zeros, infinities and NaN."""
    if dtype == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    if dtype == "uint8":
        return np.asarray(rng.integers(0, 9, shape)).astype(dtype)
    if dtype.startswith("int"):
        return np.asarray(rng.integers(-6, 7, shape)).astype(dtype)
    x = np.asarray(rng.normal(size=shape) * 2)
    if special and rng.random() < 0.3:
        x = np.round(x)
    if special and rng.random() < 0.15:
        x = np.where(rng.random(shape) < 0.3, rng.choice([np.inf, -np.inf, np.nan, 0.0], shape), x)
    return np.asarray(x).astype(dtype)


def shape_of(rng: np.random.Generator, low: int = 0, high: int = 4, empty: float = 0.05) -> tuple[int, ...]:
    sizes = rng.integers(1, 5, int(rng.integers(low, high)))
    return tuple(0 if rng.random() < empty else int(n) for n in sizes)


def smaller(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to `shape`, or now and then does not."""
    if rng.random() < 0.05:
        return (*shape, 3)
    return tuple(1 if rng.random() < 0.3 else n for n in shape[int(rng.integers(0, len(shape) + 1)) :])


def rng_for(call: object, round_: int = 0) -> np.random.Generator:
    return np.random.default_rng([round_, *str(call).encode()])
