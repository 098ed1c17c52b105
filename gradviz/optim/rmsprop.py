"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, check, speed_options, zeros_like


class RMSprop(Optimizer):
    """w ← w − lr · g / (√v + ε), with the running mean v ← α v + (1 − α) g² of the squared gradient.

    `centered` subtracts the squared running mean of g from v; with `momentum` μ the quotient goes into a
    velocity u ← μ u + g / (√v + ε) and w ← w − lr · u; `weight_decay` λ adds λ w to g.
    Source: T. Tieleman, G. Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012; A. Graves,
    "Generating Sequences With Recurrent Neural Networks", 2013 (centered).
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[Group],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check("learning rate", lr, lr >= 0)
        check("epsilon value", eps, eps >= 0)
        check("momentum value", momentum, momentum >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        check("alpha value", alpha, alpha >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
        }
        options = speed_options(foreach, differentiable, capturable=capturable)
        super().__init__(params, defaults | options | {"maximize": maximize})

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        alpha = group["alpha"]
        state = self.state[param]
        if not state:
            state["step"] = Tensor._from_node(leaf(np.zeros(())))
            state["square_avg"] = zeros_like(param)
            if group["momentum"]:
                state["momentum_buffer"] = zeros_like(param)
            if group["centered"]:
                state["grad_avg"] = zeros_like(param)
            self.name_state(param)
        state["step"].add_(1)
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            grad = grad + param * group["weight_decay"]
        square = state["square_avg"]
        square._assign(square * alpha + grad * grad * (1 - alpha), "rmsprop")
        variance: Tensor = square
        if group["centered"]:
            mean = state["grad_avg"]
            mean._assign(mean * alpha + grad * (1 - alpha), "rmsprop")
            variance = square - mean * mean
        scaled = grad / (variance.sqrt() + group["eps"])
        if group["momentum"]:
            velocity = state["momentum_buffer"]
            velocity._assign(velocity * group["momentum"] + scaled, "rmsprop")
            scaled = velocity
        param.sub_(lr * scaled)
