"""Building what an experiment runs: the model, its loss and optimizer, and the data in the model's form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gradviz.assets.examples.clipped_step import clipped_step
from gradviz.assets.examples.training_step import training_step
from gradviz.data import Dataset, circles, digits, mnist_whole, sine, spirals, two_moons, xor
from gradviz.engine.random import manual_seed
from gradviz.engine.tensor import Tensor
from gradviz.models import MLP, LeNet, resnet18
from gradviz.nn import CrossEntropyLoss, Module, MSELoss
from gradviz.optim import SGD, Adam, RMSprop
from gradviz.optim.optimizer import Optimizer

from .experiment_table import ExperimentSpec
from .own_data import hidden_layers, load_own

POINTS: Mapping[str, Callable[..., Dataset]] = MappingProxyType(
    {"circles": circles, "spirals": spirals, "xor": xor, "sine": sine}
)

Images = NDArray[np.float32]
Places = NDArray[np.int64]
Step = Callable[[Any, Any, Any, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Parts:
    """`prepare` turns a batch of the data set into what the model reads; `step` is one iteration.

    `split`: the places in `data` of the training and of the test samples; None: every fifth of each class is
    for the test.
    """

    model: Module
    criterion: Module
    optimizer: Optimizer
    data: Dataset
    prepare: Callable[[Images], Images]
    step: Step = training_step
    split: tuple[Places, Places] | None = None

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What the targets are: classes, or numbers."""
        return "regression" if self.data.targets.dtype.kind == "f" else "classification"

    @cached_property
    def places(self) -> tuple[Places, Places]:
        """The places in `data` of the training and of the test samples."""
        return self.split if self.split is not None else self.data.split_places()

    @property
    def train(self) -> Dataset:
        """The training samples."""
        return self.data.select(_run(self.places[0]))

    @property
    def test(self) -> Dataset:
        """The test samples."""
        return self.data.select(_run(self.places[1]))


def build(spec: ExperimentSpec) -> Parts:
    """The parts of a checked spec; the seed decides the initial weights."""
    data, split = _data(spec)
    manual_seed(spec.seed)
    model = _model(spec, data)
    criterion = MSELoss() if data.regression else CrossEntropyLoss()
    make: Callable[[float], Step] = clipped_step
    step = make(spec.clip) if spec.clip else training_step
    return Parts(model, criterion, _optimizer(spec, model), data, _prepare(spec), step, split)


def _run(places: Places) -> Places | slice:
    """Places in a row as a slice: MNIST's 60,000 images are then looked at, not copied (240 MB)."""
    if len(places) and places[-1] - places[0] + 1 == len(places) and bool((np.diff(places) == 1).all()):
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def _data(spec: ExperimentSpec) -> tuple[Dataset, tuple[Places, Places] | None]:
    """The samples, and the split if the data come with one."""
    if spec.data == "file":
        return load_own(spec)
    if spec.data == "mnist":
        data, train = mnist_whole(spec.data_folder, pad=spec.model != "mlp")
        return data, None if train is None else (np.arange(train), np.arange(train, len(data)))
    if spec.data == "moons":
        return two_moons(400, noise=0.1, seed=spec.seed), None
    if spec.data in POINTS:
        return POINTS[spec.data](seed=spec.seed), None
    return digits({"lenet": 32, "mlp": 8, "resnet18": 64}[spec.model]), None


def _model(spec: ExperimentSpec, data: Dataset) -> Module:
    if spec.model == "lenet":
        return LeNet()
    if spec.model == "resnet18":
        return resnet18(num_classes=len(data.classes))
    features = int(np.prod(data.inputs.shape[1:]))
    if spec.data == "file":
        return MLP(features, *hidden_layers(data), len(data.classes) or 1)
    hidden = {"moons": (16, 16), "spirals": (32, 32)}.get(spec.data, (16, 16) if features <= 2 else (32,))
    return MLP(features, *hidden, len(data.classes) or data.targets.shape[1])


def _optimizer(spec: ExperimentSpec, model: Module) -> Optimizer:
    rate = spec.learning_rate
    if spec.optimizer == "momentum":
        return SGD(model.parameters(), lr=rate, momentum=spec.momentum, weight_decay=spec.weight_decay)
    makers: dict[str, Callable[..., Optimizer]] = {"sgd": SGD, "adam": Adam, "rmsprop": RMSprop}
    return makers[spec.optimizer](model.parameters(), lr=rate, weight_decay=spec.weight_decay)


def _prepare(spec: ExperimentSpec) -> Callable[[Images], Images]:
    if spec.model != "resnet18":
        return np.ascontiguousarray
    return _as_colour


def _as_colour(images: Images) -> Images:
    """Grey images (N, 1, H, W) as (N, 3, 64, 64): the last feature map has to have more than one pixel."""
    larger = images.repeat(2, axis=2).repeat(2, axis=3) if images.shape[-1] == 32 else images
    return larger.repeat(3, axis=1)
