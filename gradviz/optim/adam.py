"""Adam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, check, speed_options, zeros_like


class Adam(Optimizer):
    """w ← w − lr · m̂ / (√v̂ + ε), with running means m of the gradient and v of its square.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ); `amsgrad` divides by
    the largest v so far; `weight_decay` λ adds λ w to g, or with `decoupled_weight_decay` shrinks w itself.
    Source: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("epsilon value", eps, eps >= 0)
        for index, beta in enumerate(betas):
            check(f"beta parameter at index {index}", beta, 0 <= beta < 1)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        options = speed_options(foreach, differentiable, capturable=capturable, fused=fused)
        super().__init__(params, defaults | options | {"decoupled_weight_decay": decoupled_weight_decay})

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        first, second = group["betas"]
        state = self.state[param]
        if not state:
            state["step"] = Tensor._from_node(leaf(np.zeros(())))
            state["exp_avg"] = zeros_like(param)
            state["exp_avg_sq"] = zeros_like(param)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(param)
            self.name_state(param)
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"] and group["decoupled_weight_decay"]:
            param.mul_(1 - lr * group["weight_decay"])
        elif group["weight_decay"]:
            grad = grad + param * group["weight_decay"]
        step, mean, square = state["step"], state["exp_avg"], state["exp_avg_sq"]
        step.add_(1)
        mean._assign(mean * first + grad * (1 - first), "adam")
        square._assign(square * second + grad * grad * (1 - second), "adam")
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            largest._assign(largest.maximum(square), "adam")
            square = largest
        root = square.sqrt() / (1 - second**step).sqrt() + group["eps"]
        param.sub_(mean * (lr / (1 - first**step)) / root)
