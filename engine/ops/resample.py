"""Resampling along one dimension: each new number is a weighted sum of a few old ones; and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError
from ..op import Op, Sample, Spec, register
from ..tensor import apply

Table = tuple[np.ndarray, np.ndarray]  # for each new place: old places and their weights

MODES = ("nearest", "nearest-exact", "linear", "cubic", "linear-antialias", "cubic-antialias")


def table(
    size: int, places: int, mode: str, align_corners: bool, scale: float | None, dtype: Any = np.float64
) -> Table:
    """Which of `places` old numbers make up each of `size` new ones; `scale` is new by old, if given."""
    new = np.arange(size)
    if mode.startswith("nearest"):
        # Rounded as PyTorch does it, to decide alike between neighbours.
        kind: Any = np.float64 if dtype == np.float64 else np.float32
        step = kind(1.0 / scale) if scale else kind(places) / kind(size)
        if mode == "nearest-exact":
            places_at = (new.astype(kind) + kind(0.5)) * step - kind(0.5) + np.float64(0.5)
        else:
            places_at = new.astype(kind) * step
        old = np.floor(places_at.astype(np.float32)).astype(np.int64)
        return np.minimum(old, places - 1)[:, None], np.ones((size, 1))
    if align_corners:
        ratio = (places - 1) / (size - 1) if size > 1 else 0.0
    else:
        ratio = 1.0 / scale if scale else places / size
    if mode.endswith("antialias"):
        return _antialias(new, places, ratio, mode.startswith("cubic"))
    at = new * ratio if align_corners else (new + 0.5) * ratio - 0.5
    if mode == "linear":
        if size == places:
            at = new.astype(np.float64)
        at = np.maximum(at, 0.0)
        first = np.minimum(at.astype(np.int64), places - 1)
        part = np.clip(at - first, 0.0, 1.0)
        return np.stack([first, np.minimum(first + 1, places - 1)], 1), np.stack([1 - part, part], 1)
    first = np.minimum(np.floor(at).astype(np.int64), places - 1)
    part = np.clip(at - first, 0.0, 1.0)
    weights = [_cubic(part + 1, -0.75), _cubic(part, -0.75), _cubic(1 - part, -0.75), _cubic(2 - part, -0.75)]
    old = np.clip(first[:, None] + np.arange(-1, 3), 0, places - 1)
    return old, np.stack(weights, 1)


def _cubic(x: np.ndarray, a: float) -> np.ndarray:
    """Keys' kernel at distance x ≥ 0 (R. Keys, "Cubic convolution interpolation", 1981)."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _antialias(new: np.ndarray, places: int, ratio: float, cubic: bool) -> Table:
    """The kernel is as wide as a new place, if those are wider than old ones."""
    wide = max(ratio, 1.0)
    support = (2.0 if cubic else 1.0) * wide
    centre = (new + 0.5) * ratio
    first = np.maximum((centre - support + 0.5).astype(np.int64), 0)
    count = np.minimum((centre + support + 0.5).astype(np.int64), places) - first
    taps = np.arange(int(count.max(initial=1)))
    distance = np.abs((taps + first[:, None] - centre[:, None] + 0.5) / wide)
    weights = _cubic(distance, -0.5) if cubic else np.maximum(1 - distance, 0.0)
    weights = np.where(taps < count[:, None], weights, 0.0)
    total = weights.sum(1, keepdims=True)
    return np.minimum(first[:, None] + taps, places - 1), weights / np.where(total == 0, 1.0, total)


def _settings(attrs: dict[str, Any], array: np.ndarray) -> tuple[Any, ...]:
    return attrs["mode"], attrs["align_corners"], attrs["scale"], array.dtype


def _along(values: np.ndarray, ndim: int, dim: int) -> np.ndarray:
    """Numbers for each place along one dimension."""
    return values.reshape([-1 if k == dim else 1 for k in range(ndim)])


