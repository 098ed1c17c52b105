"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.engine.state import state
from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import check, check_rate, decayed, fit, replace, speed_options, unwatched


class SGD(Optimizer):
    """w ← w − lr · g, with momentum v ← μ v + (1 − τ) g and w ← w − lr · v.

    `dampening` is τ; `nesterov` looks ahead, g + μ v; `weight_decay` λ adds λ w to g; `maximize` goes uphill.
    Source: I. Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, in
    PyTorch's form, whose velocity does not contain the learning rate.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check("momentum value", momentum, momentum >= 0)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults: dict[str, Any] = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, fused=fused))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        momentum = group["momentum"]
        if not momentum and not group["weight_decay"] and not group["maximize"] and unwatched(param, grad):
            replace(
                param,
                state.quiet.run(_descended, param._node.array, grad._node.array, lr._node.array),
                "sub_",
            )
            return
        step = grad = decayed(param, grad, group)
        if momentum:
            kept = self.state[param]
            velocity = kept.get("momentum_buffer")
            if velocity is None:
                velocity = kept["momentum_buffer"] = grad.detach().clone()
            else:
                fresh = grad * (1 - group["dampening"]) if group["dampening"] else grad
                velocity._assign(velocity * momentum + fresh, "sgd")
            step = grad + velocity * momentum if group["nesterov"] else velocity
        param.sub_(fit(lr, param) * step)


def _descended(param: np.ndarray, grad: np.ndarray, lr: np.ndarray) -> np.ndarray:
    """What the ops below compute, in their order and precision."""
    step = np.asarray(lr.astype(param.dtype) * grad)
    return np.asarray(np.subtract(param, step, out=step))
