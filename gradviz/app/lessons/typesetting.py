"""Formulas of a lesson that cannot be set: the window would show their source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matplotlib.mathtext import MathTextParser

from gradviz.app.i18n import tr

from .checks import texts_of
from .model import Lesson, LessonError

_CODE = re.compile(r"```.*?```|`[^`\n]*`|\{\{.*?\}\}", re.DOTALL)
_FORMULA = re.compile(r"\$[^$\n]+\$")


def math_faults(lesson: Lesson) -> Iterator[LessonError]:
    """What mathtext cannot read, in each language."""
    parser = MathTextParser("path")
    for text in lesson.texts.values():
        for name, words in text.steps.items():
            for part in texts_of(words):
                for formula in _FORMULA.findall(_CODE.sub("0", part)):
                    try:
                        parser.parse(formula)
                    except ValueError as error:
                        problem = tr("step {step!r}: the formula {formula} cannot be set: {error}")
                        reason = str(error).strip().splitlines()[-1]
                        message = problem.format(step=name, formula=formula, error=reason)
                        yield LessonError(text.path, words.line, message)
