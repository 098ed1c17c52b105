"""What a training run leaves behind: numbers of every iteration, closer looks now and then, a row for each
epoch."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from .recording import Metrics
from .spread import DECADES, LINEAR_BINS, Spread, spread_of
from .train_log_json import fill, log_csv, log_to_json
from .train_rows import Rows
from .train_snapshot import EpochRow, Snapshot

__all__ = ["DECADES", "LINEAR_BINS", "EpochRow", "Snapshot", "Spread", "TrainLog", "spread_of"]

SNAPSHOTS = 600
"""No more are kept: when there are more, every other one goes."""


class TrainLog:
    """Grows at its end only; one thread writes, any may read at any time.

    `version` grows with every addition: readers compare it now and then.
    """

    def __init__(self) -> None:
        self._rows = Rows()
        self._snapshots: tuple[Snapshot, ...] = ()
        self._epochs: tuple[EpochRow, ...] = ()
        self._version = 0
        self._lock = threading.Lock()

    @property
    def version(self) -> int:
        """How often something was added."""
        return self._version

    @property
    def rows(self) -> Sequence[Metrics]:
        """Every iteration."""
        return self._rows

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        """Closer looks, by iteration, at most SNAPSHOTS."""
        return self._snapshots

    @property
    def epochs(self) -> Sequence[EpochRow]:
        """One row for each finished epoch."""
        return self._epochs

    def add_row(self, row: Metrics) -> None:
        """One more iteration ran."""
        with self._lock:
            self._rows.append(row)
            self._version += 1

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """One more closer look; the last one is always kept."""
        with self._lock:
            kept = self._snapshots
            if len(kept) >= SNAPSHOTS:
                kept = kept[::2]
            self._snapshots = (*kept, snapshot)
            self._version += 1

    def add_epoch(self, row: EpochRow) -> None:
        """One more epoch is over."""
        with self._lock:
            self._epochs = (*self._epochs, row)
            self._version += 1

    def so_far(self) -> TrainLog:
        """What it holds now, for who reads more than one column of it while training goes on.

        It shares memory with this log, so nothing is to be added to it.
        """
        found = TrainLog()
        with self._lock:
            found._rows, found._version = self._rows.so_far(), self._version
            found._snapshots, found._epochs = self._snapshots, self._epochs
        return found

    def until(self, number: int) -> TrainLog:
        """A log of its own of what happened before iteration `number`."""
        made = TrainLog()
        for row in self._rows:
            if row.iteration < number:
                made._rows.append(row)
        made._snapshots = tuple(one for one in self._snapshots if one.iteration < number)
        made._epochs = tuple(one for one in self._epochs if one.iteration < number)
        made._version = len(made._rows) + len(made._snapshots) + len(made._epochs)
        return made

    # In columns, for plots and rules.

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that any row tells of, in their order."""
        return self._rows.parameters

    def column(self, name: str) -> np.ndarray:
        """ "iteration", "loss", "lr", "accuracy" or "seconds" of every row (float64; NaN if unknown)."""
        return self._rows.column("", name)

    def gradient_norms(self, parameter: str) -> np.ndarray:
        """‖g‖₂ of every row; NaN where it has none."""
        return self._rows.column("gradient", parameter)

    def update_ratios(self, parameter: str) -> np.ndarray:
        """‖Δw‖₂ / ‖w‖₂ of every row; NaN where it has none."""
        return self._rows.column("update", parameter)

    def tells(self, kind: str, parameter: str) -> np.ndarray:
        """For every row whether it has a "gradient" or an "update" of a parameter, be it NaN."""
        return self._rows.known(kind, parameter)

    @property
    def nbytes(self) -> int:
        """About how many bytes it takes."""
        each = sum(
            len(part) * (4 * (len(DECADES) - 1 + LINEAR_BINS) + 600)
            for snapshot in self._snapshots[-1:]
            for part in (snapshot.weights, snapshot.gradients, snapshot.activations)
        )
        return self._rows.nbytes + each * len(self._snapshots)

    # As files.

    def to_json(self) -> dict[str, object]:
        """All of it as plain JSON values."""
        return log_to_json(self)

    @classmethod
    def from_json(cls, value: object) -> TrainLog:
        """What `to_json` gave. Errors: FormatError for anything else."""
        log = cls()
        fill(log, value)
        return log

    def csv(self) -> str:
        """Every iteration as comma-separated values."""
        return log_csv(self)
