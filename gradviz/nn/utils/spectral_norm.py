"""Spectral normalisation: a weight is divided by its largest singular value.

Source: T. Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018.
"""

from __future__ import annotations

from typing import Any, TypeVar

from gradviz.engine.ops.create import wrap
from gradviz.engine.ops.matmul import dot, mv
from gradviz.engine.random import generator
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from ..functional import normalize
from ..module import Module
from ..parameter import Parameter, UninitializedParameter

SomeModule = TypeVar("SomeModule", bound=Module)


class SpectralNorm:
    """The hook that computes a weight before each call; u and v approach its first singular vectors."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def matrix(self, weight: Tensor) -> Tensor:
        """Dimension `dim` against all others."""
        others = (each for each in range(weight.ndim) if each != self.dim)
        turned = weight if self.dim == 0 else weight.permute(self.dim, *others)
        return turned.reshape(turned.shape[0], -1)

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        """W / (uᵀ W v), after steps v ← Wᵀ u / ‖Wᵀ u‖, u ← W v / ‖W v‖."""
        weight, u, v = (getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v"))
        matrix = self.matrix(weight)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(normalize(mv(matrix.t(), u), dim=0, eps=self.eps))
                    u.copy_(normalize(mv(matrix, v), dim=0, eps=self.eps))
        result: Tensor = weight / dot(u, mv(matrix, v))
        return result

    def __call__(self, module: Module, args: Any) -> None:
        """Before the module's forward."""
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(
    module: SomeModule,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> SomeModule:
    """Replace a parameter w by `w_orig`, from which w_orig / σ is computed in each call.

    σ is the largest singular value of w as a matrix: dimension `dim` (by default 0, for transposed
    convolutions 1) against all others. `w_u` and `w_v` are buffers.
    """
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    if dim is None:
        dim = 1 if any(kind.__name__.startswith("ConvTranspose") for kind in type(module).__mro__) else 0
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    if isinstance(weight, UninitializedParameter):
        raise ValueError(
            "The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run the "
            "dummy forward before applying spectral normalization"
        )
    with no_grad():
        shape = hook.matrix(weight).shape
        vectors = [wrap(generator().normal(size=size).astype(weight.dtype.numpy)) for size in shape]
        u, v = (normalize(each, dim=0, eps=eps) for each in vectors)
    del module._parameters[name]
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: SomeModule, name: str = "weight") -> SomeModule:
    """Make the weight a parameter again."""
    number = _hook_of(module, name)
    if number is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    with no_grad():
        weight = module._forward_pre_hooks.pop(number).compute_weight(module, do_power_iteration=False)
    for each in (name, f"{name}_u", f"{name}_v", f"{name}_orig"):
        delattr(module, each)
    module.register_parameter(name, Parameter(weight))
    return module


def _hook_of(module: Module, name: str) -> int | None:
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            return number
    return None
