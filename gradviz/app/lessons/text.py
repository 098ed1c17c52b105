"""Reading the words of a lesson: `lesson.en.md`, `lesson.zh_CN.md`.

# Title
What the lesson is about.

## Heading of a step {#step-id}
What to look at, with numbers: the loss is {{ value("loss") }}.

### >
An experiment, for a step with `do`.

### ?
The question.
- [id] a choice

### !
What is said when the answer is shown.

### ~ mistake-id
The hint for a wrong answer ("### ~" alone: for any).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from gradviz.app.i18n import tr

from .model import LessonError, LessonText, StepText

_STEP = re.compile(r"^##\s+(?P<heading>.*?)\s*\{#(?P<id>[\w-]+)\}\s*$")
_PART = re.compile(r"^###\s*(?P<mark>[?!~>])\s*(?P<id>[\w-]*)\s*$")
_CHOICE = re.compile(r"^[-*]\s*\[(?P<id>[\w-]+)\]\s*(?P<text>.+)$")


@dataclass
class _Draft:
    heading: str
    line: int
    parts: dict[str, list[str]] = field(default_factory=lambda: {"body": []})
    choices: dict[str, str] = field(default_factory=dict)


def read_text(path: Path) -> LessonText:
    """Read one language's words; LessonError names the line of what is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(path, None, tr("cannot be read: {error}").format(error=error)) from None
    reader = _Reader(path)
    for number, line in enumerate(lines, 1):
        reader.line(number, line)
    return reader.text()


class _Reader:
    """Takes a file line by line; `_part` is what the next ordinary line belongs to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._title = ""
        self._aim: list[str] = []
        self._drafts: dict[str, _Draft] = {}
        self._draft: _Draft | None = None
        self._part = "body"
        self._fenced = False

    def line(self, number: int, line: str) -> None:
        self._fenced ^= line.lstrip().startswith("```")
        if self._fenced or not line.startswith(("#", "-", "*")):
            self._take(line)
        elif step := _STEP.match(line):
            self._begin(number, step["id"], step["heading"])
        elif mark := _PART.match(line):
            self._begin_part(number, mark["mark"], mark["id"])
        elif line.startswith("### "):
            raise self._error(
                number, tr("a part of a step is ### >, ### ?, ### ! or ### ~ and a mistake's id")
            )
        elif line.startswith("## "):
            raise self._error(number, tr("a step's heading ends with its id: ## Heading {#step-id}"))
        elif line.startswith("# ") and not self._title:
            self._title = line[2:].strip()
        elif self._part == "question" and (choice := _CHOICE.match(line)):
            self._choose(number, choice["id"], choice["text"].strip())
        else:
            self._take(line)

    def text(self) -> LessonText:
        if not self._title:
            raise self._error(1, tr("the first line must be the title: # Title"))
        steps = {name: _finish(draft) for name, draft in self._drafts.items()}
        return LessonText(self._path, self._title, _join(self._aim), steps)

    def _error(self, number: int, message: str) -> LessonError:
        return LessonError(self._path, number, message)

    def _begin(self, number: int, name: str, heading: str) -> None:
        if name in self._drafts:
            raise self._error(number, tr("step {step!r} stands here a second time").format(step=name))
        if not heading or "{{" in heading:
            raise self._error(
                number, tr("step {step!r} needs a heading without numbers from the engine").format(step=name)
            )
        self._draft = self._drafts[name] = _Draft(heading, number)
        self._part = "body"

    def _begin_part(self, number: int, mark: str, name: str) -> None:
        if self._draft is None:
            raise self._error(number, tr("a question or answer before the first step"))
        if name and mark != "~":
            raise self._error(number, tr("### {mark} takes no id").format(mark=mark))
        self._part = {">": "task", "?": "question", "!": "explanation", "~": f"~{name}"}[mark]
        if self._part in self._draft.parts:
            raise self._error(
                number,
                tr("### {mark} {name} stands here a second time").format(mark=mark, name=name),
            )
        self._draft.parts[self._part] = []

    def _choose(self, number: int, name: str, text: str) -> None:
        assert self._draft is not None
        if name in self._draft.choices:
            raise self._error(number, tr("choice {name!r} stands here a second time").format(name=name))
        self._draft.choices[name] = text

    def _take(self, line: str) -> None:
        (self._aim if self._draft is None else self._draft.parts[self._part]).append(line)


def _finish(draft: _Draft) -> StepText:
    hints = {name[1:]: _join(lines) for name, lines in draft.parts.items() if name.startswith("~")}
    parts = {name: _join(lines) for name, lines in draft.parts.items() if not name.startswith("~")}
    return StepText(
        draft.heading,
        parts["body"],
        parts.get("question", ""),
        draft.choices,
        parts.get("explanation", ""),
        hints,
        parts.get("task", ""),
        draft.line,
    )


def _join(lines: list[str]) -> str:
    return "\n".join(lines).strip()
