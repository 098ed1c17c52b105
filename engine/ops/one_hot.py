"""One-hot vectors of class numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply


@register
class OneHot(Op):
    """1 at the class number, 0 elsewhere."""

    name = "one_hot"
    inputs = ("t",)
    formula = r"y_{i,c} = \delta_{c,\,t_i}"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Turns each class number into a vector with a 1 at its place and zeros elsewhere.",
        "zh": "把每个类别编号变成向量：对应位置为 1，其余为 0。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """One dimension more, of int64."""
        if inputs[0].dtype is not int64:
            raise DTypeError("one_hot is only applicable to index tensor of type LongTensor.")
        return Spec((*inputs[0].shape, attrs["num_classes"]), int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Compare with all class numbers."""
        t, count = inputs[0], attrs["num_classes"]
        if t.size and t.min() < 0:
            raise ShapeError("Class values must be non-negative.")
        if t.size and t.max() >= count:
            raise ShapeError(f"Class values must be smaller than num_classes: {t.max()} ≥ {count}")
        return np.asarray(t[..., None] == np.arange(count)).astype(np.int64)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Whether the class is this one."""
        return Call("eq", (Ref(0, index[:-1]), float(index[-1])))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """With and without classes that do not occur."""
        for spare in (0, 2):
            t = np.array(rng.integers(0, 4, random_shape(rng)))
            yield Sample((t,), {"num_classes": int(t.max()) + 1 + spare})


@public("F")
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """One vector of length `num_classes` (default: the largest class number + 1) for each class number."""
    count = int(num_classes)
    if tensor.dtype is not int64:
        raise DTypeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not tensor.numel() and count <= 0:
        raise ShapeError("Can not infer total number of classes from empty tensor.")
    if count == -1:
        count = int(tensor._node.array.max()) + 1
    return apply("one_hot", (tensor,), {"num_classes": max(count, 0)})
