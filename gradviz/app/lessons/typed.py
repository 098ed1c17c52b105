"""Numbers and formulas that an author typed into a text: each has to be the engine's.

A number may stand in a text as it is if it is one of these; anything else must be computed there, {{ … }}, or
declared in lesson.toml ([[numbers]], with what it is, or why it is free).
    - it stands in arithmetic that is right: 2·3 + 1 = 7
    - the setup code, or an exercise's, has it as a constant
    - the recording holds it: an element of a small value or gradient, exactly, or a size of a shape
    - the step computes with it: it stands in one of its expressions
    - 0, 1 or 2, which also count things; a year in brackets
A formula that says that two things are equal, or which is larger, must be proved ([[formulas]]), or give a
name such a number: x = 3.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr

from .arithmetic import HOLE, Written, equations, written_numbers
from .checks import texts_of
from .expressions import ExpressionError, evaluate, format_answer, placeholders
from .model import Lesson, LessonError, Step, StepText

_SMALL_VALUE = 64  # elements: of more, some number or other would be found by chance
_COUNTS = frozenset({0.0, 1.0, 2.0})
_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)\n]*\)|[（(](?:19|20)\d\d[)）]", re.DOTALL)
_FORMULA = re.compile(r"\$([^$\n]+)\$")
_RELATION = re.compile(r"=|<|>|\\(?:le|ge|ne|leq|geq|approx|leftarrow|propto)(?![a-z])")
_ORDINAL = re.compile(r"^\d+\. ", re.MULTILINE)
_POWER_OF_TEN = re.compile(r"10\^(?:\{-?\d+\}|\d)")
_ARITHMETIC = re.compile(r"(?:\\ln|\\sqrt\{\d+\}|\\cdot|[-+/().\d ])+")
_SETTING = re.compile(r"[A-Za-z_{}\\']+(?:_\{?\w+\}?)? = (?:-?[\d.]+|§)")
_INDEX = re.compile(r"[_^](?:\{[^{}]*\}|\w)")


def typed_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """Typed numbers that the engine does not bear out, wrong arithmetic, formulas without a proof."""
    known = _known_numbers(lesson, anchors)
    yield from _declared_faults(lesson, anchors)
    declared = {number.text for number in lesson.numbers}
    proved = {formula.text for formula in lesson.formulas}
    for text in lesson.texts.values():
        for step in lesson.steps:
            words = text.steps.get(step.id)
            if words is None:
                continue
            used = known | _computed_with(step, words)
            for part in texts_of(words):
                for problem in (
                    *_number_faults(part, anchors, used, declared),
                    *_formula_faults(part, used, declared, proved),
                ):
                    yield LessonError(text.path, words.line, f"step {step.id!r}: {problem}")


def _declared_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    path = lesson.folder / "lesson.toml"
    for number in lesson.numbers:
        for text in lesson.texts.values():
            if not any(number.text in part for words in text.steps.values() for part in texts_of(words)):
                problem = tr("the number {text} does not stand in {file}")
                yield LessonError(path, number.line, problem.format(text=number.text, file=text.path.name))
        if number.why:
            continue
        try:
            value = evaluate(number.value, anchors)
        except ExpressionError as error:
            yield LessonError(path, number.line, str(error))
            continue
        written = next(iter(written_numbers(number.text)), None)
        if written is None or not math.isclose(written.value, float(value), rel_tol=1e-9, abs_tol=1e-12):
            problem = tr("the number {text} is not what its expression gives: {value}")
            yield LessonError(path, number.line, problem.format(text=number.text, value=format_answer(value)))


def _number_faults(part: str, anchors: Anchors, known: frozenset[float], declared: set[str]) -> Iterator[str]:
    plain = _FORMULA.sub(lambda match: _plain_formula(match[1]), _ORDINAL.sub("", _CODE.sub(HOLE, part)))
    shown = _PLACEHOLDER.sub(lambda match: _shown(match[1], anchors), plain)
    inserted = _inserted(plain, anchors)
    told: set[int] = set()
    for equation in equations(shown, inserted):
        told |= {number.start for number in equation.numbers}
        if not equation.holds:
            yield tr("{equation} is not true").format(equation=equation.text)
    typed = {number.text for number in written_numbers(_PLACEHOLDER.sub(HOLE, plain))}
    for number in written_numbers(shown):
        checked = number.start in told or number.text in declared or _is_known(number, known)
        if number.text in typed and number.start not in inserted and not checked:
            problem = tr("the number {number} is typed; let an expression compute it")
            yield problem.format(number=number.text)


def _plain_formula(formula: str) -> str:
    """Arithmetic of a formula as in the text around it; a hole for any other formula."""
    if not _ARITHMETIC.fullmatch(formula):
        return HOLE
    return re.sub(r"\\sqrt\{(\d+)\}", r"√\1", formula).replace(r"\ln", "ln").replace(r"\cdot", "·")


def _inserted(plain: str, anchors: Anchors) -> set[int]:
    """The places at which numbers stand that an expression put there."""
    places: set[int] = set()
    moved = 0
    for match in _PLACEHOLDER.finditer(plain):
        text, start = _shown(match[1], anchors), match.start() + moved
        places |= set(range(start, start + len(text)))
        moved += len(text) - len(match[0])
    return places


def _formula_faults(
    part: str, known: frozenset[float], declared: set[str], proved: set[str]
) -> Iterator[str]:
    for match in _FORMULA.finditer(_CODE.sub("", part)):
        if match[1] in proved or _ARITHMETIC.fullmatch(match[1]):
            continue
        formula = _POWER_OF_TEN.sub(HOLE, match[1])
        if _RELATION.search(formula) and not _SETTING.fullmatch(formula):
            yield tr("the formula ${formula}$ has no proof in lesson.toml").format(formula=match[1])
            continue
        for number in written_numbers(_INDEX.sub("", formula)):
            if number.text not in declared and not _is_known(number, known):
                problem = tr("the number {number} is typed; let an expression compute it")
                yield problem.format(number=number.text)


def _shown(expression: str, anchors: Anchors) -> str:
    """The value of an expression, a number with all of its digits."""
    try:
        value = evaluate(expression.strip(), anchors)
    except ExpressionError:
        return HOLE  # told elsewhere
    return repr(value) if isinstance(value, int | float) else format_answer(value)


def _is_known(number: Written, known: frozenset[float]) -> bool:
    return _rounded(number.value) in known


def _known_numbers(lesson: Lesson, anchors: Anchors) -> frozenset[float]:
    found = set(_COUNTS)
    for path in lesson.code_files():
        found |= _constants(path.read_text(encoding="utf-8"), "exec")
    for iteration in range(anchors.count_iterations):
        program = anchors.program(iteration)
        for slot in program.slots:
            found |= {float(size) for size in slot.shape}
        for number, slot in enumerate(program.slots):
            if math.prod(slot.shape) <= _SMALL_VALUE and not slot.dtype.startswith(("bool", "complex")):
                found |= {_rounded(float(each)) for each in program.values[number].ravel()}
    return frozenset(found)


def _computed_with(step: Step, words: StepText) -> frozenset[float]:
    """Constants of a step's expressions: what its text computes with."""
    sources = [expression for part in texts_of(words) for expression in placeholders(part)]
    if step.question is not None and step.question.kind != "code":
        sources += [step.question.answer, *(mistake.answer for mistake in step.question.mistakes)]
    return frozenset(each for source in sources for each in _constants(source.strip(), "eval"))


def _constants(source: str, mode: str) -> set[float]:
    values = (node.value for node in ast.walk(ast.parse(source, mode=mode)) if isinstance(node, ast.Constant))
    numbers = (value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    return {_rounded(value) for value in numbers}


def _rounded(value: float) -> float:
    """A number without the rounding of float32, and without its sign, which the text writes apart."""
    return abs(float(f"{value:.6g}"))
