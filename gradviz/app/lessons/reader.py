"""Reading a lesson's folder: `lesson.toml` with the steps, setup code, and the words in each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .expressions import ExpressionError, parse_expression, placeholders
from .model import LANGUAGES, Lesson, LessonError, LessonText, Mistake, Question, Step, StepText
from .text import read_text

FILE_NAME = "lesson.toml"
_KINDS = ("number", "sign", "shape", "choice")
_HEADER = re.compile(r"^\s*\[\[\s*steps\s*\]\]")


def read_lesson(folder: Path) -> Lesson:
    """Read and check a lesson; LessonError names the file and the line of the first fault. Nothing is run."""
    path = folder / FILE_NAME
    try:
        source = path.read_text(encoding="utf-8")
        table = tomllib.loads(source)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(path, None, f"cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        raise LessonError(path, int(where[1]) if where else None, str(error)) from None
    reader = _Reader(path, source)
    steps = tuple(reader.step(i, row) for i, row in enumerate(reader.rows(table, "steps", 0)))
    if not steps:
        raise LessonError(path, None, "a lesson needs at least one [[steps]]")
    texts = {code: read_text(file) for code in LANGUAGES if (file := folder / f"lesson.{code}.md").is_file()}
    if "en" not in texts:
        raise LessonError(folder / "lesson.en.md", None, "the English text is missing")
    setup = folder / str(table.get("setup", "setup.py"))
    if not setup.is_file():
        raise LessonError(path, None, f"the setup code {setup.name} is missing")
    lesson = Lesson(
        id=folder.name,
        folder=folder,
        order=reader.whole(table, "order", 0),
        minutes=reader.whole(table, "minutes", 10),
        setup=setup,
        steps=steps,
        texts=texts,
        requires=tuple(str(name) for name in table.get("requires", ())),
    )
    for text in texts.values():
        _check_text(lesson, text)
    return lesson


class _Reader:
    """Turns tables into steps and says in which line of the file what is wrong."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._lines = [i for i, line in enumerate(source.splitlines(), 1) if _HEADER.match(line)]

    def step(self, index: int, row: Mapping[str, Any]) -> Step:
        line = self._lines[index] if index < len(self._lines) else 0
        if not isinstance(row.get("id"), str):
            raise LessonError(self._path, line, f"step {index + 1} has no id")
        question = row.get("question")
        element = row.get("element")
        return Step(
            id=row["id"],
            at=str(row.get("at", "")),
            iteration=self.whole(row, "iteration", 0),
            open=tuple(str(name) for name in row.get("open", ())),
            select=str(row.get("select", "")),
            element=tuple(int(i) for i in element) if element is not None else None,
            question=self._question(question, line) if question is not None else None,
            line=line,
        )

    def _question(self, row: Any, line: int) -> Question:
        if not isinstance(row, dict) or row.get("kind") not in _KINDS:
            raise LessonError(self._path, line, f"a question's kind is one of {', '.join(_KINDS)}")
        if not isinstance(row.get("answer"), str):
            raise LessonError(self._path, line, "a question needs an answer: an expression")
        mistakes = tuple(
            Mistake(str(each.get("id", "")), str(each.get("answer", "")))
            for each in self.rows(row, "mistakes", line)
        )
        for expression in (row["answer"], *(mistake.answer for mistake in mistakes)):
            try:
                parse_expression(expression)
            except ExpressionError as error:
                raise LessonError(self._path, line, str(error)) from None
        return Question(
            kind=row["kind"],
            answer=row["answer"],
            tolerance=float(row.get("tolerance", 0.01)),
            absolute=float(row.get("absolute", 1e-4)),
            choices=tuple(str(name) for name in row.get("choices", ())),
            mistakes=mistakes,
            reveal_at=str(row.get("reveal_at", "")),
        )

    def rows(self, table: Mapping[str, Any], key: str, line: int) -> list[dict[str, Any]]:
        rows = table.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise LessonError(self._path, line or None, f"{key} must be a list of tables")
        return rows

    def whole(self, table: Mapping[str, Any], key: str, default: int) -> int:
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise LessonError(self._path, None, f"{key} must be a whole number, not {value!r}")
        return value


def _check_text(lesson: Lesson, text: LessonText) -> None:
    """Every step has its words, every question its choices, every expression can be parsed."""
    known = {step.id for step in lesson.steps}
    for unknown in text.steps.keys() - known:
        raise LessonError(text.path, text.steps[unknown].line, f"{FILE_NAME} has no step {unknown!r}")
    for step in lesson.steps:
        words = text.steps.get(step.id)
        if words is None:
            raise LessonError(text.path, None, f"step {step.id!r} has no text")
        _check_step(step, words, text.path)


def _check_step(step: Step, words: StepText, path: Path) -> None:
    question = step.question
    if (question is not None) != bool(words.question):
        problem = "has a question but no words for it" if question else "has no question in lesson.toml"
        raise LessonError(path, words.line, f"step {step.id!r} {problem}")
    if question is not None and question.kind == "choice" and set(question.choices) != set(words.choices):
        raise LessonError(
            path, words.line, f"step {step.id!r}: the choices are {', '.join(question.choices)}"
        )
    for mistake in question.mistakes if question is not None else ():
        if mistake.id not in words.hints:
            raise LessonError(path, words.line, f"step {step.id!r} has no hint {mistake.id!r}")
    for text in (
        words.body,
        words.question,
        words.explanation,
        *words.hints.values(),
        *words.choices.values(),
    ):
        for expression in placeholders(text):
            try:
                parse_expression(expression)
            except ExpressionError as error:
                raise LessonError(path, words.line, f"step {step.id!r}: {error}") from None
