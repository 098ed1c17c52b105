"""Stand in for PyTorch: scripts that import torch and torchvision get gradviz, without a changed line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import gradviz
from gradviz import autograd, models, nn, optim
from gradviz.nn import functional, init, parameter


def _torchvision() -> ModuleType:
    module = ModuleType("torchvision", "torchvision's models, as far as gradviz has them.")
    module.__path__ = []  # a package: `import torchvision.models` looks inside
    module.models = models  # type: ignore[attr-defined]
    return module


MODULES: Mapping[str, ModuleType] = {
    "torch": gradviz,
    "torch.autograd": autograd,
    "torch.nn": nn,
    "torch.nn.functional": functional,
    "torch.nn.init": init,
    "torch.nn.parameter": parameter,
    "torch.optim": optim,
    "torchvision": _torchvision(),
    "torchvision.models": models,
}
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
