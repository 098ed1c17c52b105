"""What happens around a module's `forward`: the recording learns which module each op belongs to."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradviz.engine.program import SlotKind
from gradviz.engine.recorder import Recorder
from gradviz.engine.state import scope, state
from gradviz.engine.tensor import Tensor

from .places import path_of

if TYPE_CHECKING:
    from .module import Module

_LAYERS = f"{__name__.rpartition('.')[0]}.modules"  # the package that the library's layers are defined in


@contextmanager
def inside(module: Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[None]:
    """Run a module's forward in a scope of its name; the outermost module names parameters and inputs."""
    caller, layer = state.caller, state.layer
    if caller is None and state.recorder is not None:
        _name_state(module, state.recorder)
        _name_inputs(module, args, kwargs, state.recorder)
    path = _path_below(caller, module)
    state.caller = module
    state.layer = bool(path) and _is_layer(module)
    state.depth += 1
    try:
        if not path or state.recorder is None:
            yield
        else:
            with scope(path, "module", type(module).__name__, module.headline()):
                yield
    finally:
        state.depth -= 1
        state.caller, state.layer = caller, layer


def is_box(caller: object, module: Module) -> bool:
    """Whether a module is a layer of the library in a network; `caller`: the module that calls it."""
    return _is_layer(module) and (caller is not None or bool(path_of(module)))


def _is_layer(module: Module) -> bool:
    return not module._modules and type(module).__module__.startswith(_LAYERS)


def _path_below(caller: Any, module: Module) -> str:
    """The dotted path from the calling module to this one; "" for a root that is called from outside."""
    if caller is None:
        return path_of(module)
    for name, child in caller._modules.items():
        if child is module:
            return str(name)
    path, above = path_of(module), path_of(caller)
    if above and path.startswith(f"{above}."):
        return path[len(above) + 1 :]
    return path or type(module).__name__.lower()


def _name_state(module: Module, recorder: Recorder) -> None:
    prefix = path_of(module)
    for name, parameter in module.named_parameters(prefix):
        recorder.name(parameter, name, SlotKind.PARAMETER)
    for name, buffer in module.named_buffers(prefix):
        recorder.name(buffer, name, SlotKind.BUFFER)


def _name_inputs(
    module: Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], recorder: Recorder
) -> None:
    """Inputs keep the names of the user's variables; others are called as `forward` calls them."""
    tensors = tuple(value for value in (*args, *kwargs.values()) if isinstance(value, Tensor))
    recorder.meet(tensors)
    try:
        given = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    except TypeError:  # the call itself will say what is wrong with the arguments
        return
    for name, value in given.items():
        if isinstance(value, Tensor) and value._node.op is None and not value._node.name:
            recorder.name(value, name)
