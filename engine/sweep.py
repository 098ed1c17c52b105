"""One backward pass: from the results back to the leaves, each op's vjp rules emitting instructions."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from . import hooks
from .errors import GradError
from .grad_fn import backward_order
from .joint import Joint, JointOp, ResultOp, function_of
from .node import Node
from .program import Phase
from .reach import leading_to, reach
from .saved import Replaced, is_replaced
from .state import GradMode, phase, state, within
from .tensor import Tensor, apply

if TYPE_CHECKING:
    from .hooks import Gradients


USED_TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have "
    "already been freed). Specify retain_graph=True when calling .backward() or autograd.grad() the first "
    "time if you need to backward through the graph again."
)


class Sweep:
    """One backward pass. Nodes wait until all contributions have come; the youngest ready node goes first.

    With `targets` only what leads to them is computed; their gradients are `collected`,
    or, with `accumulate`, added to the `.grad` of their tensors.
    """

    def __init__(
        self,
        roots: tuple[Tensor, ...],
        grads: tuple[Tensor, ...],
        targets: tuple[Tensor, ...] | None,
        create_graph: bool,
        retain_graph: bool,
        accumulate: bool = False,
    ) -> None:
        self._roots = roots
        self._grads = grads
        # By node: the target's own node; a leaf that was updated has old ones in older graphs.
        self._targets = None if targets is None else {id(t._node): id(t._node) for t in targets}
        self._leaves = {id(t): id(t._node) for t in targets or ()}
        self._accumulate = accumulate or targets is None
        self._create_graph = create_graph
        self._retain_graph = retain_graph
        self._waiting: dict[int, int] = {}  # by node: contributions still to come
        self._adjoint: dict[int, Tensor] = {}
        self._results: dict[int, dict[int, Tensor]] = {}  # by joint node: gradients of its results
        self._relevant: set[int] | None = None
        self.collected: dict[int, Tensor] = {}

    def run(self) -> None:
        """Do it."""
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
        """How many contributions each reachable node will get, and which of them are wanted."""
        order, self._waiting = reach(root._node for root in self._roots)
        if self._targets is not None:
            for node in order:
                owner = node.owner() if node.op is None and node.owner is not None else None
                if owner is not None and id(owner) in self._leaves:
                    self._targets[id(node)] = self._leaves[id(owner)]
            self._relevant = leading_to(order, self._targets)
        for node in order:
            if node.freed and node.op is not None and node.op.saves and self._runs(node):
                raise GradError(USED_TWICE)

    def _runs(self, node: Node) -> bool:
        """Whether a rule of the node's op is asked for."""
        relevant = self._relevant
        return relevant is None or any(
            wanted and id(n) in relevant for n, wanted in zip(node.inputs, node.mask, strict=False)
        )

    def _visit(self, node: Node, ready: list[tuple[int, int, Node]]) -> None:
        if type(node) is Joint:
            self._visit_joint(node, ready)
            return
        g = self._adjoint.pop(id(node), None)
        if g is not None:
            state.origin = node
            if node.hooks is not None:
                g = hooks.change_gradient(node.hooks.gradient, g)
            self._deliver(node, g)
        if node.op is None:
            return
        if g is not None and (self._relevant is None or self._runs(node)):
            if node.hooks is not None and (node.hooks.before or node.hooks.after):
                self._differentiate_hooked(node, g)
            else:
                self._differentiate(node, g)
            if not self._retain_graph:
                node.freed = True
        self._settle(node, ready)

    def _settle(self, node: Node, ready: list[tuple[int, int, Node]]) -> None:
        """No more comes from this node; those that have waited for it only are ready."""
        waiting = self._waiting
        for source, wanted in zip(node.inputs, node.mask, strict=True):
            if wanted:
                key = id(source)
                waiting[key] = left = waiting[key] - 1
                if not left:
                    self._push(ready, source)

    def _differentiate(self, node: Node, g: Tensor) -> None:
        """Send each input its contribution."""
        op, attrs, relevant = node.op, node.attrs, self._relevant
        assert op is not None
        if op.__class__ is ResultOp:
            self._collect(node, g)
            return
        out, inputs = _operands(node)
        position = -1
        for source, wanted in zip(node.inputs, node.mask, strict=True):
            position += 1  # quicker than enumerate with pairs
            if wanted and (relevant is None or id(source) in relevant):
                grad = op.vjp(position, g, out, *inputs, **attrs)
                if grad._node.spec is not source.spec:
                    grad = _fit(grad, source)
                self._add(source, grad, node, position)

    def _differentiate_hooked(self, node: Node, g: Tensor) -> None:
        """The same with hooks on the grad_fn, which may change what comes in and what goes out."""
        assert node.op is not None
        assert node.hooks is not None
        (changed,) = hooks.change_gradients(node.hooks.before, (g,))
        assert changed is not None
        out, inputs = _operands(node)
        places = backward_order(node)
        contributions = tuple(
            _fit(node.op.vjp(i, changed, out, *inputs, **node.attrs), node.inputs[i])
            if node.mask[i] and (self._relevant is None or id(node.inputs[i]) in self._relevant)
            else None
            for i in places
        )
        for i, grad in zip(
            places, hooks.change_gradients(node.hooks.after, contributions, (changed,)), strict=True
        ):
            if grad is not None and node.mask[i]:
                self._add(node.inputs[i], grad, node, i)

    def _collect(self, node: Node, g: Tensor) -> None:
        """A result of a user's function has its gradient; those of all results are taken together."""
        joint, number = function_of(node)
        collected = self._results.setdefault(id(joint), {})
        collected[number] = apply("add", (collected[number], g)) if number in collected else g

    def _visit_joint(self, node: Joint, ready: list[tuple[int, int, Node]]) -> None:
        collected = self._results.pop(id(node), None)
        if collected is not None and self._runs(node):
            state.origin = node
            found = _joint_gradients(node, collected)
            for position, (source, grad) in enumerate(zip(node.inputs, found, strict=True)):
                wanted = self._relevant is None or id(source) in self._relevant
                if grad is not None and wanted:
                    self._add(source, grad, node, position + 1)  # input 0 of the instruction is the value
            if not self._retain_graph:
                node.freed = True
        self._settle(node, ready)

    def _add(self, node: Node, grad: Tensor, consumer: Node | None, position: int) -> None:
        before = self._adjoint.get(id(node))
        total = grad if before is None else apply("add", (before, grad))
        self._adjoint[id(node)] = total
        if state.recorder is not None and consumer is not None:
            state.recorder.contribution(node, consumer, position, grad._node, total._node)

    def _deliver(self, node: Node, g: Tensor) -> None:
        """Hand a complete gradient to whoever asked for it."""
        wanted = self._targets is None or id(node) in self._targets
        if wanted and self._targets is not None:
            key = self._targets[id(node)]
            before = self.collected.get(key)
            self.collected[key] = g if before is None else apply("add", (before, g))
        if node.op is None and not (wanted and self._accumulate):
            return  # autograd.grad leaves the .grad of leaves as it is
        tensor = node.owner() if node.owner is not None else None
        if tensor is not None:
            self._accumulate_into(tensor, node, g)

    def _accumulate_into(self, tensor: Tensor, node: Node, g: Tensor) -> None:
        recorder, before = state.recorder, tensor._grad
        hooked = node.hooks if node.op is None else None
        if hooked is not None and hooked.before:
            (changed,) = hooks.change_gradients(hooked.before, (g,))
            assert changed is not None
            g = changed
        grads = (g,) if before is None else (before, g)
        if recorder is None:
            total = apply("accumulate_grad", grads)
        else:
            with within(recorder.name_of(tensor).rpartition(".")[0]):
                total = apply("accumulate_grad", grads)
        if before is None or self._create_graph:
            tensor.grad = total
        else:  # the same handle goes on, as in PyTorch, where .grad is changed in place
            before._point_to(total._node)
            tensor.grad = before
        if hooked is not None:
            hooks.notify(hooked.accumulated, tensor)
            hooks.change_gradients(hooked.after, (), (g,))


