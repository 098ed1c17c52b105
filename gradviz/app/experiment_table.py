"""What one can choose in the toolbar: models, data sets, optimizers, and which of them fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .i18n import tr

MODELS: Mapping[str, str] = MappingProxyType({"lenet": "LeNet-5", "mlp": "MLP", "resnet18": "ResNet-18"})
DATASETS: Mapping[str, str] = MappingProxyType(
    {
        "digits": "Handwritten digits",
        "moons": "Two moons",
        "circles": "Circles",
        "spirals": "Spirals",
        "xor": "XOR",
        "sine": "Sine (regression)",
        "mnist": "MNIST files",
        "file": "Own data",
    }
)
OPTIMIZERS: Mapping[str, str] = MappingProxyType(
    {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "rmsprop": "RMSprop"}
)
FITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lenet": ("digits", "mnist", "file"),
        "mlp": ("digits", "moons", "circles", "spirals", "xor", "sine", "mnist", "file"),
        "resnet18": ("digits", "mnist", "file"),
    }
)
"""For each model the data sets that it can read, its usual one first."""

LEARNING_RATES: Mapping[str, float] = MappingProxyType(
    {"sgd": 0.01, "momentum": 0.01, "adam": 0.002, "rmsprop": 0.001}
)
"""A rate to begin with for each optimizer; the last two divide by the gradient's size, so need less."""

RECIPE = ("adam", 0.002, 20)
"""Optimizer, learning rate and epochs with which LeNet reads 98 of 100 of the digits that it has not seen."""

TRAIN_BATCHES: Mapping[str, int] = MappingProxyType({"lenet": 8, "mlp": 32, "resnet18": 8})
"""How many samples a training iteration takes if nothing else is said."""


class ExperimentError(ValueError):
    """A choice that does not work; the message says what to choose instead."""


@dataclass(frozen=True)
class ExperimentSpec:
    """A model, its data and how it learns.

    `sample` is the (first) sample of a recorded iteration, `batch` how many of them it takes; training takes
    `train_batch` at a time, or what suits the model. `momentum` counts for Momentum. `data_folder` is
    where MNIST's files are; `data_file` a table or arrays of one's own, `data_hash` its fingerprint if it
    must be just that one. `clip`: the largest norm that all gradients together may have; 0 for any.
    """

    model: str = "lenet"
    data: str = "digits"
    sample: int = 0
    optimizer: str = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.9
    batch: int = 1
    seed: int = 0
    train_batch: int | None = None
    data_folder: str = ""
    weight_decay: float = 0.0
    clip: float = 0.0
    data_file: str = ""
    data_hash: str = ""


def title(identifier: str) -> str:
    """The name of a model, data set or optimizer in the interface's language."""
    translated = {
        "digits": tr("Handwritten digits"),
        "moons": tr("Two moons"),
        "circles": tr("Circles"),
        "spirals": tr("Spirals"),
        "xor": "XOR",
        "sine": tr("Sine (regression)"),
        "mnist": tr("MNIST files"),
        "file": tr("Own data"),
    }
    return translated.get(identifier) or MODELS.get(identifier) or OPTIMIZERS.get(identifier) or identifier


def check(spec: ExperimentSpec) -> None:
    """ExperimentError unless the choices go together."""
    for value, table in ((spec.model, MODELS), (spec.data, DATASETS), (spec.optimizer, OPTIMIZERS)):
        if value not in table:
            choices = ", ".join(table)
            raise ExperimentError(
                tr("There is no {name}; choose one of {choices}").format(name=value, choices=choices)
            )
    if spec.data not in FITS[spec.model]:
        fitting = tr(", ").join(title(data) for data in FITS[spec.model])
        raise ExperimentError(
            tr("{model} cannot read the data set {data}; it takes: {fitting}").format(
                model=title(spec.model), data=title(spec.data), fitting=fitting
            )
        )
    if spec.data == "mnist" and not spec.data_folder:
        raise ExperimentError(tr("Choose the folder that holds MNIST's files"))
    if spec.data == "file" and not spec.data_file:
        raise ExperimentError(tr("Choose a table (.csv) or arrays (.npz)"))
    if not 0 < spec.learning_rate < float("inf"):
        raise ExperimentError(
            tr("The learning rate must be larger than 0, not {x}").format(x=spec.learning_rate)
        )
    if not 0 <= spec.momentum < float("inf"):
        raise ExperimentError(tr("The momentum must be 0 or larger, not {x}").format(x=spec.momentum))
    for name, x in ((tr("The weight decay"), spec.weight_decay), (tr("The largest norm"), spec.clip)):
        if not 0 <= x < float("inf"):
            raise ExperimentError(tr("{name} must be 0 or larger, not {x}").format(name=name, x=x))
    if spec.batch < 1 or (spec.train_batch is not None and spec.train_batch < 1):
        raise ExperimentError(tr("A batch has at least one sample"))
