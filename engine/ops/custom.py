"""What a user's own `autograd.Function` is in a program: its result, and the tensors that it was given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..op import Op, Sample, Spec, random_shape, register


@register
class CustomFunction(Op):
    """The result of a user's function, as its forward computed it; its gradient is what its backward says.

    `function` is the name of the user's class. The ops of forward stand before it in the program, those of
    backward in the backward pass, so it runs again without the user's code.
    """

    name = "custom_function"
    inputs = ("value", "*x")
    formula = r"y = f(x)"
    derivatives = (r"\dfrac{\partial y}{\partial f(x)} = 1",)
    says: ClassVar = {
        "en": "Ends a function of the user's own, whose backward was written by hand.",
        "zh": "结束用户自定义的函数，其反向计算由用户手写。",
    }
    vjps = (lambda g, y, value, *x, function: g,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The value's."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The value."""
        return inputs[0].copy(order="K")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The value's element."""
        return Call("id", (Ref(0, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """A function of one number, and one without inputs."""
        shape = random_shape(rng)
        yield Sample((rng.normal(size=shape), rng.normal(size=())), {"function": "Mine"})
        yield Sample((rng.normal(size=shape),), {"function": "Mine"})
