"""Adagrad."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import (
    cast,
    check,
    check_rate,
    count,
    counter,
    decayed,
    fit,
    full_like,
    speed_options,
)


class Adagrad(Optimizer):
    """w ← w − lrₜ · g / (√s + ε), with the sum s ← s + g² of all squared gradients.

    lrₜ = lr / (1 + (t − 1) η) with `lr_decay` η; s begins with `initial_accumulator_value`; `weight_decay` λ
    adds λ w to g.
    Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization", JMLR 12, 2011.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check("lr_decay value", lr_decay, lr_decay >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        check("initial_accumulator_value value", initial_accumulator_value, initial_accumulator_value >= 0)
        check("epsilon value", eps, eps >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, fused=fused))
        for group in self.param_groups:  # before the first step, as PyTorch does it
            for param in group["params"]:
                self._begin(param)

    def _begin(self, param: Tensor) -> None:
        start = self.defaults["initial_accumulator_value"]
        self.state[param] |= {"step": counter(), "sum": full_like(param, start)}

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        state = self.state[param]
        if not state:
            self._begin(param)
            self.name_state(param)
        t = count(state["step"])
        grad = decayed(param, grad, group)
        rate = lr
        if group["lr_decay"]:
            rate = lr / cast((t - 1) * group["lr_decay"] + 1, lr.dtype)
        total = state["sum"]
        total._assign(total + grad * grad, "adagrad")
        param.sub_(fit(rate, param) * grad / (total.sqrt() + group["eps"]))
