"""Running an op: check shapes, compute, and note down what backward and the recorder need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import EngineError
from .node import Node, RawSite
from .state import state, user_line

if TYPE_CHECKING:
    from .op import Op, Spec

_NO_ATTRS: Mapping[str, Any] = {}


def run(
    op: Op, nodes: tuple[Node, ...], wants: tuple[bool, ...], attrs: Mapping[str, Any] = _NO_ATTRS
) -> Node:
    """Run `op` on the values of `nodes` and return the node of its result.

    `wants[i]` says whether the tensor in position i requires a gradient. The result keeps its inputs only if
    a gradient can flow to one of them.
    """
    try:
        spec, array = compute(
            op, tuple(node.spec for node in nodes), tuple(node.array for node in nodes), attrs
        )
    except EngineError as error:
        error.locate(_location())
        raise
    recorder = state.recorder
    needed = False
    if state.grad_enabled and True in wants and spec.dtype.rank == 2:
        mask = tuple(want and op.differentiable(i) for i, want in enumerate(wants))
        needed = True in mask
    if not needed and recorder is None:
        return Node(array, spec)
    site = _site()
    node = Node(array, spec, op, nodes, attrs, mask, site) if needed else Node(array, spec, site=site)
    if recorder is not None:
        recorder.instr(node, op, nodes, attrs)
    return node


def compute(
    op: Op, specs: tuple[Spec, ...], arrays: tuple[np.ndarray, ...], attrs: Mapping[str, Any]
) -> tuple[Spec, np.ndarray]:
    """The bare computation, shared by eager execution and the interpreter: spec, casts, kernel."""
    out = op.spec(*specs, **attrs)
    dtype = op.compute_dtype(*specs, **attrs)
    if dtype is not None:
        target = dtype.numpy
        arrays = tuple(x if x.dtype == target else x.astype(target) for x in arrays)
    with np.errstate(all="ignore"):
        array = op.kernel(out, *arrays, **attrs)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    if array.dtype != out.dtype.numpy:
        array = array.astype(out.dtype.numpy)
    return out, array


def _site() -> RawSite:
    origin = state.origin
    if origin is not None and origin.site is not None:
        module, _, file, line, _ = origin.site
        return (module, state.phase, file, line, origin)
    file, line = user_line()
    return (state.module, state.phase, file, line, None)


def _location() -> str:
    file, line = user_line()
    return f"{file}:{line}" if file else "an unknown place"
