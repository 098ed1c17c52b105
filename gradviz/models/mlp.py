"""A multi-layer perceptron: linear layers with a nonlinearity between them."""

from collections.abc import Callable
from itertools import pairwise

import gradviz as torch
import gradviz.nn as nn


class MLP(nn.Module):
    """Layers of the given sizes: `MLP(2, 16, 1)` takes 2 numbers to 1 by way of a hidden layer of 16."""

    def __init__(self, *sizes: int, activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"an MLP needs at least an input and an output size, not {sizes}")
        layers: list[nn.Module] = [nn.Linear(sizes[0], sizes[1])]
        for inputs, outputs in pairwise(sizes[1:]):
            layers += [activation(), nn.Linear(inputs, outputs)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, sizes[0]) to (N, sizes[-1]); images are flattened first."""
        result: torch.Tensor = self.layers(torch.flatten(x, 1) if x.ndim > 2 else x)
        return result
