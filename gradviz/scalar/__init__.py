"""Scalars that remember how they were computed, and networks of them: micrograd's classes.

    from gradviz.scalar import MLP, Value

Source: A. Karpathy, "micrograd", github.com/karpathy/micrograd (its interface; the code is our own).
"""

from .module import Module
from .nn import MLP, Layer, Neuron
from .replay import Replay
from .value import Value

__all__ = ["MLP", "Layer", "Module", "Neuron", "Replay", "Value"]
