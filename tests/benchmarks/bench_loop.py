"""How late the window's event loop is while LeNet is trained in the background, and while nothing runs.

python -m tests.benchmarks.bench_loop
"""

from __future__ import annotations

import os
import threading
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import QCoreApplication, QTimer

from gradviz.app.experiment import Experiment, ExperimentSpec

EVERY = 5  # milliseconds
SECONDS = 5.0


def delays(app: QCoreApplication) -> np.ndarray:
    """By how many milliseconds each of many single timers fired too late."""
    late: list[float] = []
    end = time.perf_counter() + SECONDS

    def again() -> None:
        due = time.perf_counter() + EVERY / 1e3

        def fired() -> None:
            late.append((time.perf_counter() - due) * 1e3)
            again() if time.perf_counter() < end else app.quit()

        timer.singleShot(EVERY, fired)

    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)
    again()
    app.exec()
    return np.array(late)


def show(name: str, late: np.ndarray) -> None:
    """Median and tail."""
    p50, p90, p99 = np.percentile(late, [50, 90, 99])
    print(
        f"  {name:20s} median {p50:6.2f} ms   90 % {p90:6.2f} ms   99 % {p99:6.2f} ms   ({late.size} timers)"
    )


def main() -> None:
    """Print the delays, idle and training, twice."""
    app = QCoreApplication([])
    experiment = Experiment(ExperimentSpec(model="lenet", data="digits"))
    experiment.train(5)
    print("how late timers fire in the thread of the window")
    for _ in range(2):
        show("nothing runs", delays(app))
        stop = threading.Event()
        counted = [0]

        def work(stop: threading.Event = stop, counted: list[int] = counted) -> None:
            rows = experiment.train(10**6, lambda row, done: not stop.is_set())
            counted[0] = len(rows)

        thread = threading.Thread(target=work)
        thread.start()
        late = delays(app)
        stop.set()
        thread.join()
        show("LeNet is trained", late)
        print(f"  {counted[0]} iterations meanwhile")


if __name__ == "__main__":
    main()
