"""The loss around a point in weight space, on a plane through it.

Random directions are normalised filter by filter, as a network does not care how its weights are scaled:
Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018,
arXiv:1712.09913, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Weights = Mapping[str, np.ndarray]
"""Parameters by name; directions, which are like differences of them, too."""

Progress = Callable[[int, int], bool]
"""How much is done, of how much; False asks to stop."""


class Losses(Protocol):
    """What tells the loss for some weights."""

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Weights | None = None) -> float: ...


@dataclass(frozen=True, eq=False)
class Plane:
    """The weights origin + a·d1 + b·d2."""

    origin: Weights
    d1: Weights
    d2: Weights

    def at(self, a: float, b: float) -> dict[str, np.ndarray]:
        """The weights at a place, of the origin's dtypes."""
        return {
            name: (w + a * self.d1[name] + b * self.d2[name]).astype(w.dtype, copy=False)
            for name, w in self.origin.items()
        }

    def project(self, weights: Weights) -> tuple[float, float]:
        """The place (a, b) on the plane that is nearest to some weights."""
        away = {name: weights[name].astype(np.float64) - w for name, w in self.origin.items()}
        gram = np.array([[dot(p, q) for q in (self.d1, self.d2)] for p in (self.d1, self.d2)])
        right = np.array([dot(self.d1, away), dot(self.d2, away)])
        a, b = np.linalg.lstsq(gram, right, rcond=None)[0]
        return float(a), float(b)


@dataclass(frozen=True, eq=False)
class Surface:
    """Losses on a plane: losses[j, i] is that at alphas[i] along d1 and betas[j] along d2."""

    alphas: np.ndarray
    betas: np.ndarray
    losses: np.ndarray
    plane: Plane

    def project(self, weights: Weights) -> tuple[float, float]:
        """Where some weights lie, seen from straight above."""
        return self.plane.project(weights)


def surface(
    evaluator: Losses,
    origin: Weights,
    d1: Weights,
    d2: Weights,
    span: float,
    n: int,
    inputs: np.ndarray,
    targets: np.ndarray,
    progress: Progress = lambda done, total: True,
) -> Surface | None:
    """The losses at n × n places from -span to span; None if `progress` asked to stop.

    An odd n has a place at the very origin. Errors: ValueError if n < 2 or span is not above 0.
    """
    if n < 2 or not 0 < span < float("inf"):
        raise ValueError(f"a surface needs at least 2 places and a width, not {n} and {span}")
    plane = Plane(origin, d1, d2)
    places = np.linspace(-span, span, n)
    places[n // 2] = 0.0 if n % 2 else places[n // 2]  # not 1e-17
    losses = np.full((n, n), np.nan)
    for done, (j, i) in enumerate(_from_the_middle(n)):
        if not progress(done, n * n):
            return None
        losses[j, i] = evaluator.loss(inputs, targets, plane.at(places[i], places[j]))
    progress(n * n, n * n)
    return Surface(places, places.copy(), losses, plane)


def filter_normalised(origin: Weights, seed: int = 0) -> dict[str, np.ndarray]:
    """A random direction whose filters are as long as the origin's: d ← d / ‖d‖ · ‖w‖ for each.

    A filter is what one output reads: weight[i] of a convolution or a linear layer. Parameters of one
    dimension (biases, normalisations) stay as they are: zero.
    """
    rng = np.random.default_rng(seed)
    found = {}
    for name, w in origin.items():
        direction = rng.standard_normal(w.shape)  # drawn for all, so that no layer changes another's
        if w.ndim < 2:
            found[name] = np.zeros(w.shape)
            continue
        axes = tuple(range(1, w.ndim))
        length = np.sqrt(np.sum(direction**2, axis=axes, keepdims=True))
        wanted = np.sqrt(np.sum(w.astype(np.float64) ** 2, axis=axes, keepdims=True))
        found[name] = direction / np.maximum(length, 1e-300) * wanted
    return found


def random_plane(origin: Weights, seed: int = 0) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Two such directions; in so many dimensions they are nearly at right angles."""
    return filter_normalised(origin, 2 * seed), filter_normalised(origin, 2 * seed + 1)


def gradient_plane(gradient: Weights, other: Weights) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The plane of the gradient and of another direction (the momentum), as two of length 1 at right angles.

    The first points along the gradient. Errors: ValueError if the two are parallel, or one is zero.
    """
    size = length(gradient)
    if not 0 < size < float("inf"):
        raise ValueError("the gradient is zero, or not finite")
    d1 = {name: g.astype(np.float64) / size for name, g in gradient.items()}
    along = dot(d1, other)
    rest = {name: other[name].astype(np.float64) - along * d for name, d in d1.items()}
    left = length(rest)
    if not left > 1e-6 * max(length(other), 1e-300):  # also if it is NaN
        raise ValueError("the other direction is parallel to the gradient, or zero")
    d2 = {name: r / left for name, r in rest.items()}
    again = dot(d1, d2)  # once more, for the rounding of the first time
    d2 = {name: r - again * d1[name] for name, r in d2.items()}
    return d1, d2


def dot(one: Weights, other: Weights) -> float:
    """Σ xᵢ yᵢ over all parameters, in double precision."""
    return float(sum(np.sum(one[name] * np.asarray(other[name], np.float64)) for name in one))


def length(weights: Weights) -> float:
    """‖·‖₂ of all parameters together."""
    return float(np.sqrt(dot(weights, weights)))


def _from_the_middle(n: int) -> list[tuple[int, int]]:
    """The places of a square grid, (row, column), those nearest to its middle first."""
    middle = (n - 1) / 2
    places = [(j, i) for j in range(n) for i in range(n)]
    return sorted(places, key=lambda place: (place[0] - middle) ** 2 + (place[1] - middle) ** 2)
