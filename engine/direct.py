"""The short way through the most frequent ops: arithmetic on two tensors of one shape and dtype, unrecorded.

It does what `tensor.apply` does with everything that cannot happen here left out; see `dispatch.run`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import here
from .node import NO_ATTRS, Node, sequence
from .program import SlotKind
from .state import inferring, state
from .tensor import Tensor, apply
from .user_code import OURS

if TYPE_CHECKING:
    from .op import Op

_array, _tensor, _node = np.ndarray, Tensor.__new__, Node.__new__
_BOTH, _FIRST, _SECOND = (True, True), (True, False), (False, True)
_VALUE, _INPUT = SlotKind.VALUE, SlotKind.INPUT
_frame, _next, _known = sys._getframe, sequence.__next__, OURS.get


def operator_of_two(op: Op, function: Callable[..., Any]) -> Callable[[Tensor, Any], Any]:
    """The operator of an elementwise op of two inputs; `function` is for operands other than tensors."""
    name, direct = op.name, op.direct

    def operator(self: Tensor, other: Any) -> Any:
        if type(other) is not Tensor and not isinstance(other, Tensor):
            return _of_others(function, self, other)
        left, right = self._node, other._node
        spec = left.spec
        plan = direct.get(id(spec)) if right.spec is spec else None
        now = state.__dict__
        if plan is None or inferring.ever or now["recorder"] is not None:
            return apply(name, (self, other))
        array = now["quiet"].run(plan.ufunc, left.array, right.array)
        node = _node(Node)
        node.array = array if type(array) is _array else np.asarray(array)
        node.spec = plan.out
        node.attrs = NO_ATTRS
        node.freed = node.inference = False
        node.hooks = node.owner = None
        node.name = ""
        node.replaced = 0
        node.sequence = _next()
        result = _tensor(Tensor)
        result._node = node
        result._grad = result._storage = result._path = None
        one, two = self._requires_grad, other._requires_grad
        if (one or two) and now["grad_enabled"]:
            node.op = op
            node.inputs = (left, right)
            node.mask = (_BOTH if two else _FIRST) if one else _SECOND
            node.kind = _VALUE
            node.requires_grad = result._requires_grad = True
            frame = _frame(1)
            code = frame.f_code
            if now["origin"] is None and _known(code.co_filename) is False:
                node.place = (now["module"], now["phase"], code, frame.f_lasti)
            else:
                node.place = here(now)
        else:
            node.op = node.place = None
            node.inputs = node.mask = ()
            node.kind = _INPUT
            node.requires_grad = result._requires_grad = False
        return result

    return operator


def _of_others(function: Callable[..., Any], self: Tensor, other: Any) -> Any:
    """The function of a tensor and something else, or NotImplemented."""
    try:
        return function(self, other)
    except TypeError:
        if not isinstance(other, (int, float)):
            return NotImplemented
        raise
