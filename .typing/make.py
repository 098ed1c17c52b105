"""Link the four source folders into `.typing/gradviz/`, the tree that a wheel has, for type checkers only.

mypy, pyright and editors know nothing of the `__path__` lines in gradviz/__init__.py. Run this once after
cloning and again when a file is added directly to gradviz/: `python .typing/make.py && python -m mypy`.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TREE = HERE / "gradviz"


def wanted() -> dict[str, Path]:
    """Name in the tree -> the file or folder that it stands for."""
    parts = [path for path in (ROOT / "gradviz").iterdir() if path.name != "__pycache__"]
    parts += [ROOT / name for name in ("engine", "ui", "assets") if (ROOT / name).is_dir()]
    return {path.name: path for path in parts}


def link(target: Path, name: Path) -> None:
    if sys.platform != "win32":
        name.symlink_to(os.path.relpath(target, name.parent))
    elif target.is_dir():  # Windows lets only administrators make symbolic links, but anybody these two
        import _winapi  # exists on Windows only

        _winapi.CreateJunction(str(target), str(name))
    else:
        os.link(target, name)


def clear(tree: Path) -> None:
    for entry in tree.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            entry.rmdir()  # a junction; a real folder with files in it would be an error, not be deleted
        else:
            entry.unlink()


def main() -> None:
    TREE.mkdir(exist_ok=True)
    clear(TREE)
    for name, target in wanted().items():
        link(target, TREE / name)


if __name__ == "__main__":
    main()
