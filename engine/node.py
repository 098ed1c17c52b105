"""A node of the graph: one value and, unless it is a leaf, the op and the inputs that made it.

Nodes hold their inputs and nothing else holds nodes but tensors and recorders, so a graph is freed when the
user lets go of its last tensor. A node never changes its value.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import bool_, float64, from_numpy_dtype, int64
from .op import Op, Spec, intern
from .program import Phase, SlotKind
from .state import inferring, state

if TYPE_CHECKING:
    from .hooks import Hooks
    from .tensor import Tensor

RawSite = tuple[str, Phase, str, int]
"""(module, phase, file, line): a `Site` in the making."""
Place = tuple[str, Phase, str | CodeType, int]
"""The same, or (module, phase, code, instruction) as it is noted while ops run: looking a line up takes half
as long as adding two small tensors."""

sequence = itertools.count()
NO_ATTRS: Mapping[str, Any] = {}


class Node:
    """`array` is the value; `mask[i]` says whether gradients flow to `inputs[i]`; `sequence` grows with
    creation."""

    __slots__ = (
        "__weakref__",
        "array",
        "attrs",
        "freed",
        "hooks",
        "inference",
        "inputs",
        "kind",
        "mask",
        "name",
        "op",
        "owner",
        "place",
        "replaced",
        "requires_grad",
        "sequence",
        "spec",
    )

    def __init__(
        self,
        array: np.ndarray,
        spec: Spec,
        op: Op | None = None,
        inputs: tuple[Node, ...] = (),
        attrs: Mapping[str, Any] | None = None,
        mask: tuple[bool, ...] = (),
        site: Place | None = None,
    ) -> None:
        self.array = array
        self.spec = spec
        self.op = op
        self.inputs = inputs
        self.attrs: Mapping[str, Any] = attrs or NO_ATTRS
        self.mask = mask
        self.place = site  # see `site`
        self.requires_grad = bool(mask)
        self.sequence = next(sequence)
        self.freed = False  # backward has run without retain_graph
        self.kind = SlotKind.INPUT if op is None else SlotKind.VALUE
        self.name = ""
        self.hooks: Hooks | None = None
        self.replaced = 0  # `sequence` of the in-place change that gave its tensor another value
        self.inference = False  # made in inference mode, without what autograd would need
        self.owner: weakref.ref[Tensor] | None = None  # the tensor whose .grad gets this node's gradient

    def pin(self) -> None:
        """The graph has to hold this very node from now on, as something was attached to it. See `tape`."""

    @property
    def layout(self) -> np.ndarray:
        """An array of its shape and strides, for those who do not need its numbers."""
        return self.array

    @property
    def site(self) -> RawSite | None:
        """Where the op ran: looked up when somebody asks."""
        if self.place is None:
            return None
        module, phase, code, at = self.place
        if isinstance(code, str):
            return module, phase, code, at
        lines = (line for start, end, line in code.co_lines() if start <= at < end)
        site = module, phase, code.co_filename, next(lines, None) or 0
        self.place = site
        return site

    @site.setter
    def site(self, site: Place | None) -> None:
        self.place = site


def leaf(array: np.ndarray, weak: bool = False) -> Node:
    """A node for a value from outside; `weak` marks a Python number."""
    node = Node(array, intern(Spec(array.shape, from_numpy_dtype(array.dtype), weak)))
    if weak:
        node.kind = SlotKind.CONSTANT
    elif inferring.threads and state.inference:
        node.inference = True
    return node


def constant(value: bool | int | float | np.generic) -> Node:
    """A node for a Python number."""
    spec = (
        _BOOL
        if isinstance(value, (bool, np.bool_))
        else _INTEGER
        if isinstance(value, (int, np.integer))
        else _FLOAT
    )
    node = Node(np.array(value, spec.dtype.numpy), spec)
    node.kind = SlotKind.CONSTANT
    return node


_BOOL, _INTEGER, _FLOAT = (intern(Spec((), dtype, True)) for dtype in (bool_, int64, float64))
