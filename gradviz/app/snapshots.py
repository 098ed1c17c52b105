"""A closer look at one iteration: how weights, gradients and activations are spread, and the optimizer's
state."""

from __future__ import annotations

import re

import numpy as np

from gradviz.engine.program import Instr, Phase, Program

from .recording import last_gradients, norm, parameter_slots
from .spread import spread_of
from .train_snapshot import Snapshot

RELU = "relu"
NONLINEAR = frozenset(
    {
        *("celu", "elu", "gelu", "gelu_tanh", "hardshrink", "hardsigmoid", "hardswish", "hardtanh"),
        *("leaky_relu", "log_sigmoid", "mish", "prelu", "relu", "selu", "sigmoid", "silu", "softplus"),
        *("softshrink", "tanh", "threshold"),
    }
)
"""Operations whose output is an activation of its own, wherever they stand."""

_SHAPES = frozenset(
    {
        *("flatten", "reshape", "permute", "transpose", "t", "squeeze", "unsqueeze", "expand"),
        *("clone", "detach", "copy"),
    }
)
"""Operations that give the same numbers in another shape."""

_STATE = {"momentum": "momentum_buffer"}  # what the recording calls it, and what the optimizer's state does


def snapshot_of(program: Program, iteration: int) -> Snapshot:
    """Look at an iteration with all its values; the weights are those that it began with."""
    values = program.values
    weights = parameter_slots(program)
    gradients = last_gradients(program)
    slots = activation_slots(program)
    ops = {name: program.instrs[program.producers[slot]].op for name, slot in slots.items()}
    return Snapshot(
        iteration,
        weights={name: spread_of(values[before]) for name, (before, _) in weights.items()},
        gradients={name: spread_of(values[gradients[name]]) for name in weights if name in gradients},
        activations={name: spread_of(values[slot], ops[name]) for name, slot in slots.items()},
        dead={name: dead_share(values[slots[name]]) for name, op in ops.items() if op == RELU},
        state=state_norms(program),
    )


def activation_slots(program: Program) -> dict[str, int]:
    """For each output of a module or an operation in forward its slot, in their order.

    A module's output is the last that it computes; an activation function is always one of its own. What
    is in no module is called by its operation, the second time "relu#2".
    """
    found: dict[str, int] = {}
    plain = _plain_modules(program)
    for instr in program.instrs:
        if instr.site.phase is not Phase.FORWARD or instr.op in _SHAPES:
            continue
        if not program.slots[instr.output].dtype.startswith("float"):
            continue
        path = instr.site.module
        if not path or (instr.op in NONLINEAR and path not in plain):
            name = _numbered(f"{path}.{instr.op}" if path else instr.op, found)
        else:
            name = path
            found.pop(name, None)  # the last counts, and its place in the order
        found[name] = instr.output
    return found


def dead_share(values: np.ndarray) -> float:
    """The share of units (channels, or features) that are 0 for every sample and place."""
    if not values.size:
        return 0.0
    if values.ndim < 2:
        return float(np.mean(values == 0))
    units = np.any(values != 0, axis=(0, *range(2, values.ndim)))
    return float((units.size - np.count_nonzero(units)) / units.size)


def state_norms(program: Program) -> dict[str, dict[str, float]]:
    """‖·‖₂ of what the optimizer keeps for each parameter, after its step; how often it stepped left out."""
    last: dict[str, int] = {row.name: row.slot for row in program.bindings if row.slot is not None}
    found: dict[str, dict[str, float]] = {}
    for name in parameter_slots(program):
        for bound, slot in last.items():
            kind = bound.removeprefix(f"{name}.")
            if kind == bound or kind in ("grad", "step") or "." in kind:
                continue
            found.setdefault(name, {})[_STATE.get(kind, kind)] = norm(program.values[slot])
    return found


def _plain_modules(program: Program) -> frozenset[str]:
    """The modules and composed functions that run nothing but one operation, but for shapes."""
    count: dict[str, int] = {}
    for instr in program.instrs:
        if instr.site.phase is Phase.FORWARD and not _only_shapes(instr):
            count[instr.site.module] = count.get(instr.site.module, 0) + 1
    return frozenset(path for path, n in count.items() if n == 1)


def _only_shapes(instr: Instr) -> bool:
    return instr.op in _SHAPES


def _numbered(name: str, taken: dict[str, int]) -> str:
    """The name, or the next of "relu#2", "relu#3", … that is free, as modules that run again are called."""
    if name not in taken:
        return name
    same = re.compile(re.escape(name) + r"(#\d+)?")
    return f"{name}#{1 + sum(1 for other in taken if same.fullmatch(other))}"
