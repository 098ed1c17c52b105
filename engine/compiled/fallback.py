"""An instruction that the interpreter runs, on views of the arena."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..dispatch import compute
from ..dtypes import from_numpy_dtype
from ..op import REGISTRY, Spec
from .values import Fallback


def interpreted(step: Fallback, inputs: tuple[np.ndarray, ...], output: np.ndarray) -> Callable[[], None]:
    """What runs one instruction with the interpreter."""
    op = REGISTRY[step.op]
    weak = step.weak
    specs = tuple(
        Spec(x.shape, from_numpy_dtype(x.dtype), mark) for x, mark in zip(inputs, weak, strict=True)
    )

    def run() -> None:
        output[...] = compute(op, specs, inputs, step.attrs)[1]

    return run
