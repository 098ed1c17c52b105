"""Saving and loading the parameters and buffers of a tree of modules by their names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradviz.engine.tensor import Tensor

from .values import set_values

if TYPE_CHECKING:
    from .tree import Tree


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


def entries(tree: Tree, prefix: str = "") -> OrderedDict[str, Tensor]:
    """The module's own parameters and persistent buffers by name, then its children's."""
    found: OrderedDict[str, Tensor] = OrderedDict()
    for name, parameter in tree._parameters.items():
        if parameter is not None:
            found[prefix + name] = parameter
    for name, buffer in tree._buffers.items():
        if buffer is not None and name not in tree._transient:
            found[prefix + name] = buffer
    for name, module in tree._modules.items():
        if module is not None:
            found.update(entries(module, f"{prefix}{name}."))
    return found


def load(tree: Tree, state_dict: Mapping[str, Tensor], strict: bool) -> IncompatibleKeys:
    """Copy values into parameters and buffers; RuntimeError lists all keys and shapes that do not fit."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    own = entries(tree)
    unexpected = [key for key in state_dict if key not in own]
    missing = [key for key in own if key not in state_dict]
    problems = []
    if strict and missing:
        problems.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if strict and unexpected:
        problems.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    for key, target in own.items():
        if key in state_dict:
            value = state_dict[key]
            if value.shape != target.shape:
                problems.append(
                    f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the "
                    f"shape in current model is {target.shape}."
                )
            else:
                set_values(target, np.array(value._node.array, dtype=target.dtype.numpy, order="C"))
    if problems:
        listed = "\n\t".join(problems)
        raise RuntimeError(f"Error(s) in loading state_dict for {type(tree).__name__}:\n\t{listed}")
    return IncompatibleKeys(missing, unexpected)


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
