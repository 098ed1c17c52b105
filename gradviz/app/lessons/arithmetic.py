"""Arithmetic that is written out in a text, "1·3 + (−2)·2 = −1": found, computed, and compared."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from .expressions import ExpressionError, calculate

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[−-]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<number>{NUMBER})|(?P<relation>[=≈])|(?P<sign>[-−+·×*/^()])|(?P<function>ln|√)|(?P<space>[ \n]+)|.",
    re.DOTALL,
)
_PYTHON = str.maketrans({"−": "-", "·": "*", "×": "*", "^": "**"})
_FUNCTIONS = {"ln": "log", "√": "sqrt"}
_CALL = re.compile(r"(ln|√)\s*(?:\(([^()]*)\)|([\d.e-]+))")
HOLE = "§"  # stands where something was taken out of a text
SINGLE = 2e-6  # what single precision may lose, of the largest number in an equation


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it is written: its text, its value, and its place in the text."""

    text: str
    value: float
    start: int

    @property
    def unit(self) -> float:
        """Half of the last digit that is written: 0.05 for "1.5", 0.5 for "12"."""
        digits, _, exponent = self.text.partition("e")
        scale = float(exponent.replace("−", "-") or 0)
        return 0.5 * math.pow(10.0, scale - len(digits.partition(".")[2]))


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides of an equals sign that could be computed, and the numbers that stand in them."""

    text: str
    left: float
    right: float
    tolerance: float
    numbers: tuple[Written, ...]

    @property
    def holds(self) -> bool:
        """Whether both sides agree, to the digits that are written."""
        return abs(self.left - self.right) <= self.tolerance


@dataclass(frozen=True, slots=True)
class _Side:
    text: str
    value: float | None
    numbers: tuple[Written, ...]

    def rounding(self, exact: Container[int]) -> float:
        """How far a side may be off that is one rounded number; 0 for whole ones and for calculations."""
        one = self.numbers[0] if len(self.numbers) == 1 else None
        rounded = one is not None and ("." in one.text or "e" in one.text) and one.start not in exact
        return one.unit * 1.001 if one is not None and rounded else 0.0


def written_numbers(text: str) -> Iterator[Written]:
    """Every number of a text."""
    for match in _TOKEN.finditer(text):
        if match["number"] and not _part_of_a_word(text, match.start()):
            yield Written(match["number"], _value(match["number"]), match.start())


def equations(text: str, exact: Container[int] = ()) -> Iterator[Equation]:
    """Every a = b (also a = b = c) of a text whose sides can both be computed.

    Numbers that begin at `exact` have all of their digits; others with a point may be rounded.
    """
    for run in _runs(text):
        sides = [_side(tokens) for tokens in _split(run)]
        if text[: run[0].start()].endswith(HOLE):
            sides[0] = _Side("", None, ())  # its beginning is missing
        for left, right in itertools.pairwise(sides):
            if left.value is None or right.value is None:
                continue
            numbers = left.numbers + right.numbers
            slack = max(left.rounding(exact), right.rounding(exact))
            slack += SINGLE * max(abs(each.value) for each in numbers)
            shown = f"{left.text} = {right.text}"
            yield Equation(shown, left.value, right.value, slack, numbers)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Stretches of nothing but numbers, signs, relations and spaces."""
    run: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        known = any(match[kind] for kind in ("number", "relation", "sign", "function", "space"))
        if not known or (match["number"] and _part_of_a_word(text, match.start())):
            if run:
                yield run
            run = []
        else:
            run.append(match)
    if run:
        yield run


def _split(run: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    side: list[re.Match[str]] = []
    for match in run:
        if match["relation"]:
            yield side
            side = []
        else:
            side.append(match)
    yield side


def _side(tokens: list[re.Match[str]]) -> _Side:
    numbers = tuple(Written(m[0], _value(m[0]), m.start()) for m in tokens if m["number"])
    source = "".join(repr(_value(m[0])) if m["number"] else m[0].translate(_PYTHON) for m in tokens)
    source = _CALL.sub(lambda match: f"{_FUNCTIONS[match[1]]}({match[2] or match[3]})", source)
    text = "".join(m[0] for m in tokens).strip()
    try:
        return _Side(text, calculate(source.replace("\n", " ")), numbers)
    except ExpressionError:
        return _Side(text, None, numbers)


def _part_of_a_word(text: str, start: int) -> bool:
    """Whether a digit belongs to a name: "conv1", "float32", "LeNet-5", "ResNet-18"."""
    before = text[:start]
    return bool(re.search(r"[A-Za-z_]$|[A-Za-z][-–]$|\d\.$", before))


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))
