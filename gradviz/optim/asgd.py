"""ASGD."""

from __future__ import annotations

from typing import Any

from gradviz.engine.dtypes import float64
from gradviz.engine.tensor import Tensor

from .optimizer import Group, Optimizer, Params
from .settings import cast, check, check_rate, count, counter, decayed, fit, speed_options, zeros_like


class ASGD(Optimizer):
    """w ← (1 − λ ηₜ) w − ηₜ g, and a running mean `ax` of w that is less noisy than w itself.

    ηₜ = lr / (1 + λ lr t)^α with `lambd` λ and `alpha` α; from step `t0` on the mean is over all later steps,
    before it is w; `weight_decay` adds its multiple of w to g.
    Source: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        defaults: dict[str, Any] = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults | speed_options(foreach, differentiable, capturable=capturable))

    def update(self, param: Tensor, grad: Tensor, lr: Tensor, group: Group) -> None:
        """One step of one parameter."""
        lambd = group["lambd"]
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["eta"] = counter(float(group["lr"]))
            state["mu"] = counter(1.0)
            state["ax"] = zeros_like(param)
            self.name_state(param)
        t = count(state["step"])
        grad = decayed(param, grad, group)
        eta, mu, mean = state["eta"], state["mu"], state["ax"]
        size = cast(eta, float64)
        param.mul_(fit(1 - size * lambd, param))
        param.sub_(fit(size, param) * grad)
        if mu.item() == 1:
            mean.copy_(param)
        else:
            mean.add_((param - mean) * fit(mu, param))
        eta.copy_(lr / (lr * lambd * cast(t, lr.dtype) + 1) ** group["alpha"])
        mu.copy_(1 / (t - group["t0"]).clamp(min=1))
