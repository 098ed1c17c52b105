"""Names in formulas: the user's own where there is one, else the letter that the op's formula uses."""

from __future__ import annotations

import re

from .i18n import tr
from .numerals import index_text

_SYMBOL = re.compile(r"\s*(\\?[A-Za-z]+'?)(?:_\{[^{}]*\}|_\w|\s)*\s*=")


def left_side(name: str, formula: str, index: tuple[int, ...]) -> str:
    """`conv1.weight[0,3] $=$` with the user's name, or `$y_{0,3} =$` with the letter of the formula, or y."""
    if name:
        return f"{name.replace('$', chr(92) + '$')}{index_text(index).replace(' ', '')} $=$"
    found = _SYMBOL.match(formula)
    symbol = found.group(1) if found else "y"
    return f"${subscripted(symbol, index)} =$"


def gradient_side(name: str, label: str, index: tuple[int, ...], step: int, steps: int) -> str:
    """`∂L/∂conv1.weight[3,0] $=$` or, for a value without a name, the same with the op's letter for it.

    The `step`-th of several `steps` terms is called so.
    """
    if name:
        left = f"∂L/∂{name.replace('$', chr(92) + '$')}{index_text(index).replace(' ', '')} $=$"
    else:
        letter = label if len(label) == 1 else "x"
        left = rf"$\dfrac{{\partial L}}{{\partial {subscripted(letter, index)}}} =$"
    return left if steps < 2 else tr("term {n} of").format(n=step).replace(" ", "\u00a0") + " " + left


def subscripted(symbol: str, index: tuple[int, ...]) -> str:
    """The symbol with an index, y_{0,3,5}; as it is for a scalar."""
    return f"{symbol}_{{{','.join(map(str, index))}}}" if index else symbol
