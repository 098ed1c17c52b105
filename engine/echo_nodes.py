"""Nodes whose numbers are computed when somebody looks at them.

A node never changes its value, so it does not matter when its op runs. Where the compiled executor runs a
whole step of training (see `echo`), nodes are made as ever, but without arrays; one that is asked for its
array gets it from the executor, or from the ordinary kernels and the arrays of its inputs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .dispatch import compute_here
from .errors import EngineError
from .node import NO_ATTRS, Node, sequence
from .op import Op, Spec
from .plain_sweep import PlainSweep
from .program import SlotKind
from .state import state
from .tensor import Tensor

_stored = Node.__dict__["array"].__get__
_new, _next = Node.__new__, sequence.__next__


Recipe = tuple[Op, tuple[Node, ...], Mapping[str, Any]]
"""How a result is computed: nodes that need no gradient do not say so themselves."""


class Source(Protocol):
    """Where a node without an array gets it from."""

    def fill(self, node: EchoNode) -> None:
        """Give the node its array."""


@dataclass(slots=True)
class Form:
    """What nodes of one place have in common: what most of them are never asked for.

    `like` has the shape and strides of the array, and other numbers or none.
    """

    index: int
    like: np.ndarray
    mask: tuple[bool, ...] = ()
    kind: SlotKind = SlotKind.INPUT
    place: Any = None
    attrs: Mapping[str, Any] = field(default_factory=lambda: NO_ATTRS)
    inputs: tuple[Node, ...] = ()
    recipe: Recipe | None = None
    name: str = ""
    freed: bool = False
    inference: bool = False


class EchoNode(Node):
    """A node that may have no array yet: `source` gives it; what it lacks besides is that of its `form`."""

    __slots__ = ("form", "recipe", "source")

    form: Form
    recipe: Recipe | None
    source: Source

    if not TYPE_CHECKING:  # it would tell the type checker that every attribute is there

        def __getattr__(self, name: str) -> Any:
            """What it has not got yet."""
            if name == "array":
                self.source.fill(self)
                return _stored(self)
            value = getattr(self.form, name)
            setattr(self, name, value)
            return value

    @property
    def layout(self) -> np.ndarray:
        """See `Node`."""
        return self.form.like


def value_node(spec: Spec, source: Source, form: Form) -> EchoNode:
    """A node of a value that no op of the graph has made: a parameter, a gradient."""
    node = _new(EchoNode)
    node.source, node.form, node.spec = source, form, spec
    node.op = node.hooks = node.owner = None
    node.requires_grad = False
    node.replaced = 0
    node.sequence = _next()
    return node


def is_filled(node: Node) -> bool:
    """Whether a node has its array already."""
    if type(node) is not EchoNode:
        return True
    try:
        _stored(node)
    except AttributeError:
        return False
    return True


_grad = Tensor.__dict__["_grad"].__get__


def has_grad(param: Tensor) -> bool:
    """Whether a parameter has a .grad, be it None, or only its source."""
    try:
        _grad(param)
    except AttributeError:
        return False
    return True


class Notes:
    """Which results were looked at before the step of their round had run, and which afterwards."""

    def __init__(self) -> None:
        self.early: set[int] = set()
        self.late: set[int] = set()


class Round:
    """The source of what the ops of one round compute: their kernels."""

    __slots__ = ("notes", "over")

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.over = False  # the step has run

    def fill(self, node: EchoNode) -> None:
        """Run the op, after those that it needs."""
        (self.notes.late if self.over else self.notes.early).add(node.form.index)
        waiting = [node]
        while waiting:
            top = waiting[-1]
            recipe = None if is_filled(top) else top.recipe
            if recipe is None:
                if not is_filled(top):
                    top.source.fill(top)  # a parameter
                waiting.pop()
                continue
            missing = [n for n in recipe[1] if isinstance(n, EchoNode) and not is_filled(n)]
            if missing:
                waiting += missing
                continue
            waiting.pop().array = _computed(top, recipe)


def _computed(node: Node, recipe: Recipe) -> np.ndarray:
    op, sources, attrs = recipe
    try:
        specs, arrays = tuple(n.spec for n in sources), tuple(n.array for n in sources)
        with np.errstate(all="ignore"):  # whoever asks may be in the quiet context already
            return compute_here(op, specs, arrays, attrs)
    except EngineError as error:
        site = node.site
        error.locate("an unknown place" if site is None or not site[2] else f"{site[2]}:{site[3]}")
        raise


class Arena:
    """The executor's memory as far as nodes read it: `arrays` are views of it, by number."""

    def __init__(self, memory: np.ndarray, arrays: Sequence[np.ndarray], lock: Any = None) -> None:
        self.lock = threading.RLock() if lock is None else lock
        self.arrays = list(arrays)
        base = memory.ctypes.data
        starts = [array.ctypes.data - base for array in self.arrays]
        ends = [start + array.nbytes for start, array in zip(starts, self.arrays, strict=True)]
        begin, end = min(starts, default=0), max(ends, default=0)
        self.stretch = memory[begin:end]
        self.offsets = [start - begin for start in starts]
        self.forms = [Form(index, array) for index, array in enumerate(self.arrays)]
        self.spare: list[np.ndarray] = []

    def copy(self) -> np.ndarray:
        """All of it as it is now."""
        room = self.spare.pop() if self.spare else np.empty_like(self.stretch)
        np.copyto(room, self.stretch)
        return room


