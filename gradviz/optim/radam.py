"""RAdam."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import (
    blend,
    check,
    check_betas,
    check_rate,
    count,
    counter,
    fit,
    shrink,
    speed_options,
    zeros_like,
)


class RAdam(Optimizer):
    """Adam that trusts its v only once enough gradients have been seen.

    With ρ∞ = 2 / (1 − β₂) − 1 and ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ): while ρₜ ≤ 5, w ← w − lr · m̂; afterwards
    w ← w − lr · rₜ m̂ √(1 − β₂ᵗ) / (√v + ε), rₜ = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ)).
    `weight_decay` λ adds λ w to g, or with `decoupled_weight_decay` shrinks w itself.
    Source: L. Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", ICLR 2020, algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check("epsilon value", eps, eps >= 0)
        check_betas(betas)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        options = speed_options(foreach, differentiable, capturable=capturable)
        super().__init__(params, defaults | options | {"decoupled_weight_decay": decoupled_weight_decay})

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        first, second = group["betas"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["exp_avg"] = zeros_like(param)
            state["exp_avg_sq"] = zeros_like(param)
            self.name_state(param)
        t = count(state["step"])
        grad = shrink(param, grad, lr, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean._assign(blend(mean, grad, 1 - first), "radam")
        square._assign(square * second + grad * grad * (1 - second), "radam")
        move = mean / fit(1 - first**t, param) * fit(lr, param)
        seen = 1 - second**t
        longest = 2 / (1 - second) - 1
        length = longest - t * 2 * second**t / seen
        if length.item() > 5:
            scale = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            move = (
                move * (fit(seen.sqrt(), param) / (square.sqrt() + group["eps"])) * fit(scale.sqrt(), param)
            )
        param.sub_(move)
