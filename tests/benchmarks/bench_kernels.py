"""How close convolutions come to the processor's limit: python -m tests.benchmarks.bench_kernels

The limit is measured in the same run, with multiply-adds that stay in registers. Times are the shortest of
many, as another process may take the core at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numba
import numpy as np
from gradviz.engine.compiled import Compiled, compile_program, cpu, routine
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F

# name, (N, C, H, W), (O, C, F, F), padding
CASES = (
    ("conv1 of LeNet", (8, 1, 32, 32), (6, 1, 5, 5), 0),
    ("conv2 of LeNet", (8, 6, 14, 14), (16, 6, 5, 5), 0),
    ("3 × 3, 64 → 64, 16 × 16", (8, 64, 16, 16), (64, 64, 3, 3), 1),
)


def shortest(run: Callable[[], object], rounds: int = 60) -> float:
    """Seconds of the quickest of some calls."""
    run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def peak() -> float:
    """Multiply-adds in registers, in floating point operations a second."""
    routine.define()
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


def recorded(x: np.ndarray, w: np.ndarray, padding: int) -> Program:
    """A convolution and its two gradients."""
    a, b = (gradviz.tensor(each, requires_grad=True) for each in (x, w))
    with gradviz.record() as recorder:
        F.conv2d(a, b, padding=padding).sum().backward()
    return recorder.program()


def alone(compiled: Compiled, number: int) -> Callable[[], object]:
    """One instruction's rows, without what Python does around them."""
    ((first, last, _),) = compiled._runs(number, number + 1)
    arena = compiled.arena.ctypes.data
    return lambda: routine.walk(arena, first, last)


def main() -> None:
    """Print a table."""
    limit = peak()
    print(f"{cpu.level()}: {limit / 1e9:.0f} GFLOP/s at most, one thread, single precision")
    rng = np.random.default_rng(0)
    for name, shape, weights, padding in CASES:
        x, w = rng.normal(size=shape).astype(np.float32), rng.normal(size=weights).astype(np.float32)
        program = recorded(x, w, padding)
        compiled = compile_program(program, keep=range(len(program.slots)), samples=0)
        compiled.run()
        pixels = next(program.slots[i.output].shape for i in program.instrs if i.op == "conv2d")[2:]
        work = 2 * shape[0] * np.prod(weights) * np.prod(pixels)
        for number, instr in enumerate(program.instrs):
            if instr.op.startswith("conv2d"):
                speed = work / shortest(alone(compiled, number))
                print(f"  {name:26s} {instr.op:20s} {speed / 1e9:6.0f} GFLOP/s {speed / limit:6.0%}")


if __name__ == "__main__":
    main()
