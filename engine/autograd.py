"""Reverse-mode differentiation, as users ask for it.

Source: A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, chapter 3 (reverse mode).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .api import public
from .errors import ArgumentError, GradError
from .node import Node
from .plain_sweep import PlainSweep
from .program import Phase
from .state import GradMode, phase, state
from .sweep import Sweep
from .tape_pass import whole_pass
from .tensor import Tensor, apply
from .tensor_hooks import retain_grad
from .warn import warn

if TYPE_CHECKING:
    Tensors = Tensor | Sequence[Tensor]


def backward(
    tensors: Tensors,
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Tensor | Sequence[Tensor | None] | None = None,
    inputs: Tensors | None = None,
) -> None:
    """Add d tensors / d leaf to the `.grad` of every leaf that requires a gradient.

    `grad_tensors` are the upstream gradients, which tensors with one element do without. The graph is freed
    unless `retain_graph`; `create_graph` records the backward pass itself, so that it can be differentiated
    again. With `inputs` only these get a gradient, and only what leads to them is computed.
    """
    if grad_variables is not None:
        if grad_tensors is not None:
            raise GradError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
                "Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    echo = state.echo
    if echo is not None and isinstance(tensors, Tensor):
        plain = grad_tensors is None and not retain_graph and not create_graph and inputs is None
        if echo.backward(tensors, plain):
            return
    targets = None if inputs is None else _as_tuple(inputs)
    if targets is not None and not targets:
        raise GradError("`inputs` argument to `backward()` cannot be empty.")
    roots = _as_tuple(tensors)
    grads = _upstream(roots, grad_tensors)
    for target in targets or ():
        retain_grad(target)
    keep = create_graph if retain_graph is None else retain_graph
    watched = targets is not None or create_graph or state.inference or state.recorder is not None
    kind = Sweep if watched else PlainSweep
    kind(roots, grads, targets, create_graph, keep, accumulate=True).run()
    if state.recorder is not None:
        state.recorder.mark("backward")


@public("method", name="backward")
def tensor_backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Compute d self / d leaf for every leaf that requires a gradient, and add it to the leaf's `.grad`.

    `gradient` is the upstream gradient, needed unless this tensor has one element; with `inputs` only these
    get a gradient.
    """
    plain = self._tape is not None and gradient is None and inputs is None and not create_graph
    if plain and whole_pass(self, retain_graph):
        return
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """d outputs / d inputs, returned and not accumulated: one gradient for each input.

    An input that the outputs do not depend on is an error unless `allow_unused` (its gradient is None) or
    `materialize_grads` (it is zeros). With `is_grads_batched` the first dimension of `grad_outputs` counts
    upstream gradients, one backward pass for each, and the results are stacked along theirs.
    """
    if not only_inputs:
        warn("only_inputs argument is deprecated and is ignored now (defaults to True)", FutureWarning)
    if materialize_grads and allow_unused is False:
        raise ArgumentError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, "
            "but got: allow_unused=False."
        )
    roots, targets = _as_tuple(outputs), _as_tuple(inputs)
    if not targets:
        raise GradError("`inputs` argument to `grad()` cannot be empty.")
    for target in targets:
        if not target.requires_grad:
            raise GradError("One of the differentiated Tensors does not require grad")
    keep = create_graph if retain_graph is None else retain_graph

    def once(upstream: Any, keep: bool) -> tuple[Tensor | None, ...]:
        sweep = Sweep(roots, _upstream(roots, upstream), targets, create_graph, keep)
        sweep.run()
        found = [sweep.collected.get(id(target._node)) for target in targets]
        if not (allow_unused or materialize_grads) and any(g is None for g in found):
            raise GradError(
                "One of the differentiated Tensors appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
        if materialize_grads:
            found = [
                apply("zeros_like", (target,)) if g is None else g
                for g, target in zip(found, targets, strict=True)
            ]
        return tuple(found)

    return _batched(once, grad_outputs, keep) if is_grads_batched else once(grad_outputs, keep)


def _batched(
    once: Callable[[Any, bool], tuple[Tensor | None, ...]], grad_outputs: Any, keep: bool
) -> tuple[Tensor | None, ...]:
    """One pass for each row of the upstream gradients; the results stacked."""
    given = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = {len(g) for g in given if g is not None}
    if len(count) != 1:
        raise GradError(f"is_grads_batched: the gradients must have one batch size, not {sorted(count)}")
    size = count.pop()
    rows = [
        once(tuple(None if g is None else g[i] for g in given), keep or i < size - 1) for i in range(size)
    ]
    return tuple(
        None if column[0] is None else apply("stack", column, {"dim": 0})
        for column in zip(*rows, strict=True)
    )


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
    for number, (root, g) in enumerate(zip(roots, given, strict=True)):
        if not root.requires_grad:
            raise GradError(f"element {number} of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if root.numel() != 1:
                raise GradError("grad can be implicitly created only for scalar outputs")
            g = _seed(root)
        elif g.shape != root.shape:
            raise GradError(
                f"Mismatch in shape: grad_output[{number}] has a shape of {g.shape} "
                f"and output[{number}] has a shape of {root.shape}."
            )
        result.append(g)
    return tuple(result)


def _seed(root: Tensor) -> Tensor:
    """d root / d root = 1, as an instruction, so that backward visibly starts somewhere."""
    if state.recorder is None and not state.inference:
        spec = root._node.spec
        one = np.empty(spec.shape, spec.dtype.numpy)
        one.fill(1)
        return Tensor._from_node(Node(one, spec))
    origin, state.origin = state.origin, root._node
    try:
        with phase(Phase.BACKWARD), GradMode(False):
            return apply("ones_like", (root,))
    finally:
        state.origin = origin
