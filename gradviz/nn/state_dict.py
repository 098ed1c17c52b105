"""Saving and loading the parameters and buffers of a tree of modules by their names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradviz.engine.tensor import Tensor

from .parameter import Parameter, UninitializedParameter
from .values import set_values

if TYPE_CHECKING:
    from .module import Module

EXTRA = "_extra_state"  # the key of what get_extra_state returns


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns; prints `<All keys matched successfully>` if nothing is amiss."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    def __str__(self) -> str:
        return repr(self)


class Loading:
    """One call of `load_state_dict`: what has been found amiss so far."""

    def __init__(self, state_dict: Mapping[str, Any], assign: bool) -> None:
        self._state = OrderedDict(state_dict)  # a copy, as hooks may change it
        self._metadata: Mapping[str, Any] = getattr(state_dict, "_metadata", {})
        self._assign = assign
        self._missing: list[str] = []
        self._unexpected: list[str] = []
        self._errors: list[str] = []

    def run(self, module: Module, strict: bool) -> IncompatibleKeys:
        """Load a whole tree; RuntimeError lists all keys and shapes that do not fit."""
        self._load(module, self._state, "")
        problems = []
        if strict and self._missing:
            problems.append(f"Missing key(s) in state_dict: {_quoted(self._missing)}. ")
        if strict and self._unexpected:
            problems.append(f"Unexpected key(s) in state_dict: {_quoted(self._unexpected)}. ")
        problems += self._errors
        if problems:
            listed = "\n\t".join(problems)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t{listed}")
        return IncompatibleKeys(self._missing, self._unexpected)

    def _load(self, module: Module, state: dict[str, Any], prefix: str) -> None:
        metadata = dict(self._metadata.get(prefix[:-1], {}))
        if self._assign:
            metadata["assign_to_params_buffers"] = True
        module._load_from_state_dict(
            state, prefix, metadata, True, self._missing, self._unexpected, self._errors
        )
        for name, child in module._modules.items():
            if child is not None:
                below = f"{prefix}{name}."
                part = {key: value for key, value in state.items() if key.startswith(below)}
                self._load(child, part, below)
        keys = IncompatibleKeys(self._missing, self._unexpected)
        for hook in list(module._load_state_dict_post_hooks.values()):
            if hook(module, keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return "
                    "new values, if incompatible_keys need to be modified, it should be done inplace."
                )


def own_state(module: Module) -> dict[str, Tensor]:
    """A module's own parameters and persistent buffers."""
    persistent = {name: held for name, held in module._buffers.items() if name not in module._transient}
    return {
        name: held for name, held in (*module._parameters.items(), *persistent.items()) if held is not None
    }


def load_own(
    module: Module,
    state: Mapping[str, Any],
    prefix: str,
    assign: bool,
    missing: list[str],
    unexpected: list[str],
    errors: list[str],
) -> None:
    """Copy values into (or with `assign`, put tensors in place of) one module's parameters and buffers."""
    own = own_state(module)
    for name, held in own.items():
        key = prefix + name
        if key not in state:
            missing.append(key)
        elif problem := _load_one(module, name, held, key, state[key], assign):
            errors.append(problem)
    extra = prefix + EXTRA
    if module._has_extra_state("set_extra_state"):
        if extra in state:
            module.set_extra_state(state[extra])
        else:
            missing.append(extra)
    elif extra in state:
        unexpected.append(extra)
    for key in state:
        if key.startswith(prefix) and key != extra:
            name, dot, _ = key[len(prefix) :].partition(".")
            if name not in (module._modules if dot else own):
                unexpected.append(key)


def _load_one(module: Module, name: str, held: Tensor, key: str, value: Any, assign: bool) -> str:
    """Load one tensor; returns what does not fit."""
    if not isinstance(value, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
            f"checkpoint but received {type(value)}"
        )
    if isinstance(held, UninitializedParameter):
        held.materialize(value.shape)
    if not held.ndim and value.shape == (1,):
        value = value[0]
    if value.shape != held.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the "
            f"shape in current model is {held.shape}."
        )
    if not assign:
        set_values(held, np.array(value._node.array, dtype=held.dtype.numpy, order="C"))
    elif isinstance(held, Parameter):
        if isinstance(value, Parameter):
            value.requires_grad_(held.requires_grad)
        else:
            value = Parameter(value, held.requires_grad)
        setattr(module, name, value)
    else:
        setattr(module, name, value)
    return ""


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
