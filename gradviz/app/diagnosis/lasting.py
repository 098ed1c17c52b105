"""What holds for a while, not only once: noise alone crosses any threshold now and then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..train_log import TrainLog

ITERATIONS, SHARE = 10, 0.8
"""Of so many iterations in a row that share has to show it."""

SNAPSHOTS = 3
"""So many closer looks in a row have to show it."""

EPOCHS = 3
"""So many epochs in a row have to show it."""


def onset(holds: Sequence[bool] | np.ndarray, window: int, share: float = 1.0) -> int | None:
    """The first place from which on `share` of `window` places in a row hold, itself among them."""
    flags = np.asarray(holds, bool)
    if len(flags) < window:
        return None
    sums = np.concatenate([[0], np.cumsum(flags)])
    enough = (sums[window:] - sums[:-window] >= share * window - 1e-9) & flags[: len(flags) - window + 1]
    first = int(np.argmax(enough))
    return first if enough[first] else None


def weights_of(parameters: Iterable[str]) -> tuple[str, ...]:
    """The parameters that are no biases: those begin at 0, so that nothing can be relative to them."""
    return tuple(name for name in parameters if not name.rpartition(".")[2].startswith("bias"))


def gradient_norm(log: TrainLog) -> np.ndarray:
    """‖g‖₂ of all parameters together, for every row; NaN where no parameter has any."""
    count = len(log.rows)
    total, known = np.zeros(count), np.zeros(count, bool)
    for name in log.parameters:
        column = log.gradient_norms(name)[:count]
        told = log.tells("gradient", name)[:count]
        with np.errstate(over="ignore", invalid="ignore"):
            total += np.where(told, column * column, 0.0)
        known |= told
    return np.where(known, np.sqrt(total), np.nan)


def update_ratios(log: TrainLog) -> dict[str, np.ndarray]:
    """‖Δw‖ / ‖w‖ of the weights, for every row."""
    count = len(log.rows)
    return {name: log.update_ratios(name)[:count] for name in weights_of(log.parameters)}
