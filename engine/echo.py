"""Echo: rounds of training that repeat are run by the compiled executor, behind the user's eager code.

The user's functions run as ever, and make nodes as ever, but while each op is the one that the trace foresees
its array is left out; the optimizer's step then computes the whole round at once. Nothing else depends on
that: a node that somebody looks at before computes its array (see `echo_nodes`), and an op or a state of
affairs that is not the foreseen one goes the ordinary way, reading such nodes. What the executor changes are
roundings, by no more than it may.

Decision 12 has the reasons.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .dtypes import Default
from .echo_checks import alone, are_below, is_kept, is_leaf, is_parameter, is_watched
from .echo_executor import Executor
from .echo_nodes import Block, EchoNode, Gradients, Notes, Round, is_filled, value_node
from .echo_trace import Entry, Trace
from .mutation import share
from .node import NO_ATTRS, Node, sequence
from .saved import latest
from .state import inferring, state
from .storage import watchers
from .tensor import Tensor

_node, _tensor, _next = EchoNode.__new__, Tensor.__new__, sequence.__next__

followers: weakref.WeakSet[Follower] = weakref.WeakSet()
"""Those that are at work, in all threads."""


class Follower:
    """Follows a thread's ops along a trace. `rounds` counts the steps that the executor has run.

    Values are known by their places in the trace: those of the parameters, of leaves and of results.
    """

    def __init__(self, params: Sequence[Tensor], trace: Trace, executor: Executor) -> None:
        self.params, self.trace, self.executor = list(params), trace, executor
        self.rounds = 0
        self.notes = Notes()
        self._default, self._now = Default.dtype, state.__dict__
        self._block = Block(executor.residents)
        self._gradients: Gradients | None = None
        self._known: list[Node | None] = [None] * len(executor.residents.arrays)
        self._specs = [param._node.spec for param in self.params]
        self._first_use: dict[int, int] = {}
        for number, entry in enumerate(trace.entries):
            for each in entry.inputs:
                self._first_use.setdefault(each.place, number)
        self._entries = (*trace.entries, replace(trace.entries[0], name=""))  # the last one is met by no op
        followers.add(self)
        self.begin()

    def begin(self) -> None:
        """Another round begins."""
        self._cursor = 0
        self._entry: Entry = self._entries[0]
        values = self._known[: len(self.params)]
        self._env: list[Node | None] = [*values, *[None] * (len(self.trace.leaves) + len(self._entries))]
        self._read: list[tuple[int, Tensor]] = []
        self._seeds: dict[int, int] = {}
        self._round = Round(self.notes)
        self._results: list[EchoNode] = []
        self._grads: list[Tensor] = []
        self._pending: Gradients | None = None
        self._started = _next()

    # What the engine asks.

    def apply(self, name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None) -> Tensor | None:
        """The result of the op, without an array, if it is the one that was foreseen; else None."""
        entry, now = self._entry, self._now
        if name != entry.name or now["recorder"] is not None or now["grad_enabled"] is not entry.grad_enabled:
            return None
        given = NO_ATTRS if attrs is None else attrs
        if given is not entry.attrs and not entry.agrees(given):
            return None
        if inferring.threads or now["origin"] is not None or len(inputs) != len(entry.inputs):
            return None
        env = self._env
        nodes = tuple([tensor._node for tensor in inputs])
        for tensor, node, (place, wants) in zip(inputs, nodes, entry.inputs, strict=True):
            if tensor._requires_grad is not wants:
                return None
            if env[place] is not node and not self._takes(place, tensor, node):
                return None
        if entry.counted >= 0 and not are_below(nodes[entry.counted].array, entry.bound):
            return None
        node = _node(EchoNode)
        node.source, node.index, node.like = self._round, entry.out, entry.like
        node.spec, node.kind, node.place = entry.spec, entry.kind, entry.site
        node.recipe = (entry.op, nodes, given)
        node.requires_grad = wanted = entry.requires_grad
        if wanted:
            node.op, node.inputs, node.attrs, node.mask = entry.op, nodes, given, entry.mask
        else:
            node.op, node.inputs, node.attrs, node.mask = None, (), NO_ATTRS, ()
        node.freed = node.inference = False
        node.hooks = node.owner = None
        node.name = ""
        node.replaced = 0
        node.sequence = _next()
        result = _tensor(Tensor)
        result._node, result._requires_grad = node, wanted
        result._grad = result._storage = result._path = result._tape = None
        if entry.op.view:
            share(result, inputs[0], name, given)
        env[entry.out] = node
        self._results.append(node)
        if entry.seeded:
            self._seeds[self._cursor] = given["seed"]
        self._cursor += 1
        self._entry = self._entries[self._cursor]
        return result

    def _takes(self, place: int, tensor: Tensor, node: Node) -> bool:
        """Whether a value that is not known yet fits; then it is known for the rest of the round."""
        number = place - self.trace.first
        if number >= len(self.trace.leaves) or self._cursor != self._first_use[place]:
            return False
        if number < 0:
            if tensor is not self.params[place] or not is_parameter(tensor, node, self._specs[place]):
                return False
        elif not is_leaf(tensor, node, self.trace.leaves[number]):
            return False
        self._env[place] = node
        self._read.append((place, tensor))
        return True

    def backward(self, root: Tensor, plain: bool) -> bool:
        """Whether this is the backward pass that was foreseen; then it is done, as far as one can see."""
        env, now = self._env, self._now
        if not plain or self._cursor != len(self.trace.entries) or self._grads:
            return False
        if root._node is not env[self.trace.loss] or self._default is not Default.dtype:
            return False
        if not _undirected(now) or not self._as_usual():
            return False
        home = self.executor.gradients
        self._pending = source = Gradients(home, root._node, self._results, self.params)
        for index, (param, spec) in enumerate(zip(self.params, self._specs, strict=True)):
            node = value_node(spec, source, index, home.arrays[index])
            source.nodes.append(node)
            grad = _tensor(Tensor)
            grad._node, grad._requires_grad = node, False
            grad._grad = grad._storage = grad._path = grad._tape = None
            param._grad = grad
            self._grads.append(grad)
        for node in self._results:
            if node.op is not None:
                node.freed = True
        return True

    def _as_usual(self) -> bool:
        """Whether backward would do no more than to give each parameter its gradient."""
        for made in self._results:
            if made.owner is not None or (made.hooks is not None and is_watched(made)):
                return False
        for param, leaf in zip(self.params, self._env, strict=False):
            node = param._node
            if param._grad is not None or node is not leaf or (node.hooks is not None and is_watched(node)):
                return False
        if latest.change > self._started:
            for made, entry in zip(self._results, self.trace.entries, strict=True):
                if (made.replaced != 0) is not entry.replaced:
                    return False
            return not any(node.replaced > self._started for _, node in self._values())
        return True

    def _values(self) -> list[tuple[int, Node]]:
        """What the round has read, by place."""
        return [(place, node) for place, _ in self._read if (node := self._env[place]) is not None]

    def exposed(self, nodes: Sequence[Node]) -> None:
        """The memory of nodes becomes numpy's, too: what depends on it is computed before it changes."""
        if not any(type(node) is EchoNode for node in nodes):
            read = {id(node) for _, node in self._values()}
            if not any(id(node) in read for node in nodes):
                return
        with self.executor.residents.lock:
            for node in self._results:
                node.array  # noqa: B018  (this computes it)
            for node in () if self._pending is None else self._pending.nodes:
                node.array  # noqa: B018
            self._known = [None] * len(self._known)
            self.begin()

    def step(self, rates: Mapping[str, float], kept: Sequence[Tensor]) -> bool:
        """The optimizer's step, if all went as foreseen; `kept` is what it keeps for its parameters."""
        source, now = self._pending, self._now
        if source is None or now is not state.__dict__ or not _undirected(now):
            return False
        with self.executor.residents.lock:
            tensors = [*self.params, *kept]
            nodes = [tensor._node for tensor in tensors]
            if not self._undisturbed(source, nodes, kept):
                return False
            self._block.save()  # for nodes of older graphs
            if self._gradients is not None and sys.getrefcount(self._gradients) > 2:
                self._gradients.save()  # somebody holds one of them
            changed = [(n, node) for n, node in enumerate(nodes) if node is not self._known[n]]
            if not self.executor.run(changed, self._values(), rates, self._seeds):
                self._known = [None] * len(self._known)
                return False
            for place, value in self.executor.outputs:
                made = self._env[place]
                if made is not None and not is_filled(made):
                    made.array = value.copy()
            source.finish()
            self._gradients = source
            self._round.over = True
            self._replace(tensors, nodes)
            self.rounds += 1
        self.begin()
        return True

    def _undisturbed(self, source: Gradients, nodes: Sequence[Node], kept: Sequence[Tensor]) -> bool:
        """Whether parameters, their gradients and what the optimizer keeps are as they were left."""
        for param, node, read, grad, made in zip(
            self.params, nodes, self._env, self._grads, source.nodes, strict=False
        ):
            if node is not read or param._grad is not grad or grad._node is not made:
                return False
            if param._storage is not None and not alone(param):
                return False
            if grad._storage is not None and not alone(grad):
                return False
        rooms = self.executor.residents.arrays
        for number, tensor in enumerate(kept, len(self.params)):
            if nodes[number] is not self._known[number] and not is_kept(nodes[number], rooms[number]):
                return False
            if tensor._requires_grad or (tensor._storage is not None and not alone(tensor)):
                return False
        return True

    def _replace(self, tensors: Sequence[Tensor], nodes: Sequence[Node]) -> None:
        """Give parameters, and what the optimizer keeps, the nodes of their new values."""
        block = self._block = Block(self.executor.residents)
        latest.change = since = _next()
        known: list[Node | None] = []
        arrays = self.executor.residents.arrays
        for index, (tensor, old) in enumerate(zip(tensors, nodes, strict=True)):
            old.replaced = since
            node = value_node(old.spec, block, index, arrays[index])
            node.owner, node.hooks, node.requires_grad = old.owner, old.hooks, old.requires_grad
            tensor._node, tensor._tape = node, None
            known.append(node)
        self._known = known


def _undirected(now: Mapping[str, Any]) -> bool:
    """Whether the thread does nothing but what the user's calls say."""
    return now["recorder"] is None and not now["inference"] and now["origin"] is None


def _exposed(nodes: Sequence[Node]) -> None:
    for follower in list(followers):
        follower.exposed(nodes)


watchers.append(_exposed)
