"""How a race has ended, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .csv_text import csv_text
from .evaluator import Evaluator
from .landscape import Progress
from .race import Race

LIMIT = 1000  # training samples of which the loss is computed
WINDOW = 8  # batches whose mean loss has to be as low as the goal


@dataclass(frozen=True)
class Standing:
    """One contender at the end; `loss` is that of the training samples, NaN if it has diverged.

    `accuracy`: of the test samples, NaN where there are none or no classes; `seconds`: for one iteration.
    """

    label: str
    loss: float
    accuracy: float
    seconds: float
    iterations: int
    diverged: int | None


def standings(race: Race, progress: Progress = lambda done, total: True) -> tuple[Standing, ...]:
    """All of them, in the order of the lanes; fewer if `progress` asked to stop."""
    found = []
    for number, lane in enumerate(race.lanes):
        if not progress(number, len(race.lanes)):
            break
        loss = accuracy = float("nan")
        if lane.diverged is None:
            train, test = lane.parts.train.select(slice(0, LIMIT)), lane.parts.test
            weights = lane.weights(True)
            judge = race.track.judge(lane.parts, weights.copy)
            loss = judge.loss(train.inputs, train.targets, weights)
            if isinstance(judge, Evaluator) and len(test):
                accuracy = judge.accuracy(test.inputs, test.targets, weights)
        count = len(lane.losses)
        label = lane.contender.label
        found.append(Standing(label, loss, accuracy, lane.seconds / max(count, 1), count, lane.diverged))
    return tuple(found)


def smoothed(losses: Sequence[float], window: int) -> np.ndarray:
    """The mean of each `window` losses in a row, by the last of them; the first ones have fewer."""
    values = np.asarray(losses, np.float64)
    if not values.size:
        return values
    sums = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(values), values, np.inf))])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def reached(race: Race, goal: float) -> list[int | None]:
    """For each lane after how many iterations its loss, the mean of a few batches, was down to the goal."""
    window = WINDOW if race.track.batch is not None else 1
    found: list[int | None] = []
    for lane in race.lanes:
        below = np.flatnonzero(smoothed(lane.losses, window) <= goal)
        found.append(int(below[0]) + 1 if below.size else None)
    return found


def usual_goal(race: Race) -> float:
    """A loss that tells them apart: half way, by ratio, from the first one to the lowest that was reached."""
    window = WINDOW if race.track.batch is not None else 1
    curves = [smoothed(lane.losses, window) for lane in race.lanes if lane.losses]
    lows = [float(curve[np.isfinite(curve)].min()) for curve in curves if np.isfinite(curve).any()]
    if not lows:
        return float("nan")
    start = max(float(curve[0]) for curve in curves if np.isfinite(curve[0]))
    low = max(min(lows), start * 1e-6, 1e-300)
    return float(f"{np.sqrt(start * low):.2g}")


def table_csv(rows: Sequence[Standing], after: Sequence[int | None], goal: float) -> str:
    """The table as comma-separated values."""
    header = ["optimizer", "train_loss", "test_accuracy", f"iterations_to_{goal:g}", "ms_per_iteration"]
    header += ["iterations", "diverged_at"]
    nan = float("nan")
    columns = [
        np.array([row.label for row in rows], object),
        np.array([row.loss for row in rows]),
        np.array([row.accuracy for row in rows]),
        np.array([nan if n is None else n for n in after], object),
        np.array([row.seconds * 1000 for row in rows]),
        np.array([row.iterations for row in rows], object),
        np.array([nan if row.diverged is None else row.diverged for row in rows], object),
    ]
    return csv_text(header, columns)
