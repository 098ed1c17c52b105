"""What an op is: kernel, shape and dtype rule, gradients, formulas, a sentence, one element, samples; and
the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from .dtypes import DType, get_default_dtype, result_type
from .element import Call, Expr, Index, broadcast_ref
from .errors import DTypeError, ShapeError

if TYPE_CHECKING:
    from .tensor import Tensor

Vjp = Callable[..., "Tensor"]
ArrayVjp = Callable[..., Any]


class Spec(NamedTuple):
    """Shape and dtype of a value; `weak` marks a Python number, which counts less in type promotion."""

    shape: tuple[int, ...]
    dtype: DType
    weak: bool = False


_specs: dict[Spec, Spec] = {}
_SPECS_KEPT = 8192


def intern(spec: Spec) -> Spec:
    """The one object that stands for all specs equal to `spec`: it can be looked up by its id."""
    known = _specs.get(spec)
    if known is None:
        if len(_specs) >= _SPECS_KEPT:
            _specs.clear()
        known = _specs[spec] = spec
    return known


@dataclass(frozen=True)
class Sample:
    """Arguments for one call of an op: arrays in the order of its inputs, and its attributes.

    `smooth=False` marks arguments at which the op has kinks or jumps, so that finite differences say nothing.
    """

    inputs: tuple[np.ndarray, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    smooth: bool = True


class Op:
    """Base class of all ops; one subclass, instantiated once by `register`, is the whole entry of an op.

    Class attributes: `name`; `inputs`, the names of its inputs (the last may start with "*" for any number);
    `formula` and `derivatives` (one for each input, "" where there is none), in mathtext; `says`, one
    sentence in "en" and "zh"; `saves`, what its gradients read of "inputs" and "output" (what PyTorch keeps
    for backward); `vjps`, for each input a function `(g, out, *inputs, **attrs) -> Tensor` that takes the
    upstream gradient `g` to this input's contribution, written in the ordinary tensor functions so that it
    is recorded and can be differentiated again, or None; `torch_name`, what PyTorch calls its node in
    `grad_fn`. A contribution of the output's broadcast shape or dtype is summed and cast to the input's by
    the engine.
    """

    name: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]] = ("x",)
    formula: ClassVar[str]
    derivatives: ClassVar[tuple[str, ...]] = ()
    says: ClassVar[Mapping[str, str]]
    saves: ClassVar[tuple[str, ...]] = ()
    vjps: ClassVar[tuple[Vjp | None, ...]] = ()
    torch_name: ClassVar[str] = ""
    torch_order: ClassVar[tuple[int, ...]] = ()  # of the inputs in PyTorch's next_functions, where it differs
    array_vjps: ClassVar[tuple[ArrayVjp | None, ...]] = ()
    """The same rules for arrays that are all of one shape and dtype, where that is quicker; rules that are
    made of operators alone take arrays as they are. For elementwise ops without attributes only."""
    view: ClassVar[bool] = False  # PyTorch returns a view: changing it in place would change the input

    def __init__(self) -> None:
        self.direct: dict[int, Any] = {}
        """What `dispatch` knows of inputs that are all of one spec, by its id."""

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Shape and dtype of the result; ShapeError, DTypeError or DimError where the inputs do not fit."""
        raise NotImplementedError

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Compute the result, an array of `out.shape` and `out.dtype`; it may share memory with an input."""
        raise NotImplementedError

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType | None:
        """The dtype that all inputs are converted to before the kernel sees them; None leaves them as they
        are."""
        return None

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """What input number `position` gets of the upstream gradient `g`."""
        rule = self.vjps[position]
        assert rule is not None
        return rule(g, out, *inputs, **attrs)

    def unview(self, whole: Tensor, part: Tensor, **attrs: Any) -> Tensor:
        """For view ops: what `whole` becomes when its view is given the new value `part`.

        Where the view shows every element once, that is the way of the gradient.
        """
        return self.vjp(0, part, part, whole, **attrs)

    def differentiable(self, position: int) -> bool:
        """Whether a gradient flows to input number `position`."""
        return position < len(self.vjps) and self.vjps[position] is not None

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Output element `index` as an expression of input elements (the arrays may decide: the winner of a
        max)."""
        raise NotImplementedError

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """A few calls with random shapes, layouts and arguments, in float64 where the op takes floating
        point."""
        raise NotImplementedError

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch's name of its backward node, "MulBackward0"; a few depend on the arguments."""
        return self.torch_name or "".join(word.capitalize() for word in self.name.split("_")) + "Backward0"


