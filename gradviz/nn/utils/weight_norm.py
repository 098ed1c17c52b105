"""Weight normalisation: a parameter becomes a length and a direction.

Source: T. Salimans, D. Kingma, "Weight Normalization", NIPS 2016.
"""

from __future__ import annotations

from typing import Any, TypeVar

from gradviz.engine.ops.weight_norm import norm_except_dim
from gradviz.engine.ops.weight_norm import weight_norm as weight_of
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from ..module import Module
from ..parameter import Parameter, UninitializedParameter

SomeModule = TypeVar("SomeModule", bound=Module)


class WeightNorm:
    """The hook that computes a weight from its length and direction before each call."""

    def __init__(self, name: str, dim: int) -> None:
        self.name = name
        self.dim = dim

    def compute_weight(self, module: Module) -> Tensor:
        """g · v / ‖v‖."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return weight_of(v, g, self.dim)

    def __call__(self, module: Module, args: Any) -> None:
        """Before the module's forward."""
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: SomeModule, name: str = "weight", dim: int | None = 0) -> SomeModule:
    """Replace a parameter w by `w_g` and `w_v`, from which it is computed in each call: w = g · v / ‖v‖.

    There is a norm for each entry of dimension `dim`, or with None one of the whole.
    """
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = getattr(module, name)
    if isinstance(weight, UninitializedParameter):
        raise ValueError(
            "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the "
            "dummy forward before applying weight normalization"
        )
    hook = WeightNorm(name, -1 if dim is None else dim)
    del module._parameters[name]
    with no_grad():
        lengths = norm_except_dim(weight, hook.dim)
    module.register_parameter(f"{name}_g", Parameter(lengths))
    module.register_parameter(f"{name}_v", Parameter(weight.data))
    hook(module, ())
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: SomeModule, name: str = "weight") -> SomeModule:
    """Make the weight a parameter again."""
    number = _hook_of(module, name)
    if number is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    with no_grad():
        weight = module._forward_pre_hooks.pop(number).compute_weight(module)
    for each in (name, f"{name}_g", f"{name}_v"):
        delattr(module, each)
    setattr(module, name, Parameter(weight))
    return module


def _hook_of(module: Module, name: str) -> int | None:
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            return number
    return None
