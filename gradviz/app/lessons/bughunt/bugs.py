"""The bugs: each is data, and where a rule is wrong, a small function that is put in its place.

A suspect is "op:mul" (the backward rule of an op), "gather" (the sum over all uses of a value) or
"line:loss = …" (a line of the training loop, as it should be).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradviz.engine.op import REGISTRY
from gradviz.engine.tensor import Tensor, apply

Rule = Callable[..., Any]  # (g, out, *inputs, **attrs) -> the contribution
GATHER = "gather"


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug: the scene (assets/hunts/SCENE.py) it lives in, how hard it is to find (1 to 3), the suspect.

    For a rule, `rule` replaces that of input `position`; for a line, `wrong` stands in its place.
    """

    id: str
    scene: str
    level: int
    suspect: str
    position: int = 0
    rule: Rule | None = None
    wrong: str = ""

    @property
    def op(self) -> str:
        """The op whose rule is wrong, "" for none."""
        kind, _, name = self.suspect.partition(":")
        return name if kind == "op" else ""

    @property
    def line(self) -> str:
        """The line that is wrong, as it should be, "" for none."""
        kind, _, text = self.suspect.partition(":")
        return text if kind == "line" else ""


def _right(op: str, position: int) -> Rule:
    """The right rule, for wrong ones that build on it."""

    def rule(g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        return type(REGISTRY[op]).vjp(REGISTRY[op], position, g, out, *inputs, **attrs)

    return rule


def _times(factor: float, op: str, position: int = 0) -> Rule:
    """The right rule with a factor too many, or one too few."""
    return lambda *args, **attrs: _right(op, position)(*args, **attrs) * factor


def _first_of_window(g: Tensor, y: Tensor, x: Tensor, k: Tensor, **attrs: Any) -> Tensor:
    """Max-pooling that always routes to the upper left of its 2 × 2 window."""
    spread = g.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    rows, columns = x.shape[2:]
    mask = Tensor([[float(not r % 2 and not c % 2) for c in range(columns)] for r in range(rows)])
    return spread * mask


def _rule(name: str, scene: str, level: int, op: str, position: int, rule: Rule) -> Bug:
    return Bug(name, scene, level, f"op:{op}", position, rule)


RULES = (
    _rule("mul-swapped", "neuron", 1, "mul", 0, lambda g, z, x, y: g * x),
    _rule("mul-no-upstream", "neuron", 1, "mul", 1, lambda g, z, x, y: x * 1),
    _rule("sub-sign", "neuron", 1, "sub", 1, lambda g, z, x, y: g * 1),
    _rule("tanh-of-input", "neuron", 2, "tanh", 0, lambda g, y, x: g * (1 - x * x)),
    _rule("tanh-no-square", "neuron", 2, "tanh", 0, lambda g, y, x: g * (1 - y)),
    Bug("gather-overwrites", "neuron", 3, GATHER),
    _rule("relu-inverted", "classifier", 1, "relu", 0, lambda g, y, x: g * (x <= 0)),
    _rule("relu-open", "classifier", 2, "relu", 0, lambda g, y, x: g * 1),
    _rule("add-no-sum", "classifier", 2, "add", 1, lambda g, z, x, y: g[0]),
    _rule("add-mean", "classifier", 3, "add", 1, lambda g, z, x, y: g.mean(0)),
    _rule("mm-weight-flipped", "classifier", 2, "mm", 1, lambda g, z, x, y: apply("mm", (g.t(), x))),
    _rule("mm-not-transposed", "classifier", 2, "mm", 0, lambda g, z, x, y: apply("mm", (g, y))),
    _rule("sigmoid-half", "classifier", 2, "sigmoid", 0, lambda g, y, x: g * y),
    _rule("softmax-diagonal", "classifier", 3, "log_softmax", 0, lambda g, y, x, dim: g * (1 - y.exp())),
    _rule("nll-sum", "classifier", 2, "nll_loss", 0, _times(4, "nll_loss")),
    _rule("pool-first", "convnet", 2, "max_pool2d", 0, _first_of_window),
    _rule("average-whole", "convnet", 2, "avg_pool2d", 0, _times(4, "avg_pool2d")),
    _rule(
        "conv-kernel-flipped",
        "convnet",
        3,
        "conv2d",
        0,
        lambda g, y, x, w, *b, **k: _right("conv2d", 0)(g, y, x, w.flip(2).flip(3), *b, **k),
    ),
    _rule(
        "conv-weight-shifted",
        "convnet",
        3,
        "conv2d",
        1,
        lambda g, y, x, w, *b, **k: _right("conv2d", 1)(g, y, x, w, *b, **k).roll(1, 3),
    ),
    _rule("leak-closed", "convnet", 1, "leaky_relu", 0, lambda g, y, x, **k: g * (x > 0)),
    _rule("mean-forgotten", "norm", 3, "mean", 0, lambda g, y, x, dim, keepdim: x * 0),
    _rule("mean-whole", "norm", 2, "mean", 0, _times(5, "mean")),
    _rule("root-no-half", "norm", 2, "sqrt", 0, lambda g, y, x: g / y),
    _rule("quotient-sign", "norm", 2, "div", 1, _times(-1, "div", 1)),
    _rule("power-kept", "norm", 1, "pow", 0, lambda g, y, x, *e, **k: g * x),
    _rule("exp-of-input", "norm", 2, "exp", 0, lambda g, y, x: g * x),
)


def _line(name: str, scene: str, level: int, right: str, wrong: str) -> Bug:
    return Bug(name, scene, level, f"line:{right}", wrong=wrong)


_MOMENT, _SQUARES = "m = 0.9 * m + 0.1 * g", "v = 0.99 * v + 0.01 * g * g"
_DOWN = "w -= 0.1 * m_hat / (torch.sqrt(v_hat) + 1e-8)"
LINES = (
    _line(
        "labels-shifted",
        "sgd",
        2,
        "t = targets[2 * i : 2 * i + 2]",
        "t = targets.roll(1, 0)[2 * i : 2 * i + 2]",
    ),
    _line("never-cleared", "sgd", 1, "w.grad = None", "pass"),
    _line("loss-summed", "sgd", 2, "loss = (error * error).mean()", "loss = (error * error).sum()"),
    _line("loss-turned", "sgd", 1, "loss.backward()", "(-loss).backward()"),
    _line("decay-sign", "sgd", 2, "step = w.grad + 0.1 * w", "step = w.grad - 0.1 * w"),
    _line("decay-of-gradient", "sgd", 3, "step = w.grad + 0.1 * w", "step = w.grad + 0.1 * w.grad"),
    _line("momentum-sign", "sgd", 3, "velocity = 0.9 * velocity + step", "velocity = step - 0.9 * velocity"),
    _line("rate-squared", "sgd", 2, "w -= 0.05 * velocity", "w -= 0.05 * 0.05 * velocity"),
    _line("step-twice", "sgd", 3, "w -= 0.05 * velocity", "w -= 0.05 * (velocity + step)"),
    _line("moment-not-weighted", "adam", 2, _MOMENT, "m = 0.9 * m + g"),
    _line("betas-swapped", "adam", 2, _MOMENT, "m = 0.1 * m + 0.9 * g"),
    _line("square-missing", "adam", 3, _SQUARES, "v = 0.99 * v + 0.01 * torch.abs(g)"),
    _line("no-correction", "adam", 2, "m_hat = m / (1 - 0.9 ** (i + 1))", "m_hat = m * 1"),
    _line(
        "other-correction",
        "adam",
        3,
        "v_hat = v / (1 - 0.99 ** (i + 1))",
        "v_hat = v / (1 - 0.9 ** (i + 1))",
    ),
    _line("root-missing", "adam", 2, _DOWN, "w -= 0.1 * m_hat / (v_hat + 1e-8)"),
    _line("labels-turned", "adam", 1, "t = labels[2 * i : 2 * i + 2]", "t = 1 - labels[2 * i : 2 * i + 2]"),
)
BUGS: dict[str, Bug] = {bug.id: bug for bug in (*RULES, *LINES)}