@register
class Resample(Op):
    """y[i] = Σₜ a[i, t] · x[k[i, t]] along one dimension."""

    name = "resample"
    formula = r"y_{i} = \sum_t a_{i,t}\, x_{k_{i,t}}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \sum_{t:\, k_{i,t} = j} a_{i,t}",)
    says: ClassVar = {
        "en": "Changes the size of one dimension: each new number is a weighted sum of the old ones near it.",
        "zh": "改变一个维度的大小：每个新数是离它最近的几个旧数的加权和。",
    }
    vjps = (
        lambda g, y, x, **attrs: apply("resample_backward", (g,), {"places": x.shape[attrs["dim"]], **attrs}),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """`size` in place of one size."""
        shape = list(inputs[0].shape)
        shape[attrs["dim"]] = attrs["size"]
        if not inputs[0].dtype.is_floating_point and not attrs["mode"].startswith("nearest"):
            raise DTypeError(f"resample takes floating point, not {inputs[0].dtype.name}")
        return Spec(tuple(shape), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One product for each of the weights of a place."""
        x, dim = inputs[0], attrs["dim"]
        old, weights = table(attrs["size"], x.shape[dim], *_settings(attrs, x))
        if attrs["mode"].startswith("nearest"):
            return np.ascontiguousarray(x.take(old[:, 0], axis=dim))
        y = np.zeros(out.shape, np.float32 if x.dtype == np.float16 else x.dtype)
        for t in range(old.shape[1]):
            y += x.take(old[:, t], axis=dim) * _along(weights[:, t].astype(y.dtype), x.ndim, dim)
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The weighted sum."""
        dim = attrs["dim"]
        old, weights = table(attrs["size"], inputs[0].shape[dim], *_settings(attrs, inputs[0]))
        terms = zip(old[index[dim]], weights[index[dim]], strict=True)
        places = [((*index[:dim], int(k), *index[dim + 1 :]), float(a)) for k, a in terms]
        return Call("add", tuple(Call("mul", (a, Ref(0, place))) for place, a in places))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Larger and smaller, in each mode."""
        for mode in MODES:
            attrs = {"dim": int(rng.integers(2)), "size": int(rng.integers(1, 7)), "mode": mode}
            exact = bool(rng.random() < 0.5) and not mode.startswith("nearest")
            yield Sample((rng.normal(size=(3, 4)),), {**attrs, "align_corners": exact, "scale": None})


@register
class ResampleBackward(Op):
    """dx[k[i, t]] += a[i, t] · g[i], on zeros."""

    name = "resample_backward"
    inputs = ("g",)
    formula = r"\dfrac{\partial L}{\partial x_j} = \sum_{i,t:\, k_{i,t} = j} a_{i,t}\, g_i"
    derivatives = (r"\dfrac{\partial\,\mathrm{d}x_j}{\partial g_i} = \sum_{t:\, k_{i,t} = j} a_{i,t}",)
    says: ClassVar = {
        "en": "Gives each old number its share of the gradients of all new ones that it had a weight in.",
        "zh": "把各新数的梯度按权重分给参与其中的旧数。",
    }
    vjps = (lambda u, dx, g, places, **attrs: apply("resample", (u,), attrs),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The old size."""
        shape = list(inputs[0].shape)
        shape[attrs["dim"]] = attrs["places"]
        return Spec(tuple(shape), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add up, tap by tap, as several new places may have one old place."""
        g, dim = inputs[0], attrs["dim"]
        old, weights = table(attrs["size"], attrs["places"], *_settings(attrs, inputs[0]))
        dtype = np.float32 if g.dtype == np.float16 else g.dtype
        lines = np.moveaxis(g, dim, 0)
        dx = np.zeros((attrs["places"], *lines.shape[1:]), dtype)
        for t in range(old.shape[1]):
            np.add.at(dx, old[:, t], lines * _along(weights[:, t].astype(dtype), g.ndim, 0))
        return np.ascontiguousarray(np.moveaxis(dx, 0, dim))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of shares."""
        dim = attrs["dim"]
        old, weights = table(attrs["size"], attrs["places"], *_settings(attrs, inputs[0]))
        hits = np.argwhere(old == index[dim])
        return Call(
            "add",
            tuple(
                Call("mul", (float(weights[i, t]), Ref(0, (*index[:dim], int(i), *index[dim + 1 :]))))
                for i, t in hits
            ),
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """resample's, from the other side."""
        for sample in Resample().samples(rng):
            shape = list(sample.inputs[0].shape)
            places, shape[sample.attrs["dim"]] = shape[sample.attrs["dim"]], sample.attrs["size"]
            yield Sample((rng.normal(size=shape),), {"places": places, **sample.attrs})
