"""Which ops and composed functions a Python function can lead to, read from its code.

Everything that the code names is followed: functions of its globals, methods of tensors, the rules of the ops
that it reaches. That is more than it really calls, and never less, unless a name is made at run time.
"""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gradviz.engine.composite import COMPOSITES
from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.tensor import Tensor


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def parts_of(thing: Any) -> Iterator[Any]:
    """What stands behind a decorated function, a property, a closure or one of our classes."""
    if isinstance(thing, (staticmethod, classmethod, types.MethodType)):
        yield thing.__func__
    elif isinstance(thing, property):
        yield from (thing.fget, thing.fset)
    elif isinstance(thing, functools.partial):
        yield thing.func
    elif isinstance(thing, types.FunctionType):
        yield getattr(thing, "__wrapped__", None)
        for cell in thing.__closure__ or ():
            with contextlib.suppress(ValueError):  # empty as yet
                yield cell.cell_contents
    elif isinstance(thing, type) and thing.__module__.startswith("gradviz."):
        yield from vars(thing).values()


class Reach:
    """What has been reached so far; `names` are ops and composed functions."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._ops: set[str] = set()
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # so that ids stay their own
        self._waiting: list[Any] = []

    def follow(self, things: Iterable[Any]) -> Reach:
        """Follow functions, classes and ops to the end."""
        self._waiting += things
        while self._waiting:
            thing = self._waiting.pop()
            if isinstance(thing, str):  # in a closure: the name of a composed function
                self._name(thing)
            if id(thing) in self._seen:
                continue
            self._seen.add(id(thing))
            self._kept.append(thing)
            self._waiting += parts_of(thing)
            if isinstance(thing, types.FunctionType) and thing.__module__.startswith("gradviz."):
                for code in codes(thing.__code__):
                    self._read(code, thing.__globals__)
        return self

    def _read(self, code: types.CodeType, space: dict[str, Any]) -> None:
        for constant in code.co_consts:
            for word in constant if isinstance(constant, (tuple, frozenset)) else (constant,):
                if isinstance(word, str):
                    self._name(word)
        for name in code.co_names:
            value = space.get(name)
            if isinstance(value, (types.FunctionType, functools.partial)) or _is_class_to_follow(value):
                self._waiting.append(value)
            elif isinstance(value, types.ModuleType) and value.__name__.startswith("gradviz."):
                self._waiting += [vars(value).get(each) for each in code.co_names]
            elif isinstance(value, dict):
                self._waiting += list(value.values())
            if name in vars(Tensor):
                self._waiting.append(vars(Tensor)[name])

    def _name(self, word: str) -> None:
        if word in REGISTRY and word not in self._ops:
            self._ops.add(word)
            self._waiting += _rules(REGISTRY[word])
        if word in REGISTRY or word in COMPOSITES:
            self.names.add(word)


def _is_class_to_follow(value: Any) -> bool:
    """Tensors and ops are named everywhere: of them only the methods and rules that are used count."""
    return isinstance(value, type) and not issubclass(value, (Tensor, Op))


def _rules(op: Op) -> list[Callable[..., Any]]:
    own = [rule for rule in op.vjps if rule is not None]
    return [*own, type(op).vjp, type(op).unview]


def reached(*things: Any) -> set[str]:
    """The names that these can lead to."""
    return Reach().follow(things).names
