"""Adadelta."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import check, check_rate, counter, decayed, fit, speed_options, zeros_like


class Adadelta(Optimizer):
    """w ← w − lr · d with d = √(u + ε) / √(v + ε) · g, and running means v of g² and u of d².

    v ← ρ v + (1 − ρ) g², u ← ρ u + (1 − ρ) d²: the step has the parameter's own unit, so that the learning
    rate is usually 1; `weight_decay` λ adds λ w to g.
    Source: M. Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, algorithm 1.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check("rho value", rho, 0 <= rho <= 1)
        check("epsilon value", eps, eps >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, capturable=capturable))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        rho, eps = group["rho"], group["eps"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["square_avg"] = zeros_like(param)
            state["acc_delta"] = zeros_like(param)
            self.name_state(param)
        state["step"].add_(1)
        grad = decayed(param, grad, group)
        square, moved = state["square_avg"], state["acc_delta"]
        square._assign(square * rho + grad * grad * (1 - rho), "adadelta")
        delta = (moved + eps).sqrt() / (square + eps).sqrt() * grad
        moved._assign(moved * rho + delta * delta * (1 - rho), "adadelta")
        param.sub_(fit(lr, param) * delta)
