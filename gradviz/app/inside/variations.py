"""What a second run may begin with instead: other weights by a scheme, or the data changed a little.

Sources of the schemes: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward
neural networks", 2010; K. He et al., "Delving deep into rectifiers", 2015.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradviz.engine.program import Program, SlotKind

SCHEMES = ("kaiming", "xavier", "large", "zeros")
_LARGE = 10.0


def initialised(program: Program, scheme: str, seed: int = 1) -> dict[int, np.ndarray]:
    """Every weight matrix or kernel anew, by a scheme; biases and the like stay.

    kaiming: normal, σ = √(2 / fan_in); xavier: uniform, ±√(6 / (fan_in + fan_out)); large: as recorded, times
    ten; zeros.
    """
    rng = np.random.default_rng(seed)
    found = {}
    for slot in _weights(program):
        value = program.values[slot]
        area = math.prod(value.shape[2:])
        fan_in, fan_out = value.shape[1] * area, value.shape[0] * area
        if scheme == "kaiming":
            found[slot] = rng.normal(0.0, math.sqrt(2.0 / fan_in), value.shape)
        elif scheme == "xavier":
            reach = math.sqrt(6.0 / (fan_in + fan_out))
            found[slot] = rng.uniform(-reach, reach, value.shape)
        else:
            found[slot] = value * (_LARGE if scheme == "large" else 0.0)
    return found


def noisy(program: Program, share: float = 0.3, seed: int = 1) -> dict[int, np.ndarray]:
    """The data with normal noise, of `share` times its own spread."""
    rng = np.random.default_rng(seed)
    return {
        slot: program.values[slot] + rng.normal(0.0, share * spread, program.values[slot].shape)
        for slot in data_slots(program)
        if (spread := float(program.values[slot].std(dtype=np.float64))) > 0
    }


def shifted(program: Program, right: int = 2) -> dict[int, np.ndarray]:
    """The pictures among the data, moved to the right; what comes in at the left is what was at the edge."""
    found = {}
    for slot in pictures(program):
        value = program.values[slot]
        found[slot] = np.concatenate([np.repeat(value[..., :1], right, -1), value[..., :-right]], -1)
    return found


def data_slots(program: Program) -> list[int]:
    """The inputs that hold many numbers with a fraction: the batch, not its classes nor a learning rate."""
    return [
        slot
        for slot, row in enumerate(program.slots)
        if row.kind is SlotKind.INPUT and "float" in row.dtype and program.values[slot].size > 1
    ]


def pictures(program: Program) -> list[int]:
    """Those that are N×C×H×W and larger than a moment's shift."""
    return [slot for slot in data_slots(program) if len(program.slots[slot].shape) == 4]


def _weights(program: Program) -> Iterator[int]:
    for slot, row in enumerate(program.slots):
        if row.kind is SlotKind.PARAMETER and "float" in row.dtype and len(row.shape) > 1:
            yield slot
