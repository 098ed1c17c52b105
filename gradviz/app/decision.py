"""What a model says at every place of its inputs' space: classes on a plane, or a curve along a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

Weights = dict[str, np.ndarray]
ROOM = 0.12
"""How far beyond the samples one looks, as a share of their width."""


class Outputs(Protocol):
    """What runs a model."""

    def outputs(self, inputs: np.ndarray, weights: Weights | None = None) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Region:
    """Classes over a plane: probabilities[j, i, c] is that of class c at (xs[i], ys[j])."""

    xs: np.ndarray
    ys: np.ndarray
    probabilities: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """The likeliest class at each place, [j, i]."""
        found: np.ndarray = np.argmax(self.probabilities, axis=-1)
        return found


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted curve: ys[i] at xs[i]."""

    xs: np.ndarray
    ys: np.ndarray


def region(evaluator: Outputs, inputs: np.ndarray, n: int = 80, weights: Weights | None = None) -> Region:
    """The classes on n × n places around samples of shape (N, 2)."""
    (left, right), (low, high) = (reach(inputs[:, axis]) for axis in (0, 1))
    xs, ys = np.linspace(left, right, n), np.linspace(low, high, n)
    places = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
    outputs = np.asarray(evaluator.outputs(places, weights), np.float64).reshape(n, n, -1)
    return Region(xs, ys, softmax(outputs))


def fit(evaluator: Outputs, inputs: np.ndarray, n: int = 200, weights: Weights | None = None) -> Fit:
    """The curve of a model of one input and one output over samples of shape (N, 1)."""
    xs = np.linspace(*reach(inputs[:, 0]), n)
    outputs = evaluator.outputs(xs[:, None].astype(np.float32), weights)
    return Fit(xs, np.asarray(outputs, np.float64).reshape(n, -1)[:, 0])


def reach(values: np.ndarray) -> tuple[float, float]:
    """From where to where one looks at samples that lie at these places."""
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low) or 1.0
    return low - room, high + room


def softmax(scores: np.ndarray) -> np.ndarray:
    """exp sᵢ / Σ exp sⱼ along the last axis; of a single score σ(s) and its rest, as of two classes."""
    if scores.shape[-1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=-1)
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        found: np.ndarray = powers / np.sum(powers, axis=-1, keepdims=True)
    return found
