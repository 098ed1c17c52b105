"""Values while a recorder listens: each is a tensor without dimensions too, so that its operations are the
engine's instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.engine.autograd import backward as backward_of_tensors
from gradviz.engine.node import constant, leaf
from gradviz.engine.program import Phase, SlotKind
from gradviz.engine.state import GradMode, phase, state
from gradviz.engine.tensor import Tensor, apply
from gradviz.engine.user_code import user_frame

from .codes import ADD, LEAF, MUL, NUMBER, OPS, OWN, POW, RPOW
from .module import Module, named_parameters

if TYPE_CHECKING:
    from gradviz.engine.recorder import Recorder

    from .value import Value


def tensor_of(value: Value) -> Any:
    """The tensor of a value, made now if it was not recorded when it was computed."""
    if value._tensor is None:
        if value._code == NUMBER:
            value._tensor = Tensor._from_node(constant(value._data))
            return value._tensor
        value._tensor = Tensor._from_node(leaf(np.array(value._data, np.float64))).requires_grad_()
        if value._label:
            named(value)
        else:
            _find_name(value)
    return value._tensor


def _find_name(value: Value) -> None:
    """Call a value as the user's variable that holds it, or the network that it is a parameter of."""
    frame, recorder = user_frame(), state.recorder
    if frame is None or recorder is None:
        return
    for variable, held in (*frame.f_locals.items(), *frame.f_globals.items()):
        if variable.startswith("_"):
            continue
        if held is value:
            recorder.name(value._tensor, variable, SlotKind.PARAMETER)
            return
        if isinstance(held, Module) and any(p is value for p in held.parameters()):
            for name, p in named_parameters(held, variable):
                if p._tensor is None:
                    p._tensor = Tensor._from_node(leaf(np.array(p._data, np.float64))).requires_grad_()
                recorder.name(p._tensor, p._label or name, SlotKind.PARAMETER)
            return


def made(value: Value, recorder: Recorder) -> None:
    """An operation has run."""
    if not recorder.keeps:
        return
    code = value._code
    inputs = [tensor_of(value._a)]
    if code in (ADD, MUL):
        inputs.append(tensor_of(value._b))
    elif code in (POW, RPOW):
        inputs.append(Tensor._from_node(constant(value._b)))
    if code == RPOW:
        inputs.reverse()
    with GradMode(True):
        value._tensor = apply(OPS[code], tuple(inputs))


def named(value: Value) -> None:
    """The label of a value is its name in the recording."""
    if not value._label:
        return
    node = value._tensor._node
    if node.op is None and state.recorder is not None:
        state.recorder.name(value._tensor, value._label, SlotKind.PARAMETER)
    elif not node.name:
        node.name = value._label


def updated(value: Value) -> None:
    """The user has given a value another number."""
    recorder = state.recorder
    if recorder is None or not recorder.keeps or value._code != LEAF:
        value._tensor = None  # the old tensor stands for the old number
        return
    new = Tensor._from_node(leaf(np.array(value._data, np.float64)))
    with GradMode(False), phase(Phase.UPDATE):
        value._tensor.copy_(new)


def cleared(value: Value) -> None:
    """The user has set a gradient to 0."""
    recorder, tensor = state.recorder, value._tensor
    if recorder is None or tensor._grad is None:
        return
    with GradMode(False), phase(Phase.ZERO_GRAD):
        if recorder.keeps:
            apply("zero_grad", (tensor._grad,))
        tensor.grad = None
    recorder.mark("zero_grad")


def backward(root: Value, recorder: Recorder) -> None:
    """Record the backward pass of a value; the values' own gradients are computed beside."""
    tensor = root._tensor if recorder.keeps else None
    if tensor is not None and tensor._node.op is not None:
        backward_of_tensors(tensor, retain_graph=True)
    elif not recorder.keeps:
        recorder.backward_from(Tensor._from_node(leaf(np.array(root._data, np.float64))))
        recorder.mark("backward")


def as_tensors(order: list[Value], names: dict[int, str], recorder: Recorder) -> dict[int, Tensor]:
    """Compute values once more, as tensors that the recorder sees; by the ids of the values.

    Operations of the user's own become inputs: what they do is not known.
    """
    tensors: dict[int, Tensor] = {}
    for value in order:
        name = value._label or names.get(id(value), "")
        code = value._code
        if code == NUMBER:
            tensor = Tensor._from_node(constant(value._data))
        elif code <= OWN:
            tensor = Tensor._from_node(leaf(np.array(value._data, np.float64))).requires_grad_()
            if name:
                recorder.name(tensor, name, SlotKind.PARAMETER)
        else:
            inputs = [tensors[id(value._a)]]
            if code in (ADD, MUL):
                inputs.append(tensors[id(value._b)])
            elif code in (POW, RPOW):
                inputs.append(Tensor._from_node(constant(value._b)))
            tensor = apply(OPS[code], tuple(inputs if code != RPOW else inputs[::-1]))
            tensor._node.name = name
        tensors[id(value)] = tensor
    return tensors
