"""The gradients of the most frequent layers on arrays, for a backward pass that nobody watches.

Each computes what its op's `vjps` do, with the same ops, but without tensors and nodes for what is between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .dispatch import compute_here
from .fixed import Fixed, Known
from .node import NO_ATTRS, Node
from .op import REGISTRY, Op, Spec, intern

Rule = Callable[[Node, np.ndarray, int], np.ndarray | None]
_shaped = Known()  # the attributes of rules that give something the shape of an input


def _run(
    name: str, specs: tuple[Spec, ...], arrays: tuple[np.ndarray, ...], attrs: Mapping[str, Any] = NO_ATTRS
) -> np.ndarray:
    return compute_here(REGISTRY[name], specs, arrays, attrs)


def _turned(spec: Spec) -> Spec:
    return intern(Spec(spec.shape[::-1], spec.dtype))


def _like(spec: Spec, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes, and the shape that the gradient shall have."""
    if type(attrs) is not Fixed and attrs is not NO_ATTRS:
        return {"shape": spec.shape, **attrs}
    given = (spec, attrs)
    return _shaped.get(given) or _shaped.put(given, {"shape": spec.shape, **attrs})


def _mm(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    x, y = node.inputs
    if position == 0:
        return _run("mm", (node.spec, _turned(y.spec)), (g, y.array.T))
    return _run("mm", (_turned(x.spec), node.spec), (x.array.T, g))


def _linear(node: Node, g: np.ndarray, position: int) -> np.ndarray | None:
    if g.ndim != 2:
        return None
    x, w = node.inputs[:2]
    if position == 0:
        return _run("mm", (node.spec, w.spec), (g, w.array))
    if position == 1:
        return _run("mm", (_turned(node.spec), x.spec), (g.T, x.array))
    return _run("sum", (node.spec,), (g,), _OVER_SAMPLES)


def _conv2d(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    x, w = node.inputs[:2]
    if position == 2:
        return _run("sum", (node.spec,), (g,), _OVER_PLACES)
    name, other, like = ("conv2d_input_grad", w, x) if position == 0 else ("conv2d_weight_grad", x, w)
    return _run(name, (node.spec, other.spec), (g, other.array), _like(like.spec, node.attrs))


def _max_pool2d(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    x, winners = node.inputs
    return _run("max_pool2d_backward", (node.spec, winners.spec), (g, winners.array), _like(x.spec, NO_ATTRS))


def _log_softmax(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    return _run("log_softmax_backward", (node.spec, node.spec), (g, node.array), node.attrs)


def _nll_loss(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    x, *others = node.inputs
    specs = (node.spec, *(each.spec for each in others))
    arrays = (g, *(each.array for each in others))
    return _run("nll_loss_backward", specs, arrays, _like(x.spec, node.attrs))


def _reshaped(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    return g.reshape(node.inputs[0].spec.shape)


def _sum(node: Node, g: np.ndarray, position: int) -> np.ndarray:
    shape, dim = node.inputs[0].spec.shape, node.attrs["dim"]
    if dim is not None and not node.attrs["keepdim"]:
        kept = [1 if d in {each % len(shape) for each in dim} else size for d, size in enumerate(shape)]
        g = g.reshape(kept)
    spread = np.empty(shape, g.dtype)
    spread[...] = g
    return spread


_OVER_SAMPLES, _OVER_PLACES = Fixed(dim=(0,), keepdim=False), Fixed(dim=(0, 2, 3), keepdim=False)

_BY_NAME: dict[str, Rule] = {
    "conv2d": _conv2d,
    "flatten": _reshaped,
    "linear": _linear,
    "log_softmax": _log_softmax,
    "max_pool2d": _max_pool2d,
    "mm": _mm,
    "nll_loss": _nll_loss,
    "reshape": _reshaped,
    "sum": _sum,
}


class _Rules(dict[Op, Rule | None]):
    """By op, found by its name when it is first asked for: ops are defined by modules that need this one."""

    def __missing__(self, op: Op) -> Rule | None:
        known = REGISTRY.get(op.name) is op  # a function of the user's may have any name
        self[op] = rule = _BY_NAME.get(op.name) if known else None
        return rule


RULES = _Rules()
"""The contribution to the input in a position, given the node and its gradient; None where the shapes are not
the usual ones. No rule (None) for most ops."""


def contributions(node: Node, g: np.ndarray) -> list[tuple[Node, np.ndarray]] | None:
    """What each input of a node gets; None if that has to be found out in the ordinary way."""
    assert node.op is not None
    rule = RULES[node.op]
    if rule is None or g.shape != node.spec.shape:
        return None
    found = []
    for position, (source, wanted) in enumerate(zip(node.inputs, node.mask, strict=False)):
        if wanted:
            grad = rule(node, g, position)
            if grad is None or grad.shape != source.spec.shape or grad.dtype != source.spec.dtype.numpy:
                return None
            found.append((source, grad))
    return found
