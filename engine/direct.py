"""The short way through the most frequent ops: arithmetic on two tensors of one shape and dtype, unrecorded.

It does what `tensor.apply` does with everything that cannot happen here left out; see `dispatch.run`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from .dispatch import here
from .node import NO_ATTRS, Node, sequence
from .program import SlotKind
from .state import inferring, state
from .tensor import Tensor, apply
from .user_code import OURS

if TYPE_CHECKING:
    from .op import Op

_array, _tensor, _node, _VALUE = np.ndarray, Tensor.__new__, Node.__new__, SlotKind.VALUE


def of_two(op: Op, one: Tensor, two: Tensor) -> Tensor:
    """`apply` for an elementwise op of two tensors."""
    left, right = one._node, two._node
    spec = left.spec
    plan = op.direct.get(id(spec)) if right.spec is spec else None
    now = state.__dict__
    if plan is None or inferring.ever or now["recorder"] is not None:
        return apply(op.name, (one, two))
    array = now["quiet"].run(plan.ufunc, left.array, right.array)
    node = _node(Node)
    node.array = array if type(array) is _array else np.asarray(array)
    node.spec = plan.out
    node.attrs = NO_ATTRS
    node.freed = node.inference = False
    node.hooks = node.owner = None
    node.kind = _VALUE
    node.name = ""
    node.replaced = 0
    node.sequence = next(sequence)
    result = _tensor(Tensor)
    result._node = node
    result._grad = result._storage = result._path = None
    wanted = one._requires_grad, two._requires_grad
    if now["grad_enabled"] and True in wanted:
        node.op = op
        node.inputs = (left, right)
        node.mask = wanted
        node.requires_grad = result._requires_grad = True
        frame = sys._getframe(2)
        name = frame.f_code.co_filename
        if now["origin"] is None and OURS.get(name) is False:
            node.site = (now["module"], now["phase"], name, frame.f_lineno)
        else:
            node.site = here(now)
    else:
        node.op = node.site = None
        node.inputs = node.mask = ()
        node.kind = SlotKind.INPUT
        node.requires_grad = result._requires_grad = False
    return result
