"""Windows that slide along one dimension: `Tensor.unfold`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..dtypes import float64
from ..element import Call, Expr, Index, Ref
from ..errors import InPlaceError, ShapeError
from ..op import REGISTRY, Op, Sample, Spec, register
from ..tensor import Tensor, apply


def _windows(array: np.ndarray, dimension: int, size: int, step: int) -> np.ndarray:
    """Every `step`-th window of `size` elements, as a last dimension; a view."""
    windows = np.lib.stride_tricks.sliding_window_view(
        array, size, dimension, writeable=bool(array.flags.writeable)
    )
    return np.asarray(windows[(slice(None),) * dimension + (slice(None, None, step),)])


def _samples() -> Iterable[tuple[tuple[int, ...], dict[str, int]]]:
    yield (5,), {"dimension": 0, "size": 2, "step": 1}
    yield (2, 5), {"dimension": 1, "size": 3, "step": 2}
    yield (4, 2), {"dimension": 0, "size": 1, "step": 3}


@register
class Unfold(Op):
    """y[w, k] = x[w · step + k]."""

    name = "unfold"
    view = True
    formula = r"y_{w,k} = x_{s\,w + k}"
    derivatives = (r"\dfrac{\partial y_{w,k}}{\partial x_j} = \mathbf{1}[j = s\,w + k]",)
    says: ClassVar = {
        "en": "Shows the windows that slide along a dimension; the gradient adds up where they overlap.",
        "zh": "展示沿某一维滑动的各个窗口；窗口重叠处梯度相加。",
    }
    vjps = (lambda g, y, x, **attrs: apply("unfold_grad", (g,), {"shape": x._node.spec.shape, **attrs}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """As many windows as fit, and their size as a last dimension."""
        shape, at, size = list(inputs[0].shape), attrs["dimension"], attrs["size"]
        shape[at] = (shape[at] - size) // attrs["step"] + 1
        return Spec((*shape, size), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view of the same memory."""
        x = inputs[0]
        if not attrs["size"]:
            return np.zeros(out.shape, out.dtype.numpy)
        return _windows(x, **attrs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element under this place of the window."""
        at = attrs["dimension"]
        place = list(index[:-1])
        place[at] = place[at] * attrs["step"] + index[-1]
        return Call("id", (Ref(0, tuple(place)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """With and without overlaps and gaps."""
        for shape, attrs in _samples():
            yield Sample((rng.normal(size=shape),), attrs)

    def unview(self, whole: Tensor, part: Tensor, **attrs: Any) -> Tensor:
        """Only where no element is shown twice."""
        if attrs["step"] < attrs["size"]:
            raise InPlaceError(
                "unsupported operation: more than one element of the written-to tensor refers to a single "
                "memory location. Please clone() the tensor before performing the operation."
            )
        number = apply("unfold_grad", (part,), {"shape": whole._node.spec.shape, **attrs})
        ones = part.new_ones(part._node.spec.shape)
        shown = apply("unfold_grad", (ones,), {"shape": whole._node.spec.shape, **attrs})
        result: Tensor = apply("where", (shown > 0, number, whole))
        return result


@register
class UnfoldGrad(Op):
    """d[w · step + k] += g[w, k], on zeros."""

    name = "unfold_grad"
    torch_name = "UnfoldBackwardBackward0"
    inputs = ("g",)
    formula = r"d_{j} = \sum_{w,k:\, s\,w + k = j} g_{w,k}"
    derivatives = (r"\dfrac{\partial d_j}{\partial g_{w,k}} = \mathbf{1}[j = s\,w + k]",)
    says: ClassVar = {
        "en": "Adds the gradients of all windows up at the elements that they show.",
        "zh": "把所有窗口的梯度累加到它们所展示的元素上。",
    }
    vjps = (lambda u, d, g, shape, **attrs: apply("unfold", (u,), attrs),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape that was unfolded."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add one place of the windows after the other: those of one place do not overlap."""
        g, at, step = inputs[0], attrs["dimension"], attrs["step"]
        d = np.zeros(out.shape, out.dtype.numpy)
        for k in range(attrs["size"]):
            stop = k + step * (g.shape[at] - 1) + 1
            d[(slice(None),) * at + (slice(k, stop, step),)] += g[..., k]
        return d

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum over the windows that show this element."""
        at, step, count = attrs["dimension"], attrs["step"], inputs[0].shape[attrs["dimension"]]
        pairs = itertools.product(range(count), range(attrs["size"]))
        hits = [(w, k) for w, k in pairs if w * step + k == index[at]]
        return Call("add", tuple(Ref(0, (*index[:at], w, *index[at + 1 :], k)) for w, k in hits))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of unfold's."""
        for shape, attrs in _samples():
            size = REGISTRY["unfold"].spec(Spec(shape, float64), **attrs).shape
            yield Sample((rng.normal(size=size),), {"shape": shape, **attrs})


@public("method")
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` elements along `dimension`, `step` apart, as a last dimension; a view."""
    at = wrap_dim(dimension, self.ndim)
    room = self.shape[at] if self.ndim else 1
    if size < 0:
        raise ShapeError(f"size is {size} but must be >= 0")
    if size > room:
        raise ShapeError(f"maximum size for tensor at dimension {at} is {room} but size is {size}")
    if step <= 0:
        raise ShapeError(f"step is {step} but must be > 0")
    if not self.ndim:
        return self[None][:size]
    return apply("unfold", (self,), {"dimension": at, "size": int(size), "step": int(step)})
