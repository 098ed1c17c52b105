"""Nodes whose numbers are computed when somebody looks at them.

A node never changes its value, so it does not matter when its op runs. Where the compiled executor runs a
whole step of training (see `echo`), nodes are made as ever, but without arrays; one that is asked for its
array gets it from the executor, or from the ordinary kernels and the arrays of its inputs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

import numpy as np

from .dispatch import compute_here
from .errors import EngineError
from .mutation import share
from .node import NO_ATTRS, Node, sequence
from .op import Op, Spec
from .program import SlotKind
from .tensor import Tensor

if TYPE_CHECKING:
    from .echo_trace import Entry

_stored = Node.__dict__["array"].__get__
_making = threading.Lock()
_new, _next = Node.__new__, sequence.__next__


Recipe = tuple[Op, tuple[Node, ...], Mapping[str, Any]]
"""How a result is computed: nodes that need no gradient do not say so themselves."""


class Source(Protocol):
    """Where a node without an array gets it from."""

    def recipe(self, node: EchoNode) -> Recipe | None:
        """The op that makes it, if one does."""

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
            if name == "recipe":
                value = self.source.recipe(self)
            elif name in ("inputs", "attrs") and self.op is not None:
                value = self.recipe[1 if name == "inputs" else 2]
            else:
                value = getattr(self.form, name)
            setattr(self, name, value)
            return value

    @property
    def layout(self) -> np.ndarray:
        """See `Node`."""
        return self.form.like

    def pin(self) -> None:
        """See `Node`: a result's node is made anew once nobody holds it."""
        if isinstance(self.source, Round):
            self.source.pinned[self.form.index] = self


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


def has(tensor: Tensor, name: str) -> bool:
    """Whether a tensor has a slot's value, be it None, and not only its source."""
    try:
        Tensor.__dict__[name].__get__(tensor)
    except AttributeError:
        return False
    return True


class Notes:
    """Which results were looked at before the step of their round had run, and which afterwards."""

    def __init__(self) -> None:
        self.early: set[int] = set()
        self.late: set[int] = set()


class Round:
    """The source of what the ops of one round compute: their kernels.

    `steps` are its ops, in order; `values` the nodes of its parameters and leaves,
    after whose places those of results begin. Nodes are made when somebody asks for them.
    """

    __slots__ = (
        "attrs",
        "freed",
        "glance",
        "kept",
        "nodes",
        "notes",
        "numbers",
        "over",
        "pinned",
        "steps",
        "values",
        "views",
    )

    def __init__(self, notes: Notes, steps: Sequence[Entry], values: list[Node | None]) -> None:
        self.notes, self.steps, self.values = notes, steps, values
        self.numbers: list[int] = []  # `Node.sequence` of the results: their age
        self.attrs: dict[int, Mapping[str, Any]] = {}
        self.nodes: dict[int, ref[EchoNode]] = {}  # by number; each lasts while it is held
        self.pinned: dict[int, EchoNode] = {}  # and these as long as the round
        self.kept: dict[int, np.ndarray] = {}  # what the executor has left
        self.views: list[ref[Tensor]] = []
        self.freed = self.over = False  # backward has run, the step has run
        self.glance: Callable[[int], dict[int, np.ndarray]] | None = None  # what the executor can tell before

    def node(self, number: int) -> EchoNode:
        """The node of a result."""
        known = self.nodes.get(number)
        node = None if known is None else known()
        if node is not None:
            return node
        with _making:
            known = self.nodes.get(number)
            node = None if known is None else known()
            if node is not None:  # another thread was quicker
                return node
            step = self.steps[number]
            node = _new(EchoNode)
            node.source, node.form, node.spec = self, step.form, step.spec
            node.op = step.op if step.requires_grad else None
            node.requires_grad = step.requires_grad
            node.hooks = node.owner = None
            node.replaced, node.sequence = 0, self.numbers[number]
            node.freed = self.freed and step.requires_grad
            self.nodes[number] = ref(node)
        return node

    def held(self) -> dict[int, EchoNode]:
        """The nodes that somebody holds, by number."""
        return {n: node for n, known in list(self.nodes.items()) if (node := known()) is not None}

    def recipe(self, node: EchoNode) -> Recipe:
        """The op that makes it."""
        number, values = node.form.index, self.values
        step = self.steps[number]
        before = len(values)
        sources = [values[p] if p < before else self.node(p - before) for p, _ in step.inputs]
        return step.op, tuple(sources), self.attrs.get(number, step.attrs)  # type: ignore[arg-type]

    def lacking(self, tensor: Tensor, name: str) -> Any:
        """The .grad or the storage of a result."""
        if name != "_grad":
            self.share()
        if not has(tensor, name):
            setattr(tensor, name, None)
        return getattr(tensor, name)

    def share(self) -> None:
        """Let views share the storage of what they show, which they have put off."""
        views, self.views = self.views, []
        for held in views:
            view = held()
            if view is None:
                continue
            shown = view._of  # type: ignore[attr-defined]
            for name in ("_storage", "_path"):
                if not has(shown, name):
                    setattr(shown, name, None)
            step = self.steps[view._row]
            share(view, shown, step.op.name, self.attrs.get(view._row, step.attrs))

    def fill(self, node: EchoNode) -> None:
        """Run the op, after those that it needs."""
        if node.form.index not in self.kept and self.glance is not None:
            self.kept |= self.glance(node.form.index)
        if node.form.index not in self.kept:
            (self.notes.late if self.over else self.notes.early).add(node.form.index)
        waiting = [node]
        while waiting:
            top = waiting[-1]
            if is_filled(top):
                waiting.pop()
            elif top.source is not self:
                waiting.pop()
                top.source.fill(top)
            elif (known := self.kept.get(top.form.index)) is not None:
                waiting.pop().array = known
            else:
                assert top.recipe is not None
                missing = [n for n in top.recipe[1] if isinstance(n, EchoNode) and not is_filled(n)]
                if not missing:
                    waiting.pop().array = _computed(top, top.recipe)
                waiting += missing


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
