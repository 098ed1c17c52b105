"""Random graphs of any ops of the registry, recorded with their gradients, for comparing executors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY, Elementwise
from gradviz.engine.ops.curve import Curve
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor, apply

import gradviz as torch

LARGEST = 2000  # elements of what later ops may use
SMALL = 0.02  # how much earlier results change an op's arguments: these stay within the op's domain
ANY_NUMBERS = ("add", "mul", "sub", "maximum", "minimum", "relu", "sigmoid", "sin", "tanh", "abs", "neg")
"""Ops that take results of others as they are, where the shapes allow it."""


@dataclass
class RandomGraph:
    """A graph in the making: `pool` has what later ops may use."""

    rng: np.random.Generator
    pool: list[Tensor] = field(default_factory=list)

    def add(self, name: str) -> None:
        """One more op, on a sample's arguments that earlier results have changed."""
        choices = list(REGISTRY[name].samples(self.rng))
        sample = choices[int(self.rng.integers(len(choices)))]
        dtype = np.dtype(self.rng.choice(["float32", "float64"]))
        attrs = {key: dtype.name if value == "float64" else value for key, value in sample.attrs.items()}
        arrays = [np.asarray(each) for each in sample.inputs]
        if isinstance(REGISTRY[name], Elementwise | Curve) and self.rng.random() < 0.3:
            arrays = self._repeated(arrays, int(self.rng.integers(2, 60)))
        inputs = [
            self._argument(name, array.astype(dtype)) if array.dtype == np.float64 else made(array)
            for array in arrays
        ]
        out = apply(name, tuple(inputs), attrs)
        finite = out.dtype.is_floating_point and bool(np.isfinite(out.detach().numpy()).all())
        if finite and 0 < out.numel() <= LARGEST:
            self.pool.append(out)

    def _repeated(self, arrays: list[np.ndarray], times: int) -> list[np.ndarray]:
        """Longer along the first dimension, for the loops over whole vectors; what is broadcast stays so."""
        dims = max(array.ndim for array in arrays)
        return [
            np.concatenate([array] * times) if array.ndim == dims > 0 and len(array) > 1 else array
            for array in arrays
        ]

    def _argument(self, name: str, array: np.ndarray) -> Tensor:
        own = made(array)
        if self.rng.random() < 0.5:
            own.requires_grad_()
        if not self.pool or not array.size or self.rng.random() < 0.2:
            return own
        earlier = self.pool[int(self.rng.integers(len(self.pool)))]
        same = earlier.dtype is own.dtype and earlier.shape == own.shape
        if same and name in ANY_NUMBERS:
            return earlier
        return own * (1 + SMALL * self._shaped(earlier.to(own.dtype).tanh(), array.shape))

    def _shaped(self, x: Tensor, shape: tuple[int, ...]) -> Tensor:
        """In another shape: repeated or cut; sometimes broadcast, or in another order of memory."""
        if len(shape) > 1 and self.rng.random() < 0.3:
            return self._filled(x, shape[::-1]).permute(*reversed(range(len(shape))))
        if self.rng.random() < 0.3:
            return self._filled(x, tuple(1 if self.rng.random() < 0.5 else size for size in shape))
        return self._filled(x, shape)

    def _filled(self, x: Tensor, shape: tuple[int, ...]) -> Tensor:
        size, flat = math.prod(shape), x.reshape(-1)
        if flat.numel() < size:
            flat = flat.repeat(-(-size // flat.numel()))
        return flat[:size].reshape(shape)

    def finish(self) -> None:
        """Gradients of all that has been made, to everything that it was made of."""
        ends = [each for each in self.pool if each.requires_grad]
        if ends:
            sum((end.tanh().mean() for end in ends), torch.zeros(())).backward()


def made(array: np.ndarray) -> Tensor:
    """A tensor that no instruction writes."""
    return Tensor._from_node(leaf(np.array(array)))


def random_graph(names: Sequence[str], seed: int) -> Program:
    """These ops one after the other, each on some results of those before, and their gradients."""
    with record() as recorder:
        graph = RandomGraph(np.random.default_rng(seed))
        for name in names:
            graph.add(name)
        graph.finish()
    return recorder.program()
