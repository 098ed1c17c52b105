"""Letting gradviz answer to PyTorch's name in the process that runs a user's script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from gradviz.compat import MODULES, install_as_torch


class _NothingElse(MetaPathFinder):
    """Says clearly that gradviz has no counterpart, where Python would look into gradviz's own folders."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.startswith(("torch.", "torchvision.")):
            raise ModuleNotFoundError(
                f"gradviz, which stands in for PyTorch here, has no {fullname}", name=fullname
            )
        return None


def stand_in_for_torch() -> None:
    """From now on `import torch` and `import torchvision` mean gradviz in this process."""
    install_as_torch()
    for module in MODULES.values():
        if not hasattr(module, "__path__"):  # else Python itself answers, that it is no package
            module.__path__ = []
    sys.meta_path.insert(0, _NothingElse())
