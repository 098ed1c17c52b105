"""The short way through the most frequent ops: arithmetic on two tensors of one shape and dtype, unrecorded.

It does what `tensor.apply` does with everything that cannot happen here left out; see `dispatch.run`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import here
from .joining import KINDS, join
from .node import NO_ATTRS, Node, sequence
from .program import SlotKind
from .state import inferring, state
from .tape_machine import count, machine
from .taped_node import OPS
from .tensor import Tensor, apply
from .user_code import OURS

if TYPE_CHECKING:
    from .op import Op

_array, _tensor, _node = np.ndarray, Tensor.__new__, Node.__new__
_BOTH, _FIRST, _SECOND = (True, True), (True, False), (False, True)
_NUMBERS = frozenset({int, float})
_VALUE, _INPUT = SlotKind.VALUE, SlotKind.INPUT
_frame, _next, _known = sys._getframe, sequence.__next__, OURS.get


def operator_of_two(op: Op, function: Callable[..., Any]) -> Callable[[Tensor, Any], Any]:
    """The operator of an elementwise op of two inputs; `function` is for operands other than tensors."""
    name, direct, kind = op.name, op.direct, KINDS[op.name]

    def operator(self: Tensor, other: Any) -> Any:
        tape, right = self._tape, None
        if type(other) is Tensor or isinstance(other, Tensor):
            if tape is not None and other._tape is tape:
                right = other._row
        elif type(other) not in _NUMBERS:
            return _of_others(function, self, other)
        elif tape is not None:
            right = tape.numbers.get((type(other), other))
        now = state.__dict__
        if (
            right is not None
            and tape is not None
            and tape.owner is now
            and now["grad_enabled"]
            and now["recorder"] is None
            and not inferring.ever
        ):
            frame = _frame(1)
            code = frame.f_code
            if (
                code is tape.code
                and now["module"] is tape.module
                and now["phase"] is tape.phase
                and now["origin"] is None
            ) or tape.moved(code, now):
                row = tape.append(tape.address, kind, self._row, right, _next(), frame.f_lasti)
                if row >= 0:
                    result = _tensor(Tensor)
                    result._tape = tape
                    result._row = row
                    result._requires_grad = True
                    return result
        echo = now["echo"]
        if echo is not None and echo.operates(name, self):
            return (
                _of_others(function, self, other) if type(other) in _NUMBERS else apply(name, (self, other))
            )
        if machine.append is not None:
            place = join(kind, self, other, now, _frame(1))
            if place is not None:
                return Tensor._from_row(*place)
        if type(other) in _NUMBERS:
            return _of_others(function, self, other)
        left, right_ = self._node, other._node
        spec = left.spec
        plan = direct.get(id(spec)) if right_.spec is spec else None
        if plan is None or inferring.ever or now["recorder"] is not None:
            return apply(name, (self, other))
        array = now["quiet"].run(plan.ufunc, left.array, right_.array)
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
        result._grad = result._storage = result._path = result._tape = None
        one, two = self._requires_grad, other._requires_grad
        if (one or two) and now["grad_enabled"]:
            node.op = op
            node.inputs = (left, right_)
            node.mask = (_BOTH if two else _FIRST) if one else _SECOND
            node.kind = _VALUE
            node.requires_grad = result._requires_grad = True
            if machine.limit > 0:
                count()
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


def method_of_all(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`sum` or `mean` as a method: of all elements of a value on a tape it goes there, too."""
    kind = OPS.index(name)

    @functools.wraps(function)
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        tape = self._tape
        if tape is not None and not args and not kwargs:
            row = tape.total(kind, self._row, _frame(1))
            if row is not None:
                return Tensor._from_row(tape, row)
        result: Tensor = function(self, *args, **kwargs)
        return result

    return method


def _of_others(function: Callable[..., Any], self: Tensor, other: Any) -> Any:
    """The function of a tensor and something else, or NotImplemented."""
    try:
        return function(self, other)
    except TypeError:
        if not isinstance(other, (int, float)):
            return NotImplemented
        raise
