"""Bringing a model and its optimizer to where a recorded iteration began."""

from __future__ import annotations

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Program, SlotKind
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor
from gradviz.nn import Module
from gradviz.optim.optimizer import Optimizer

from .experiment_parts import Parts

_KEPT = (SlotKind.PARAMETER, SlotKind.BUFFER, SlotKind.GRADIENT)


def beginning(program: Program) -> dict[str, np.ndarray]:
    """By name the parameters, buffers (also the optimizer's) and gradients that a program begins with."""
    first: dict[str, int] = {}
    for binding in program.bindings:
        if binding.slot is not None:
            first.setdefault(binding.name, binding.slot)
    return {name: program.values[slot] for name, slot in first.items() if program.slots[slot].kind in _KEPT}


def restore(program: Program, parts: Parts, like: Optimizer | None) -> None:
    """Set parameters, buffers and gradients to what they were when the program began, bit for bit.

    `like`: the optimizer, of the same kind and over the same parameters, whose state the program has too; the
    state that parts' optimizer gets is that of then. None: it begins without state.
    """
    began = beginning(program)
    with no_grad():
        for name, tensor in _named(parts.model).items():
            if name in began:
                tensor.copy_(_tensor(began[name]))
        for name, parameter in parts.model.named_parameters():
            if f"{name}.grad" in began:
                parameter.grad = _tensor(began[f"{name}.grad"])
    if like is not None:
        _restore_state(began, parts, like)


def _restore_state(began: dict[str, np.ndarray], parts: Parts, like: Optimizer) -> None:
    """What a recording calls "conv1.weight.momentum" is the optimizer's "momentum_buffer" of conv1.weight."""
    names = {id(parameter): name for name, parameter in parts.model.named_parameters()}
    for group, model in zip(parts.optimizer.param_groups, like.param_groups, strict=True):
        for parameter, other in zip(group["params"], model["params"], strict=True):
            for key in like.state.get(other, {}):
                name = f"{names[id(parameter)]}.{key.removesuffix('_buffer')}"
                if name in began:
                    parts.optimizer.state[parameter][key] = _tensor(began[name])


def _named(model: Module) -> dict[str, Tensor]:
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _tensor(value: np.ndarray) -> Tensor:
    return Tensor._from_node(leaf(value.copy()))
