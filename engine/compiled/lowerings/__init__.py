"""How each op becomes rows of a table; importing this package enters all rules."""

from . import convolution, elementwise, lines, matmul, pooling, reduce

__all__ = ["convolution", "elementwise", "lines", "matmul", "pooling", "reduce"]
