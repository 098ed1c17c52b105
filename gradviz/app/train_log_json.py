"""A training log as strict JSON and as comma-separated values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .csv_text import csv_text
from .recording import Metrics
from .spread import Spread
from .storage_json import FormatError, Json, items, mapping, number, number_to_json, text, whole
from .train_snapshot import EpochRow, Snapshot

if TYPE_CHECKING:
    from .train_log import TrainLog

_MOST = 2**40  # of a count or a number of iterations
_NUMBERS = ("mean", "std", "low", "high", "zeros", "saturated", "reach")


def log_to_json(log: TrainLog) -> dict[str, object]:
    """Columns, snapshots and epochs."""
    log = log.so_far()
    count = len(log.rows)
    parameters = log.parameters
    return {
        "iteration": [int(value) for value in log.column("iteration")[:count]],
        **{name: _column(log.column(name)[:count]) for name in ("loss", "seconds", "lr", "accuracy")},
        "gradient_norms": {
            name: _told(log.gradient_norms(name)[:count], log.tells("gradient", name)) for name in parameters
        },
        "update_ratios": {
            name: _told(log.update_ratios(name)[:count], log.tells("update", name)) for name in parameters
        },
        "snapshots": [_snapshot_to_json(snapshot) for snapshot in log.snapshots],
        "epochs": [_epoch_to_json(row) for row in log.epochs],
    }


def fill(log: TrainLog, value: object) -> None:
    """Add what `log_to_json` gave to an empty log; what was not known (null) is left out of its
    row again."""
    found = mapping(value)
    try:
        numbers = [whole(item, 0, _MOST, "iteration") for item in items(found["iteration"])]
        count = len(numbers)
        loss, seconds, lr, accuracy = (
            _read(found[name], count) for name in ("loss", "seconds", "lr", "accuracy")
        )
        norms = {text(k): _read(v, count) for k, v in mapping(found["gradient_norms"]).items()}
        ratios = {text(k): _read(v, count) for k, v in mapping(found["update_ratios"]).items()}
        for i, iteration in enumerate(numbers):
            row = Metrics(
                iteration, _or_nan(loss[i]), _known(norms, i), _known(ratios, i), _or_nan(seconds[i]),
                _or_nan(lr[i]), _or_nan(accuracy[i]),
            )  # fmt: skip
            log.add_row(row)
        for item in items(found["snapshots"]):
            log.add_snapshot(_snapshot(mapping(item)))
        for item in items(found["epochs"]):
            log.add_epoch(_epoch(item))
    except KeyError as error:
        raise FormatError(f"the training log has no {error}") from error


def log_csv(log: TrainLog) -> str:
    """A header and one line for each iteration; unknown numbers are empty."""
    log = log.so_far()
    count = len(log.rows)
    plain = ("iteration", "loss", "accuracy", "lr", "seconds")
    header = [*plain, *(f"|g| {name}" for name in log.parameters)]
    header += [f"|Δw|/|w| {name}" for name in log.parameters]
    columns = [log.column(name)[:count] for name in plain]
    columns[0] = columns[0].astype(np.int64)
    columns += [log.gradient_norms(name)[:count] for name in log.parameters]
    columns += [log.update_ratios(name)[:count] for name in log.parameters]
    return csv_text(header, columns)


def _column(values: np.ndarray) -> list[Json]:
    """NaN, which stands for an unknown number, is null."""
    return [None if value != value else number_to_json(value) for value in values.tolist()]


def _told(values: np.ndarray, known: np.ndarray) -> list[Json]:
    """Here NaN may be what came out, so only what was not told is null."""
    pairs = zip(values.tolist(), known.tolist(), strict=False)
    return [number_to_json(value) if told else None for value, told in pairs]


def _read(value: Json, count: int) -> list[float | None]:
    return [None if item is None else number(item) for item in items(value, count)]


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _known(columns: dict[str, list[float | None]], place: int) -> dict[str, float]:
    return {name: column[place] or 0.0 for name, column in columns.items() if column[place] is not None}


def _snapshot_to_json(snapshot: Snapshot) -> Json:
    spreads = {"weights": snapshot.weights, "gradients": snapshot.gradients}
    return {
        "iteration": snapshot.iteration,
        **{kind: {name: _spread_to_json(s) for name, s in part.items()} for kind, part in spreads.items()},
        "activations": [[name, _spread_to_json(s)] for name, s in snapshot.activations.items()],
        "dead": dict(snapshot.dead),
        "state": {
            name: {kind: number_to_json(value) for kind, value in norms.items()}
            for name, norms in snapshot.state.items()
        },
    }


def _snapshot(found: dict[str, Json]) -> Snapshot:
    return Snapshot(
        whole(found["iteration"], 0, _MOST, "iteration"),
        _each(found["weights"], _spread),
        _each(found["gradients"], _spread),
        {
            text(name): _spread(value)
            for name, value in (items(pair, 2) for pair in items(found["activations"]))
        },
        _each(found["dead"], number),
        _each(found["state"], lambda norms: _each(norms, number)),
    )


def _each(value: Json, read: Callable[[Json], Any]) -> dict[str, Any]:
    return {text(name): read(item) for name, item in mapping(value).items()}


def _spread_to_json(spread: Spread) -> Json:
    return {
        **{name: number_to_json(getattr(spread, name)) for name in _NUMBERS},
        "nonfinite": spread.nonfinite,
        "counts": spread.counts.tolist(),
        "linear": spread.linear.tolist(),
    }


def _spread(value: Json) -> Spread:
    found = mapping(value)
    return Spread(
        **{name: number(found[name]) for name in _NUMBERS},
        nonfinite=whole(found["nonfinite"], 0, _MOST),
        counts=_counts(found["counts"]),
        linear=_counts(found["linear"]),
    )


def _counts(value: Json) -> np.ndarray:
    return np.array([whole(item, 0, 2**31, "count") for item in items(value)], np.int32)


def _epoch_to_json(row: EpochRow) -> Json:
    numbers = (row.train_loss, row.train_accuracy, row.test_loss, row.test_accuracy)
    return [row.epoch, row.iteration, *map(number_to_json, numbers), [list(line) for line in row.confusion]]


def _epoch(found: Json) -> EpochRow:
    epoch, iteration, *numbers, confusion = items(found, 7)
    lines = (tuple(whole(n, 0, _MOST) for n in items(line)) for line in items(confusion))
    one, two, three, four = map(number, numbers)
    return EpochRow(whole(epoch, 0, _MOST), whole(iteration, 0, _MOST), one, two, three, four, tuple(lines))
