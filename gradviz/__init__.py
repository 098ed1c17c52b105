"""gradviz: PyTorch's beginner API, with every operation recorded so that it can be watched."""

from pathlib import Path as _Path

# In a checkout `engine/`, `ui/` and `assets/` lie beside this folder, in a wheel inside it.
_here = _Path(__file__).resolve().parent
if not (_here / "assets").is_dir() and (_here.parent / "assets" / "__init__.py").is_file():
    __path__.append(str(_here.parent))

__version__ = "0.1.0"
