"""What the processor can do at most, measured: multiply-adds in registers, and numbers from and to memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
from gradviz.engine.compiled import cpu, routine

SIZES = tuple(1 << power for power in (14, 17, 18, 20, 22, 24, 25, 26))
"""Bytes that are gone through again and again: the fewer, the nearer is the cache that holds them."""


def shortest(run: Callable[[], object], seconds: float = 0.25) -> float:
    """Seconds of the quickest of some calls, as another process may take the core at any time."""
    run()
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


@dataclass(frozen=True)
class Limits:
    """Floating point operations a second, and by how many bytes are in use the bytes a second."""

    speed: float
    bandwidths: dict[int, float]

    def seconds(self, work: float, moved: float) -> tuple[float, str]:
        """The shortest time for so many operations and so many bytes that are read or written once, and
        which of the two it is."""
        size = next((size for size in self.bandwidths if size >= moved), max(self.bandwidths))
        computing, moving = work / self.speed, moved / self.bandwidths[size]
        return max((computing, "computing"), (moving, "moving"))


def measured() -> Limits:
    """Both, on one core, in single precision."""
    routine.define()
    return Limits(_speed(), {size: _bandwidth(size) for size in SIZES})


def _speed() -> float:
    from gradviz.engine.compiled.memory import singles_at
    from gradviz.engine.compiled.simd import fill, fma, total

    @numba.njit("float32(int64, int64)")
    def spin(address: int, count: int) -> float:
        memory = singles_at(address)
        x = fill(memory, 0.5)
        a = b = c = d = e = f = g = h = i = j = x
        for _ in range(count):
            a, b, c, d, e = fma(x, a, x), fma(x, b, x), fma(x, c, x), fma(x, d, x), fma(x, e, x)
            f, g, h, i, j = fma(x, f, x), fma(x, g, x), fma(x, h, x), fma(x, i, x), fma(x, j, x)
        return total(a + b + c + d + e + f + g + h + i + j)

    words = np.zeros(16, np.float32)
    count = 20_000
    lanes = cpu.vector_bytes() // 4
    return count * 10 * 2 * lanes / shortest(lambda: spin(words.ctypes.data, count))


def _bandwidth(size: int) -> float:
    """One vector read, one read and written: y ← a x + y, the usual mixture."""
    from gradviz.engine.compiled.memory import singles_at
    from gradviz.engine.compiled.simd import fill, fma, lanes, load, store

    @numba.njit("void(int64, int64, int64)")
    def pass_over(address: int, count: int, turns: int) -> None:
        memory = singles_at(address)
        width = lanes(memory)
        a = fill(memory, 0.5)
        for _ in range(turns):
            for k in range(0, count, 4 * width):
                for j in range(k, k + 4 * width, width):
                    store(memory, count + j, fma(a, load(memory, j), load(memory, count + j)))

    numbers = np.ones(size // 4 + 64, np.float32)
    start = numbers.ctypes.data + -numbers.ctypes.data % 64
    turns = max(1, (1 << 22) // size)
    seconds = shortest(lambda: pass_over(start, size // 8, turns))
    return turns * size * 1.5 / seconds
