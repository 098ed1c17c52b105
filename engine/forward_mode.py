"""Forward-mode differentiation of a recorded program: how every value moves when one of them does.

An op has rules for vector-Jacobian products only. Its Jacobian-vector product is the derivative of that
product: u ↦ uᵀJ is linear in u, and the derivative of (uᵀJ)·t with respect to u is J·t. So each rule is run
forwards by differentiating it backwards.

Source: J. Townsend, "A new trick for calculating Jacobian vector products", 2017.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .autograd import grad
from .interpret import spec_of
from .node import leaf
from .op import REGISTRY
from .program import Program
from .rerun import AbandonedError, Progress, affected
from .state import GradMode, state
from .tensor import Tensor, apply


def jvp(program: Program, index: int, tangents: Mapping[int, np.ndarray]) -> np.ndarray | None:
    """J·t of instruction `index` at the recorded values; None if nothing of it moves.

    `tangents` maps slots to their derivatives; the others stand still.
    """
    instr = program.instrs[index]
    op = REGISTRY[instr.op]
    inputs, moving = [], []
    for position, slot in enumerate(instr.inputs):
        spec = spec_of(program, slot)
        tensor = Tensor._from_node(leaf(np.array(program.values[slot]), spec.weak))
        if slot in tangents and spec.dtype.is_floating_point and op.differentiable(position):
            tensor.requires_grad_()
            moving.append((tensor, tangents[slot]))
        inputs.append(tensor)
    if not moving:
        return None
    recorder, state.recorder = state.recorder, None
    try:
        with GradMode(True):
            out = apply(instr.op, tuple(inputs), instr.attrs)
            if not out.requires_grad:
                return None
            # Anywhere will do, as u ↦ uᵀJ is linear; but some rules take the logarithm of u, or its sign.
            u = Tensor._from_node(leaf(np.ones(out.shape, out.dtype.numpy))).requires_grad_()
            backward = grad(out, [x for x, _ in moving], u, create_graph=True, allow_unused=True)
            terms = [
                (g * Tensor._from_node(leaf(np.asarray(t, g.dtype.numpy)))).sum()
                for g, (_, t) in zip(backward, moving, strict=True)
                if g is not None and g.requires_grad
            ]
            if not terms:
                return np.zeros(out.shape, out.dtype.numpy)
            (found,) = grad(terms, [u], [None] * len(terms), allow_unused=True)
    finally:
        state.recorder = recorder
    return np.zeros(out.shape, out.dtype.numpy) if found is None else found.numpy()


def tangents(
    program: Program,
    seeds: Mapping[int, np.ndarray],
    stop: int | None = None,
    progress: Progress | None = None,
) -> dict[int, np.ndarray]:
    """d value / d ε for every slot before `stop` that moves when `seeds` do at the rate that they give.

    AbandonedError if `progress` says so.
    """
    found = {slot: np.asarray(value) for slot, value in seeds.items()}
    indices = affected(program, seeds, stop)
    for done, index in enumerate(indices):
        if progress is not None and not progress(done, len(indices)):
            raise AbandonedError
        moved = jvp(program, index, found)
        if moved is not None:
            found[program.instrs[index].output] = moved
    return found
