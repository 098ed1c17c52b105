"""What an instruction costs: multiply-adds, passes over elements, and the time that it takes here.

Products of sums (convolutions, matrix products) are counted in multiply-adds, exactly: so many terms for each
element of the result. Everything else is counted in elements: of the result or of the largest input,
whichever has more, and pools by their windows. Views cost nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from gradviz.engine.interpret import step
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Instr, Program
from gradviz.engine.rerun import AbandonedError, Progress

from ..numerals import shape_text

Shape = tuple[int, ...]

REPEATS = 5
LONG = 0.05  # seconds; what takes longer is not repeated as often


@dataclass(frozen=True, slots=True)
class Cost:
    """`count` multiply-adds or elements, and how it comes about: "1×6×28×28 · 1×5×5"."""

    count: int
    multiply_adds: bool
    how: str


def cost_of(program: Program, index: int) -> Cost:
    """The cost of one instruction."""
    instr = program.instrs[index]
    out = program.slots[instr.output].shape
    inputs = [program.slots[slot].shape for slot in instr.inputs]
    if instr.op in _PRODUCTS:
        results, terms = _PRODUCTS[instr.op](instr, out, inputs)
        return Cost(prod(results) * prod(terms), True, _product(results, terms))
    op = REGISTRY.get(instr.op)
    if instr.op in _FREE or (op is not None and op.view):
        return Cost(0, False, "")
    if instr.op in _WINDOWS:
        window = _window(instr)
        return Cost(prod(out) * prod(window), False, _product(out, window))
    largest = max([out, *inputs], key=prod)
    return Cost(prod(largest), False, shape_text(largest))


def costs(program: Program) -> list[Cost]:
    """The cost of every instruction."""
    return [cost_of(program, index) for index in range(len(program))]


def measure(program: Program, repeats: int = REPEATS, progress: Progress | None = None) -> list[float]:
    """The seconds that each instruction takes in the interpreter on this machine: the median of some runs.

    One run before them does not count: kernels may have to be compiled. AbandonedError if `progress` says so.
    """
    found = []
    for index in range(len(program)):
        if progress is not None and not progress(index, len(program)):
            raise AbandonedError
        first = _timed(program, index)
        runs = repeats if first < LONG else 1
        found.append(statistics.median(_timed(program, index) for _ in range(runs)))
    return found


def _timed(program: Program, index: int) -> float:
    start = time.perf_counter()
    step(program, index, program.values)
    return time.perf_counter() - start


def _product(results: Shape, terms: Shape) -> str:
    return f"{shape_text(results) or '1'} · {shape_text(terms) or '1'}"


# Sums of products: the shape of the results (of the forward op), and that of the terms of each.

Terms = Callable[[Instr, Shape, Sequence[Shape]], tuple[Shape, Shape]]


def _conv(instr: Instr, out: Shape, inputs: Sequence[Shape]) -> tuple[Shape, Shape]:
    return out, inputs[1][1:]


def _conv_input(instr: Instr, out: Shape, inputs: Sequence[Shape]) -> tuple[Shape, Shape]:
    return inputs[0], inputs[1][1:]


def _conv_weight(instr: Instr, out: Shape, inputs: Sequence[Shape]) -> tuple[Shape, Shape]:
    return inputs[0], out[1:]


def _last(instr: Instr, out: Shape, inputs: Sequence[Shape]) -> tuple[Shape, Shape]:
    return out, inputs[0][-1:]


_PRODUCTS: Mapping[str, Terms] = {
    "conv2d": _conv,
    "conv2d_input_grad": _conv_input,
    "conv2d_weight_grad": _conv_weight,
    "linear": _last,
    "mm": _last,
    "mv": _last,
    "dot": _last,
    "matmul": _last,
}
_FREE = frozenset({"detach", "zero_grad"})
_WINDOWS = frozenset({"max_pool2d_indices", "avg_pool2d"})


def _window(instr: Instr) -> Shape:
    size = instr.attrs["kernel_size"]
    return (size, size) if isinstance(size, int) else tuple(size)
