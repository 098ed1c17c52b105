"""`autograd.Function`: a user's own function, with a forward and a backward written by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import here, run
from .errors import GradError
from .function_context import FunctionCtx, attach
from .joint import Joint, JointOp
from .mutation import point_to, refuse
from .node import Node, leaf, sequence
from .op import REGISTRY, Spec
from .state import GradMode, inferring, no_grad, scope, state
from .tensor import Tensor

if TYPE_CHECKING:
    from .joint import Gradients


class Function:
    """Base class of a user's own differentiable functions.

        class Exp(Function):
            @staticmethod
            def forward(ctx, x):
                y = x.exp()
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, grad_output):
                (y,) = ctx.saved_tensors
                return grad_output * y

        y = Exp.apply(x)

    `forward` runs without gradients; `backward` gets one gradient for each result and returns one for each
    argument, None for those that are no tensors. With a `setup_context(ctx, inputs, output)`, forward takes
    no ctx. Backward can be differentiated again unless it is marked with `once_differentiable`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise GradError(
            f"{type(self).__name__} should not be instantiated. Methods on autograd functions are all "
            "static, so you should invoke them on the class itself: use `.apply`"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The results; to be written by the user."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """What forward leaves for backward, apart from forward; may be written by the user."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments; to be written by the user."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use "
            "it with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Call the function."""
        return _call(cls, args)


def _call(cls: type[Function], args: tuple[Any, ...]) -> Any:
    tensors = [each for each in args if isinstance(each, Tensor)]
    inputs = tuple(each._node for each in tensors)
    wants = tuple(each.requires_grad for each in tensors)
    ctx = FunctionCtx(args)
    since = next(sequence)
    with scope(cls.__name__):
        with no_grad():
            if cls.setup_context is Function.setup_context:
                output = cls.forward(ctx, *args)
            else:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
        several = isinstance(output, tuple)
        outputs = output if several else (output,)
        graph = True in wants and state.grad_enabled and not state.inference
        results = [each for each in outputs if isinstance(each, Tensor)]
        joint = _joint(cls, ctx, args, inputs, wants, results) if graph else None
        attrs = {"function": cls.__name__}
        nodes = [
            run(REGISTRY["custom_function"], (each._node, *inputs), (False,) * (1 + len(inputs)), attrs)
            for each in results
        ]
        if joint is not None:
            _connect(ctx, results, nodes, joint)
    if ctx.dirty - {id(each) for each in results}:
        raise GradError(
            "Some elements marked as dirty during the forward method were not returned as output. The inputs "
            "that are modified inplace must all be outputs of the Function."
        )
    made = iter(_hand_out(ctx, each, node, since) for each, node in zip(results, nodes, strict=True))
    finished = tuple(next(made) if isinstance(each, Tensor) else each for each in outputs)
    return finished if several else finished[0]


def _joint(
    cls: type[Function],
    ctx: FunctionCtx,
    args: tuple[Any, ...],
    inputs: tuple[Node, ...],
    wants: tuple[bool, ...],
    results: list[Tensor],
) -> Joint:
    """The node of this call."""
    if inferring.ever and any(each is not None and each._node.inference for each in ctx.given):
        raise GradError("Inference tensors cannot be saved for backward. Please clone() them before.")
    specs = [each._node.spec for each in results]
    positions = [i for i, each in enumerate(args) if isinstance(each, Tensor)]

    def backward(grads: Gradients) -> Gradients:
        return _run_backward(cls, ctx, grads, specs, positions, len(args))

    op = JointOp(cls.__name__, len(results), backward)
    if any(each is not None for each in ctx.given):
        op.saves = ("saved",)  # type: ignore[misc]
    return Joint(op, inputs, wants, here(state.__dict__))


def _connect(ctx: FunctionCtx, results: list[Tensor], nodes: list[Node], joint: Joint) -> None:
    """Give the results' nodes their place in the graph."""
    known = {}
    for number, (each, node) in enumerate(zip(results, nodes, strict=True)):
        known[id(each)] = (number, node)
        if node.spec.dtype.is_floating_point and id(each) not in ctx.constant:
            attach(node, number, joint)
    ctx.keep(known, joint)
    if state.recorder is not None and nodes:
        state.recorder.same(joint, nodes[-1], nodes[-1])


def _hand_out(ctx: FunctionCtx, result: Tensor, node: Node, since: int) -> Tensor:
    """The user's tensor for a result: a new one, or the input that was changed in place."""
    if id(result) not in ctx.dirty:
        return Tensor._from_node(node, node.requires_grad)
    refuse(result, "mark_dirty")
    state.changing = (id(result), since)
    with GradMode(True):
        result._requires_grad = result._requires_grad or node.requires_grad
        point_to(result, node)
    return result


def _run_backward(
    cls: type[Function],
    ctx: FunctionCtx,
    grads: Gradients,
    specs: list[Spec],
    positions: list[int],
    count: int,
) -> Gradients:
    """What the user's backward gives for the tensors among the arguments."""
    if ctx.materialize:
        grads = tuple(_zeros(spec) if g is None else g for g, spec in zip(grads, specs, strict=True))
    before, state.calling = state.calling, True
    try:
        found = cls.backward(ctx, *grads)
    finally:
        state.calling = before
    name = f"{cls.__name__}Backward"
    listed = found if isinstance(found, tuple) else (found,)
    while len(listed) > count and listed[-1] is None:
        listed = listed[:-1]
    if len(listed) != count:
        raise GradError(
            f"function {name} returned an incorrect number of gradients (expected {count}, got {len(listed)})"
        )
    for position, each in enumerate(listed):
        if each is None:
            continue
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Variable or None (got {type(each).__name__})")
        if position not in positions:
            raise GradError(
                f"function {name} returned a gradient different from None at position {position + 1}, but "
                "the corresponding forward input was not a Variable"
            )
    return tuple(listed[position] for position in positions)


def _zeros(spec: Spec) -> Tensor:
    return Tensor._from_node(leaf(np.zeros(spec.shape, spec.dtype.numpy)))


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator for a backward that must not be differentiated again: trying to raises RuntimeError."""

    @functools.wraps(fn)
    def backward(ctx: Any, *args: Any) -> Any:
        with no_grad():
            found = fn(ctx, *args)
        incoming = [g for g in args if isinstance(g, Tensor) and g.requires_grad]
        if not state.grad_enabled or not incoming:
            return found
        listed = found if isinstance(found, tuple) else (found,)
        given = [g for g in listed if isinstance(g, Tensor)]
        made = iter(OnceDifferentiable.apply(len(incoming), *incoming, *given))
        result = tuple(next(made) if isinstance(g, Tensor) else g for g in listed)
        return result if isinstance(found, tuple) else result[0]

    return backward


class OnceDifferentiable(Function):
    """Hands on gradients that cannot be differentiated again."""

    @staticmethod
    def forward(ctx: Any, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        """All but the first `count` tensors."""
        return tensors[count:]

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Refuses."""
        raise GradError("trying to differentiate twice a function that was marked with @once_differentiable")
