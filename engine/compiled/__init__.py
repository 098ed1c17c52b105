"""The compiled executor: a recorded program as a table of instructions over one arena."""

from .compile import Compiled, compile_program
from .same import difference

__all__ = ["Compiled", "compile_program", "difference"]
