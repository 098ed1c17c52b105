"""What the activations have in common: a function of one number with a few settings, for each element."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, float16, float32
from ..element import Expr, Index, Ref
from ..errors import DTypeError
from ..op import Op, Sample, Spec, random_shape
from ..tensor import Tensor
from .choice import where
from .windows import working_dtype

Attrs = Mapping[str, Any]


class Curve(Op):
    """Base of the activations of one input.

    `settings` are the attributes that samples are drawn with, and `kinks` the places, for given attributes,
    near which finite differences say nothing.
    """

    settings: ClassVar[tuple[Attrs, ...]] = ({},)
    widens: ClassVar[bool] = True  # half precision is made single for the gradient, as kernels do it

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """The function, of a whole array."""
        raise NotImplementedError

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The function, of one number."""
        raise NotImplementedError

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """Where it has no derivative."""
        return ()

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype, which must be floating point."""
        spec = inputs[0]
        if not spec.dtype.is_floating_point:
            raise DTypeError(f"{self.name} takes floating point, not {spec.dtype.name}")
        return Spec(spec.shape, spec.dtype)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """At least single precision."""
        return working_dtype(*inputs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Element by element."""
        return np.asarray(self.curve(inputs[0], **attrs))

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """In at least single precision."""
        if self.widens:
            g, inputs = wide(g), tuple(wide(x) for x in inputs)
        return super().vjp(position, g, out, *inputs, **attrs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The function of the element."""
        return self.at(Ref(0, index), **attrs)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each setting, away from the kinks."""
        for attrs in self.settings:
            x = rng.normal(size=random_shape(rng)) * 2
            for kink in self.kinks(**attrs):
                x = np.where(np.abs(x - kink) < 0.1, x + 0.2, x)
            yield Sample((x,), attrs)


def finish(input: Tensor, result: Tensor, inplace: bool, name: str) -> Tensor:
    """The result, or with `inplace` the input that has become it."""
    return input._assign(result, f"{name}_") if inplace else result


def in_place(function: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """The form of an activation that changes its input: `relu_`."""

    def change(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return input._assign(function(input, *args, **kwargs), name)

    change.__module__ = function.__module__
    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"`{function.__name__}`, changing its input in place."
    return change


def stopped(mask: Tensor, g: Tensor) -> Tensor:
    """The gradient, and 0 where the mask holds, also for gradients that are no numbers."""
    return where(mask, 0.0, g)


def wide(x: Tensor) -> Tensor:
    """Half precision as single."""
    return x.to(float32) if x.dtype is float16 else x
