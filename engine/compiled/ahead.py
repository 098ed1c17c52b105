"""Compiling several kernels at once: half of them in a second process, as a compiler keeps one core busy.

python -m gradviz.engine.compiled.ahead KERNEL:PRECISION …    compiles these into the cache
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection

from . import routine

LEAST = 4  # kernels: for fewer a second process does not pay, as it takes half a second to start
_ALONE = "GRADVIZ_COMPILES_ALONE"  # set in the second process


def prepare_all(kernels: Collection[tuple[str, str]]) -> None:
    """Compile these kernels (name, precision), or load them from the cache.

    Those that nobody has compiled before are shared out between this process and another one. If that one
    fails, nothing is lost: what it has not compiled is compiled when it is needed.
    """
    missing = [key for key in sorted(set(kernels)) if not routine.is_made(*key)]
    if len(missing) < LEAST or not sys.executable or os.environ.get(_ALONE) or (os.cpu_count() or 1) < 2:
        return
    routine.define()
    missing.sort(key=lambda key: len(routine.ROUTINES[key[0]].__code__.co_code), reverse=True)
    other = _begin(missing[1::2])
    try:
        for name, precision in missing[0::2]:
            routine.address(name, precision)
    finally:
        if other is not None:
            other.wait()


def _begin(kernels: list[tuple[str, str]]) -> subprocess.Popen[bytes] | None:
    ways = os.pathsep.join(path for path in sys.path if path)
    names = [f"{name}:{precision}" for name, precision in kernels]
    try:
        return subprocess.Popen(
            [sys.executable, "-m", __name__, *names],
            env={**os.environ, "PYTHONPATH": ways, _ALONE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def main(names: list[str]) -> int:
    """Compile the named kernels; returns the exit status."""
    for name in names:
        kernel, _, precision = name.partition(":")
        routine.address(kernel, precision)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
