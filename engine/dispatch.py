"""Running an op: check shapes, compute, and note down what backward and the recorder need.

Every op comes this way, so it is kept short: rules are asked once for each combination of shapes, and the
thread's state is read through its dictionary, as attributes of a `threading.local` take several times longer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .dtypes import Default
from .errors import EngineError, GradError
from .fixed import Fixed
from .node import NO_ATTRS, Node, Place
from .op import Elementwise, intern
from .state import inferring, state
from .user_code import OURS, is_ours, user_place

if TYPE_CHECKING:
    from .op import Op, Spec


class _Plan(NamedTuple):
    """What an op's rules say for certain shapes and dtypes.

    `out` is the result's spec; `casts` the inputs' dtypes where they must be converted; `ufunc` computes the
    result alone, if it does; `flows` says to which inputs gradients can flow; `specs` are the inputs', and
    `attrs` what they were asked with: they are held so that their ids stay their own.
    """

    out: Spec
    casts: tuple[np.dtype[Any] | None, ...] | None
    ufunc: Callable[..., Any] | None
    direct: bool  # the ufunc takes the inputs as they are and gives the result as it shall be
    dtype: np.dtype[Any]
    floating: bool
    flows: tuple[bool, ...]
    specs: tuple[Spec, ...]
    attrs: Mapping[str, Any]


_plans: dict[tuple[Any, ...], _Plan] = {}
_PLANS_KEPT = 8192


def run(op: Op, nodes: tuple[Node, ...], wants: Sequence[bool], attrs: Mapping[str, Any] = NO_ATTRS) -> Node:
    """Run `op` on the values of `nodes` and return the node of its result.

    `wants[i]` says whether the tensor in position i requires a gradient. The result keeps its inputs only if
    a gradient can flow to one of them.
    """
    now = state.__dict__
    try:
        if attrs or len(nodes) != 2:
            plan = _plan(op, [n.spec for n in nodes], attrs)
            array = _execute(op, plan, [n.array for n in nodes], attrs, now["quiet"])
        else:  # most often: two tensors and nothing else
            one, two = nodes
            known = _plans.get((op, Default.dtype, id(one.spec), id(two.spec)))
            plan = known if known is not None else _plan(op, (one.spec, two.spec), attrs)
            if plan.direct:
                array = now["quiet"].run(plan.ufunc, one.array, two.array)
                if type(array) is not np.ndarray:  # of no dimensions, numpy gives a number
                    array = np.asarray(array)
            else:
                array = _execute(op, plan, (one.array, two.array), attrs, now["quiet"])
    except EngineError as error:
        error.locate(user_place() or "an unknown place")
        raise
    recorder = now["recorder"]
    if plan.floating and now["grad_enabled"] and True in wants:
        mask = plan.flows
        if False in wants:
            mask = tuple([a and b for a, b in zip(wants, mask, strict=True)])
        if True in mask and not (inferring.threads and now["inference"]):
            if inferring.ever and "inputs" in op.saves:
                _refuse_inference(nodes)
            node = Node(array, plan.out, op, nodes, attrs, mask, here(now))
            if recorder is not None:
                recorder.instr(node, op, nodes, attrs)
            return node
    node = Node(array, plan.out) if recorder is None else Node(array, plan.out, site=here(now))
    if inferring.threads and now["inference"]:
        node.inference = not op.view or nodes[0].inference
    if recorder is not None:
        recorder.instr(node, op, nodes, attrs)
    return node


def _refuse_inference(nodes: tuple[Node, ...]) -> None:
    if any(node.inference for node in nodes):
        raise GradError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference "
            "mode in computation tracked by autograd. To work around this, you can make a clone to get a "
            "normal tensor and use it in autograd, or use `torch.no_grad()` instead of "
            "`torch.inference_mode()`."
        )


def compute(
    op: Op, specs: tuple[Spec, ...], arrays: tuple[np.ndarray, ...], attrs: Mapping[str, Any]
) -> tuple[Spec, np.ndarray]:
    """The bare computation, as the interpreter does it: spec, casts, kernel."""
    plan = _plan(op, specs, attrs)
    return plan.out, _execute(op, plan, arrays, attrs, state.quiet)


def compute_here(
    op: Op, specs: tuple[Spec, ...], arrays: tuple[np.ndarray, ...], attrs: Mapping[str, Any]
) -> np.ndarray:
    """The same, for those who run in the quiet context already."""
    return _execute(op, _plan(op, specs, attrs), arrays, attrs, None)


def _execute(
    op: Op, plan: _Plan, arrays: Sequence[np.ndarray], attrs: Mapping[str, Any], quiet: Context | None
) -> np.ndarray:
    if plan.casts is not None:
        arrays = [x if to is None else x.astype(to) for x, to in zip(arrays, plan.casts, strict=True)]
    array: np.ndarray
    if quiet is None:
        array = op.kernel(plan.out, *arrays, **attrs) if plan.ufunc is None else plan.ufunc(*arrays)
    elif plan.ufunc is not None:
        array = quiet.run(plan.ufunc, *arrays)
    else:
        array = quiet.run(op.kernel, plan.out, *arrays, **attrs)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    if array.dtype is not plan.dtype and array.dtype != plan.dtype:
        array = array.astype(plan.dtype)
    return array


def _plan(op: Op, specs: Sequence[Spec], attrs: Mapping[str, Any]) -> _Plan:
    """The op's rules are asked once for each combination of shapes, dtypes and attributes.

    Specs are told apart by their ids, which is quicker than to compare them; see `intern`.
    """
    key: tuple[Any, ...] = (op, Default.dtype, *map(id, specs))
    if type(attrs) is Fixed:
        key += (id(attrs),)
    elif attrs:  # with the types, as 1 == 1.0
        key += (*attrs.items(), *map(type, attrs.values()))
    try:
        known = _plans.get(key)
    except TypeError:  # an attribute that cannot be hashed, such as a list from a file
        return _ask(op, tuple(specs), attrs)
    if known is None:
        if len(_plans) >= _PLANS_KEPT:
            _plans.clear()
        known = _plans[key] = _ask(op, tuple(specs), attrs)
    return known


def _ask(op: Op, specs: tuple[Spec, ...], attrs: Mapping[str, Any]) -> _Plan:
    out = intern(op.spec(*specs, **attrs))
    dtype = op.compute_dtype(*specs, **attrs)
    casts = None
    if dtype is not None and any(spec.dtype is not dtype for spec in specs):
        casts = tuple(None if spec.dtype is dtype else dtype.numpy for spec in specs)
    alone = isinstance(op, Elementwise) and type(op).kernel is Elementwise.kernel and not attrs
    ufunc = type(op).ufunc if alone else None  # type: ignore[attr-defined]
    flows = tuple(op.differentiable(i) for i in range(len(specs)))
    direct = (
        isinstance(ufunc, np.ufunc)
        and casts is None
        and all(spec.dtype is out.dtype and not spec.weak for spec in specs)
    )
    plan = _Plan(out, casts, ufunc, direct, out.dtype.numpy, out.dtype.rank == 2, flows, specs, attrs)
    if direct and all(flows) and out.dtype.rank == 2 and all(spec is specs[0] for spec in specs):
        if len(op.direct) >= _PLANS_KEPT:
            op.direct.clear()
        op.direct[id(specs[0])] = plan  # it holds the spec, so that the id stays its own
    return plan


def here(now: Mapping[str, Any]) -> Place:
    """Where the user's code is; `now` is `state.__dict__`."""
    origin = now["origin"]
    if origin is not None and origin.place is not None:
        module, _, file, line = origin.place
        if not now["calling"]:
            return (module, now["phase"], file, line)
    else:
        module = now["module"]
    frame: FrameType | None = sys._getframe(2)
    known = OURS.get
    while frame is not None:
        code = frame.f_code
        ours = known(code.co_filename)
        if ours is None:
            ours = is_ours(code.co_filename)
        if not ours:
            return (module, now["phase"], code, frame.f_lasti)
        frame = frame.f_back
    return (module, now["phase"], "", 0)
