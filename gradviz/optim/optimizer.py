"""What all optimizers share: groups of parameters with settings, state for each parameter, recorded steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Phase, SlotKind
from gradviz.engine.state import enable_grad, no_grad, phase, state, within
from gradviz.engine.tensor import Tensor
from gradviz.nn.gradients import clear_gradients, module_of, recorded_name

Group = dict[str, Any]


class Optimizer:
    """Base class: a subclass says in `update` how one parameter changes."""

    def __init__(self, params: Iterable[Tensor] | Iterable[Group], defaults: Mapping[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                "torch.FloatTensor"
            )
        self.defaults = dict(defaults)
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        given: list[Any] = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own; what a group leaves out is the optimizer's default."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of "
                "tensors in sets will change between runs. Please use a list instead."
            )
        group: Group = {"params": [params] if isinstance(params, Tensor) else list(params)}
        for param in group["params"]:
            if not isinstance(param, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}"
                )
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        taken = {id(param) for other in self.param_groups for param in other["params"]}
        if any(id(param) in taken for param in group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        group |= {name: param_group.get(name, default) for name, default in self.defaults.items()}
        group |= {name: value for name, value in param_group.items() if name not in group}
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters."""
        self._name_all()
        clear_gradients((p for group in self.param_groups for p in group["params"]), set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient; `closure` computes the loss again before, if given."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._name_all()
        with no_grad(), phase(Phase.UPDATE):
            for number, group in enumerate(self.param_groups):
                self._step(group, f"lr{number}" if number else "lr")
        if state.recorder is not None:
            state.recorder.mark("step")
        return loss

    def _step(self, group: Group, called: str) -> None:
        """Change the parameters of one group; its learning rate is `called` so in a recording."""
        recorder = state.recorder
        # In the parameters' precision: a wider one would widen the update of a zero-dimensional parameter.
        precision = np.result_type(*(param.dtype.numpy for param in group["params"]))
        rate = Tensor._from_node(leaf(np.array(float(group["lr"]), precision)))
        if recorder is not None:
            recorder.name(rate, called)
        for param in group["params"]:
            if param.grad is not None:
                with within("" if recorder is None else module_of(recorder.name_of(param))):
                    self.update(param, param.grad, rate, group)
                    self.name_state(param)

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """Change one parameter in place; the learning rate is a tensor, as recordings have it as an input."""
        raise NotImplementedError

    def _name_all(self) -> None:
        """In a recording, name parameters and their state before anything happens to them."""
        if state.recorder is not None:
            for group in self.param_groups:
                for param in group["params"]:
                    recorded_name(param, state.recorder)
                    self.name_state(param)

    def name_state(self, param: Tensor) -> None:
        """In a recording, call the parameter's state by its name: "conv1.weight.momentum"."""
        recorder = state.recorder
        name = "" if recorder is None else recorder.name_of(param)
        if recorder is None or not name or param not in self.state:
            return
        for key, value in self.state[param].items():
            if isinstance(value, Tensor):
                recorder.name(value, f"{name}.{key.removesuffix('_buffer')}", SlotKind.BUFFER)

    def state_dict(self) -> dict[str, Any]:
        """Settings and state as plain data; parameters are numbered through all groups."""
        number = {id(p): n for n, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [
            {key: value for key, value in group.items() if key != "params"}
            | {"params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        return {
            "state": {number[id(p)]: dict(entry) for p, entry in self.state.items()},
            "param_groups": groups,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over settings and state; ValueError if the groups are of other sizes."""
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(
            len(g["params"]) != len(own["params"]) for g, own in zip(groups, self.param_groups, strict=True)
        ):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                "group"
            )
        by_number: dict[int, Tensor] = {}
        for group, own in zip(groups, self.param_groups, strict=True):
            by_number.update(zip(group["params"], own["params"], strict=True))
            own.update({key: value for key, value in group.items() if key != "params"})
        self.state = defaultdict(dict)
        for number, entry in state_dict["state"].items():
            self.state[by_number[number]] = {
                key: Tensor._from_node(leaf(value._node.array.copy())) if isinstance(value, Tensor) else value
                for key, value in entry.items()
            }

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
            lines.append("")
        return "\n".join(lines[:-1]) + "\n)"


def speed_options(foreach: bool | None, differentiable: bool, **others: bool | None) -> dict[str, Any]:
    """PyTorch's settings that change the speed only: kept so that code and printouts are the same."""
    if differentiable:
        raise ValueError("gradviz's optimizers are not differentiable")
    return {"foreach": foreach, "differentiable": False, **others}


def zeros_like(param: Tensor) -> Tensor:
    """State to start from; no instruction is recorded."""
    return Tensor._from_node(leaf(np.zeros_like(param._node.array)))


def check(name: str, value: float, ok: bool) -> None:
    """ValueError as PyTorch words it, unless a setting is in its range."""
    if not ok:
        raise ValueError(f"Invalid {name}: {value}")
