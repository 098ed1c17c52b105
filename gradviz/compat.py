"""Stand in for PyTorch: scripts that import torch and torchvision get gradviz, without a changed line."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

import gradviz
from gradviz import models


def _torchvision() -> ModuleType:
    module = ModuleType("torchvision", "torchvision's models, as far as gradviz has them.")
    module.__path__ = []  # a package: `import torchvision.models` looks inside
    module.models = models  # type: ignore[attr-defined]
    return module


def _modules() -> dict[str, ModuleType]:
    """PyTorch's modules and all that lies in them, by PyTorch's names."""
    found = {"torch": gradviz, "torchvision": _torchvision(), "torchvision.models": models}
    for name in vars(gradviz)["_SUBMODULES"]:
        module = import_module(f"gradviz.{name}")  # whichever there are
        found[f"torch.{name}"] = module
        for inner in pkgutil.walk_packages(getattr(module, "__path__", ()), f"gradviz.{name}."):
            found["torch" + inner.name.removeprefix("gradviz")] = import_module(inner.name)  # see above
    return found


MODULES: Mapping[str, ModuleType] = _modules()
"""What each of PyTorch's modules is replaced by."""


def install_as_torch() -> None:
    """Make `import torch` and `import torchvision` mean gradviz in this process, for good."""
    sys.modules.update(MODULES)


@contextmanager
def as_torch() -> Iterator[None]:
    """`install_as_torch` until the end of the `with` block."""
    before = {name: sys.modules.get(name) for name in MODULES}
    install_as_torch()
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
