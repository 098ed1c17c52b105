"""What optimizers can race on: the network of the window, and two problems with two parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from gradviz.data import Dataset
from gradviz.engine.node import leaf
from gradviz.engine.ops.create import tensor
from gradviz.engine.random import manual_seed
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor
from gradviz.nn import Linear, Module, MSELoss, Parameter
from gradviz.optim import SGD

from .evaluator import Evaluator
from .experiment_parts import Parts, build
from .experiment_table import TRAIN_BATCHES, ExperimentSpec, title
from .i18n import tr
from .landscape import Losses, Weights

TRACKS = ("network", "line", "valley")
VALLEY_START = (-1.2, 1.4)
STEEPNESS = 5.0  # of the valley's walls; Rosenbrock's own is 100


@dataclass(frozen=True, eq=False)
class Track:
    """`parts` makes everything anew, always the same; `batch` samples at a time, None for all.

    `flat`: the model has two parameters, so that its loss surface can be seen whole.
    """

    key: str
    parts: Callable[[], Parts]
    batch: int | None = None
    seed: int = 0
    compiled: bool = False
    flat: bool = False
    subject: str = ""

    @property
    def title(self) -> str:
        """What is trained."""
        if self.key == "network":
            return self.subject
        return tr("A line through points") if self.key == "line" else tr("A bent valley")

    def judge(self, parts: Parts, values: Callable[[], dict[str, np.ndarray]]) -> Losses:
        """What tells the loss of any weights."""
        if self.flat:
            return _Plain(parts)
        return Evaluator(parts.model, parts.criterion, values, parts.prepare)


def network(spec: ExperimentSpec) -> Track:
    """A model on its data, as the window trains it."""
    batch = spec.train_batch or TRAIN_BATCHES[spec.model]
    subject = f"{title(spec.model)} · {title(spec.data)}"
    return Track("network", lambda: build(spec), batch, spec.seed, compiled=True, subject=subject)


def line(seed: int = 0) -> Track:
    """y = w x + b through noisy points whose x are all above zero: a long and narrow bowl."""
    return Track("line", lambda: _line(seed), 16, seed, flat=True)


def valley() -> Track:
    """(1 − x)² + 5 (y − x²)²: a valley that bends, with a flat floor.

    Source: H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", The
    Computer Journal 3, 1960, with less steep walls.
    """
    return Track("valley", _valley, flat=True)


def _line(seed: int) -> Parts:
    random = np.random.RandomState(seed)
    x = random.uniform(0.5, 3.5, (80, 1)).astype(np.float32)
    y = (1.5 * x - 1.0 + random.normal(0, 0.25, x.shape)).astype(np.float32)
    model = Linear(1, 1)
    start = {"weight": tensor([[-1.0]]), "bias": tensor([2.0])}
    with no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(start[name])
    data = Dataset("line", x, y, ())
    return Parts(model, MSELoss(), SGD(model.parameters()), data, np.ascontiguousarray)


class Valley(Module):
    """Its parameters are a place; whatever it is given, it tells the height there."""

    def __init__(self) -> None:
        super().__init__()
        self.x, self.y = (Parameter(tensor(start)) for start in VALLEY_START)

    def forward(self, given: Tensor) -> Tensor:
        """(N, 1) of them all the same."""
        floor, wall = 1.0 - self.x, self.y - self.x * self.x
        height: Tensor = floor * floor + wall * wall * STEEPNESS
        return height + given * 0.0


class Height(Module):
    """The loss is what the model tells."""

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The mean of equal numbers."""
        result: Tensor = output.mean()
        return result


def _valley() -> Parts:
    manual_seed(0)
    model = Valley()
    data = Dataset("valley", np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32), ())
    split = (np.array([0]), np.array([], np.int64))
    return Parts(model, Height(), SGD(model.parameters()), data, np.ascontiguousarray, split=split)


class _Plain:
    """A small model, run as it is."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Weights | None = None) -> float:
        """The loss over all samples, with other weights for the time being."""
        tensors: Mapping[str, Tensor] = dict(self._parts.model.named_parameters())
        before = {name: each._node.array for name, each in tensors.items()}
        x, target = Tensor._from_node(leaf(inputs)), Tensor._from_node(leaf(targets))
        with no_grad(), np.errstate(all="ignore"):
            try:
                self._put(tensors, weights or before)
                return float(self._parts.criterion(self._parts.model(x), target))
            finally:
                self._put(tensors, before)

    def _put(self, tensors: Mapping[str, Tensor], weights: Weights) -> None:
        for name, each in tensors.items():
            each.copy_(Tensor._from_node(leaf(np.array(weights[name], each._node.array.dtype))))
