"""How each op becomes rows of a table; importing this package enters all rules."""

from . import convolution, elementwise, joining, lines, matmul, pooling, reduce

__all__ = ["convolution", "elementwise", "joining", "lines", "matmul", "pooling", "reduce"]
