"""Echo: rounds of training that repeat are run by the compiled executor, behind the user's eager code.

The user's functions run as ever, but while each op is the one that the trace foresees its result is only a
place in the round; the optimizer's step then computes the whole round at once. Nothing else depends on that:
who asks such a tensor for its node gets one that computes its array (see `echo_nodes`), and an op or a state
of affairs that is not the foreseen one goes the ordinary way, reading such nodes. What the executor changes
are roundings, by no more than it may.

Decision 12 has the reasons.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .dtypes import Default
from .echo_checks import alone, is_kept, is_watched
from .echo_executor import Executor
from .echo_glance import Glance
from .echo_match import Matcher
from .echo_memory import Block, Gradients
from .echo_nodes import EchoNode, has
from .echo_steps import Steps
from .echo_trace import Trace
from .node import Node, sequence
from .saved import latest
from .state import assigned, state
from .storage import watchers
from .tensor import Tensor

_node, _next = Node.__new__, sequence.__next__

followers: weakref.WeakSet[Follower] = weakref.WeakSet()
"""Those that are at work, in all threads."""


class Follower(Matcher):
    """Follows a thread's rounds along a trace. `rounds` counts the steps that the executor has run."""

    def __init__(self, params: Sequence[Tensor], trace: Trace, executor: Executor) -> None:
        super().__init__(params, trace)
        self.executor = executor
        self.rounds = 0
        self._blocks: list[weakref.ref[Block] | None] = [None, None]  # by side, while somebody needs them
        self._gradients: Gradients | None = None
        self._numbers = {id(param): number for number, param in enumerate(self.params)}
        self._steps = Steps(len(self.params), executor.residents.forms)
        self._known = self._steps.known
        self.glance: Glance | None = None  # for results that are read before the step
        followers.add(self)
        self.begin()

    def begin(self) -> None:
        """Another round begins."""
        self.close()
        self.start(self._known[: len(self.params)])
        self._steps.begin(self._values)
        if self.glance is not None:
            self._round.glance = self._look
        self._pending: Gradients | None = None

    def close(self) -> None:
        """What the last round has put off is computed by kernels from now on."""
        self._round.glance = None

    def _look(self, number: int) -> dict[int, np.ndarray]:
        with self.executor.residents.lock:
            if self.glance is None or self._round.glance is None:
                return {}
            known = list(zip(self._known, self.executor.residents.arrays, strict=True))[: len(self.params)]
            return self.glance.look(number, self._values, known, self._round.attrs)

    def backward(self, root: Tensor, plain: bool) -> bool:
        """Whether this is the backward pass that was foreseen; then it is done, as far as one can see."""
        now = self._now
        if not plain or self._cursor != len(self.trace.entries) or self._pending is not None:
            return False
        if self._default is not Default.dtype or not self._is(self.trace.loss, root, 0):
            return False
        if not _undirected(now):
            return False
        loss = self.trace.loss - self.trace.results
        source = Gradients(self.executor.gradients, self._round, loss, self.params, self._numbers)
        usual, postpone = not self._round.nodes and latest.change <= self._started, self._steps.postpone
        if not (usual and postpone is not None and postpone(self.params, source)):
            if not self._as_usual():
                return False
            for param in self.params:
                del param._grad
                param._late = source  # type: ignore[attr-defined]
        self._pending = source
        self._assigned = assigned.count
        self._round.freed = True
        if self._round.nodes:
            for node in self._round.held().values():
                node.freed = node.op is not None
        return True

    def _as_usual(self) -> bool:
        """Whether backward would do no more than to give each parameter its gradient."""
        for made in self._round.held().values() if self._round.nodes else ():
            if made.owner is not None or (made.hooks is not None and is_watched(made)):
                return False
        nodes = [param._node for param in self.params]
        if nodes != self._values[: len(nodes)]:
            return False
        for param, node in zip(self.params, nodes, strict=True):
            if param._grad is not None or (node.hooks is not None and is_watched(node)):
                return False
        if latest.change > self._started:
            made_of = self._round.held()
            for number, entry in enumerate(self.trace.entries):
                if (number in made_of and made_of[number].replaced != 0) is not entry.replaced:
                    return False
            return not any(node.replaced > self._started for _, node in self._taken())
        return True

    def exposed(self, nodes: Sequence[Node]) -> None:
        """The memory of nodes becomes numpy's, too: what depends on it is computed before it changes."""
        if not any(type(node) is EchoNode for node in nodes):
            read = {id(node) for _, node in self._taken()}
            if not any(id(node) in read for node in nodes):
                return
        with self.executor.residents.lock:
            for number in range(self._cursor):
                node = self._round.node(number)
                node.array  # noqa: B018  (this computes it)
                node.pin()
            for _, node in () if self._pending is None else tuple(self._pending.shown.values()):
                node.array  # noqa: B018
            self._steps.forget()
            self.begin()

    def step(self, rates: list[float], kept: Sequence[Tensor]) -> bool:
        """The optimizer's step, if all went as foreseen; `kept` is what it keeps for its parameters."""
        source, now = self._pending, self._now
        if source is None or now is not state.__dict__ or not _undirected(now):
            return False
        with self.executor.residents.lock:
            tensors = [*self.params, *kept]
            changed: list[tuple[int, Node]] = []
            if not self._is_unmoved(source, tensors):
                nodes = [tensor._node for tensor in tensors]
                if not self._undisturbed(source, nodes, kept):
                    return False
                changed = [(n, node) for n, node in enumerate(nodes) if node is not self._known[n]]
            residents = self.executor.residents
            self._save(residents.other)
            if changed:
                self._save(residents.now)
            if self._gradients is not None and sys.getrefcount(self._gradients) > 2:
                self._gradients.save()  # somebody holds one of them
            try:
                if not self.executor.run(changed, self._taken(), rates, self._round.attrs):
                    self._steps.forget()
                    return False
                for number, value in self.executor.outputs:
                    if number not in self._round.kept:  # nobody has seen it yet
                        self._round.kept[number] = value.copy()
                source.finish()
                self._gradients = source
                self._round.over = True
                self._replace(tensors)
            except BaseException:  # interrupted: nobody knows how far it has come
                self._steps.forget()
                raise
            self.rounds += 1
        self.begin()
        return True

    def _save(self, side: int) -> None:
        """What nodes of older graphs may still be asked for is overwritten from now on."""
        known = self._blocks[side]
        block = None if known is None else known()
        if block is not None:
            block.save()

    def _is_unmoved(self, source: Gradients, tensors: list[Tensor]) -> bool:
        """Whether all is as it mostly is; if not, it has to be looked at more closely."""
        if source.shown or self._assigned != assigned.count or self._steps.unmoved is None:
            return False
        return self._steps.unmoved(tensors, None) is True

    def _undisturbed(self, source: Gradients, nodes: Sequence[Node], kept: Sequence[Tensor]) -> bool:
        """Whether parameters, their gradients and what the optimizer keeps are as they were left."""
        params = self.params
        if nodes[: len(params)] != self._values[: len(params)]:
            return False
        for param in params:
            if param._storage is not None and not alone(param):
                return False
        if self._assigned != assigned.count and any(
            has(param, "_grad") and n not in source.shown for n, param in enumerate(self.params)
        ):
            return False
        for number, (grad, made) in source.shown.items():
            if self.params[number]._grad is not grad or grad._node is not made:
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

    def _replace(self, tensors: list[Tensor]) -> None:
        """Give parameters, and what the optimizer keeps, the nodes of their new values."""
        block = Block(self.executor.residents)
        self._blocks[block.side] = weakref.ref(block)
        if self._steps.renew is not None:
            latest.change = self._steps.renew(tensors, block)
            return
        latest.change = since = _next()
        known: list[Node | None] = []
        for tensor, form in zip(tensors, self.executor.residents.forms, strict=True):
            old = tensor._node
            old.replaced = since
            node = _node(EchoNode)  # as `value_node`
            node.source, node.form, node.spec, node.op = block, form, old.spec, None
            node.owner, node.hooks, node.requires_grad = old.owner, old.hooks, old.requires_grad
            node.replaced, node.sequence = 0, _next()
            tensor._node, tensor._tape = node, None
            known.append(node)
        self._steps.know(known)


def _undirected(now: Mapping[str, Any]) -> bool:
    """Whether the thread does nothing but what the user's calls say."""
    return now["recorder"] is None and not now["inference"] and now["origin"] is None


def _exposed(nodes: Sequence[Node]) -> None:
    for follower in list(followers):
        follower.exposed(nodes)


watchers.append(_exposed)
