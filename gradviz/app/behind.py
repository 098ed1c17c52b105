"""The graph behind a tensor as a program: for `gradviz.show(loss)`, when nobody recorded how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from gradviz.engine.autograd import backward
from gradviz.engine.errors import GradError
from gradviz.engine.joint import Joint, ResultOp, read_by
from gradviz.engine.node import Node
from gradviz.engine.program import Program, Scope, SlotKind
from gradviz.engine.recorder import Recorder
from gradviz.engine.tensor import Tensor
from gradviz.nn.parameter import Parameter
from gradviz.nn.places import name_of

from .script_recorder import recording


def program_behind(tensors: Sequence[Tensor], variables: Mapping[str, object]) -> Program:
    """Forward as it was, and backward from those of `tensors` that are single numbers.

    Backward runs anew, even if it has run before, and leaves every `.grad` as it is. `variables` are the
    user's, for the names. Errors: GradError for a tensor without a graph.
    """
    for tensor in tensors:
        if tensor.grad_fn is None:
            raise GradError(
                "show: there is no graph behind this tensor, as it was not computed from tensors that "
                "require gradients. To see such computations, run them inside "
                "`with gradviz.record() as recorder:` and show the recorder"
            )
    behind = graph_behind(tensor._node for tensor in tensors)
    nodes = [node for node in behind if not isinstance(node, Joint)]
    recorder = Recorder()
    with _as_if_new(behind):
        _name_leaves(recorder, nodes, variables)
        for scope in _scopes(nodes):
            recorder.enter_scope(scope)
        for node in nodes:
            if node.op is not None:
                recorder.instr(node, node.op, *read_by(node))
        for node in nodes:
            if isinstance(node.op, ResultOp):
                recorder.same(node.inputs[0], node, node)
        roots = [tensor for tensor in tensors if tensor.numel() == 1]
        if roots:
            with recording(recorder):
                backward(roots, retain_graph=True)
    recorder.name_values(variables)
    return recorder.program()


def graph_behind(roots: Iterable[Node]) -> list[Node]:
    """Every node that the roots were computed from, inputs before results."""
    stack = list(roots)
    found = {id(node): node for node in stack}
    while stack:
        for node in stack.pop().inputs:
            if id(node) not in found:
                found[id(node)] = node
                stack.append(node)
    return sorted(found.values(), key=lambda node: node.sequence)


@contextmanager
def _as_if_new(nodes: list[Node]) -> Iterator[None]:
    """Inside, backward can run as if it were the first time; afterwards the user's tensors are as before."""
    owners = [tensor for node in nodes if node.owner is not None and (tensor := node.owner()) is not None]
    gradients = [tensor._grad for tensor in owners]
    freed = [node for node in nodes if node.freed]
    sites = [node.site for node in nodes]
    replaced = [node.replaced for node in nodes]
    for node in nodes:
        node.replaced = 0  # the optimizer's step has changed the parameters
    for tensor in owners:
        tensor._grad = None
    for node in freed:
        node.freed = False
    try:
        yield
    finally:
        for tensor, gradient in zip(owners, gradients, strict=True):
            tensor._grad = gradient
        for node in freed:
            node.freed = True
        for node, site, when in zip(nodes, sites, replaced, strict=True):
            node.site, node.replaced = site, when


def _name_leaves(recorder: Recorder, nodes: list[Node], variables: Mapping[str, object]) -> None:
    named = {id(value): name for name, value in variables.items() if isinstance(value, Tensor)}
    held = {id(value._node): value for value in variables.values() if isinstance(value, Tensor)}
    for node in nodes:
        owner = node.owner() if node.owner is not None else held.get(id(node))
        if owner is None or node.op is not None or node.kind is SlotKind.CONSTANT:
            continue
        name = (name_of(owner) if isinstance(owner, Parameter) else "") or named.get(id(owner), "")
        if name and not name.startswith("_"):
            recorder.name(owner, name, SlotKind.PARAMETER if node.requires_grad else SlotKind.INPUT)


def _scopes(nodes: list[Node]) -> list[Scope]:
    """Put each op into a box: its function, or the module whose parameter it uses.

    Nobody has noted the modules while they ran. A second call of the same one, later, gets a box of its own.
    """
    scopes: dict[str, Scope] = {}
    before = ("", "")  # the box of the op before: as it is called, and as it is called here
    for node in nodes:
        if node.op is None or node.site is None:
            continue
        module, phase, file, line = node.site
        name = module.rpartition(".")[2].partition("#")[0]
        box = Scope(module, "function", name, function=name) if module else _home(node)
        called = "" if box is None else box.path
        path = before[1] if called == before[0] else called
        count = 1
        while called != before[0] and path in scopes:
            count += 1
            path = f"{called}#{count}"
        if box is not None:
            scopes.setdefault(path, replace(box, path=path))
        node.site = (path, phase, file, line)
        before = (called, path)
    return list(scopes.values())


def _home(node: Node) -> Scope | None:
    for source in node.inputs:
        owner = source.owner() if source.owner is not None else None
        if not isinstance(owner, Parameter) or not (path := name_of(owner).rpartition(".")[0]):
            continue
        for place in owner.places:
            if (holder := place.holder()) is not None:
                return Scope(path, "module", type(holder).__name__, repr(holder))
    return None
