"""How each op becomes rows of a table; importing this package enters all rules."""

from . import elementwise, matmul, reduce

__all__ = ["elementwise", "matmul", "reduce"]
