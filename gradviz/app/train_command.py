"""`gradviz train`: train without a display, and write down everything that one wants to know afterwards.

The folder gets run.json (settings, seed and version: what `--again` reads), metrics.csv, metrics.json,
weights.safetensors, plots and session.gradviz, which the window opens. Ctrl-C keeps what there is.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import gradviz
from gradviz.data import DataError
from gradviz.serialization import save

from .atomic import replaced
from .experiment import Experiment, ExperimentError, ExperimentSpec
from .i18n import tr
from .recording import Metrics
from .storage import SUFFIX, StorageError, save_recording
from .train_log import TrainLog

RUN, POINTS = "run.json", 20_000
LATER = ("data_file", "data_hash")  # settings that older runs do not have
BAR = 24  # characters
TELL_EVERY = 0.1  # seconds


@dataclass(frozen=True)
class Run:
    """What a run is made of: equal ones give equal numbers. `iterations` counts, if given, not `epochs`."""

    spec: ExperimentSpec
    epochs: int = 3
    iterations: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values, with gradviz's version."""
        return {
            "gradviz": gradviz.__version__,
            "settings": asdict(self.spec),
            "epochs": self.epochs,
            "iterations": self.iterations,
        }

    @classmethod
    def from_json(cls, value: Any) -> Run:
        """What `to_json` gave. Errors: ValueError, TypeError, KeyError for anything else."""
        settings, usual = dict(value["settings"]), ExperimentSpec()
        for field in fields(ExperimentSpec):
            wanted = getattr(usual, field.name)
            if field.name in LATER:
                settings.setdefault(field.name, wanted)
            found = settings[field.name]
            kinds = (int, type(None)) if wanted is None else type(wanted)
            if isinstance(found, bool) or not isinstance(found, kinds):
                raise ValueError(field.name)
        count, epochs = value["iterations"], value["epochs"]
        if not isinstance(epochs, int) or not isinstance(count, int | None) or isinstance(count, bool):
            raise ValueError("epochs")
        return cls(ExperimentSpec(**settings), epochs, count)


def read_run(folder: Path) -> Run:
    """The run that a folder tells of. Errors: ExperimentError if it tells of none."""
    try:
        return Run.from_json(json.loads((folder / RUN).read_text("utf-8")))
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, TypeError, KeyError, RecursionError):
        reason = tr("it is damaged, or of another version")
    raise ExperimentError(tr("{path} cannot be read: {reason}").format(path=folder / RUN, reason=reason))


Draw = Callable[[TrainLog, Path], object]


def train(run: Run, out: Path, draw: Draw | None = None) -> int:
    """Train and write; returns the exit status: 0 done, 1 failed, 130 stopped by Ctrl-C.

    `draw(log, folder)` writes the plots.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(out / RUN, json.dumps(run.to_json(), indent=1))
        experiment = Experiment(run.spec)
    except (ExperimentError, DataError, OSError) as error:
        _tell(f"gradviz: {error}")
        return 1
    trainer = experiment.trainer
    total = trainer.batches.end_of(run.epochs) if run.iterations is None else run.iterations
    bar = Bar(total)
    with _interrupts() as stopped:
        try:
            with closing(trainer.run(total)) as rows:
                for done, row in enumerate(rows, 1):
                    bar.show(done, row)
                    if stopped.is_set() or trainer.diverged is not None:
                        break
        except (ValueError, IndexError, RuntimeError, MemoryError) as error:  # the model or the data
            bar.end()
            _tell(f"gradviz: {error}")
            return 1
        bar.end()
        if stopped.is_set():
            _tell(tr("Stopped after {n} iterations; what there is is kept.").format(n=trainer.count))
        if trainer.diverged is not None:
            text = tr("The loss stopped being a finite number at iteration {n}; what there is is kept.")
            _tell(text.format(n=trainer.diverged))
        status = 0 if write_all(experiment, out, draw) else 1
    if status == 0 and stopped.is_set():
        return 130
    return 1 if trainer.diverged is not None else status


def write_all(experiment: Experiment, out: Path, draw: Draw | None = None) -> bool:
    """Write what a run has left, as much of it as can be written; False if something could not."""
    log = experiment.log
    for row in log.epochs[-1:]:
        accuracy = "" if math.isnan(row.test_accuracy) else f"{100 * row.test_accuracy:.2f} %"
        text = tr("Epoch {n}: test loss {loss:.4f} {accuracy}")
        _tell(text.format(n=row.epoch, loss=row.test_loss, accuracy=accuracy).rstrip())

    def weights() -> None:
        save(experiment._parts.model.state_dict(), out / "weights.safetensors")

    def session() -> None:
        number = experiment.trainer.count
        if number in experiment.history:
            rows = log.rows
            recording = experiment.recording(experiment.at(number))
            few = tuple(rows[: -1 : -(-len(rows) // POINTS)])
            save_recording(replace(recording, trained=few), out / f"session{SUFFIX}")

    good = True
    writers: tuple[Callable[[], object], ...] = (
        lambda: _write(out / "metrics.csv", log.csv()),
        lambda: _write(out / "metrics.json", json.dumps(log.to_json(), allow_nan=False)),
        weights,
        session,
        *([] if draw is None else [lambda: draw(log, out / "plots")]),
    )
    for write in writers:
        try:
            write()
        except (OSError, StorageError, ImportError) as error:  # ImportError: matplotlib's or Qt's libraries
            _tell(tr("gradviz: not everything could be written: {reason}").format(reason=error))
            good = False
    if good:
        _tell(tr("Written: {files}").format(files=out))
    return good


class Bar:
    """A line that says how far training is; on a terminal it is drawn anew, elsewhere once for each tenth."""

    def __init__(self, total: int) -> None:
        self._total, self._start = total, time.perf_counter()
        self._next, self._drawn = 0.0, False
        self._terminal = sys.stderr.isatty()

    def show(self, done: int, row: Metrics) -> None:
        """So many iterations have run; `row` was the last one."""
        now = time.perf_counter()
        tenth = done * 10 // self._total != (done - 1) * 10 // self._total
        if not (now >= self._next and self._terminal) and not tenth:
            return
        self._next = now + TELL_EVERY
        rate = done / max(now - self._start, 1e-9)
        filled = BAR * done // self._total
        text = tr("{done}/{total}  {rate:.0f} iterations/s  {left} left  loss {loss:.4f}").format(
            done=done,
            total=self._total,
            rate=rate,
            left=_duration((self._total - done) / rate),
            loss=row.loss,
        )
        if not math.isnan(row.accuracy):
            text += "  " + tr("accuracy {percent:.1f} %").format(percent=100 * row.accuracy)
        line = f"[{'█' * filled}{'·' * (BAR - filled)}] {text}"
        sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()
        self._drawn = True

    def end(self) -> None:
        """Leave the line."""
        if self._drawn and self._terminal:
            sys.stderr.write("\n")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Set by Ctrl-C, which then ends nothing by itself; a second one does."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return

    def handle(number: int, frame: object) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)


def _write(path: Path, text: str) -> None:
    with replaced(path) as stream:
        stream.write(text.encode("utf-8"))


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  (a command's messages)
