"""Random programs: graphs with fan-out, views, broadcasting and changes in place, for any library that has
PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Tensor = Any
SHAPES = ((), (3,), (2, 3), (3, 2), (2, 1, 3))


def leaves(seed: int) -> list[np.ndarray]:
    """Two to four arrays of random shapes."""
    rng = np.random.default_rng([seed, 1])
    count = int(rng.integers(2, 5))
    return [rng.uniform(-1.5, 1.5, SHAPES[int(rng.integers(len(SHAPES)))]) for _ in range(count)]


def run(
    t: Any, seed: int, inputs: list[Tensor], steps: int = 9, severed: bool = False, reckless: bool = False
) -> Tensor:
    """One number, computed from all inputs; the same program for the same seed.

    With `severed` some values are detached, which finite differences do not see. `reckless` programs change
    in place what may be needed for backward; others do so to copies only.
    """
    rng = np.random.default_rng([seed, 2])
    pool, choice = list(inputs), [*STEPS, _sever] if severed else STEPS
    for _ in range(steps):
        step = choice[int(rng.integers(len(choice)))]
        pool.append(step(t, rng, pool))
        if rng.random() < 0.25:
            _change(t, rng, pool, reckless)
    total = pool[0].sum() * 0.5
    for number, each in enumerate(pool[1:]):
        total = total + (each * (0.3 + 0.1 * number)).sum()
    return total


def _pick(rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    return pool[int(rng.integers(len(pool)))]


def _two(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Two that broadcast; the second becomes a number where they do not."""
    a, b = _pick(rng, pool), _pick(rng, pool)
    fits = all(m == n or 1 in (m, n) for m, n in zip(a.shape[::-1], b.shape[::-1], strict=False))
    return a, b if fits and max(len(a.shape), len(b.shape)) < 4 else b.mean()


def _unary(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool)
    return [
        lambda: x.sin(),
        lambda: x.tanh(),
        lambda: x.sigmoid(),
        lambda: (x.tanh() * 0.5).exp(),
        lambda: (x * x + 1).log(),
        lambda: (x * x + 0.5).sqrt(),
        lambda: x.cos() ** 2,
        lambda: 1 / (x * x + 2),
        lambda: -x.tanh() + 0.1,
    ][int(rng.integers(9))]()


def _binary(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    a, b = _two(t, rng, pool)
    return [
        lambda: a + b,
        lambda: a - b * 0.5,
        lambda: (a * b).tanh(),
        lambda: a / (b * b + 1),
        lambda: a.tanh() * b.sin(),
    ][int(rng.integers(5))]()


def _reduce(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool)
    if not len(x.shape):
        return x.tanh()
    dim = int(rng.integers(len(x.shape)))
    keep = bool(rng.random() < 0.5)
    return [
        lambda: x.sum(dim, keepdim=keep).tanh(),
        lambda: x.mean(dim, keepdim=keep),
        lambda: x.softmax(dim),
        lambda: x.log_softmax(dim).tanh(),
    ][int(rng.integers(4))]()


def _view(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool)
    if not len(x.shape):
        return x.expand(3) * 1
    return [
        lambda: x.reshape(-1)[:3],
        lambda: x[0] if x.shape[0] else x.sin(),
        lambda: x[..., 1:],
        lambda: x.transpose(0, -1),
        lambda: x.unsqueeze(-1)[..., 0],
        lambda: x.flatten()[t.tensor([0, -1, 0])] if x.numel() else x.exp(),
        lambda: x.t() if len(x.shape) == 2 else x * 1,
    ][int(rng.integers(7))]()


def _product(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    a, b = (_pick(rng, pool).reshape(-1, 1).expand(-1, 3) for _ in range(2))
    return (a.t() @ a).tanh() @ b[:1].t() * 0.3


def _join(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool).reshape(-1)[:3]
    y = _pick(rng, pool).reshape(-1)[:2]
    return t.cat([x, y.tanh(), x])[:3] if rng.random() < 0.5 else t.stack([x, x * 2]).sum(0)


def _choose(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool)
    with t.no_grad():
        mask = x.detach() > 0.1
    return t.where(mask, x * 2, x.sin())


def _sever(t: Any, rng: np.random.Generator, pool: list[Tensor]) -> Tensor:
    x = _pick(rng, pool)
    return x.detach() * 0.2 + x


STEPS: list[Callable[..., Tensor]] = [
    _unary,
    _unary,
    _binary,
    _binary,
    _reduce,
    _view,
    _product,
    _join,
    _choose,
]


def _change(t: Any, rng: np.random.Generator, pool: list[Tensor], reckless: bool) -> None:
    """Change the youngest value in place, or a copy of it."""
    x = pool[-1] if reckless else pool[-1].clone()
    pool[-1] = x
    other = _pick(rng, pool[:-1]).mean()
    kind = int(rng.integers(7))
    if kind == 0:
        x.mul_(other)
    elif kind == 1:
        x.add_(other * 0.5)
    elif kind == 2 and len(x.shape) and x.shape[0]:
        x[0] = other
    elif kind == 3 and len(x.shape) and x.shape[0]:
        x[0].mul_(2)
    elif kind == 4:
        x.tanh_()
    elif kind == 5 and reckless:
        with t.no_grad():
            x.mul_(0.5)
    elif kind == 6 and reckless:
        x.detach().add_(0.25)
    else:
        buffer = t.zeros_like(x)
        with t.no_grad():
            buffer.add_(0.5)
        pool[-1] = x + buffer
