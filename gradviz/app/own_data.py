"""Data of the user's own in the form that a model reads, and what is said about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradviz.data import Dataset, fingerprint, read_own

from .experiment_table import ExperimentError, ExperimentSpec, title
from .i18n import ntr, tr

LENET_CLASSES = 10
_LENET_SIZE, _MNIST_SIZE = 32, 28

Places = NDArray[np.int64]


def load_own(spec: ExperimentSpec) -> tuple[Dataset, tuple[Places, Places]]:
    """The samples of `spec.data_file`, and the places of those for training and test.

    Columns of a table are standardised, x → (x − μ) / σ with the training samples' mean and spread.
    Errors: DataError for the file, ExperimentError for a model that cannot read it, or if the file is not the
    one of `spec.data_hash` any more.
    """
    if spec.data_hash and fingerprint(spec.data_file) != spec.data_hash:
        raise ExperimentError(tr("{file} has changed since that run").format(file=spec.data_file))
    own = read_own(spec.data_file)
    data, split = own.data, own.split or own.data.split_places()
    if not all(len(places) for places in split):
        raise ExperimentError(tr("{file} has too few samples of each class").format(file=spec.data_file))
    if spec.model == "mlp":
        if data.inputs.ndim == 2:
            data = replace(data, inputs=_standardised(data.inputs, split[0]))
    else:
        data = replace(data, inputs=_images(spec, data))
    return data, split


def _standardised(inputs: NDArray[np.float32], train: Places) -> NDArray[np.float32]:
    seen = inputs[train].astype(np.float64)
    spread = seen.std(axis=0)
    spread[spread == 0] = 1.0  # a column that never changes
    made: NDArray[np.float32] = ((inputs - seen.mean(axis=0)) / spread).astype(np.float32)
    return made


def _images(spec: ExperimentSpec, data: Dataset) -> NDArray[np.float32]:
    """Images as LeNet and ResNet read them, (N, 1, 32, 32)."""
    shape, model = data.inputs.shape[1:], title(spec.model)
    if shape not in ((1, _MNIST_SIZE, _MNIST_SIZE), (1, _LENET_SIZE, _LENET_SIZE)):
        text = tr(
            "{model} reads grey images of 28×28 or 32×32; a sample of {file} has the shape {shape}. "
            "An MLP reads any."
        )
        found = "×".join(map(str, shape))
        raise ExperimentError(text.format(model=model, file=data.name, shape=found))
    if data.regression:
        text = tr("{model} tells classes apart, and {file} has numbers as labels; choose an MLP")
        raise ExperimentError(text.format(model=model, file=data.name))
    if spec.model == "lenet" and len(data.classes) > LENET_CLASSES:
        text = tr("{model} has 10 outputs, but {file} has {n} classes; choose an MLP or ResNet-18")
        raise ExperimentError(text.format(model=model, file=data.name, n=len(data.classes)))
    border = (_LENET_SIZE - shape[-1]) // 2
    return np.pad(data.inputs, ((0, 0), (0, 0), (border, border), (border, border)))


def told(data: Dataset, train: int) -> str:
    """In one line what was read: samples, features, classes, split."""
    shape = data.inputs.shape[1:]
    if len(shape) == 1:
        kind = ntr("{n} feature", "{n} features", shape[0]).format(n=shape[0])
    else:
        kind = tr("images of {height}×{width}").format(height=shape[-2], width=shape[-1])
    if data.regression:
        aim = tr("a number to predict")
    else:
        listed = tr(", ").join(data.classes[:4]) + ("…" if len(data.classes) > 4 else "")
        aim = ntr("{n} class: {names}", "{n} classes: {names}", len(data.classes))
        aim = aim.format(n=len(data.classes), names=listed)
    text = tr("{file}: {n} samples, {kind}, {aim}; {train} for training and {test} for the test")
    return text.format(file=data.name, n=len(data), kind=kind, aim=aim, train=train, test=len(data) - train)


def hidden_layers(data: Dataset) -> tuple[int, ...]:
    """Sizes of an MLP's hidden layers that suit the samples: larger for more of them and for images."""
    features = int(np.prod(data.inputs.shape[1:]))
    return (16, 16) if features <= 4 else (32, 32) if features <= 64 else (64,)
