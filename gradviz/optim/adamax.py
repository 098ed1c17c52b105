"""Adamax."""

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
    decayed,
    fit,
    speed_options,
    zeros_like,
)


class Adamax(Optimizer):
    """w ← w − lr · m̂ / u, with Adam's running mean m and the decaying maximum u ← max(β₂ u, |g| + ε).

    m̂ = m / (1 − β₁ᵗ); `weight_decay` λ adds λ w to g.
    Source: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
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
        super().__init__(params, defaults | speed_options(foreach, differentiable, capturable=capturable))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        first, second = group["betas"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["exp_avg"] = zeros_like(param)
            state["exp_inf"] = zeros_like(param)
            self.name_state(param)
        t = count(state["step"])
        grad = decayed(param, grad, group)
        mean, largest = state["exp_avg"], state["exp_inf"]
        mean._assign(blend(mean, grad, 1 - first), "adamax")
        largest._assign((largest * second).maximum(grad.abs() + group["eps"]), "adamax")
        rate = lr / cast(1 - first**t, lr.dtype)
        param.sub_(mean * fit(rate, param) / largest)
