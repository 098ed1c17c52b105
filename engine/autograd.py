"""Reverse-mode differentiation: walk the graph from the loss back and let each op's vjp rule emit
instructions.

Source: A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, chapter 3 (reverse mode).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .api import public
from .errors import GradError
from .node import Node
from .program import Phase
from .state import GradMode, phase, state, within
from .tensor import Tensor, apply

if TYPE_CHECKING:
    Tensors = Tensor | Sequence[Tensor]


def backward(
    tensors: Tensors,
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Add d tensors / d leaf to the `.grad` of every leaf that requires a gradient.

    `grad_tensors` are the upstream gradients, which tensors with one element do without. The graph is freed
    unless `retain_graph`; `create_graph` records the backward pass itself, so that it can be differentiated
    again.
    """
    roots = _as_tuple(tensors)
    grads = _upstream(roots, grad_tensors)
    _Sweep(roots, grads, None, create_graph, create_graph if retain_graph is None else retain_graph).run()
    if state.recorder is not None:
        state.recorder.mark("backward")


@public("method", name="backward")
def tensor_backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Compute d self / d leaf for every leaf that requires a gradient, and add it to the leaf's `.grad`.

    `gradient` is the upstream gradient, needed unless this tensor has one element.
    """
    backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
) -> tuple[Tensor | None, ...]:
    """d outputs / d inputs, returned and not accumulated: one gradient for each input (None if unused and
    allowed)."""
    roots, targets = _as_tuple(outputs), _as_tuple(inputs)
    for target in targets:
        if not target.requires_grad:
            raise GradError("One of the differentiated Tensors does not require grad")
    grads = _upstream(roots, grad_outputs)
    keep = create_graph if retain_graph is None else retain_graph
    sweep = _Sweep(roots, grads, {id(t._node) for t in targets}, create_graph, keep)
    sweep.run()
    found = tuple(sweep.collected.get(id(target._node)) for target in targets)
    if not allow_unused and any(g is None for g in found):
        raise GradError(
            "One of the differentiated Tensors appears to not have been used in the graph. Set "
            "allow_unused=True if this is the desired behavior."
        )
    return found


class _Sweep:
    """One backward pass. Nodes wait until all contributions have come; the youngest ready node goes first."""

    def __init__(
        self,
        roots: tuple[Tensor, ...],
        grads: tuple[Tensor, ...],
        targets: set[int] | None,
        create_graph: bool,
        retain_graph: bool,
    ) -> None:
        self._roots = roots
        self._grads = grads
        self._targets = targets
        self._create_graph = create_graph
        self._retain_graph = retain_graph
        self._waiting: dict[int, int] = {}  # by node: contributions still to come
        self._adjoint: dict[int, Tensor] = {}
        self._relevant: set[int] | None = None
        self.collected: dict[int, Tensor] = {}

    def run(self) -> None:
        self._count()
        recorder = state.recorder
        origin = state.origin
        try:
            with GradMode(self._create_graph), phase(Phase.BACKWARD):
                ready: list[tuple[int, int, Node]] = []
                for root, grad in zip(self._roots, self._grads, strict=True):
                    if recorder is not None:
                        recorder.backward_from(root)
                    self._add(root._node, grad, None, 0)
                for start in dict.fromkeys(root._node for root in self._roots):
                    if self._waiting[id(start)] == 0:
                        self._push(ready, start)
                while ready:
                    self._visit(heapq.heappop(ready)[2], ready)
        finally:
            state.origin = origin

    def _push(self, ready: list[tuple[int, int, Node]], node: Node) -> None:
        # Leaves first, as in PyTorch: their gradient is accumulated as soon as it is complete.
        heapq.heappush(ready, (0 if node.op is None else 1, -node.sequence, node))

    def _count(self) -> None:
        """How many contributions each reachable node will get: an iterative walk, so that depth does not
        matter."""
        stack = [root._node for root in self._roots]
        seen = {id(node) for node in stack}
        self._waiting = dict.fromkeys(seen, 0)
        order = []
        while stack:
            node = stack.pop()
            order.append(node)
            if node.freed and node.op is not None and node.op.saves:
                raise GradError(
                    "Trying to backward through the graph a second time (or directly access saved tensors "
                    "after they have already been freed). Specify retain_graph=True when calling .backward() "
                    "or autograd.grad() the first time if you need to backward through the graph again."
                )
            for source, wanted in zip(node.inputs, node.mask, strict=True) if node.mask else ():
                if not wanted:
                    continue
                self._waiting[id(source)] = self._waiting.get(id(source), 0) + 1
                if id(source) not in seen:
                    seen.add(id(source))
                    stack.append(source)
        if self._targets is not None:
            self._relevant = self._leading_to_targets(order)

    def _leading_to_targets(self, order: list[Node]) -> set[int]:
        """For autograd.grad: the nodes from which a wanted input can be reached; the rest is not computed."""
        assert self._targets is not None
        relevant = set(self._targets)
        for node in sorted(order, key=lambda n: n.sequence):
            if any(wanted and id(n) in relevant for n, wanted in zip(node.inputs, node.mask, strict=False)):
                relevant.add(id(node))
        return relevant

    def _visit(self, node: Node, ready: list[tuple[int, int, Node]]) -> None:
        g = self._adjoint.pop(id(node), None)
        if g is not None:
            state.origin = node
            self._deliver(node, g)
        if node.op is None:
            return
        out = Tensor._from_node(node, node.requires_grad)
        inputs = tuple(
            Tensor._from_node(n, wanted and n.requires_grad)
            for n, wanted in zip(node.inputs, node.mask, strict=True)
        )
        for position, (source, wanted) in enumerate(zip(node.inputs, node.mask, strict=True)):
            if not wanted:
                continue
            if g is not None and (self._relevant is None or id(source) in self._relevant):
                state.origin = node
                contribution = _fit(node.op.vjp(position, g, out, *inputs, **node.attrs), source)
                self._add(source, contribution, node, position)
            self._waiting[id(source)] -= 1
            if self._waiting[id(source)] == 0:
                self._push(ready, source)
        if not self._retain_graph:
            node.freed = True

    def _add(self, node: Node, grad: Tensor, consumer: Node | None, position: int) -> None:
        before = self._adjoint.get(id(node))
        total = grad if before is None else apply("add", (before, grad))
        self._adjoint[id(node)] = total
        if state.recorder is not None and consumer is not None:
            state.recorder.contribution(node, consumer, position, grad._node, total._node)

    def _deliver(self, node: Node, g: Tensor) -> None:
        """Hand a complete gradient to whoever asked for it."""
        if self._targets is not None:
            if id(node) in self._targets:
                self.collected[id(node)] = g
            return
        tensor = node.owner() if node.owner is not None else None
        if tensor is None:
            return
        recorder, before = state.recorder, tensor._grad
        holder = "" if recorder is None else recorder.name_of(tensor).rpartition(".")[0]
        with within(holder):
            total = apply("accumulate_grad", (g,) if before is None else (before, g))
        if before is None or self._create_graph:
            tensor.grad = total
        else:  # the same handle goes on, as in PyTorch, where .grad is changed in place
            before._point_to(total._node)
            tensor.grad = before


def _fit(contribution: Tensor, source: Node) -> Tensor:
    """Sum and cast a contribution to its input's shape and dtype: the other half of broadcasting and
    promotion."""
    if contribution._node.spec.shape != source.spec.shape:
        contribution = apply("sum_to", (contribution,), {"shape": source.spec.shape})
    if contribution._node.spec.dtype is not source.spec.dtype:
        contribution = apply("to", (contribution,), {"dtype": source.spec.dtype.name})
    return contribution


def _as_tuple(tensors: Tensors) -> tuple[Tensor, ...]:
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def _upstream(roots: tuple[Tensor, ...], grads: Any) -> tuple[Tensor, ...]:
    """The gradients to start from: those given, and 1 for tensors with one element."""
    given = (grads,) if isinstance(grads, Tensor) or grads is None else tuple(grads)
    if len(given) == 1 and given[0] is None:
        given = given * len(roots)
    if len(given) != len(roots):
        raise GradError(f"got {len(roots)} tensors and {len(given)} gradients")
    result = []
    for root, g in zip(roots, given, strict=True):
        if not root.requires_grad:
            raise GradError("element 0 of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if root.numel() != 1:
                raise GradError("grad can be implicitly created only for scalar outputs")
            g = _seed(root)
        elif g.shape != root.shape:
            raise GradError(
                f"Mismatch in shape: grad_output[0] has a shape of {g.shape} "
                f"and output[0] has a shape of {root.shape}."
            )
        result.append(g)
    return tuple(result)


def _seed(root: Tensor) -> Tensor:
    """d root / d root = 1, as an instruction, so that backward visibly starts somewhere."""
    origin, state.origin = state.origin, root._node
    try:
        with phase(Phase.BACKWARD), GradMode(False):
            return apply("ones_like", (root,))
    finally:
        state.origin = origin
