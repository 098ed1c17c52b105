"""What a model says about data, for test accuracy, the loss surface, a decision boundary."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import numpy as np

from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.jit import jit_disabled
from gradviz.engine.node import leaf
from gradviz.engine.recorder import record
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor
from gradviz.nn import Module

CHUNK = 128
"""Samples that go through the network at a time."""

Arrays = Mapping[str, np.ndarray]
Prepare = Callable[[np.ndarray], np.ndarray]


class Evaluator:
    """A model in its eval mode, compiled when possible; usable from any one thread.

    `values` gives the parameters and buffers of now by name, as copies; it may be called while another thread
    trains. `inputs` are batches as the data set has them: `prepare` makes of them what the model reads.
    """

    def __init__(
        self, model: Module, criterion: Module, values: Callable[[], dict[str, np.ndarray]], prepare: Prepare
    ) -> None:
        self._model, self._criterion = copy.deepcopy(model).eval(), criterion
        self._values, self._prepare = values, prepare
        self._tensors: dict[str, Tensor] = dict(self._model.named_parameters())
        self.names: tuple[str, ...] = tuple(self._tensors)
        self._tensors |= dict(self._model.named_buffers())
        self._compiled: dict[tuple[int, ...], tuple[Compiled, int] | None] = {}

    def weights(self) -> dict[str, np.ndarray]:
        """Copies of the parameters of now, by name."""
        values = self._values()
        return {name: values[name] for name in self.names}

    def outputs(self, inputs: np.ndarray, weights: Arrays | None = None) -> np.ndarray:
        """What the model makes of the inputs, (N, …): with the given weights, or those of now."""
        self._take({**self._values(), **(weights or {})})
        found = []
        for start in range(0, len(inputs), CHUNK):
            part = self._prepare(np.asarray(inputs[start : start + CHUNK], np.float32))
            size = len(part)
            if start > 0 and size < CHUNK:  # the same shape as the others: nothing new to compile
                part = np.concatenate([part, np.repeat(part[-1:], CHUNK - size, axis=0)])
            found.append(self._run(part)[:size])
        if not found:
            raise ValueError("there are no samples to evaluate")
        return np.concatenate(found)

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Arrays | None = None) -> float:
        """The mean loss over the samples."""
        return self.loss_of(self.outputs(inputs, weights), targets)

    def accuracy(self, inputs: np.ndarray, targets: np.ndarray, weights: Arrays | None = None) -> float:
        """The share of samples whose class has the highest score, 0…1; NaN for a regression."""
        return accuracy_of(self.outputs(inputs, weights), targets)

    def loss_of(self, outputs: np.ndarray, targets: np.ndarray) -> float:
        """The loss of outputs that are known already."""
        with no_grad():
            return float(self._criterion(_tensor(outputs), _tensor(targets)))

    def _take(self, values: Arrays) -> None:
        for name, tensor in self._tensors.items():
            value = values[name]
            if tuple(value.shape) != tuple(tensor.shape):
                raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {tuple(value.shape)}")
            with no_grad():
                tensor.copy_(_tensor(np.array(value, tensor._node.array.dtype)))
        for entry in self._compiled.values():
            if entry is not None:
                for name, tensor in self._tensors.items():
                    entry[0].restore(name, tensor._node.array)

    def _run(self, inputs: np.ndarray) -> np.ndarray:
        shape = inputs.shape
        if shape not in self._compiled:
            return self._first(inputs)
        entry = self._compiled[shape]
        if entry is None:
            return self._eager(inputs)
        compiled, output = entry
        compiled.set_input(compiled.slot("x"), inputs)
        compiled.run()
        return compiled.value(output).copy()

    def _first(self, inputs: np.ndarray) -> np.ndarray:
        """Run it eagerly, and compile what has run."""
        if jit_disabled():
            self._compiled[inputs.shape] = None
            return self._eager(inputs)
        x = _tensor(inputs)
        with no_grad(), record() as recorder:
            recorder.name(x, "x")
            result = self._model(x)
        program = recorder.program()
        slot = program.instrs[-1].output if len(program) else None
        if slot is None or not np.array_equal(program.values[slot], result._node.array, equal_nan=True):
            self._compiled[inputs.shape] = None
        else:
            self._compiled[inputs.shape] = (compile_program(program, keep=[slot]), slot)
        return np.array(result._node.array)

    def _eager(self, inputs: np.ndarray) -> np.ndarray:
        with no_grad():
            return np.array(self._model(_tensor(inputs))._node.array)


def accuracy_of(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The share of samples whose class has the highest score, 0…1; NaN for a regression."""
    if targets.dtype.kind == "f" or outputs.ndim != 2 or not len(targets):
        return float("nan")
    return float(np.mean(outputs.argmax(axis=1) == targets))


def confusion_of(outputs: np.ndarray, targets: np.ndarray, classes: int) -> tuple[tuple[int, ...], ...]:
    """How often each true class (row) was taken for each class (column); () for a regression."""
    if targets.dtype.kind == "f" or outputs.ndim != 2:
        return ()
    size = max(classes, outputs.shape[1])
    counts = np.bincount(targets * size + outputs.argmax(axis=1), minlength=size * size)
    return tuple(tuple(int(count) for count in row) for row in counts.reshape(size, size))


def _tensor(array: np.ndarray) -> Tensor:
    return Tensor._from_node(leaf(array))
