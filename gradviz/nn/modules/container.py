"""Modules that hold others: Sequential runs them in a row, ModuleList only holds them."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, Self

from ..module import Module, indented


class _Numbered(Module):
    """Children by number."""

    def _name(self, index: int) -> str:
        names = list(self._modules)
        index = operator.index(index)
        if not -len(names) <= index < len(names):
            raise IndexError(f"index {index} is out of range")
        return names[index]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __contains__(self, module: object) -> bool:
        return any(each is module for each in self._modules.values())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self | None:
        """Put a module before the one at `index`; later ones get other numbers."""
        modules = list(self._modules.values())
        modules.insert(index, module)
        self._number(modules)
        return self

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)
        for name in names[index] if isinstance(index, slice) else [self._name(index)]:
            delattr(self, name)
        self._number(list(self._modules.values()))

    def _number(self, modules: list[Any]) -> None:
        self._modules.clear()
        for number, module in enumerate(modules):
            self.add_module(str(number), module)


class Sequential(_Numbered):
    """Runs modules one after another: `Sequential(a, b)`, or with names from an OrderedDict."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = isinstance(args[0], OrderedDict) if len(args) == 1 else False
        pairs = args[0].items() if named else ((str(number), module) for number, module in enumerate(args))
        for name, module in pairs:
            self.add_module(name, module)

    def __getitem__(self, index: int | slice) -> Any:
        """A module, or for a slice a Sequential that shares the modules."""
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def forward(self, input: Any) -> Any:
        """Each module's output is the next one's input."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules whose parameters are found; how they are called is up to the module that holds it."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, index: int | slice) -> Any:
        """A module, or for a slice a ModuleList that shares the modules."""
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._modules[self._name(index)]

    def __repr__(self) -> str:
        """Runs of equal modules print as one line, "(0-2): 3 x Linear(…)"."""
        runs: list[tuple[int, int, str]] = []
        for number, text in enumerate(repr(module) for module in self):
            if runs and runs[-1][2] == text:
                runs[-1] = (runs[-1][0], number, text)
            else:
                runs.append((number, number, text))
        if not runs:
            return f"{self._get_name()}()"
        lines = [
            f"({first}): {indented(text)}"
            if first == last
            else f"({first}-{last}): {last - first + 1} x {indented(text)}"
            for first, last, text in runs
        ]
        body = "".join(f"\n  {line}" for line in lines)
        return f"{self._get_name()}({body}\n)"