REGISTRY: dict[str, Op] = {}
"""Every op by its name, in the order of definition; complete once `gradviz.engine.ops` has been imported."""

OpClass = TypeVar("OpClass", bound=type[Op])


def register(cls: OpClass) -> OpClass:
    """Class decorator: enter the one instance of an op class into the registry under its name."""
    if cls.name in REGISTRY:
        raise ValueError(f"there is an op {cls.name!r} already")
    REGISTRY[cls.name] = cls()
    return cls


def broadcast_shapes(name: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape of elementwise inputs; sizes agree from the right or are 1."""
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    out: list[int] = []
    for position in range(1, max(len(shape) for shape in shapes) + 1):
        sizes = {shape[-position] for shape in shapes if len(shape) >= position}
        wide = sizes - {1}
        if len(wide) > 1:
            listed = ", ".join(str(shape) for shape in shapes)
            a, b = sorted(wide)[:2]
            raise ShapeError(
                f"{name}: {listed}: the sizes must match or be 1, but {a} ≠ {b} at dimension "
                f"{max(len(shape) for shape in shapes) - position}"
            )
        out.append(wide.pop() if wide else 1)
    return tuple(reversed(out))


class Elementwise(Op):
    """Base of the ops that work on each element of their broadcast inputs alike.

    `ufunc` computes it on arrays of one dtype; `scalar` is its name in `SCALAR_FUNCTIONS`; `floating` says
    that integers become floating point first, `refuses_integers` that PyTorch takes none; `output` is the
    result's dtype where it is not the inputs' (comparisons).
    """

    ufunc: ClassVar[Callable[..., Any]]
    scalar: ClassVar[str]
    floating: ClassVar[bool] = False
    refuses_integers: ClassVar[bool] = False
    output: ClassVar[DType | None] = None
    low: ClassVar[float] = -2.0  # samples are drawn from [low, high)
    high: ClassVar[float] = 2.0

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The promoted dtype of the inputs, made floating point if the op asks for it."""
        dtype = result_type(inputs)
        return get_default_dtype() if self.floating and dtype.rank < 2 else dtype

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape and the promoted dtype."""
        if self.refuses_integers and result_type(inputs).rank < 2:
            raise DTypeError(f"{self.name} takes floating point, not {result_type(inputs).name}")
        dtype = self.output or self.compute_dtype(*inputs, **attrs)
        return Spec(broadcast_shapes(self.name, *(spec.shape for spec in inputs)), dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Apply the ufunc."""
        result: np.ndarray = type(self).ufunc(*inputs)
        return result

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The scalar function of the inputs' elements at (the broadcast of) the same index."""
        return Call(self.scalar, tuple(broadcast_ref(i, x.shape, index) for i, x in enumerate(inputs)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random shapes; with two or more inputs also shapes that broadcast."""
        for shapes in random_broadcast_shapes(rng, len(self.inputs)):
            yield Sample(tuple(rng.uniform(self.low, self.high, shape) for shape in shapes))


def random_shape(rng: np.random.Generator, low: int = 0, high: int = 4, size: int = 4) -> tuple[int, ...]:
    """A shape of `low` to `high - 1` dimensions, each of 1 to `size`."""
    return tuple(int(n) for n in rng.integers(1, size + 1, int(rng.integers(low, high))))


def random_broadcast_shapes(rng: np.random.Generator, count: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Shapes for `count` elementwise inputs: equal, zero-dimensional, and broadcasting in random
    positions."""
    full = random_shape(rng, 1)
    yield (full,) * count
    yield ((),) * count
    if count > 1:
        shapes = []
        for _ in range(count):
            cut = full[int(rng.integers(0, len(full) + 1)) :]
            shapes.append(tuple(1 if rng.random() < 0.3 else size for size in cut))
        shapes[int(rng.integers(count))] = full
        yield tuple(shapes)
