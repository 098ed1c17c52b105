"""What compiled code depends on. Code that was compiled under another key is never loaded."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

_NO_MATTER = ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT", "NUMBA_NUM_THREADS")


def key(sources: Iterable[Path]) -> str:
    """A hash of these files, of the processor, and of everything that takes part in compiling."""
    digest = hashlib.sha256("\n".join((*_machine(), *_settings())).encode())
    for path in sources:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _machine() -> tuple[str, ...]:
    import llvmlite  # 50 ms: only when something is computed
    import llvmlite.binding as llvm

    compiler = sorted(Path(__file__).parent.glob("*.py"))
    return (
        str(sys.version_info[:2]),
        np.__version__,
        llvmlite.__version__,
        _version_of_numba(),
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        *(path.read_text("utf-8") for path in compiler),
    )


def _version_of_numba() -> str:
    """Read from its files: importing numba would take longer than all that is loaded here."""
    found = importlib.util.find_spec("numba")
    if found is not None and found.origin is not None:
        try:
            return Path(found.origin).with_name("_version.py").read_text("utf-8")
        except OSError:
            pass
    from importlib import metadata  # seldom needed, and slow to load

    return metadata.version("numba")


def _settings() -> list[str]:
    """Numba's settings, such as its level of optimisation, and which vectors are wanted."""
    wanted = (
        name for name in os.environ if name.startswith(("NUMBA_", "GRADVIZ_SIMD")) and name not in _NO_MATTER
    )
    return [f"{name}={os.environ[name]}" for name in sorted(wanted)]
