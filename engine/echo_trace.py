"""What a round of training does, noted op by op: the part of it that leads from the parameters to the loss.

A round goes from the end of one step of an optimizer to the end of the next. Ops that no parameter takes part
in, such as those that make the batch, run in the ordinary way in every round; their results are leaves here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .echo_nodes import Form
from .op import Op, Spec
from .tensor import Tensor


class UnfitError(Exception):
    """A round cannot be repeated by the executor; the message says why.

    `missing` are the kernels, by name and precision, that would have to be compiled for it, besides what runs
    them; None if it is not for want of machine code.
    """

    def __init__(self, why: str, missing: frozenset[tuple[str, str]] | None = None) -> None:
        super().__init__(why)
        self.missing = missing


class Input(NamedTuple):
    """One input of an op: where its value stands (see `Trace`), and whether it requires a gradient."""

    place: int
    wants: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One op of a round, with all that its node is made of.

    `bound` is the number of classes or rows that the integers of the leaf `counted` must be below.
    """

    name: str
    op: Op
    inputs: tuple[Input, ...]
    attrs: Mapping[str, Any]
    kinds: tuple[type, ...]
    seeded: bool
    spec: Spec
    form: Form
    requires_grad: bool
    grad_enabled: bool
    out: int
    replaced: bool
    counted: int
    bound: int

    def same(self, other: Entry) -> bool:
        """Whether two rounds have the same op here."""
        mine, yours = (
            (
                e.name,
                e.inputs,
                e.spec,
                e.form.mask,
                e.requires_grad,
                e.grad_enabled,
                e.out,
                e.replaced,
                e.kinds,
            )
            for e in (self, other)
        )
        return (
            mine == yours and self.agrees(other.attrs) and self.form.like.strides == other.form.like.strides
        )

    def agrees(self, attrs: Mapping[str, Any]) -> bool:
        """Whether attributes are the same, but for a seed."""
        if tuple(map(type, attrs.values())) != self.kinds or attrs.keys() != self.attrs.keys():
            return False
        return all(key == "seed" or attrs[key] == value for key, value in self.attrs.items())


class Leaf(NamedTuple):
    """A value from outside that an op reads."""

    spec: Spec
    strides: tuple[int, ...]
    constant: bool  # a number in the code, which must be the same in every round
    array: np.ndarray


@dataclass(frozen=True, slots=True)
class Insides:
    """What a module was when it was traced: how many attributes it had, those that matter and how to get
    them, its parameters and buffers, each with the name of its table and its own.

    `empty` are tables that have to be empty: those of hooks and of other modules.
    """

    count: int
    names: tuple[str, ...]
    get: Callable[[dict[str, Any]], tuple[Any, ...]]
    attributes: tuple[Any, ...]
    empty: tuple[str, ...]
    parts: tuple[tuple[str, str, Any], ...]

    def are_in(self, module: Any) -> bool:
        """Whether the module is as it was."""
        now = module.__dict__
        try:
            if len(now) != self.count or self.get(now) != self.attributes:
                return False
            if any(now[name] for name in self.empty):
                return False
            return all(now[table][name] is part for table, name, part in self.parts)
        except Exception:  # something is gone, or something that cannot be compared has come
            return False


@dataclass(frozen=True, slots=True)
class Layer:
    """A call of a layer or function that is no more than the entries from `start` to before `stop`.

    The first `count` of its arguments are tensors, then come `settings`. `read` are those tensors, and then
    `held`, the layer's parameters and buffers that take part; `bounds` pairs the places of integers with what
    they must be below. `insides` is None for functions. `view`: the result is a view of the argument.
    """

    called: Any
    start: int
    stop: int
    count: int
    settings: tuple[Any, ...]
    held: tuple[Tensor, ...]
    read: tuple[Input, ...]
    bounds: tuple[tuple[int, int], ...]
    insides: Insides | None
    view: bool

    def fits(self, args: tuple[Any, ...]) -> bool:
        """Whether a call is this one, apart from the tensors, and nothing about the layer has changed."""
        if len(args) != self.count + len(self.settings):
            return False
        if self.settings:
            for value, setting in zip(args[self.count :], self.settings, strict=True):
                if value is not setting and (type(value) is not type(setting) or value != setting):
                    return False
        return self.insides is None or self.insides.are_in(self.called)


class Trace(NamedTuple):
    """A round. Places count parameters first, then leaves, then results; `loss` is the place of the loss."""

    leaves: tuple[Leaf, ...]
    entries: tuple[Entry, ...]
    layers: tuple[Layer, ...]
    loss: int
    first: int  # place of the first leaf

    @property
    def results(self) -> int:
        """The place of the first result."""
        return self.first + len(self.leaves)

    def without_values(self) -> Trace:
        """The same without what the leaves held."""
        none = np.empty(0)
        return self._replace(
            leaves=tuple([each if each.constant else each._replace(array=none) for each in self.leaves])
        )

    def same(self, other: Trace) -> bool:
        """Whether two rounds differ in values from outside only."""
        if len(self.entries) != len(other.entries) or len(self.leaves) != len(other.leaves):
            return False
        alike = all(
            (a.spec, a.strides, a.constant) == (b.spec, b.strides, b.constant)
            and (not a.constant or a.array.item() == b.array.item())
            for a, b in zip(self.leaves, other.leaves, strict=True)
        )
        return (
            alike
            and self.loss == other.loss
            and all(a.same(b) for a, b in zip(self.entries, other.entries, strict=True))
        )
