"""`x[...]` and `x[...] = value` agree with PyTorch, with gradients, for random indices."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import agree, tensors_of  # noqa: E402

pytestmark = pytest.mark.oracle


def entry(rng: np.random.Generator, size: int) -> Any:
    """One entry of an index, as plain data: ("kind", …)."""
    kind = rng.choice(["int", "slice", "slice", "full", "none", "array", "list", "numpy"])
    if kind == "int":
        return (
            "plain",
            int(rng.integers(-size - 1, size + 1)) if rng.random() < 0.1 else int(rng.integers(-size, size)),
        )
    if kind == "slice":
        start, stop = (
            None if rng.random() < 0.3 else int(rng.integers(-size - 2, size + 3)) for _ in range(2)
        )
        return ("plain", slice(start, stop, int(rng.integers(1, 4)) if rng.random() < 0.4 else None))
    if kind == "full":
        return ("plain", slice(None))
    if kind == "none":
        return ("plain", None)
    values = rng.integers(
        -size, size, [(3,), (2, 1), (2, 3), ()][int(rng.integers(4))] if kind != "list" else (3,)
    )
    return (
        ("tensor", np.asarray(values))
        if kind == "array"
        else ("plain", values.tolist() if kind == "list" else np.atleast_1d(values))
    )


def key(rng: np.random.Generator, shape: tuple[int, ...]) -> list[Any]:
    parts = []
    dim = 0
    if shape and rng.random() < 0.15:
        return [("tensor", rng.random(shape[: int(rng.integers(1, len(shape) + 1))]) < 0.5)]
    while dim < len(shape) and rng.random() < 0.85:
        if rng.random() < 0.08:
            parts.append(("tensor", rng.random(shape[dim]) < 0.5))
            dim += 1
            continue
        part = entry(rng, shape[dim])
        parts.append(part)
        dim += part[1] is not None
    if rng.random() < 0.2:
        parts.insert(int(rng.integers(len(parts) + 1)), ("plain", Ellipsis))
    return parts


def made(library: Any, parts: list[Any]) -> Any:
    found = [library.tensor(value) if kind == "tensor" else value for kind, value in parts]
    return found[0] if len(found) == 1 else tuple(found)


def named(shape: tuple[int, ...], parts: list[Any]) -> bool:
    """Whether the name in grad_fn can be compared: views only, each slice of which leaves something out."""
    values = [value for _, value in parts if value is not None]
    if Ellipsis in [value for value in values if not isinstance(value, np.ndarray)] or not values:
        return False
    return all(
        isinstance(value, int) or (isinstance(value, slice) and len(range(*value.indices(size))) < size)
        for value, size in zip(values, shape, strict=False)
    )


def empty(shape: tuple[int, ...], parts: list[Any]) -> bool:
    """PyTorch does not mind positions out of range where nothing is chosen."""
    try:
        return torch.zeros(shape)[made(torch, parts)].numel() == 0
    except (IndexError, ValueError, TypeError, RuntimeError):
        return False


@pytest.mark.parametrize("seed", range(300))
def test_reading(seed: int) -> None:
    for n in range(5):
        rng = np.random.default_rng([seed, n])
        shape = tuple(int(s) for s in rng.integers(1, 5, int(rng.integers(1, 5))))
        parts = key(rng, shape)
        x = rng.normal(size=shape).astype(np.float32)
        if not empty(shape, parts):
            agree(lambda t, x, k: x[made(t, k)], x, parts, names=named(shape, parts))


@pytest.mark.parametrize("seed", range(300))
def test_writing(seed: int) -> None:
    for n in range(5):
        rng = np.random.default_rng([seed, n, 1])
        shape = tuple(int(s) for s in rng.integers(1, 5, int(rng.integers(1, 4))))
        parts = key(rng, shape)
        x = rng.normal(size=shape).astype(np.float32)
        try:
            part = torch.tensor(x)[made(torch, parts)].shape
        except (IndexError, ValueError, TypeError, RuntimeError):
            part = (2,)
        if repeats(shape, parts) or empty(shape, parts):
            continue  # which of several values stays is not defined
        value: Any = rng.normal(size=tuple(part)[int(rng.integers(0, len(part) + 1)) :]).astype(np.float32)
        if rng.random() < 0.3:
            value = float(rng.normal())
        if rng.random() < 0.1:
            value = rng.normal(size=(1, 1, *part)).astype(np.float32)

        def write(t: Any, x: Any, k: Any, v: Any) -> Any:
            y = x * 1
            y[made(t, k)] = v
            return y

        agree(write, x, parts, value, names=False)


def repeats(shape: tuple[int, ...], parts: list[Any]) -> bool:
    numbers = torch.arange(int(np.prod(shape))).reshape(shape)
    try:
        chosen = numbers[made(torch, parts)].reshape(-1).tolist()
    except (IndexError, ValueError, TypeError, RuntimeError):
        return False
    return len(set(chosen)) != len(chosen)


def test_other_ways_to_index() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    for call in (
        lambda t, x: x.index_select(1, t.tensor([3, 0, 0])),
        lambda t, x: t.index_select(x, 0, t.tensor([2])),
        lambda t, x: x.masked_select(x > 0),
        lambda t, x: x[x > 0].sum() + x[(x > 0) & (x < 1)].sum(),
        lambda t, x: x[t.tensor(1)],
        lambda t, x: x[t.tensor(1), :, t.tensor(0)],
        lambda t, x: x[range(2)],
        lambda t, x: x["a"],
        lambda t, x: x[1.0],
        lambda t, x: x[t.tensor([0.5])],
        lambda t, x: x[0, 0, 0, 0],
        lambda t, x: x[::-1],
        lambda t, x: x[[]],
        lambda t, x: x[t.tensor([], dtype=t.long)],
        lambda t, x: x[np.int64(1)],
        lambda t, x: x[:, np.array([True, False, True, True])],
        lambda t, x: x.nonzero().contiguous(),
        lambda t, x: (x > 0).nonzero(as_tuple=True),
        lambda t, x: t.where(x > 10, x, 0.0).sum(),
    ):
        agree(call, x, names=False)
    assert tensors_of([1, 2]) == []
