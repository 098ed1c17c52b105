"""Reading the words of a lesson: `lesson.en.md`, `lesson.zh_CN.md`.

# Title
What the lesson is about.

## Heading of a step {#step-id}
What to look at, with numbers: the loss is {{ value("loss") }}.

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

from .model import LessonError, LessonText, StepText

_STEP = re.compile(r"^##\s+(?P<heading>.*?)\s*\{#(?P<id>[\w-]+)\}\s*$")
_PART = re.compile(r"^###\s*(?P<mark>[?!~])\s*(?P<id>[\w-]*)\s*$")
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
        raise LessonError(path, None, f"cannot be read: {error}") from None
    title = ""
    aim: list[str] = []
    drafts: dict[str, _Draft] = {}
    draft: _Draft | None = None
    part = "body"
    fenced = False
    for number, line in enumerate(lines, 1):
        fenced ^= line.lstrip().startswith("```")
        if fenced or not line.startswith(("#", "-", "*")):
            _take(line, aim, draft, part)
        elif step := _STEP.match(line):
            if step["id"] in drafts:
                raise LessonError(path, number, f"step {step['id']!r} stands here a second time")
            draft = drafts[step["id"]] = _Draft(step["heading"], number)
            part = "body"
        elif mark := _PART.match(line):
            if draft is None:
                raise LessonError(path, number, "a question or answer before the first step")
            part = {"?": "question", "!": "explanation", "~": f"~{mark['id']}"}[mark["mark"]]
            draft.parts.setdefault(part, [])
        elif line.startswith("## "):
            raise LessonError(path, number, "a step's heading ends with its id: ## Heading {#step-id}")
        elif line.startswith("# ") and not title:
            title = line[2:].strip()
        elif part == "question" and draft is not None and (choice := _CHOICE.match(line)):
            draft.choices[choice["id"]] = choice["text"].strip()
        else:
            _take(line, aim, draft, part)
    if not title:
        raise LessonError(path, 1, "the first line must be the title: # Title")
    return LessonText(path, title, _join(aim), {key: _finish(value) for key, value in drafts.items()})


def _take(line: str, aim: list[str], draft: _Draft | None, part: str) -> None:
    (aim if draft is None else draft.parts[part]).append(line)


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
        draft.line,
    )


def _join(lines: list[str]) -> str:
    return "\n".join(lines).strip()