def _operands(node: Node) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The output and the inputs of a node's op, as its rules get them."""
    assert node.op is not None
    result, sources, number = node, node.inputs, node.sequence
    saves = node.op.saves
    if saves:
        if node.replaced > number and "output" in saves:
            result = Replaced(node, node)
        for n in sources:
            if (n.replaced > number or (n.op is not None and n.op.view)) and "inputs" in saves:
                sources = tuple([Replaced(n, node) if is_replaced(n, number) else n for n in sources])
                break
    return Tensor._from_node(result, node.requires_grad), tuple(
        [
            Tensor._from_node(n, wanted and n.requires_grad)
            for n, wanted in zip(sources, node.mask, strict=True)
        ]
    )


def _joint_gradients(node: Joint, collected: dict[int, Tensor]) -> Gradients:
    """What a user's function makes of the gradients of its results, by their number."""
    assert isinstance(node.op, JointOp)
    grads: Gradients = tuple(collected.get(number) for number in range(node.op.count))
    if node.hooks is not None:
        grads = hooks.change_gradients(node.hooks.before, grads)
    found: Gradients = tuple(
        None if grad is None or not wanted else _fit(grad, source, node.op)
        for grad, source, wanted in zip(node.op.backward(grads), node.inputs, node.mask, strict=True)
    )
    return found if node.hooks is None else hooks.change_gradients(node.hooks.after, found, grads)


def _fit(contribution: Tensor, source: Node, user: JointOp | None = None) -> Tensor:
    """Sum and cast a contribution to its input's shape and dtype: the other half of broadcasting and
    promotion. What a user's function returns may not fit."""
    if user is not None and not _fits(source.spec.shape, contribution._node.spec.shape):
        raise GradError(
            f"Function {user.function}Backward returned an invalid gradient - got "
            f"{list(contribution.shape)} but expected shape compatible with {list(source.spec.shape)}"
        )
    if contribution._node.spec.shape != source.spec.shape:
        contribution = apply("sum_to", (contribution,), {"shape": source.spec.shape})
    if contribution._node.spec.dtype is not source.spec.dtype:
        contribution = apply("to", (contribution,), {"dtype": source.spec.dtype.name})
    return contribution


def _fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to the other."""
    return len(small) <= len(large) and all(
        a in (1, b) for a, b in zip(reversed(small), reversed(large), strict=False)
    )
