"""Rprop."""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops.choice import where
from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import check_rate, counter, full_like, speed_options, zeros_like


class Rprop(Optimizer):
    """w ← w − sign(g) · s: only the gradient's sign counts, and each weight has a step size s of its own.

    s grows by η₊ while the sign stays, and shrinks by η₋ where it has changed, where the weight then waits
    for one step; it starts as `lr` and stays within `step_sizes`.
    Source: M. Riedmiller, H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP
    algorithm", 1993.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults: dict[str, Any] = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, capturable=capturable))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        less, more = group["etas"]
        low, high = group["step_sizes"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["prev"] = zeros_like(param)
            state["step_size"] = full_like(param, float(group["lr"]))
            self.name_state(param)
        state["step"].add_(1)
        if group["maximize"]:
            grad = -grad
        size, before = state["step_size"], state["prev"]
        agreement = grad * before
        turned = agreement < 0
        changed = where(turned, size * less, where(agreement > 0, size * more, size))
        size._assign(changed.clamp(low, high), "rprop")
        kept = where(turned, 0.0, grad)
        param.sub_(kept.sign() * size)
        before._assign(kept, "rprop")
