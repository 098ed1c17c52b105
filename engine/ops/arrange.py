"""The same elements in other places, or several times: flip, roll, repeat and their relatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import shape_of, wrap_dim, wrap_dims
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import DimError, DTypeError, ShapeError
from ..jit import dense
from ..node import leaf
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from .layout import permute


class _Moved(Op):
    """Base of flip and roll: every element goes to one other place."""

    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's."""
        return Spec(inputs[0].shape, inputs[0].dtype)


@register
class Flip(_Moved):
    """y[i] = x[n − 1 − i]."""

    name = "flip"
    formula = r"y_{i} = x_{n - 1 - i}"
    says: ClassVar = {
        "en": "Reverses the order along dimensions; the gradient is reversed back.",
        "zh": "沿给定维度把顺序反过来；梯度再反转回去。",
    }
    vjps = (lambda g, y, x, dims: apply("flip", (g,), {"dims": dims}),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's flip, copied into the input's layout."""
        x = inputs[0]
        y = np.empty_like(x)
        y[...] = np.flip(x, tuple(attrs["dims"])) if x.ndim else x
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element at the same distance from the other end."""
        shape, dims = inputs[0].shape, attrs["dims"]
        place = (shape[d] - 1 - i if d in dims else i for d, i in enumerate(index))
        return Call("id", (Ref(0, tuple(place)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """One dimension, several, none."""
        shape = random_shape(rng, 2)
        for dims in ((0,), (1, 0), ()):
            yield Sample((rng.normal(size=shape),), {"dims": dims})


@register
class Roll(_Moved):
    """y[i] = x[(i − s) mod n]."""

    name = "roll"
    formula = r"y_{i} = x_{(i - s)\;\mathrm{mod}\; n}"
    says: ClassVar = {
        "en": "Moves the elements along dimensions; what leaves at one end comes in at the other.",
        "zh": "沿给定维度移动元素；从一端移出的从另一端移入。",
    }
    vjps = (
        lambda g, y, x, shifts, dims: apply(
            "roll", (g,), {"shifts": tuple(-s for s in shifts), "dims": dims}
        ),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's roll."""
        if not inputs[0].ndim or not attrs["dims"]:
            return np.array(inputs[0], order="C")
        return dense(np.roll(inputs[0], tuple(attrs["shifts"]), tuple(attrs["dims"])))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element that was moved here."""
        place, shape = list(index), inputs[0].shape
        if shape:
            for shift, dim in zip(attrs["shifts"], attrs["dims"], strict=True):
                place[dim] = (place[dim] - shift) % shape[dim]
        return Call("id", (Ref(0, tuple(place)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """One dimension, two, and twice the same."""
        shape = random_shape(rng, 2)
        for dims in ((1,), (0, 1), (0, 0)):
            shifts = tuple(int(s) for s in rng.integers(-5, 6, len(dims)))
            yield Sample((rng.normal(size=shape),), {"shifts": shifts, "dims": dims})


def _unrepeat(g: Tensor, shape: tuple[int, ...], repeats: tuple[int, ...]) -> Tensor:
    """The sum over the copies."""
    own = (1,) * (len(repeats) - len(shape)) + shape
    pairs = tuple(n for pair in zip(repeats, own, strict=True) for n in pair)
    summed = apply("reshape", (g,), {"shape": pairs}).sum(tuple(range(0, len(pairs), 2))) if pairs else g
    return apply("reshape", (summed,), {"shape": shape})


@register
class Repeat(Op):
    """y[i] = x[i mod n]."""

    name = "repeat"
    formula = r"y_{i} = x_{i\;\mathrm{mod}\; n}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j = i\;\mathrm{mod}\; n]",)
    says: ClassVar = {
        "en": "Puts copies of the tensor one after the other; the gradient is summed over the copies.",
        "zh": "把张量的多个副本依次排列；梯度对各副本求和。",
    }
    vjps = (lambda g, y, x, repeats: _unrepeat(g, x._node.spec.shape, repeats),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Each size times its number of copies."""
        shape, repeats = inputs[0].shape, attrs["repeats"]
        own = (1,) * (len(repeats) - len(shape)) + shape
        return Spec(tuple(n * size for n, size in zip(repeats, own, strict=True)), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's tile."""
        return np.array(np.tile(inputs[0], tuple(attrs["repeats"])), order="C").reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The one element that was copied here."""
        shape = inputs[0].shape
        place = index[len(index) - len(shape) :]
        return Call("id", (Ref(0, tuple(i % n for i, n in zip(place, shape, strict=True))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """As many numbers as dimensions, and more."""
        shape = random_shape(rng)
        for extra in (0, 1):
            repeats = tuple(int(n) for n in rng.integers(1, 3, len(shape) + extra))
            yield Sample((rng.normal(size=shape),), {"repeats": repeats})


@public("method", name="flip")
def _flip_method(self: Tensor, *dims: Any) -> Tensor:
    """The elements in reverse order along `dims`."""
    return flip(self, shape_of(dims))


@public("torch")
def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """The elements in reverse order along `dims`."""
    return apply("flip", (input,), {"dims": wrap_dims(dims, input.ndim)})


@public("torch", "method")
def fliplr(input: Tensor) -> Tensor:
    """Columns in reverse order."""
    if input.ndim < 2:
        raise ShapeError("Input must be >= 2-d.")
    return flip(input, (1,))


@public("torch", "method")
def flipud(input: Tensor) -> Tensor:
    """Rows in reverse order."""
    if input.ndim < 1:
        raise ShapeError("Input must be >= 1-d.")
    return flip(input, (0,))


@public("torch", "method")
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by `k` quarters from the first of `dims` towards the second."""
    if len(dims) != 2:
        raise ShapeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise ShapeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    a, b = (wrap_dim(d, input.ndim) for d in dims)
    if a == b:
        raise ShapeError(f"expected rotation dims to be different, but got dim0 = {a} and dim1 = {b}")
    order = list(range(input.ndim))
    order[a], order[b] = b, a
    match k % 4:
        case 1:
            return permute(flip(input, (b,)), order)
        case 2:
            return flip(input, (a, b))
        case 3:
            return permute(flip(input, (a,)), order)
        case _:
            return apply("clone", (input,), {"contiguous": True})


@public("torch", "method")
def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
    """The elements moved by `shifts` along `dims`, or along the flattened tensor."""
    steps = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    along = (dims,) if isinstance(dims, int) else tuple(dims)
    if not steps:
        raise ShapeError("`shifts` required")
    if not along and len(steps) == 1:
        flat = input.reshape(-1)
        return apply("roll", (flat,), {"shifts": steps, "dims": (0,)}).reshape(input._node.spec.shape)
    if len(along) != len(steps):
        raise ShapeError(f"shifts and dimensions must align. shifts: {len(steps)}, dims:{len(along)}")
    if not input.ndim:
        raise DimError(f"Dimension specified as {along[0]} but tensor has no dimensions")
    if not input.numel():  # the dimensions are not looked at
        return apply("clone", (input,))
    at = tuple(wrap_dim(d, input.ndim) for d in along)
    return apply("roll", (input,), {"shifts": steps, "dims": at})


@public("method", name="repeat")
def _repeat(self: Tensor, *repeats: Any) -> Tensor:
    """Copies one after the other: how many along each dimension, new ones in front."""
    if not repeats:
        raise TypeError('repeat() missing 1 required positional arguments: "repeats"')
    counts = shape_of(repeats)
    if len(counts) < self.ndim:
        raise ShapeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    if any(n < 0 for n in counts):
        raise ShapeError(f"Trying to create tensor with negative dimension: repeats {list(counts)}")
    return apply("repeat", (self,), {"repeats": counts})


@public("method", name="tile")
def _tile_method(self: Tensor, *dims: Any) -> Tensor:
    """Copies one after the other; where there are fewer numbers than dimensions, they count for the last."""
    counts = shape_of(dims)
    return _repeat(self, (1,) * (self.ndim - len(counts)) + counts)


@public("torch")
def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Copies one after the other; where there are fewer numbers than dimensions, they count for the last."""
    return _tile_method(input, dims)


@public("torch", "method")
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each entry along `dim` (or each element) `repeats` times: one number, or a tensor of one for each.

    With one argument, position i of it as often as its value says.
    """
    if repeats is None:
        _check_counts(input)
        found = np.repeat(np.arange(input.numel()), input._node.array)
        return Tensor._from_node(leaf(found))
    if dim is None:
        input, dim = input.reshape(-1), 0
    if isinstance(repeats, int) and repeats < 0:
        raise ShapeError("Repeats must be non-negative")
    if not input.ndim:
        raise DimError(f"Dimension specified as {dim} but tensor has no dimensions")
    at = wrap_dim(dim, input.ndim)
    size = input.shape[at]
    if isinstance(repeats, Tensor):
        _check_counts(repeats)
        counts = repeats._node.array.reshape(-1)
        if counts.size not in (1, size):
            raise ShapeError(
                "repeats must have the same size as input along dim, but got repeats.size(0) = "
                f"{counts.size} and input.size({at}) = {size}"
            )
    else:
        counts = np.array([repeats])
    places = np.repeat(np.arange(size), counts if counts.size == size else int(counts[0]))
    if output_size is not None and output_size != places.size:
        raise ShapeError(
            f"repeat_interleave: Invalid output_size, expected {places.size} but got {output_size}"
        )
    index = Tensor._from_node(leaf(places))
    return input.index_select(at, index)


def _check_counts(repeats: Tensor) -> None:
    if repeats.ndim > 1:
        raise ShapeError("repeat_interleave only accept 1D vector as repeat")
    if repeats.dtype.name not in ("int32", int64.name):
        raise DTypeError(f"repeats has to be Long or Int tensor, not {repeats.dtype}")
    if repeats.numel() and int(repeats._node.array.min()) < 0:
        raise ShapeError("repeats can not be negative")
