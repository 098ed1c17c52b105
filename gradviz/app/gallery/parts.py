"""The parts of the gallery's runs: small networks and data, each with one fault, or without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradviz.assets.examples.step_without_zero_grad import step_without_zero_grad
from gradviz.assets.examples.training_step import training_step
from gradviz.data import Dataset, digits, two_moons
from gradviz.engine.random import manual_seed
from gradviz.engine.state import no_grad
from gradviz.models import MLP
from gradviz.nn import CrossEntropyLoss, Linear, Module, MSELoss, ReLU, Sigmoid, Tanh
from gradviz.optim import SGD, Adam

from ..experiment_parts import Parts
from ..experiment_table import ExperimentSpec

Images = np.ndarray
BATCH = 32
DEEP = (64, 32, 32, 32, 32, 32, 10)


def parts(
    spec: ExperimentSpec,
    data: Dataset,
    *sizes: int,
    activation: Callable[[], Module] = ReLU,
    criterion: Module | None = None,
    prepare: Callable[[Images], Images] = np.ascontiguousarray,
    start: Callable[[Module], None] = lambda model: None,
) -> Parts:
    """An MLP that learns by the spec's optimizer, without any fault but those that are given."""
    manual_seed(spec.seed)
    model = MLP(*sizes, activation=activation)
    start(model)
    make = {"sgd": SGD, "adam": Adam}[spec.optimizer]
    optimizer = make(model.parameters(), lr=spec.learning_rate)
    return Parts(model, criterion or CrossEntropyLoss(), optimizer, data, prepare)


def linears(model: Module) -> list[Linear]:
    """The linear layers, from the input on."""
    return [module for module in model.modules() if isinstance(module, Linear)]


def scaled(factor: float, skip_last: bool = False) -> Callable[[Module], None]:
    """Multiply the initial weights of the layers."""

    def change(model: Module) -> None:
        layers = linears(model)
        with no_grad():
            for layer in layers[: len(layers) - skip_last]:
                layer.weight.mul_(factor)

    return change


def he(factor: float) -> Callable[[Module], None]:
    """Weights of `factor` times He's standard deviation √(2 / inputs) (He et al., 2015), biases 0."""

    def change(model: Module) -> None:
        with no_grad():
            for layer in linears(model):
                _, inputs = layer.weight.shape
                layer.weight.normal_(0.0, factor * (2.0 / inputs) ** 0.5)
                if layer.bias is not None:
                    layer.bias.zero_()

    return change


def vanishing(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Six layers with sigmoids between them; repaired: with ReLUs and He's initialization."""
    if repaired:
        return parts(spec, digits(8), *DEEP, start=he(1.0))
    return parts(spec, digits(8), *DEEP, activation=Sigmoid)


def exploding(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Six layers whose weights begin three times as large as He's; repaired: as He's."""
    return parts(spec, digits(8), *DEEP, start=he(1.0 if repaired else 3.0))


def diverged(spec: ExperimentSpec, repaired: bool) -> Parts:
    """A regression whose rate is far too high; repaired by the spec's rate."""
    return parts(spec, sine(spec.seed), 1, 32, 1, criterion=MSELoss())


def dead_relu(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Biases of the hidden layers begin at −10; repaired: where they usually do."""

    def sink(model: Module) -> None:
        with no_grad():
            for layer in linears(model)[:-1]:
                if layer.bias is not None:
                    layer.bias.fill_(-10.0)

    return parts(spec, digits(8), 64, 32, 32, 10, start=he(1.0) if repaired else sink)


def saturated(spec: ExperimentSpec, repaired: bool) -> Parts:
    """tanh after layers whose weights begin twenty times too large; repaired: as usual."""
    start = scaled(1.0 if repaired else 20.0, skip_last=True)
    return parts(spec, digits(8), 64, 32, 32, 10, activation=Tanh, start=start)


def plain_digits(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Digits, without a fault but the spec's rate."""
    return parts(spec, digits(8), 64, 32, 10)


def zero_grad(spec: ExperimentSpec, repaired: bool) -> Parts:
    """A loop that never clears the gradients; repaired: it does."""
    made = parts(spec, two_moons(400, noise=0.1, seed=spec.seed), 2, 16, 16, 2)
    return replace(made, step=training_step if repaired else step_without_zero_grad)


def loss_scale(spec: ExperimentSpec, repaired: bool) -> Parts:
    """The loss is added up over the batch; repaired: it is averaged."""
    criterion = CrossEntropyLoss(reduction="mean" if repaired else "sum")
    return parts(spec, digits(8), 64, 32, 10, criterion=criterion)


def not_normalised(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Pixels from 0 to 255; repaired: from 0 to 1."""
    return parts(spec, digits(8), 64, 32, 10, prepare=np.ascontiguousarray if repaired else _bytes)


def label_noise(spec: ExperimentSpec, repaired: bool) -> Parts:
    """A quarter of all labels is wrong; repaired: none is."""
    data = digits(8)
    return parts(spec, data if repaired else mislabelled(data, 0.25, spec.seed), 64, 32, 10)


def overfitting(spec: ExperimentSpec, repaired: bool) -> Parts:
    """Two batches of samples for a large network; repaired: ten times as many."""
    data = two_moons(800, noise=0.3, seed=spec.seed)
    train, test = data.split_places()
    few = np.random.RandomState(spec.seed).permutation(train)[: 2 * BATCH]
    return replace(parts(spec, data, 2, 64, 64, 2), split=(train if repaired else few, test))


def sine(seed: int, n: int = 256) -> Dataset:
    """x in [−π, π] and sin x + noise, to be told from one another by a regression."""
    random = np.random.RandomState(seed)
    x = random.uniform(-np.pi, np.pi, (n, 1)).astype(np.float32)
    y = (np.sin(x) + 0.05 * random.normal(size=x.shape)).astype(np.float32)
    return Dataset("sine", x, y, ())


def mislabelled(data: Dataset, share: float, seed: int) -> Dataset:
    """The same samples, a share of them with another label, any of the others being as likely."""
    random = np.random.RandomState(seed)
    wrong = random.permutation(len(data))[: round(share * len(data))]
    targets = data.targets.copy()
    classes = len(data.classes)
    targets[wrong] = (targets[wrong] + random.randint(1, classes, len(wrong))) % classes
    return replace(data, targets=targets)


def _bytes(images: Images) -> Images:
    scaled: Images = np.multiply(images, np.float32(255))
    return scaled
