"""Reading a lesson's folder: `lesson.toml` with the steps, setup code, and the words in each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from gradviz.app.i18n import tr

from .checks import text_faults
from .model import EXPERIMENTS, LANGUAGES, PANELS, PARTS, TOOLS, Lesson, LessonError, LessonText, Step
from .proof_reader import read_claims, read_formulas, read_numbers
from .question_reader import read_question
from .table import Table
from .text import read_text

FILE_NAME = "lesson.toml"
LISTS = ("steps", "formulas", "numbers", "claims")
_LESSON_KEYS = frozenset({"number", "minutes", "setup", "requires", "topics", "part", *LISTS})
_STEP_KEYS = frozenset(
    {"id", "at", "iteration", "open", "select", "element", "show", "tool", "do", "question"}
)
_ID = re.compile(r"[\w-]+")
_SHOW = re.compile(rf"({'|'.join(PANELS)})(:[\w-]+)?")


def read_lesson(folder: Path) -> Lesson:
    """Read and check a lesson; LessonError names the file and the line of the first fault. Nothing is run."""
    lesson, faults = parse_lesson(folder)
    for fault in faults:
        raise fault
    return lesson


def parse_lesson(folder: Path) -> tuple[Lesson, Iterator[LessonError]]:
    """Read a lesson, and what is wrong with its words; LessonError where it cannot be read at all."""
    table = _parse(folder / FILE_NAME)
    part = table.text("part", "")
    if part and part not in PARTS:
        raise table.error(tr("part is one of {names}").format(names=", ".join(PARTS)))
    setup = table.text("setup", "setup.py")
    lesson = Lesson(
        id=folder.name,
        folder=folder,
        number=table.whole("number", 0),
        minutes=table.whole("minutes", 10),
        setup=table.file(setup, tr("there is no setup code {name!r} in the folder")),
        steps=_steps(table),
        texts=_texts(folder),
        requires=table.texts("requires"),
        topics=table.texts("topics"),
        part=part,
        formulas=read_formulas(table),
        numbers=read_numbers(table),
        claims=read_claims(table),
    )
    return lesson, (fault for text in lesson.texts.values() for fault in text_faults(lesson, text))


def _texts(folder: Path) -> dict[str, LessonText]:
    texts = {code: read_text(file) for code in LANGUAGES if (file := folder / f"lesson.{code}.md").is_file()}
    if not texts:
        raise LessonError(folder / "lesson.en.md", None, tr("the lesson has no text"))
    return texts


def _parse(path: Path) -> Table:
    try:
        source = path.read_text(encoding="utf-8")
        values = tomllib.loads(source)
    except FileNotFoundError:
        raise LessonError(path, None, tr("there is no such file")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(path, None, tr("cannot be read: {error}").format(error=error)) from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        raise LessonError(path, int(where[1]) if where else None, str(error)) from None
    except RecursionError:
        raise LessonError(path, None, tr("too many tables within tables")) from None
    table = Table(path, None, values)
    table.only(_LESSON_KEYS)
    for name in LISTS:
        header = re.compile(rf"^\s*\[\[\s*{name}\s*\]\]")
        table.lines[name] = [i for i, line in enumerate(source.splitlines(), 1) if header.match(line)]
    return table


def _steps(table: Table) -> tuple[Step, ...]:
    steps: dict[str, Step] = {}
    for row in table.tables("steps"):
        step = _step(row)
        if step.id in steps:
            raise row.error(tr("step {step!r} stands here a second time").format(step=step.id))
        steps[step.id] = step
    if not steps:
        raise table.error(tr("a lesson needs at least one [[steps]]"))
    return tuple(steps.values())


def _step(row: Table) -> Step:
    row.only(_STEP_KEYS)
    name = row.text("id", "")
    if not _ID.fullmatch(name):
        raise row.error(tr("a step needs an id of letters, digits, - and _"))
    question = row.table("question")
    show = row.text("show", "")
    if show and not _SHOW.fullmatch(show):
        raise row.error(tr("show is one of {names}, or plots: and a tab").format(names=", ".join(PANELS)))
    return Step(
        id=name,
        at=row.text("at", ""),
        iteration=row.whole("iteration", 0),
        open=row.texts("open"),
        select=row.text("select", ""),
        element=row.wholes("element"),
        show=show,
        tool=row.one_of("tool", ("", *TOOLS)),
        do=row.one_of("do", ("", *EXPERIMENTS)),
        question=read_question(question) if question is not None else None,
        line=row.line or 0,
    )
