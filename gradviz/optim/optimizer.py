"""What all optimizers share: groups of parameters with settings, state for each parameter, recorded steps."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Phase, SlotKind
from gradviz.engine.state import enable_grad, no_grad, phase, state, within
from gradviz.engine.tensor import Tensor
from gradviz.nn.gradients import clear_gradients, module_of, recorded_name

from .echoing import Listener, enabled, rate_name
from .saving import pack, unpack
from .step_hooks import Hooks, users_step, with_hooks

_PARAMS = itemgetter("params")
Group = dict[str, Any]
Params = Iterable[Tensor] | Iterable[Group] | Iterable[tuple[str, Tensor]]


class Optimizer(Hooks):
    """Base class: a subclass says in `update` how one parameter changes, or writes its own `step`."""

    _echo: Listener | None = None  # listens to the steps; None before the first

    def __init__(self, params: Params, defaults: Mapping[str, Any]) -> None:
        super().__init__()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                "torch.FloatTensor"
            )
        self.defaults = dict(defaults)
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        given: list[Any] = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls):  # an optimizer of the user's own
            cls.step = users_step(vars(cls)["step"])  # type: ignore[method-assign]

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own; what a group leaves out is the optimizer's default.

        `params` is a tensor, an iterable of them, or of pairs (name, tensor).
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params, names = _listed(param_group["params"])
        for param in params:
            if not isinstance(param, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}"
                )
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        group: Group = param_group
        group["params"] = params
        if names:
            group["param_names"] = names
        for name, default in self.defaults.items():
            group.setdefault(name, default)
        if len({id(param) for param in params}) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause "
                "an error; see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{'with' if 'param_names' in group else 'without'} names to the optimizer"
                )
        taken = {id(param) for other in self.param_groups for param in other["params"]}
        if any(id(param) in taken for param in params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters."""
        self._name_all()
        clear_gradients(chain.from_iterable(map(_PARAMS, self.param_groups)), set_to_none)

    @with_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient; `closure` computes the loss again before, if given."""
        if closure is None and self._echo is not None and self._echo.step(self):
            self._stepped = True
            return None
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._name_all()
        with no_grad(), phase(Phase.UPDATE):
            for number, group in enumerate(self.param_groups):
                self._step(group, rate_name(number))
        if state.recorder is not None:
            state.recorder.mark("step")
        self._stepped = True
        if self._echo is None and enabled():
            self._echo = Listener()
        if self._echo is not None:
            self._echo.stepped(self)
        return loss

    def _step(self, group: Group, called: str) -> None:
        """Change the parameters of one group; its learning rate is `called` so in a recording."""
        recorder = state.recorder
        value = group["lr"]
        # A number in double precision, as Python's are; a tensor in its own.
        array = value._node.array.reshape(()).copy() if isinstance(value, Tensor) else np.array(float(value))
        rate = Tensor._from_node(leaf(array))
        if recorder is not None:
            recorder.name(rate, called)
        for param in group["params"]:
            if param.grad is None:
                continue
            if recorder is None:
                self.update(param, param.grad, rate, group)
            else:
                with within(module_of(recorder.name_of(param))):
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
        for before in self._before_saving.values():
            before(self)
        packed = pack(self)
        for after in self._after_saving.values():
            changed = after(self, packed)
            packed = packed if changed is None else changed
        return packed

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over settings and state, from here or from PyTorch; ValueError if the groups' sizes differ."""
        saved = dict(state_dict)
        for before in self._before_loading.values():
            changed = before(self, saved)
            saved = saved if changed is None else changed
        unpack(self, saved)
        for after in self._after_loading.values():
            after(self)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        Hooks.__init__(self)
        self.__dict__.update(saved)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
            lines.append("")
        return "\n".join(lines[:-1]) + "\n)"


def _listed(params: Any) -> tuple[list[Any], list[str]]:
    """The parameters of a group, and their names if they have any."""
    if isinstance(params, Tensor):
        return [params], []
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors "
            "in sets will change between runs. Please use a list instead."
        )
    listed = list(params)
    names = [each[0] for each in listed if isinstance(each, tuple)]
    if names and len(names) != len(listed):
        raise ValueError("all optimizer params should be with/without names. Some param names are missing")
    return [each[1] if isinstance(each, tuple) else each for each in listed], names
