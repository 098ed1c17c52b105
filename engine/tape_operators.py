"""Give `Tensor` the operators of `compiled.tape_operators`; those in Python stand behind them."""

from __future__ import annotations

import logging
import sys
from functools import cache

import numpy as np

from .compiled import routine, tape_objects
from .joining import KINDS
from .native import linker
from .node import sequence
from .slots import UnknownLayoutError, check_python, place, place_of_type
from .state import inferring
from .tape import Tape
from .tape_machine import machine
from .tensor import Tensor

log = logging.getLogger(__name__)

_OPERATORS = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__"}


@cache
def install() -> bool:
    """Replace the operators that tapes know, once; whether they are machine code from now on."""
    try:
        table = _objects()
    except UnknownLayoutError as error:
        log.warning(
            "operators of small tensors stay in Python, which has another layout of objects: %s", error
        )
        return False
    names = [_OPERATORS[name] for name, _ in sorted(KINDS.items(), key=lambda each: each[1])]
    stand_ins = [getattr(Tensor, name) for name in names]
    addresses = routine.tape_operators(table.ctypes.data, stand_ins)
    if addresses is None:
        return False
    for name, address in zip(names, addresses, strict=True):
        setattr(Tensor, name, linker.method(address, name, Tensor))
    return True


def _objects() -> np.ndarray:
    """The table of `tape_objects`."""
    check_python()
    tensor, tape = Tensor.__new__(Tensor), Tape.__new__(Tape)
    words = {
        "TYPE_AT": place_of_type(tensor),
        "TAPE_AT": place(tensor, "_tape"),
        "ROW_AT": place(tensor, "_row"),
        "WANTS_GRAD_AT": place(tensor, "_requires_grad"),
        "ADDRESS_AT": place(tape, "address"),
    }
    held = {
        "NONE": None,
        "TRUE": True,
        "TENSOR": Tensor,
        "GRAD_ENABLED": sys.intern("grad_enabled"),
        "RECORDER": sys.intern("recorder"),
        "ORIGIN": sys.intern("origin"),
        "MODULE_NAME": sys.intern("module"),
        "PHASE_NAME": sys.intern("phase"),
        "INFERRING": vars(inferring),
        "EVER": sys.intern("ever"),
        "SEQUENCE": sequence,
    }
    words |= {name: id(each) for name, each in held.items()}
    table = np.zeros(tape_objects.OBJECTS, np.int64)
    for name, word in words.items():
        table[getattr(tape_objects, name)] = word
    linker.keep_for_good((table, held))
    return table


machine.followers.append(install)
