"""`gradviz lesson`: begin a lesson, and find what is wrong with one."""

from __future__ import annotations

import argparse
import functools
import re
import shutil
import sys
from pathlib import Path

from gradviz.app import i18n
from gradviz.app.anchors import Anchors
from gradviz.app.i18n import ntr, tr
from gradviz.app.paths import asset_path
from gradviz.app.recording import Recording

from .course_rules import course_faults
from .inspection import inspect, run_setup
from .model import Lesson, LessonError, key_of
from .reader import read_lesson

_NAME = re.compile(r"[\w-]+")


def main(arguments: list[str]) -> int:
    """Run `gradviz lesson ARGUMENTS`; returns the exit status: 0 done, 1 faults found, 2 misused."""
    options = _parser().parse_args(arguments)
    if options.language:
        i18n.set_language(options.language)
    if options.what == "new":
        return new(options.name, options.folder)
    return check(options.folders, options.course)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradviz lesson", description=tr("Write and check lessons."))
    parser.add_argument("--language", choices=[*i18n.LANGUAGES], help=tr("the language of the messages"))
    commands = parser.add_subparsers(dest="what", required=True)
    begin = commands.add_parser("new", help=tr("make a folder with a small lesson to start from"))
    begin.add_argument("name", help=tr("the name of the folder"))
    begin.add_argument("--in", dest="folder", type=Path, default=Path(), help=tr("where to make it"))
    commands.add_parser("export", help=tr("write a lesson as a web page and a PDF, without a display"))
    look = commands.add_parser(
        "check", help=tr("run a lesson's code and tell what is wrong with it, with file and line")
    )
    look.add_argument("folders", type=Path, nargs="+", metavar="DIR", help=tr("the lesson's folder"))
    look.add_argument(
        "--course", action="store_true", help=tr("also tell what a lesson of gradviz's course needs")
    )
    return parser


def new(name: str, where: Path) -> int:
    """Make a folder with a lesson that works; returns the exit status."""
    folder = where / name
    if not _NAME.fullmatch(name):
        return _complain(tr("gradviz: a lesson's name has letters, digits, - and _ only"))
    if folder.exists():
        return _complain(tr("gradviz: {path} exists already").format(path=folder))
    try:
        shutil.copytree(asset_path("lesson_template"), folder, ignore=shutil.ignore_patterns("__pycache__"))
        number = re.match(r"\d+", name)
        file = folder / "lesson.toml"
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("number = 0", f"number = {int(number[0]) if number else 0}", 1), encoding="utf-8"
        )
        title = key_of(name).replace("-", " ").capitalize()
        words = folder / "lesson.en.md"
        words.write_text(
            words.read_text(encoding="utf-8").replace("# A new lesson", f"# {title}", 1), encoding="utf-8"
        )
    except OSError as error:
        return _complain(tr("gradviz: {path} cannot be written: {error}").format(path=folder, error=error))
    print(tr("{path} is ready. Check it with: gradviz lesson check {path}").format(path=folder))  # noqa: T201
    return 0


def check(folders: list[Path], course: bool = False) -> int:
    """Print every fault of some lessons; returns the exit status."""
    count = 0
    for folder in folders:
        if not folder.is_dir():
            return _complain(tr("gradviz: there is no folder {path}").format(path=folder))
        recorded: list[Recording] = []
        faults = list(inspect(folder, functools.partial(_record, recorded)))
        if course and recorded:
            faults += _course_faults(folder, recorded[0])
        for fault in faults:
            print(fault)  # noqa: T201
        count += len(faults)
    found = ntr("{n} fault found", "{n} faults found", count).format(n=count)
    print(found if count else tr("No faults found"))  # noqa: T201
    return 1 if count else 0


def _record(kept: list[Recording], lesson: Lesson) -> Recording:
    """Run the setup code once for all that looks at what it recorded."""
    kept.append(run_setup(lesson))
    return kept[-1]


def _course_faults(folder: Path, recording: Recording) -> list[LessonError]:
    anchors = Anchors([iteration.program for iteration in recording.iterations])
    return list(course_faults(read_lesson(folder), anchors))


def _complain(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201
    return 2
