"""Another activation in a recorded run: forward by its function, backward by its derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from gradviz.engine.ops.create import from_numpy
from gradviz.engine.program import Program
from gradviz.engine.tensor import Tensor
from gradviz.nn import functional as F

from .compare import Rules

Activation = Callable[[Tensor], Tensor]

ACTIVATIONS: dict[str, Activation] = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "tanh": F.tanh,
    "sigmoid": F.sigmoid,
    "gelu": F.gelu,
    "silu": F.silu,
    "elu": F.elu,
}
TITLES = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "gelu": "GELU",
    "silu": "SiLU",
    "elu": "ELU",
}


def activations(program: Program, moment: int = 0) -> dict[str, tuple[int, ...]]:
    """The activations that run from `moment` on, by op, with their instructions."""
    found: dict[str, list[int]] = {}
    for index in range(moment, len(program)):
        instr = program.instrs[index]
        if instr.op in ACTIVATIONS and instr.site.origin < 0 and len(instr.inputs) == 1:
            found.setdefault(instr.op, []).append(index)
    return {op: tuple(rows) for op, rows in found.items()}


def other_activation(program: Program, indices: Iterable[int], name: str) -> tuple[Rules, frozenset[int]]:
    """How to compute instructions `indices` as the activation `name`, forward and backward, for `fork`.

    y = f(x) and ∂L/∂x = ∂L/∂y · f′(x). The second result are the slots that have no counterpart in the other
    run: what backward computes between ∂L/∂y and ∂L/∂x belongs to the old derivative alone.
    """
    function = ACTIVATIONS[name]
    rules: dict[int, Callable[[Sequence[np.ndarray]], np.ndarray]] = {}
    without: set[int] = set()
    for index in indices:
        instr = program.instrs[index]
        (x,) = instr.inputs
        rules[index] = partial(_forward, function, x)
        upstream = program.gradient_slot(instr.output)
        sent = [row.grad for row in program.contributions if row.instr == index]
        for grad in sent:
            producer = program.producers[grad]
            if upstream is not None and producer >= 0:
                rules[producer] = partial(_backward, function, x, upstream)
        own = {each.output for each in program.instrs if each.site.origin == index}
        without |= own - set(sent)
    return rules, frozenset(without)


def _forward(function: Activation, x: int, values: Sequence[np.ndarray]) -> np.ndarray:
    return function(from_numpy(values[x].copy())).numpy()


def _backward(function: Activation, x: int, upstream: int, values: Sequence[np.ndarray]) -> np.ndarray:
    leaf = from_numpy(values[x].copy()).requires_grad_()
    function(leaf).backward(from_numpy(values[upstream].copy()))
    assert leaf.grad is not None
    return leaf.grad.numpy()
