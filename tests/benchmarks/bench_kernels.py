"""How far kernels are from the processor's limit: python -m tests.benchmarks.bench_kernels [words of names]

The limits are measured in the same run: multiply-adds in registers, and the bandwidth of the cache (or
memory) that holds what a kernel needs. A kernel's shortest time is that of its operations, or that of reading
each input and writing each result once, whichever is longer. One thread, single precision; times are the
shortest of many, as another process may take the core at any time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from gradviz.engine.compiled import compile_program, cpu, routine
from gradviz.engine.program import Program, SlotKind

import gradviz
import gradviz.nn.functional as F
from gradviz import Tensor
from tests.benchmarks.limits import Limits, measured, shortest

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """Some instructions of a program, and how many operations they have to do at least."""

    name: str
    program: Program
    first: int
    last: int
    work: float


def drawn(*shape: int) -> Tensor:
    """Numbers that want gradients."""
    return gradviz.from_numpy(RNG.normal(size=shape).astype(np.float32)).requires_grad_()


def both_ways(name: str, make: Callable[[], Tensor], forward: float, backward: float) -> Iterator[Case]:
    """A function of tensors, forward and backward."""
    with gradviz.record() as recorder:
        out = make()
        middle = len(recorder.program())
        out.backward(gradviz.ones_like(out) if out.shape else None)
    program = recorder.program()
    yield Case(name, program, 0, middle, forward)
    yield Case(f"{name}, backward", program, middle, len(program), backward)


def convolutions() -> Iterator[Case]:
    """Forward and the two gradients: LeNet's with 1 and 8 samples, all that ResNet-18 has for one of
    3 × 64 × 64, and one of them with 8."""
    for name, image, weights, padding, stride in (
        ("LeNet's conv1", (8, 1, 32, 32), (6, 1, 5, 5), 0, 1),
        ("LeNet's conv1, one", (1, 1, 32, 32), (6, 1, 5, 5), 0, 1),
        ("LeNet's conv2", (8, 6, 14, 14), (16, 6, 5, 5), 0, 1),
        ("LeNet's conv2, one", (1, 6, 14, 14), (16, 6, 5, 5), 0, 1),
        ("3 × 3, 64 → 64, 16 × 16", (8, 64, 16, 16), (64, 64, 3, 3), 1, 1),
        ("7 × 7 by 2, 3 → 64, 64 × 64, one", (1, 3, 64, 64), (64, 3, 7, 7), 3, 2),
        *(
            case
            for c, size in ((64, 16), (128, 8), (256, 4), (512, 2))
            for case in (
                (f"3 × 3, {c} → {c}, {size} × {size}, one", (1, c, size, size), (c, c, 3, 3), 1, 1),
                (
                    f"3 × 3 by 2, {c} → {2 * c}, {size} × {size}, one",
                    (1, c, size, size),
                    (2 * c, c, 3, 3),
                    1,
                    2,
                ),
                (
                    f"1 × 1 by 2, {c} → {2 * c}, {size} × {size}, one",
                    (1, c, size, size),
                    (2 * c, c, 1, 1),
                    0,
                    2,
                ),
            )
            if "512 → 1024" not in case[0]
        ),
    ):
        x, w = drawn(*image), drawn(*weights)
        with gradviz.record() as recorder:
            out = F.conv2d(x, w, padding=padding, stride=stride)
            out.backward(gradviz.ones_like(out))
        program = recorder.program()
        work = 2.0 * math.prod(weights) * out.numel() / weights[0]
        words = {"conv2d": "", "conv2d_input_grad": ", input", "conv2d_weight_grad": ", weights"}
        for number, instr in enumerate(program.instrs):
            if instr.op in words:
                yield Case(f"convolution, {name}{words[instr.op]}", program, number, number + 1, work)


def products() -> Iterator[Case]:
    """Matrix products, and the linear layers of LeNet, an MLP and ResNet-18."""
    for m, k, n in ((64, 400, 120), (1, 400, 120), (256, 256, 256)):
        a, b = drawn(m, k), drawn(k, n)
        work = 2.0 * m * k * n
        yield from both_ways(f"product, {m} × {k} by {k} × {n}", lambda a=a, b=b: a @ b, work, 2 * work)
    for m, k, n in (
        *((m, k, n) for m in (1, 64) for k, n in ((400, 120), (120, 84), (84, 10))),
        *((64, 784, 128), (64, 128, 10), (1, 512, 10)),
    ):
        x, w, b = drawn(m, k), drawn(n, k), drawn(n)
        work = 2.0 * m * k * n
        name = f"linear, {m} × {k} to {n}"
        yield from both_ways(name, lambda x=x, w=w, b=b: F.linear(x, w, b), work, 2 * work)


def layers() -> Iterator[Case]:
    """What has few operations for each number."""
    image = drawn(8, 6, 28, 28)
    size = image.numel()
    yield from both_ways("max pool 2 × 2, 8 × 6 × 28 × 28", lambda: F.max_pool2d(image, 2), size, size)
    yield from both_ways(
        "relu and max pool 2 × 2, 8 × 6 × 28 × 28", lambda: F.max_pool2d(F.relu(image), 2), 2 * size, size
    )
    stem = drawn(1, 64, 32, 32)
    yield from both_ways(
        "max pool 3 × 3 by 2, 1 × 64 × 32 × 32",
        lambda: F.max_pool2d(stem, 3, 2, 1),
        9 * stem.numel() / 4,
        stem.numel(),
    )
    planes = drawn(1, 512, 2, 2)
    yield from both_ways(
        "average of planes, 1 × 512 × 2 × 2", lambda: F.adaptive_avg_pool2d(planes, 1), 2048, 2048
    )
    yield from both_ways("sum for a bias, 8 × 6 × 28 × 28", lambda: image.sum((0, 2, 3)), size, 0)
    for channels, side in ((64, 16), (512, 2)):
        a, b = drawn(1, channels, side, side), drawn(1, channels, side, side)
        name = f"relu(a + b), 1 × {channels} × {side} × {side}"
        work = 2 * a.numel()
        yield from both_ways(name, lambda a=a, b=b: F.relu(a + b), work, work / 2)
    wide = drawn(8, 64, 16, 16)
    yield from both_ways(
        "max pool 3 × 3 by 2, 8 × 64 × 16 × 16",
        lambda: F.max_pool2d(wide, 3, 2, 1),
        9 * wide.numel() / 4,
        wide.numel(),
    )
    scale, shift = drawn(64), drawn(64)
    size = wide.numel()
    yield from both_ways(
        "batch norm, 8 × 64 × 16 × 16",
        lambda: F.batch_norm(wide, None, None, scale, shift, training=True),
        7 * size,
        11 * size,
    )
    for rows, classes in ((64, 10), (64, 1000)):
        x, target = drawn(rows, classes), gradviz.from_numpy(RNG.integers(0, classes, rows))
        work = 4.0 * rows * classes
        yield from both_ways(
            f"softmax and cross-entropy, {rows} × {classes}",
            lambda x=x, target=target: F.cross_entropy(x, target),
            work,
            work,
        )
    for size in (1 << 14, 1 << 20):
        a, b, c = drawn(size), drawn(size), drawn(size)
        yield from both_ways(
            f"relu(a b + c), {size:,} numbers", lambda a=a, b=b, c=c: F.relu(a * b + c), 3 * size, 3 * size
        )


def updates() -> Iterator[Case]:
    """An optimizer's step on LeNet's and on many parameters."""
    kinds = {
        "SGD": (lambda p: gradviz.optim.SGD(p, lr=0.01), 2),
        "SGD with momentum": (lambda p: gradviz.optim.SGD(p, lr=0.01, momentum=0.9), 4),
        "Adam": (lambda p: gradviz.optim.Adam(p, lr=0.01), 12),
    }
    for size in (61_706, 1 << 21):
        for name, (make, work) in kinds.items():
            weight = gradviz.nn.Parameter(drawn(size).detach())
            optimizer = make([weight])
            for _ in range(2):  # the first makes the optimizer's state
                with gradviz.record() as recorder:
                    optimizer.zero_grad()
                    (weight * 2.0).sum().backward()
                    before = len(recorder.program())
                    optimizer.step()
            program = recorder.program()
            yield Case(f"{name}, {size:,} parameters", program, before, len(program), float(work * size))


def results(case: Case) -> set[int]:
    """The slots that these instructions write for others, or for nobody in the program."""
    program = case.program
    made = {program.instrs[k].output for k in range(case.first, case.last)}
    inside = {slot for k in range(case.first, case.last) for slot in program.instrs[k].inputs}
    outside = {slot for instr in program.instrs[case.last :] for slot in instr.inputs}
    ends = {binding.slot for binding in program.bindings}
    return {slot for slot in made if slot in outside or slot in ends or slot not in inside}


def touched(case: Case) -> float:
    """The bytes of what these instructions read and write, once each."""
    program = case.program
    inside = range(case.first, case.last)
    read = {slot for k in inside for slot in program.instrs[k].inputs}
    read -= {program.instrs[k].output for k in inside}
    total = 0.0
    for slot in read | results(case):
        row = program.slots[slot]
        if row.kind is not SlotKind.CONSTANT:
            total += math.prod(row.shape) * np.dtype(row.dtype).itemsize
    return total


def timed(case: Case) -> float:
    """Seconds of these instructions' rows, without what Python does around them."""
    program = case.program
    read = {slot for instr in program.instrs for slot in instr.inputs}
    ends = {instr.output for instr in program.instrs} - read
    compiled = compile_program(program, keep=ends, samples=0)
    compiled.run()
    runs = compiled._runs(case.first, case.last)
    assert all(interpret is None for _, _, interpret in runs), "left to the interpreter"
    arena = compiled.arena.ctypes.data

    def run() -> None:
        for first, last, _ in runs:
            routine.walk()(arena, first, last)

    return shortest(run)


def line(case: Case, limits: Limits) -> str:
    """A row of the table."""
    seconds = timed(case)
    least, what = limits.seconds(case.work, touched(case))
    speed, bandwidth = case.work / seconds / 1e9, touched(case) / seconds / 1e9
    return (
        f"  {case.name:52s} {seconds * 1e6:9.1f} µs {speed:6.1f} GFLOP/s {bandwidth:6.1f} GB/s "
        f"{least / seconds:5.0%} of {what}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose names have one of these words in them")
    words = parser.parse_args().words
    limits = measured()
    print(f"{cpu.level()}: {limits.speed / 1e9:.0f} GFLOP/s at most, one thread, single precision")
    for size, bandwidth in limits.bandwidths.items():
        print(f"{size >> 10:,} KiB read and written again and again: {bandwidth / 1e9:.0f} GB/s")
    for cases in (convolutions, products, layers, updates):
        for case in cases():
            if not words or any(word in case.name for word in words):
                print(line(case, limits), flush=True)


if __name__ == "__main__":
    main()
