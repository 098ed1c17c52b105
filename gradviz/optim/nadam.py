"""NAdam."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import (
    blend,
    cast,
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


class NAdam(Optimizer):
    """Adam with Nesterov's look ahead: w ← w − lr · (c₁ g + c₂ m) / (√v̂ + ε), with Adam's m, v and v̂.

    c₁ = (1 − μₜ) / (1 − Πₜ), c₂ = μₜ₊₁ / (1 − Πₜ₊₁), where μₜ = β₁ (1 − 0.96^(t ψ) / 2) with `momentum_decay`
    ψ, and Πₜ = μ₁ · … · μₜ; `weight_decay` λ adds λ w to g, or shrinks w with `decoupled_weight_decay`.
    Source: T. Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        check("momentum_decay value", momentum_decay, momentum_decay >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, capturable=capturable))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        first, second = group["betas"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["mu_product"] = counter(1.0)
            state["exp_avg"] = zeros_like(param)
            state["exp_avg_sq"] = zeros_like(param)
            self.name_state(param)
        t = count(state["step"])
        grad = shrink(param, grad, lr, group)
        mu = (1 - 0.96 ** (t * group["momentum_decay"]) * 0.5) * first
        following = (1 - 0.96 ** ((t + 1) * group["momentum_decay"]) * 0.5) * first
        product = state["mu_product"]
        product.mul_(cast(mu, product.dtype))
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean._assign(blend(mean, grad, 1 - first), "nadam")
        square._assign(square * second + grad * grad * (1 - second), "nadam")
        root = (square / fit(1 - second**t, param)).sqrt() + group["eps"]
        so_far = cast(product, mu.dtype)
        now = lr * cast(1 - mu, lr.dtype) / cast(1 - so_far, lr.dtype)
        ahead = lr * cast(following, lr.dtype) / cast(1 - so_far * following, lr.dtype)
        param.sub_(grad * fit(now, param) / root)
        param.sub_(mean * fit(ahead, param) / root)
