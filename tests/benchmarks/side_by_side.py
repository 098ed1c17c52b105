"""Timing contenders side by side: A B C, C B A, … in one process, so that all meet the same machine.

A ratio is the median of the ratios of single rounds; absolute times drift with whatever else is running.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Result:
    """Seconds for one call, and how many times faster than the first contender; quartiles tell the spread."""

    name: str
    seconds: float
    ratio: float
    low: float
    high: float
    rounds: int

    @property
    def margin(self) -> float:
        """How far the true median ratio may lie from `ratio`, with 95 % confidence, if rounds are independent
        and about normal: 1.96 √(π / 2) σ / √n, with σ = (q₃ − q₁) / 1.349.

        Source: R. McGill, J. W. Tukey, W. A. Larsen, "Variations of box plots", The American Statistician 32
        (1978).
        """
        return 1.82 * (self.high - self.low) / self.rounds**0.5

    def __str__(self) -> str:
        spread = f"{self.low:.2f} to {self.high:.2f}"
        return f"  {self.name:28s} {self.seconds * 1e6:12.1f} µs   ×{self.ratio:6.2f}  ({spread})"


def compare(
    contenders: dict[str, Callable[[], object]],
    rounds: int = 11,
    block: float = 0.05,
    clock: Callable[[], float] = time.perf_counter,
    count: int | None = None,
    pause: float = 0,
) -> list[Result]:
    """Run each contender for about `block` seconds, or `count` times, in every round; the first one is what
    others are compared with.

    Before each turn there may be a `pause` in seconds: threads of the contender before it that wait for more
    work keep a core busy for some time (OpenMP's, for 8 to 20 ms).

    `time.process_time` as the clock leaves out what other processes take, which is fair only where no
    contender uses more than one thread.
    """
    calls = {name: count or _calls(run, block) for name, run in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            order = list(contenders) if number % 2 == 0 else list(reversed(contenders))
            for name in order:
                run = contenders[name]
                time.sleep(pause)
                run()
                start = clock()
                for _ in range(calls[name]):
                    run()
                times[name].append((clock() - start) / calls[name])
    finally:
        gc.enable()
    base = times[next(iter(contenders))]
    results = []
    for name, row in times.items():
        ratios = [one / other for one, other in zip(base, row, strict=True)]
        low, _, high = quantiles(ratios, n=4)
        results.append(Result(name, median(row), median(ratios), low, high, rounds))
    return results


def _calls(run: Callable[[], object], block: float) -> int:
    for _ in range(3):
        run()
    start = time.perf_counter()
    run()
    run()
    return max(1, int(2 * block / max(time.perf_counter() - start, 1e-7)))