_SPARE = 2


class Block:
    """The source of values that the executor has at one moment; saved before it overwrites them."""

    __slots__ = ("home", "saved")

    def __init__(self, home: Arena) -> None:
        self.home = home
        self.saved: np.ndarray | None = None

    def fill(self, node: EchoNode) -> None:
        """Copy the value out."""
        with self.home.lock:
            node.array = self.value(node.form.index)

    def value(self, index: int) -> np.ndarray:
        """A copy of a value."""
        view, saved = self.home.arrays[index], self.saved
        if saved is None:
            return view.copy(order="C")
        return np.ndarray(view.shape, view.dtype, saved, self.home.offsets[index]).copy(order="C")

    def save(self) -> np.ndarray:
        """Keep the values as they are now, and return all of them as bytes."""
        if self.saved is None:
            self.saved = self.home.copy()
        return self.saved

    def __del__(self) -> None:
        if self.saved is not None and len(self.home.spare) < _SPARE:
            self.home.spare.append(self.saved)


class Gradients(Block):
    """The source of the gradients of one round: the executor, or before it has run, a backward pass.

    Parameters have it as `_late` instead of a `.grad` until somebody looks at that: see `show`. `graph` are
    the nodes of the round's ops.
    """

    __slots__ = ("graph", "params", "root", "run", "shown")

    def __init__(self, home: Arena, root: Node, graph: Sequence[Node], params: Sequence[Tensor]) -> None:
        super().__init__(home)
        self.root: Node | None = root
        self.graph = graph
        self.params = params
        self.shown: dict[int, tuple[Tensor, EchoNode]] = {}  # by the number of the parameter
        self.run = False

    def show(self, param: Tensor) -> Tensor | None:
        """Give a parameter its gradient."""
        with self.home.lock:
            if has_grad(param):  # another thread was quicker
                return param._grad
            number = next(n for n, each in enumerate(self.params) if each is param)
            node = value_node(param._node.spec, self, self.home.forms[number])
            param._grad = grad = Tensor._from_node(node)
            if not self.run:
                self.shown[number] = grad, node
            return grad

    def fill(self, node: EchoNode) -> None:
        """Copy the gradient out, or compute all of them."""
        with self.home.lock:
            if self.run:
                node.array = self.value(node.form.index)
            elif not is_filled(node):
                self._sweep()

    def finish(self) -> None:
        """The executor has computed them."""
        self.run = True
        self.root, self.graph, self.shown = None, (), {}

    def _sweep(self) -> None:
        """The backward pass that was put off, as it would have been then."""
        root, now = self.root, state.__dict__
        assert root is not None
        marked = [(n, n.replaced, n.hooks, n.owner) for n in _reached(self.graph)]
        given = [param._grad for param in self.params]
        nodes = [(self.params[number], node) for number, (_, node) in self.shown.items()]
        before = {key: now[key] for key in ("recorder", "inference", "origin", "calling", "echo")}
        now.update(recorder=None, inference=False, origin=None, calling=False, echo=None)
        try:
            for node, *_ in marked:  # what came after the pass was asked for does not count
                node.replaced, node.hooks, node.freed = 0, None, False
                node.owner = node.owner if node.op is None else None
            for param in self.params:
                param._grad = None
            one = np.ones(root.spec.shape, root.spec.dtype.numpy)
            start = Tensor._from_node(root, True)
            seed = Tensor._from_node(Node(one, root.spec))
            PlainSweep((start,), (seed,), None, False, False, accumulate=True).run()
            for param, node in nodes:
                assert param._grad is not None
                if not is_filled(node):
                    node.array = param._grad._node.array
        finally:
            now.update(before)
            for node, node.replaced, node.hooks, node.owner in marked:
                node.freed = node.op is not None
            for param, grad in zip(self.params, given, strict=True):
                param._grad = grad


def _reached(graph: Sequence[Node]) -> list[Node]:
    """The nodes of a graph and its leaves."""
    found = dict.fromkeys(graph)
    for node in graph:
        found.update(dict.fromkeys(node.inputs))
    return list(found)
