"""Clearing gradients, for modules and optimizers."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.engine.program import Phase, SlotKind
from gradviz.engine.recorder import Recorder
from gradviz.engine.state import assigned, no_grad, phase, state, within
from gradviz.engine.tensor import Tensor, apply

from .parameter import Parameter
from .places import name_of


def recorded_name(tensor: Tensor, recorder: Recorder) -> str:
    """What a parameter is called in the recording; it is named now if no module has been called yet."""
    if isinstance(tensor, Parameter) and not recorder.name_of(tensor) and name_of(tensor):
        recorder.name(tensor, name_of(tensor), SlotKind.PARAMETER)
    return recorder.name_of(tensor)


def module_of(name: str) -> str:
    """The path of the module that holds a parameter: "conv1" for "conv1.weight"."""
    return name.rpartition(".")[0]


def clear_gradients(parameters: Iterable[Tensor], set_to_none: bool) -> None:
    """Drop each `.grad`, or fill it with zeros; in a recording each is an instruction of its own."""
    recorder = state.recorder
    if recorder is None and set_to_none:
        for parameter in parameters:
            parameter._grad = None  # without looking at it, as this may cost
        assigned.count += 1
        return
    listed = list(parameters)
    if recorder is not None:
        for parameter in listed:
            recorded_name(parameter, recorder)
    with no_grad(), phase(Phase.ZERO_GRAD):
        for parameter in listed:
            gradient = parameter.grad
            if gradient is None:
                continue
            with within(module_of(recorded_name(parameter, recorder)) if recorder is not None else ""):
                zeros = apply("zero_grad", (gradient,))
            if not set_to_none:
                gradient._point_to(zeros._node)
            parameter.grad = None if set_to_none else gradient
    if recorder is not None:
        recorder.mark("zero_grad")
