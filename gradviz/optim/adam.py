"""Adam and AdamW."""

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


class Adam(Optimizer):
    """w ← w − lr · m̂ / (√v̂ + ε), with running means m of the gradient and v of its square.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ); `amsgrad` divides by
    the largest v so far; `weight_decay` λ adds λ w to g, or with `decoupled_weight_decay` shrinks w itself.
    Source: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
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
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_rate(lr)
        check("epsilon value", eps, eps >= 0)
        check_betas(betas)
        check("weight_decay value", weight_decay, weight_decay >= 0)
        if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        for index, beta in enumerate(betas):
            if isinstance(beta, Tensor) and beta.numel() != 1:
                raise ValueError(f"Tensor betas[{index}] must be 1-element")
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
        first, second = (float(beta) for beta in group["betas"])
        state = self.state[param]
        if not state:
            state["step"] = counter()
            state["exp_avg"] = zeros_like(param)
            state["exp_avg_sq"] = zeros_like(param)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(param)
            self.name_state(param)
        t = count(state["step"])
        grad = shrink(param, grad, lr, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean._assign(blend(mean, grad, 1 - first), "adam")
        square._assign(square * second + grad * grad * (1 - second), "adam")
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            largest._assign(largest.maximum(square), "adam")
            square = largest
        root = square.sqrt() / fit((1 - second**t).sqrt(), param) + group["eps"]
        size = lr / cast(1 - first**t, lr.dtype)
        param.sub_(mean * fit(size, param) / root)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves, w ← w − lr · λ w, and stays out of m and v.

    Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def load_state_dict(self, state_dict: Any) -> None:
        """As Adam's; the weight decay stays decoupled, whatever the file says."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
