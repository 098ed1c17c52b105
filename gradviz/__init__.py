"""gradviz: PyTorch's beginner API, with every operation recorded so that it can be watched."""

from importlib import import_module as _import_module
from pathlib import Path as _Path
from typing import Any as _Any

# In a checkout `engine/`, `ui/` and `assets/` lie beside this folder, in a wheel inside it.
_here = _Path(__file__).resolve().parent
if not (_here / "assets").is_dir() and (_here.parent / "assets" / "__init__.py").is_file():
    __path__.append(str(_here.parent))

__version__ = "0.1.0"


_SUBMODULES = ("accelerator", "autograd", "cuda", "linalg", "nn", "optim", "scalar", "utils")
# Functions whose modules load more than tensors need.
_LAZY = {"load": "gradviz.serialization", "save": "gradviz.serialization", "show": "gradviz.app.show"}


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})


def __getattr__(name: str) -> _Any:
    # The engine is loaded when the first of PyTorch's names is used: `gradviz --help` does not need it.
    if name in _SUBMODULES:
        return _import_module(f"gradviz.{name}")  # see above
    if name in _LAZY:
        globals()[name] = getattr(_import_module(_LAZY[name]), name)  # see above
        return globals()[name]
    if name == "__all__":
        return [*_import_module("gradviz._api").NAMES, *_SUBMODULES, *_LAZY]  # see above
    if name.startswith("_"):
        raise AttributeError(f"module 'gradviz' has no attribute {name!r}")
    names = _import_module("gradviz._api").NAMES  # see above
    if name not in names:
        raise AttributeError(f"module 'gradviz' has no attribute {name!r}")
    globals()[name] = names[name]
    return names[name]
