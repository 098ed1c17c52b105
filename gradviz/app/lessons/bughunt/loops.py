"""The lines of the training loops, each with the sum that a learner does to check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradviz.app.anchors import AnchorError, Anchors

Check = Callable[[Anchors, int], bool]  # of one iteration


def wrong_lines(scene: str, anchors: Anchors) -> list[str]:
    """The lines of a scene that do not do what they say, in some iteration."""
    return [line for line, check in LOOPS.get(scene, {}).items() if not _holds(check, anchors)]


def _holds(check: Check, anchors: Anchors) -> bool:
    return all(check(anchors, iteration) for iteration in range(anchors.count_iterations))


def _close(a: object, b: object) -> bool:
    return bool(np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-4, atol=1e-6))


def _rows(anchors: Anchors, name: str, i: int) -> np.ndarray:
    return anchors.value(name, 0)[2 * i : 2 * i + 2]


def _start(anchors: Anchors, name: str, i: int, size: int = 2) -> np.ndarray:
    """What a name meant before an iteration; zeros where it comes from outside and is not read yet."""
    if i:
        return anchors.value(name, i - 1, _END)
    try:
        return anchors.value(name, 0, "start")
    except AnchorError:
        return np.zeros(size)


_END = "end"


def _now(anchors: Anchors, name: str, i: int) -> np.ndarray:
    """The last value of a name that belongs to the iteration."""
    return anchors.value(name, i, _END)


def _batch(anchors: Anchors, name: str, i: int) -> np.ndarray:
    """x or t as the forward pass reads it."""
    return anchors.value(name, i, "before backward")


def _own_gradient(anchors: Anchors, i: int) -> np.ndarray:
    """What backward adds to w.grad in one iteration."""
    program = anchors.program(i)
    row = next(instr for instr in program.instrs if instr.op == "accumulate_grad")
    return program.values[row.inputs[-1]]


def _cleared(anchors: Anchors, i: int) -> bool:
    program = anchors.program(i)
    return all(len(instr.inputs) == 1 for instr in program.instrs if instr.op == "accumulate_grad")


def _loss_slot(anchors: Anchors, i: int) -> int:
    """What the code calls loss, whatever backward was called on."""
    return next(number for number, slot in enumerate(anchors.program(i).slots) if slot.name == "loss")


def _seed_is_loss(anchors: Anchors, i: int) -> bool:
    """Backward starts at what the line before calls the loss."""
    return anchors.program(i).loss == _loss_slot(anchors, i)


def _of_loss(anchors: Anchors, i: int) -> float:
    return float(anchors.program(i).values[_loss_slot(anchors, i)])


def _step(anchors: Anchors, i: int) -> bool:
    return _close(_now(anchors, "step", i), anchors.grad("w", i) + 0.1 * _start(anchors, "w", i))


def _velocity(anchors: Anchors, i: int) -> bool:
    before = _start(anchors, "velocity", i) if i else np.zeros(2)
    return _close(_now(anchors, "velocity", i), 0.9 * before + _now(anchors, "step", i))


def _mean_square(anchors: Anchors, i: int) -> bool:
    return _close(_of_loss(anchors, i), np.mean(anchors.value("error", i) ** 2))


def _moved(anchors: Anchors, i: int) -> np.ndarray:
    return np.asarray(_now(anchors, "w", i) - _start(anchors, "w", i))


def _adam(anchors: Anchors, i: int) -> bool:
    m, v = (np.asarray(_now(anchors, name, i), float) for name in ("m_hat", "v_hat"))
    with np.errstate(invalid="ignore"):
        return _close(_moved(anchors, i), -0.1 * m / (np.sqrt(v) + 1e-8))


def _average(name: str, beta: float, power: int) -> Check:
    def check(anchors: Anchors, i: int) -> bool:
        before = _start(anchors, name, i) if i else np.zeros(2)
        fresh = np.asarray(_now(anchors, "g", i)) ** power
        return _close(_now(anchors, name, i), beta * before + (1 - beta) * fresh)

    return check


def _corrected(name: str, beta: float) -> Check:
    return lambda a, i: _close(_now(a, f"{name}_hat", i), _now(a, name, i) / (1 - beta ** (i + 1)))


def _cross_entropy(anchors: Anchors, i: int) -> bool:
    p, t = (np.asarray(_batch(anchors, name, i), float) for name in ("p", "t"))
    return _close(_of_loss(anchors, i), -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))


LOOPS: Mapping[str, Mapping[str, Check]] = {
    "sgd": {
        "x = inputs[2 * i : 2 * i + 2]": lambda a, i: _close(_batch(a, "x", i), _rows(a, "inputs", i)),
        "t = targets[2 * i : 2 * i + 2]": lambda a, i: _close(_batch(a, "t", i), _rows(a, "targets", i)),
        "y = x @ w": lambda a, i: _close(a.value("y", i), _batch(a, "x", i) @ _start(a, "w", i)),
        "error = y - t": lambda a, i: _close(a.value("error", i), a.value("y", i) - _batch(a, "t", i)),
        "loss = (error * error).mean()": _mean_square,
        "w.grad = None": _cleared,
        "loss.backward()": _seed_is_loss,
        "step = w.grad + 0.1 * w": _step,
        "velocity = 0.9 * velocity + step": _velocity,
        "w -= 0.05 * velocity": lambda a, i: _close(_moved(a, i), -0.05 * _now(a, "velocity", i)),
    },
    "adam": {
        "x = inputs[2 * i : 2 * i + 2]": lambda a, i: _close(_batch(a, "x", i), _rows(a, "inputs", i)),
        "t = labels[2 * i : 2 * i + 2]": lambda a, i: _close(_batch(a, "t", i), _rows(a, "labels", i)),
        "loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()": _cross_entropy,
        "w.grad = None": _cleared,
        "loss.backward()": _seed_is_loss,
        "g = w.grad.clone()": lambda a, i: _close(_now(a, "g", i), a.grad("w", i)),
        "m = 0.9 * m + 0.1 * g": _average("m", 0.9, 1),
        "v = 0.99 * v + 0.01 * g * g": _average("v", 0.99, 2),
        "m_hat = m / (1 - 0.9 ** (i + 1))": _corrected("m", 0.9),
        "v_hat = v / (1 - 0.99 ** (i + 1))": _corrected("v", 0.99),
        "w -= 0.1 * m_hat / (torch.sqrt(v_hat) + 1e-8)": _adam,
    },
}
"""Scene -> line -> what must hold in every iteration."""
