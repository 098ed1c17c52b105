"""The command line: open the window, a script or a recording in it, or take the tour without a display.

Nothing heavy is imported before the arguments are understood, so that `--help` and `--version` are quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import gradviz
from gradviz.app import i18n
from gradviz.app.i18n import tr

if TYPE_CHECKING:
    from gradviz.app.train_log import TrainLog


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 done, 1 failed, 2 misused."""
    i18n.set_language(i18n.system_language())
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["tour"] and not Path("tour").is_file():
        return _tour(_tour_parser().parse_args(arguments[1:]))
    if arguments[:1] == ["export"] and not Path("export").is_file():
        return _export(arguments[1:])
    if arguments[:1] == ["train"] and not Path("train").is_file():
        from gradviz.app.train_arguments import main as train  # only when one trains

        return train(arguments[1:], _draw_run)
    if arguments[:1] == ["lesson"] and not Path("lesson").is_file():
        if arguments[1:2] == ["export"]:
            return _export_lesson(_lesson_parser().parse_args(arguments[2:]))
        from gradviz.app.lessons.command import main as lesson  # only when one writes lessons

        return lesson(arguments[1:])
    split = _after_file(arguments)
    return _open(_parser().parse_args(arguments[:split]), arguments[split:])


def _draw_run(log: TrainLog, folder: Path) -> None:
    from gradviz.ui.run_plots import write_plots  # matplotlib: when there is something to draw

    write_plots(log, folder)


def _after_file(arguments: Sequence[str]) -> int:
    """How many arguments are ours: those up to the file; argparse would also take the script's options."""
    place = 0
    while place < len(arguments) and arguments[place].startswith("-"):
        place += 2 if arguments[place] in _VALUED else 1
    return place + 1


def _export(arguments: list[str]) -> int:
    """`export`'s own options may stand before and after the script; what follows `--` is the script's."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = _export_parser().parse_args(arguments[:split])
    if options.language:
        i18n.set_language(options.language)
    script = Path(options.file)
    if not script.is_file():
        print(tr("gradviz: there is no file {path}").format(path=script), file=sys.stderr)  # noqa: T201
        return 2
    from gradviz.app.export_command import default_target, export  # numpy: not needed for --help

    out = options.out or default_target(script)
    return export(script, arguments[split + 1 :], out, options.iterations)


def _export_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz export",
        description=tr("Run a script, and write the network that it trains as a script for PyTorch."),
        epilog=tr("What follows -- goes to the script."),
    )
    parser.add_argument("file", help=tr("a Python script to run and record, or a .gradviz recording"))
    parser.add_argument("--to", choices=["pytorch"], required=True, help=tr("what to write"))
    parser.add_argument("--out", type=Path, help=tr("the file to write (default: beside the script)"))
    parser.add_argument(
        "--iterations", type=_positive, default=3, help=tr("how many iterations to write (default: 3)")
    )
    parser.add_argument("--language", choices=[*i18n.LANGUAGES], help=tr("the language of the messages"))
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_VALUED = ("--language", "--theme")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz",
        description=tr("See automatic differentiation: every operation of forward, backward and update."),
        epilog=" ".join(
            (
                tr("gradviz tour --out DIR takes the tour without a display; see gradviz tour --help."),
                tr("gradviz train trains without a display; see gradviz train --help."),
                tr("gradviz export FILE --to pytorch writes a script for PyTorch."),
                tr("gradviz lesson new NAME and gradviz lesson check DIR are for authors of lessons."),
            )
        ),
    )
    parser.add_argument("--version", action="version", version=f"gradviz {gradviz.__version__}")
    parser.add_argument(
        "file",
        nargs="?",
        help=tr(
            "a Python script to run and record (what follows goes to the script), or a .gradviz recording"
        ),
    )
    _add_appearance(parser)
    return parser


def _tour_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz tour",
        description=tr("Walk through LeNet's training step without a display; write pictures and numbers."),
    )
    parser.add_argument("--out", type=Path, default=Path("gradviz-tour"), help=tr("the folder to write to"))
    _add_appearance(parser)
    return parser


def _add_appearance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=[*i18n.LANGUAGES], help=tr("the language of the interface"))
    parser.add_argument("--theme", choices=["light", "dark"], help=tr("the colours of the interface"))


def _open(options: argparse.Namespace, script_arguments: list[str]) -> int:
    path = options.file
    if path is not None and not Path(path).is_file():
        print(tr("gradviz: there is no file {path}").format(path=path), file=sys.stderr)  # noqa: T201
        return 2
    if not has_display():
        print(tr("gradviz: this machine has no display, so here is the tour instead."), file=sys.stderr)  # noqa: T201
        if path is not None:
            print(  # noqa: T201
                tr("gradviz: {path} was not opened; a window is needed for that.").format(path=path),
                file=sys.stderr,
            )
        return _tour(_tour_parser().parse_args([]))
    if not _qt_can_start():
        return 1
    from gradviz.ui.app import main as open_window  # Qt: only when a window is wanted

    return open_window(
        path=path, script_arguments=script_arguments, language=options.language, theme=options.theme
    )


def _tour(options: argparse.Namespace) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not _qt_can_start():
        return 1
    from gradviz.ui.tour import main as take_tour  # Qt: only when pictures are wanted

    return take_tour(options.out, language=options.language, theme=options.theme)


def _lesson_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz lesson export",
        description=tr("Write a lesson as a web page and a PDF, with a picture of each step."),
    )
    parser.add_argument("name", help=tr("a lesson's name, or its folder, whose code is then run"))
    parser.add_argument("--out", type=Path, default=Path("gradviz-lesson"), help=tr("the folder to write to"))
    _add_appearance(parser)
    return parser


def _export_lesson(options: argparse.Namespace) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not _qt_can_start():
        return 1
    from gradviz.ui.lesson_export import main as export  # Qt: only when pictures are wanted

    return export(options.name, options.out, language=options.language, theme=options.theme)


def has_display(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Whether a window can be shown: on macOS and Windows always, elsewhere by X11, Wayland or a plugin."""
    if platform in ("darwin", "win32"):
        return True
    variables = os.environ if environment is None else environment
    return any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _qt_can_start() -> bool:
    from gradviz.app.qt_check import install_hint, missing_qt_libraries  # not needed for --help

    missing = missing_qt_libraries()
    if missing:
        print(install_hint(missing), file=sys.stderr)  # noqa: T201
    return not missing
