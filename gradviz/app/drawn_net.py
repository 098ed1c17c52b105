"""What a network makes of a drawing, with everything that happens inside."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Instr, Program
from gradviz.engine.recorder import record
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from .drawing import Ink, Picture, Stroke, ink_of, prepared
from .experiment import Experiment
from .i18n import tr

MAPS = 8  # as many outputs are shown at most, spread over the network
_SHOWN = ("relu", "max_pool", "avg_pool", "tanh", "sigmoid", "gelu", "elu", "leaky_relu")


@dataclass(frozen=True, eq=False)
class Map:
    """The output of one operation: channels × height × width, or one row of units."""

    title: str
    value: np.ndarray


@dataclass(frozen=True, eq=False)
class Seen:
    """`image` is what the network reads, (size, size); `probabilities` are of the classes."""

    image: Ink
    probabilities: np.ndarray
    maps: tuple[Map, ...]

    @property
    def best(self) -> int:
        """The most likely class."""
        return int(np.argmax(self.probabilities))


def why_not(experiment: Experiment | None) -> str | None:
    """Why a drawing cannot be shown to the model, or None if it can."""
    if experiment is None:
        return tr("There is no model yet. Record an iteration first.")
    shape = experiment.data.inputs.shape[1:]
    if len(shape) != 3 or shape[0] != 1 or shape[1] != shape[2] or experiment.data.regression:
        return tr("This model does not read drawings. Choose handwritten digits as data.")
    return None


class DrawnNet:
    """A copy of an experiment's model, which gets its weights of now for each drawing; for one thread.

    The experiment may train meanwhile.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._trainer = experiment.trainer
        self._model = copy.deepcopy(self._trainer.parts.model).eval()
        self._tensors = {**dict(self._model.named_parameters()), **dict(self._model.named_buffers())}

    def input_of(self, ink: Ink) -> Ink:
        """The drawing as the data set has its samples: (1, 1, size, size)."""
        size = self.experiment.data.inputs.shape[-1]
        return prepared(ink, size, self.experiment.spec.data)[np.newaxis, np.newaxis]

    def see(self, items: tuple[Stroke | Picture, ...]) -> Seen | None:
        """Show what is drawn to the network; None if nothing is."""
        image = self.input_of(ink_of(items))
        if not image.any():
            return None
        for name, value in self._trainer.values().items():
            with no_grad():
                self._tensors[name].copy_(_tensor(value))
        x = _tensor(self._trainer.parts.prepare(image))
        with no_grad(), record() as recorder:
            logits = self._model(x)
        scores = logits._node.array.astype(np.float64)[0]
        shares = np.exp(scores - scores.max())
        return Seen(image[0, 0], shares / shares.sum(), _maps(recorder.program()))


def _maps(program: Program) -> tuple[Map, ...]:
    """What activations and poolings make of it, by the names of the modules that they come from."""
    found: dict[str, Map] = {}
    for instr in program.instrs:
        value = program.values[instr.output]
        if (
            instr.op.startswith(_SHOWN)
            and value.dtype.kind == "f"
            and value.ndim in (2, 4)
            and len(value) == 1
        ):
            title = _title(program, instr)
            found[title] = Map(title, value[0])
    kept = list(found.values())
    places = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), MAPS)).round().astype(int))
    return tuple(kept[place] for place in places)


def _title(program: Program, instr: Instr) -> str:
    """Where an output comes from: "conv1 · relu", "max_pool2d#2"."""
    if instr.site.module:
        return instr.site.module
    before = program.producers[instr.inputs[0]]
    module = program.instrs[before].site.module if before >= 0 else ""
    return f"{module} · {instr.op}" if module else instr.op


def _tensor(array: np.ndarray) -> Tensor:
    return Tensor._from_node(leaf(np.asarray(array, order="C")))  # which leaves () as it is
