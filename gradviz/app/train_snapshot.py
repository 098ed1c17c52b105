"""What a training log keeps now and then: a closer look at an iteration, and how an epoch ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .spread import Spread


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A closer look at one iteration.

    activations: by the name of the module's or operation's output, in the order of forward; dead: for each
    ReLU's output the share of its units (channels, features) that are 0 for the whole batch; state: norms of
    the optimizer's state, parameter -> {"momentum_buffer": ‖·‖₂, "exp_avg": …}.
    """

    iteration: int
    weights: Mapping[str, Spread]
    gradients: Mapping[str, Spread]
    activations: Mapping[str, Spread]
    dead: Mapping[str, float] = field(default_factory=dict)
    state: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class EpochRow:
    """The end of an epoch; confusion: rows are true classes, columns predicted ones, () for regression."""

    epoch: int
    iteration: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    confusion: tuple[tuple[int, ...], ...] = ()
