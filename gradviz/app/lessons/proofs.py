"""Proving a lesson's formulas with the engine's numbers, and running its claims about PyTorch."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr

from .expressions import ExpressionError, evaluate, format_answer
from .model import Claim, Formula, Lesson, LessonError


def formula_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """Formulas whose two sides do not agree, cannot be computed, or do not stand in the text."""
    path = lesson.folder / "lesson.toml"
    for formula in lesson.formulas:
        name = f"formula {formula.id!r}"
        try:
            left, right = sides(formula, anchors)
        except ExpressionError as error:
            yield LessonError(path, formula.line, f"{name}: {error}")
            continue
        if not agree(left, right, formula.tolerance):
            problem = tr("{name} is not true: {left} is not {right}")
            message = problem.format(name=name, left=format_answer(left), right=format_answer(right))
            yield LessonError(path, formula.line, message)
        for text in lesson.texts.values():
            if f"${formula.text}$" not in _all_words(text.steps.values()):
                problem = tr("{name} does not stand in {file}: ${text}$")
                message = problem.format(name=name, file=text.path.name, text=formula.text)
                yield LessonError(path, formula.line, message)


def sides(formula: Formula, anchors: Anchors) -> tuple[Any, Any]:
    """What stands left and right of the equals sign."""
    names: dict[str, Any] = {}
    for name, source in formula.let.items():
        names[name] = evaluate(source, anchors, names)
    return evaluate(formula.left, anchors, names), evaluate(formula.right, anchors, names)


def run_claim(claim: Claim, torch: Any) -> Any:
    """What a claim's function returns, given PyTorch or gradviz; made of plain numbers, texts and arrays."""
    namespace = runpy.run_path(str(claim.script), run_name=claim.script.stem)
    function = namespace.get(claim.function)
    if not callable(function):
        problem = tr("there is no function {name!r}").format(name=claim.function)
        raise LessonError(claim.script, None, problem)
    return _plain(function(torch))


def agree(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two results are the same, numbers within a tolerance of their size."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(agree(a[key], b[key], tolerance) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(agree(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, str | bool | None) or isinstance(b, str | bool | None):
        return bool(a == b)
    if np.shape(a) != np.shape(b):
        return False
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str | bool | int | float | None):
        return value
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().numpy()
    return np.asarray(value)


def _all_words(steps: Any) -> str:
    parts: list[str] = []
    for words in steps:
        parts += [words.body, words.task, words.question, words.explanation]
        parts += [*words.hints.values(), *words.choices.values()]
    return "\n".join(parts)
