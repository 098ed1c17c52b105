"""An optimizer's settings and state as plain data, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.engine.dtypes import float32
from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from .optimizer import Group, Optimizer


def pack(optimizer: Optimizer) -> dict[str, Any]:
    """Settings and state; parameters are numbered through all groups."""
    numbers: dict[int, int] = {}
    place, groups = 0, []
    for group in optimizer.param_groups:
        for index, param in enumerate(group["params"], place):
            numbers.setdefault(id(param), index)
        place += len(group["params"])
        settings = {key: value for key, value in group.items() if key != "params"}
        groups.append(settings | {"params": [numbers[id(param)] for param in group["params"]]})
    state = {
        numbers[id(key)] if isinstance(key, Tensor) else key: entry for key, entry in optimizer.state.items()
    }
    return {"state": state, "param_groups": groups}


def unpack(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """Take over settings and state; ValueError if the groups are of other sizes."""
    groups = [dict(group) for group in saved["param_groups"]]
    own = optimizer.param_groups
    if len(groups) != len(own):
        raise ValueError("loaded state dict has a different number of parameter groups")
    if any(len(g["params"]) != len(mine["params"]) for g, mine in zip(groups, own, strict=True)):
        raise ValueError(
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
        )
    owners: dict[Any, tuple[Tensor, Group]] = {}
    for group, mine in zip(groups, own, strict=True):
        for number, param in zip(group["params"], mine["params"], strict=True):
            owners[number] = (param, group)
    state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
    for number, entry in saved["state"].items():
        if number in owners:
            param, group = owners[number]
            state[param] = {key: _fitting(key, value, param, group) for key, value in entry.items()}
        else:
            state[number] = entry
    optimizer.state = state
    optimizer.param_groups = [_settings(group, mine) for group, mine in zip(groups, own, strict=True)]


def _settings(saved: Group, own: Group) -> Group:
    """The saved settings for a group, with its own parameters; what an older file lacks stays."""
    new = {key: deepcopy(_as_tensor(value)) for key, value in saved.items() if key != "params"}
    kept = {key: value for key, value in own.items() if key not in new}
    return new | kept | {"params": own["params"]}


def _as_tensor(value: Any) -> Any:
    """Arrays and other libraries' tensors become ours, with values of their own."""
    if isinstance(value, Tensor):
        return Tensor._from_node(leaf(value._node.array.copy()))
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return Tensor._from_node(leaf(np.asarray(value).copy()))
    return value


def _fitting(key: str, value: Any, param: Tensor, group: Group) -> Any:
    """A copy of one piece of state: in the parameter's dtype, but for counts, which keep theirs."""
    value = _as_tensor(value)
    if key == "step" and isinstance(value, (int, float)):  # as old files have it
        return Tensor._from_node(leaf(np.array(value, np.float32)))
    if not isinstance(value, Tensor):
        return deepcopy(value)
    if key == "step":
        return value.to(float32) if group.get("capturable") or group.get("fused") else value
    return value.to(param.dtype)
