"""Links and pictures in a lesson's text: to other lessons, to files of its folder, to the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradviz.app.i18n import tr
from gradviz.app.paths import asset_path

from .model import Lesson, LessonError, key_of

SCHEME = "lesson:"
_LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\{\{.*?\}\}|\$[^$\n]*\$", re.DOTALL)


def link_faults(lesson: Lesson) -> Iterator[LessonError]:
    """Links that lead nowhere; addresses on the web are not looked up."""
    keys = {key_of(folder.name) for folder in asset_path("lessons").iterdir() if folder.is_dir()}
    for text in lesson.texts.values():
        source = text.path.read_text(encoding="utf-8")
        plain = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), source)
        for link in _LINK.finditer(plain):
            if not _leads_somewhere(link[1], lesson, keys):
                line = plain.count("\n", 0, link.start()) + 1
                yield LessonError(text.path, line, tr("the link {link} leads nowhere").format(link=link[1]))


def _leads_somewhere(target: str, lesson: Lesson, keys: set[str]) -> bool:
    if target.startswith(SCHEME):
        return key_of(target.removeprefix(SCHEME)) in keys
    if target.startswith(("https://", "http://")):
        return True
    folder = lesson.folder.resolve()
    path = (folder / target.partition("#")[0]).resolve()
    return path.is_relative_to(folder) and path.exists()
