"""The lesson panel: the list of lessons, and a lesson's steps with their questions."""

from .panel import LessonPanel

__all__ = ["LessonPanel"]
