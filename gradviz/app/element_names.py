"""One element of an op's output written out with names: `u - 4`, where the numbers would be `9 - 4`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.engine.element import Expr, Ref

from .element_numbers import ATOM, Tex, Writer


def in_names(expr: Expr, inputs: Sequence[np.ndarray], names: Sequence[str | None]) -> str:
    """`expr` with the names of the inputs, as a formula; one whose name is None stands with its number."""
    return f"${_NamingWriter(inputs, names).text(expr)}$"


class _NamingWriter(Writer):
    """Writes names where the other one writes the numbers of inputs."""

    def __init__(self, inputs: Sequence[np.ndarray], names: Sequence[str | None]) -> None:
        super().__init__(inputs, frozenset())
        self._names = names

    def text(self, expr: Expr) -> str:
        """The whole expression, without dollar signs."""
        return self._write(expr).text

    def _write(self, expr: Expr) -> Tex:
        name = self._names[expr.input] if isinstance(expr, Ref) else None
        if name is None:
            return super()._write(expr)
        escaped = name.replace("_", r"\_")
        return Tex(escaped if len(name) == 1 else rf"\mathrm{{{escaped}}}", ATOM)
