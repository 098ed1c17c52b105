"""Which vectors this machine's processor has, and the setting that takes narrower ones."""

from __future__ import annotations

import os
from functools import cache

SETTING = "GRADVIZ_SIMD"
"""Environment variable: "avx512", "avx2" or "baseline" instead of the best that there is."""

WIDTHS = {"avx512": 64, "avx2": 32, "baseline": 16}
"""Bytes in a vector: 16, 8 or 4 numbers in single precision; baseline is SSE2, or NEON on ARM."""

_CPUS = {"avx2": "haswell", "baseline": "x86-64"}


def level() -> str:
    """The name of the vectors that kernels are compiled for."""
    best = _best()
    wanted = os.environ.get(SETTING, "")
    if not wanted:
        return best
    if wanted not in WIDTHS:
        raise ValueError(f"{SETTING} must be one of {', '.join(WIDTHS)}, not {wanted!r}")
    return wanted if WIDTHS[wanted] <= WIDTHS[best] else best


@cache
def _best() -> str:
    """What the processor has; asking it takes longer than lowering an instruction."""
    import llvmlite.binding  # only when something is compiled

    features = llvmlite.binding.get_host_cpu_features()
    return "avx512" if features.get("avx512f") else "avx2" if features.get("avx2") else "baseline"


@cache
def vector_bytes() -> int:
    """How long a vector is, in this process."""
    return WIDTHS[level()]


def restrict() -> None:
    """Let the compiler know no more than the setting allows; before numba compiles anything."""
    import numba  # only when something is compiled

    wanted = os.environ.get(SETTING, "")
    if wanted in _CPUS and os.environ.get("NUMBA_CPU_NAME") is None and _is_x86():
        numba.config.CPU_NAME = _CPUS[wanted]  # type: ignore[attr-defined]
        numba.config.CPU_FEATURES = ""  # type: ignore[attr-defined]


def _is_x86() -> bool:
    import llvmlite.binding  # only when something is compiled

    return str(llvmlite.binding.get_default_triple()).startswith(("x86_64", "i686"))
