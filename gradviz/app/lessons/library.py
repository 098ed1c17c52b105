"""The lessons that come with gradviz, and how far the learner has got in each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from gradviz.app.paths import asset_path
from gradviz.app.settings import Settings

from .model import Lesson, LessonError, key_of
from .reader import FILE_NAME, parse_lesson


def lesson_folders() -> list[Path]:
    """The folders of the lessons that come with gradviz."""
    return sorted(path.parent for path in asset_path("lessons").glob(f"*/{FILE_NAME}"))


def load_lessons() -> tuple[list[Lesson], list[LessonError]]:
    """All lessons in their order, and what is wrong with those that cannot be read.

    A lesson is read again only when one of its files has changed: all of them take a fifth of a second.
    """
    lessons: list[Lesson] = []
    problems: list[LessonError] = []
    for folder in lesson_folders():
        try:
            lessons.append(_read(folder, _stamp(folder)))
        except LessonError as error:
            problems.append(error)
    return sorted(lessons, key=lambda lesson: (lesson.number, lesson.id)), problems


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes with a lesson's files: their names, sizes and times."""
    states = ((path.name, path.stat()) for path in sorted(folder.iterdir()) if path.is_file())
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


@lru_cache(maxsize=128)
def _read(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Lesson:
    return parse_lesson(folder)[0]  # whether words and steps fit is checked before a lesson lands


class Progress:
    """How far the learner has got, kept in the settings: a lesson's key -> step, furthest step, steps.

    The key is the name without its number, so that a lesson may get another place in the course.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def note(self, lesson_id: str, index: int, count: int) -> None:
        """The learner is at step `index` of `count`."""
        furthest = max(index, self.furthest(lesson_id))
        self._settings.lesson_progress[key_of(lesson_id)] = {
            "step": index,
            "furthest": furthest,
            "steps": count,
        }
        self._settings.save()

    def furthest(self, lesson_id: str) -> int:
        """The furthest step that was reached, -1 for none."""
        return self._read(lesson_id, "furthest", -1)

    def resume_at(self, lesson_id: str) -> int:
        """The step at which the learner left off."""
        return max(self._read(lesson_id, "step", 0), 0)

    def done(self, lesson_id: str) -> bool:
        """Whether the last step was reached."""
        return self.furthest(lesson_id) >= self._read(lesson_id, "steps", 1) - 1

    def _read(self, lesson_id: str, key: str, default: int) -> int:
        row = self._settings.lesson_progress.get(key_of(lesson_id))
        value = row.get(key, default) if isinstance(row, dict) else default
        return value if isinstance(value, int) else default


def following(lessons: Sequence[Lesson], progress: Progress) -> Lesson | None:
    """What to take next: what is begun, else the first whose requirements are done; None at the end."""
    open_ = [lesson for lesson in lessons if not progress.done(lesson.id)]
    known = {lesson.key for lesson in lessons}
    begun = [lesson for lesson in open_ if progress.furthest(lesson.id) >= 0]
    ready = [
        lesson
        for lesson in open_
        if all(progress.done(name) or key_of(name) not in known for name in lesson.requires)
    ]
    return next(iter((*begun, *ready, *open_)), None)
