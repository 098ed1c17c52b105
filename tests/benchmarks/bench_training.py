"""Training in the window with every plot live, beside training without one.

python -m tests.benchmarks.bench_training

Headless and windowed stretches take turns, as other processes disturb both alike. Reported are the share
of the headless rate that the window leaves (goal: 80 %), how late the event loop is (goal: 99th percentile
below 16 ms), how often each plot is drawn anew, and what the history keeps of 1,000 iterations.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
os.environ["GRADVIZ_CONFIG_DIR"] = tempfile.mkdtemp(prefix="gradviz-bench-")

import numpy as np
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.plots.catalogue import PLOTS
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.settings import Settings

EVERY = 5  # ms between two timers
SECONDS = 4.0  # of each stretch
ROUNDS = 3
SPEC = ExperimentSpec(optimizer="adam", learning_rate=0.002)


class Late:
    """By how many milliseconds single timers fire too late in the window's thread."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(self._timer.timerType().PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._fired)
        self._due = 0.0

    def start(self) -> None:
        """Begin to measure."""
        self.values = []
        self._next()

    def stop(self) -> np.ndarray:
        """Stop and return what was measured."""
        self._timer.stop()
        return np.array(self.values)

    def _next(self) -> None:
        self._due = time.perf_counter() + EVERY / 1e3
        self._timer.start(EVERY)

    def _fired(self) -> None:
        self.values.append((time.perf_counter() - self._due) * 1e3)
        self._next()


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()  # app.quit would close the window
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def wait(window: Gradviz, limit: float = 120.0) -> None:
    """Until nothing is trained or recorded."""
    end = time.perf_counter() + limit
    while window.window.lab.busy:
        if time.perf_counter() > end:
            raise TimeoutError("the window is still busy")
        spin(0.05)


def headless(seconds: float) -> float:
    """Iterations per second of a fresh experiment, past its first iterations."""
    experiment = Experiment(SPEC)
    experiment.train(60)
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    start = time.perf_counter()
    timer.start()
    rows = experiment.train(10**7, lambda row, done: not stop.is_set())
    passed = time.perf_counter() - start
    timer.cancel()
    return len(rows) / passed


def windowed(made: Gradviz, plot: str, seconds: float) -> tuple[float, np.ndarray, float]:
    """Iterations per second, delays, and drawings per second, with a plot (or the overview) shown."""
    window = made.window
    window.lab.start_over()
    wait(made)
    window.plots.choose(plot)
    window.lab.training.run(iterations=60)
    wait(made)
    window.lab.training.run()
    spin(0.5)
    log, late = window.lab.log, Late()
    assert log is not None
    canvas = window.plots.figure.canvas
    assert canvas is not None
    before, drawn, start = len(log.rows), canvas.full_drawings + canvas.blits, time.perf_counter()
    late.start()
    spin(seconds)
    found = late.stop()
    passed = time.perf_counter() - start
    done, draws = len(log.rows) - before, canvas.full_drawings + canvas.blits - drawn
    window.lab.training.stop()
    wait(made)
    return done / passed, found, draws / passed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("plots", nargs="*", help="only these")
    options = parser.parse_args()
    app = QApplication(["gradviz"])
    app.setQuitOnLastWindowClosed(False)
    settings = Settings(folder=Path(os.environ["GRADVIZ_CONFIG_DIR"]), welcome=False, reduced_motion=True)
    settings.optimizer, settings.learning_rate = SPEC.optimizer, SPEC.learning_rate
    made = Gradviz(app, settings, "en", "light")
    made.window.resize(1600, 1000)
    made.show()
    spin(1.0)
    wait(made)
    print(f"LeNet, batches of 8, Adam; {options.rounds} rounds of {options.seconds:g} s")
    heads = ("plot", "share of headless", "late p50", "p99", "largest", "draws/s")
    print("{:>15s} {:>20s} {:>9s} {:>7s} {:>8s} {:>8s}".format(*heads))
    for plot in options.plots or PLOTS:
        shares, delays, rates = [], [], []
        for _ in range(options.rounds):
            alone = headless(options.seconds)
            rate, late, draws = windowed(made, plot, options.seconds)
            shares.append(rate / alone)
            delays.append(late)
            rates.append(draws)
        found = np.concatenate(delays)
        p50, p99 = np.percentile(found, [50, 99])
        spread = f"{np.median(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"
        print(
            f"{plot:>15s} {spread:>20s} {p50:9.2f} {p99:7.2f} {found.max():8.1f} {np.median(rates):8.1f}",
            flush=True,
        )
    experiment = Experiment(SPEC)
    experiment.train(1000)
    early = experiment.history.nbytes
    experiment.train(4000)
    kept = (experiment.history.nbytes - early) / 4
    print(f"the history keeps {kept / 1e6:.1f} MB of 1,000 iterations, at most {2**29 / 1e6:.0f} MB in all")
    made.window.close()
    spin(0.1)
    made.shut_down()
    os._exit(0)  # a kernel may still be compiled in the background


if __name__ == "__main__":
    main()
