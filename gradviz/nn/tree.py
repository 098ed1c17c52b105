"""The tree of modules: parameters, buffers and child modules as attributes."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from gradviz.engine.tensor import Tensor

from .parameter import Buffer, Parameter
from .places import Place
from .walks import Walks

_TABLES = ("_parameters", "_buffers", "_modules")


class Tree(Walks):
    """Holds parameters, buffers and modules in tables of their own and shows them as attributes."""

    training: bool
    _transient: set[str]  # buffers that the state_dict leaves out
    _places: list[Place]

    def __init__(self) -> None:
        for table in _TABLES:
            object.__setattr__(self, table, {})
        object.__setattr__(self, "_transient", set())
        object.__setattr__(self, "_places", [])
        object.__setattr__(self, "training", True)

    # Attributes.

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        if isinstance(value, (Parameter, Tree)) and "_modules" not in tables:
            what = "parameters" if isinstance(value, Parameter) else "module"
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        if isinstance(value, Parameter):
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif name in tables.get("_parameters", ()):
            if value is not None:
                raise _misfit(value, f"as parameter '{name}' (torch.nn.Parameter or None expected)")
            self._parameters[name] = None
        elif isinstance(value, Tree):
            self._forget(name, "_modules")
            self._hold(name, value)
        elif name in tables.get("_modules", ()):
            if value is not None:
                raise _misfit(value, f"as child module '{name}' (torch.nn.Module or None expected)")
            self._modules[name] = None
        elif isinstance(value, Buffer) or name in tables.get("_buffers", ()):
            if value is not None and not isinstance(value, Tensor):
                raise _misfit(value, f"as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)")
            persistent = value.persistent if isinstance(value, Buffer) else name not in self._transient
            self.register_buffer(name, value, persistent)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        tables = self.__dict__  # written out, as networks ask for layers and weights all the time
        if (found := tables.get("_parameters")) is not None and name in found:
            return found[name]
        if (found := tables.get("_modules")) is not None and name in found:
            return found[name]
        if (found := tables.get("_buffers")) is not None and name in found:
            return found[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for table in _TABLES:
            if name in self.__dict__[table]:
                del self.__dict__[table][name]
                self._transient.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = set(super().__dir__())
        return sorted(names.union(*(self.__dict__[table] for table in _TABLES)))

    def _forget(self, name: str, but: str) -> None:
        """Let nothing else go by this name; the place in its own table stays."""
        self.__dict__.pop(name, None)
        for table in _TABLES:
            if table != but:
                self.__dict__[table].pop(name, None)

    # Registration.

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None for one that this module does without."""
        self._check_name(name, "parameter", self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise _misfit(param, f"object to parameter '{name}' (torch.nn.Parameter or None required)")
        self._parameters[name] = param
        if param is not None:
            param.places.append(Place(weakref.ref(self), name))

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the module's state but is no parameter, such as a running mean."""
        self._check_name(name, "buffer", self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise _misfit(tensor, f"object to buffer '{name}' (torch Tensor or None required)")
        self._buffers[name] = tensor
        self._transient.discard(name)
        if not persistent:
            self._transient.add(name)

    def add_module(self, name: str, module: Tree | None) -> None:
        """Add a child module."""
        if module is not None and not isinstance(module, Tree):
            raise TypeError(f"{_kind(module)} is not a Module subclass")
        self._check_name(name, "module", self._modules)
        self._hold(name, module)

    def register_module(self, name: str, module: Tree | None) -> None:
        """Add a child module: another name of `add_module`."""
        self.add_module(name, module)

    def _hold(self, name: str, module: Tree | None) -> None:
        self._modules[name] = module
        if module is not None:
            module._places.append(Place(weakref.ref(self), name))

    def _check_name(self, name: str, kind: str, table: Mapping[str, object]) -> None:
        if "_modules" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_kind(name)}")
        if "." in name:
            raise KeyError(
                f'{kind} name can\'t contain ".", got: {name}'
                if kind == "module"
                else f'{kind} name can\'t contain "."'
            )
        if not name:
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in table:
            raise KeyError(f"attribute '{name}' already exists")

    # Copies: the way back up is made anew.

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_places"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__["_places"] = []
        for name, held in (*self._parameters.items(), *self._modules.items()):
            if held is not None:
                places = held.places if isinstance(held, Parameter) else held._places
                places.append(Place(weakref.ref(self), name))


def _misfit(value: object, what: str) -> TypeError:
    return TypeError(f"cannot assign '{_kind(value)}' {what}")


def _kind(value: Any) -> str:
    """What PyTorch's messages call a value: a tensor's type, a class's own name, or that of its class."""
    if isinstance(value, Tensor):
        return str(value.type())
    named = value if hasattr(value, "__qualname__") else type(value)
    module = getattr(named, "__module__", None) or "builtins"
    return named.__qualname__ if module == "builtins" else f"{module}.{named.__qualname__}"
