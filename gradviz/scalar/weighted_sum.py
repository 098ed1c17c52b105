"""What a neuron computes before its nonlinearity."""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from gradviz.engine.state import listening

from .codes import FOLDED
from .value import Value, made

# From Python 3.12 on, `sum` makes up for rounding, which single steps do not.
_total: Any = sum if sys.version_info < (3, 12) else functools.partial(reduce, operator.add)
_data = operator.attrgetter("_data")
_ONLY_VALUES = {Value}


class Inputs(tuple[Any, ...]):
    """What several neurons see, looked through once for all of them; to be used at once."""

    def __new__(cls, items: Iterable[Any]) -> Inputs:
        """Wrap the items."""
        inputs = super().__new__(cls, items)
        inputs.plain = {*map(type, inputs)} == _ONLY_VALUES and not listening.ever
        inputs.data = list(map(_data, inputs)) if inputs.plain else []
        return inputs

    plain: bool
    """Whether there are values and nothing else, and nobody has ever recorded."""
    data: list[Any]
    """Their numbers, if so."""


def weighted_sum(weights: Sequence[Any], inputs: Iterable[Any], bias: Any) -> Any:
    """`sum((w * x for w, x in zip(weights, inputs)), bias)`: the same number, gradients and graph, faster.

    Of values alone, while nobody records, it is one value until somebody looks at what it was computed from.
    """
    seen = inputs if type(inputs) is Inputs else Inputs(inputs)
    fits = seen.plain and len(weights) == len(seen) and type(bias) is Value
    if not fits or {*map(type, weights)} != _ONLY_VALUES:
        return sum((w * x for w, x in zip(weights, seen, strict=False)), bias)
    products = list(map(operator.mul, map(_data, weights), seen.data))
    start = bias._data
    return made(_total(products, start), FOLDED, (bias, tuple(weights), seen), [start, products, None])
