"""Where the backward hooks of a module look at gradients: what goes in and comes out passes such points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply


@register
class HookPoint(Op):
    """y = x."""

    name = "hook_point"
    torch_name = "BackwardHookFunctionBackward"
    formula = r"y = x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {
        "en": "Passes the value on as it is; a hook looks at the gradient here on the way back.",
        "zh": "原样传递数值；反向传播时，钩子在此处查看梯度。",
    }
    vjps = (lambda g, y, x: g,)
    view = True

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The same array."""
        return inputs[0]

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The same element."""
        return Call("id", (Ref(0, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any shape."""
        yield Sample((rng.normal(size=random_shape(rng)),))
        yield Sample((rng.normal(size=()),))


def hook_point(tensor: Tensor) -> Tensor:
    """The same values at another point of the graph, where a hook can be registered."""
    return apply("hook_point", (tensor,))
