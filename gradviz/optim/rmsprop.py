"""RMSprop."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import blend, check, check_rate, counter, decayed, fit, speed_options, zeros_like


class RMSprop(Optimizer):
    """w ← w − lr · g / (√v + ε), with the running mean v ← α v + (1 − α) g² of the squared gradient.

    `centered` subtracts the squared running mean of g from v; with `momentum` μ the quotient goes into a
    velocity u ← μ u + g / (√v + ε) and w ← w − lr · u; `weight_decay` λ adds λ w to g.
    Source: T. Tieleman, G. Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012; A. Graves,
    "Generating Sequences With Recurrent Neural Networks", 2013 (centered).
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
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
        check_rate(lr)
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
            state["step"] = counter()
            state["square_avg"] = zeros_like(param)
            if group["momentum"] > 0:
                state["momentum_buffer"] = zeros_like(param)
            if group["centered"]:
                state["grad_avg"] = zeros_like(param)
            self.name_state(param)
        state["step"].add_(1)
        grad = decayed(param, grad, group)
        square = state["square_avg"]
        square._assign(square * alpha + grad * grad * (1 - alpha), "rmsprop")
        variance: Tensor = square
        if group["centered"]:
            mean = state["grad_avg"]
            mean._assign(blend(mean, grad, 1 - alpha), "rmsprop")
            variance = square - mean * mean
        root = variance.sqrt() + group["eps"]
        if group["momentum"] > 0:
            velocity = state["momentum_buffer"]
            velocity._assign(velocity * group["momentum"] + grad / root, "rmsprop")
            param.sub_(fit(lr, param) * velocity)
        else:
            param.sub_(fit(lr, param) * grad / root)
