"""Running an op: check shapes, compute, and note down what backward and the recorder need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .dtypes import get_default_dtype
from .errors import EngineError, GradError
from .node import Node, RawSite
from .state import inferring, state
from .user_code import user_line, user_place

if TYPE_CHECKING:
    from .op import Op, Spec

_NO_ATTRS: Mapping[str, Any] = {}


class _Plan(NamedTuple):
    """What an op's rules say for certain shapes and dtypes: the result's spec, and the inputs' casts."""

    out: Spec
    casts: tuple[np.dtype[Any] | None, ...] | None


_plans: dict[tuple[Any, ...], _Plan] = {}
_PLANS_KEPT = 4096


def run(
    op: Op, nodes: tuple[Node, ...], wants: tuple[bool, ...], attrs: Mapping[str, Any] = _NO_ATTRS
) -> Node:
    """Run `op` on the values of `nodes` and return the node of its result.

    `wants[i]` says whether the tensor in position i requires a gradient. The result keeps its inputs only if
    a gradient can flow to one of them.
    """
    try:
        spec, array = compute(op, tuple([n.spec for n in nodes]), tuple([n.array for n in nodes]), attrs)
    except EngineError as error:
        error.locate(user_place() or "an unknown place")
        raise
    recorder = state.recorder
    needed = False
    if True in wants and state.grad_enabled and spec.dtype.rank == 2:
        mask = tuple([want and op.differentiable(i) for i, want in enumerate(wants)])
        needed = True in mask and not (inferring.threads and state.inference)
    if not needed and recorder is None:
        node = Node(array, spec)
        if inferring.threads and state.inference:
            node.inference = not op.view or nodes[0].inference
        return node
    if needed and inferring.ever and "inputs" in op.saves:
        _refuse_inference(nodes)
    site = _site()
    node = Node(array, spec, op, nodes, attrs, mask, site) if needed else Node(array, spec, site=site)
    if recorder is not None:
        node.inference = state.inference and not (op.view and not nodes[0].inference)
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
    """The bare computation, shared by eager execution and the interpreter: spec, casts, kernel."""
    out, casts = _plan(op, specs, attrs)
    if casts is not None:
        arrays = tuple([x if to is None else x.astype(to) for x, to in zip(arrays, casts, strict=True)])
    array = state.quiet.run(op.kernel, out, *arrays, **attrs)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    if array.dtype is not out.dtype.numpy and array.dtype != out.dtype.numpy:
        array = array.astype(out.dtype.numpy)
    return out, array


def _plan(op: Op, specs: tuple[Spec, ...], attrs: Mapping[str, Any]) -> _Plan:
    """The op's rules are asked once for each combination of shapes, dtypes and attributes."""
    try:
        key: tuple[Any, ...] = (op, specs, get_default_dtype())
        if attrs:  # with the types, as 1 == 1.0
            key += (*attrs.items(), *map(type, attrs.values()))
        known = _plans.get(key)
    except TypeError:  # an attribute that cannot be hashed, such as a list from a file
        return _ask(op, specs, attrs)
    if known is None:
        if len(_plans) >= _PLANS_KEPT:
            _plans.clear()
        known = _plans[key] = _ask(op, specs, attrs)
    return known


def _ask(op: Op, specs: tuple[Spec, ...], attrs: Mapping[str, Any]) -> _Plan:
    out = op.spec(*specs, **attrs)
    dtype = op.compute_dtype(*specs, **attrs)
    if dtype is None or all(spec.dtype is dtype for spec in specs):
        return _Plan(out, None)
    return _Plan(out, tuple(None if spec.dtype is dtype else dtype.numpy for spec in specs))


def _site() -> RawSite:
    origin = state.origin
    if origin is not None and origin.site is not None:
        module, _, file, line = origin.site
        if state.calling:
            file, line = user_line()
        return (module, state.phase, file, line)
    file, line = user_line()
    return (state.module, state.phase, file, line)
