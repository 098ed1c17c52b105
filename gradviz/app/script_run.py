"""Running a script as Python itself would, and telling how it ended."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import gradviz
import gradviz.engine
from gradviz.engine.errors import EngineError

from .i18n import tr

_OURS = tuple(os.path.join(package.__path__[0], "") for package in (gradviz, gradviz.engine))
STOPPED = 130  # the exit status of what is interrupted


@dataclass(frozen=True)
class Outcome:
    """How a script ended: its exit status, its variables, and the error with its place if there was one."""

    status: int = 0
    namespace: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None
    file: str | None = None
    line: int | None = None


def run_script(path: str, arguments: Sequence[str], source: bytes | None = None) -> Outcome:
    """Run a script as `__main__`; an exception is printed as Python prints it, and told in the outcome.

    `source` is run instead of what the file holds, if it is given.
    """
    path = os.path.abspath(path)
    sys.argv = [path, *arguments]
    if sys.flags.safe_path:
        sys.path.insert(0, os.path.dirname(path))
    else:
        sys.path[0] = os.path.dirname(path)
    main = ModuleType("__main__")
    main.__file__ = path
    main.__dict__["__builtins__"] = __builtins__
    own_main = sys.modules["__main__"]
    sys.modules["__main__"] = main
    try:
        code = Path(path).read_bytes() if source is None else source
        exec(compile(code, path, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        return _exited(error, path, main.__dict__)
    except KeyboardInterrupt as error:
        file, line = place(error, path)
        return Outcome(STOPPED, main.__dict__, tr("The script was stopped"), file, line)
    except BaseException as error:
        _print(error)
        file, line = place(error, path)
        return Outcome(1, main.__dict__, message(error), file, line)
    finally:
        sys.modules["__main__"] = own_main
        _flush()
    return Outcome(0, main.__dict__)


def _exited(error: SystemExit, path: str, namespace: dict[str, Any]) -> Outcome:
    """`sys.exit()`: a number is the status, anything else a message and status 1."""
    if error.code is None or error.code == 0:
        return Outcome(0, namespace)
    status = error.code if isinstance(error.code, int) else 1
    text = tr("The script ended itself with exit status {status}").format(status=status)
    if not isinstance(error.code, int):
        print(error.code, file=sys.stderr)  # noqa: T201  (as Python does)
        text = str(error.code)
    file, line = place(error, path)
    return Outcome(status, namespace, text, file, line)


def message(error: BaseException) -> str:
    """ "ValueError: what is wrong", in one paragraph."""
    text = (error.msg if isinstance(error, SyntaxError) else _text(error)).strip()
    if isinstance(error, EOFError):
        text = tr("{error} (there is no keyboard to read from)").format(error=text)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place(error: BaseException, path: str) -> tuple[str | None, int | None]:
    """The user's file and line: the innermost frame beside the script, else outside of gradviz."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return error.filename, error.lineno
    frames = [(file, line) for file, line in _frames(error.__traceback__) if not is_own_file(file)]
    beside = [frame for frame in frames if frame[0].startswith(os.path.dirname(path) + os.sep)]
    found = beside or frames
    return found[-1] if found else (path, None)


def is_own_file(file: str) -> bool:
    """Whether a file is gradviz's code, not the user's and not an example."""
    return file.startswith(_OURS) and f"{os.sep}assets{os.sep}" not in file


def _frames(trace: TracebackType | None) -> list[tuple[str, int]]:
    frames = []
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _print(error: BaseException) -> None:
    """The traceback without our frames around the script and, for a user's mistake, in the engine."""
    trace = error.__traceback__
    while trace is not None and is_own_file(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    report = traceback.TracebackException(type(error), error, trace, compact=True)
    if isinstance(error, EngineError):
        users = [frame for frame in report.stack if not is_own_file(frame.filename)]
        report.stack = traceback.StackSummary.from_list(users)
    print("".join(report.format()), end="", file=sys.stderr)  # noqa: T201  (it is the user's own output)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a user's class may do anything in __str__
        return ""


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, gone or replaced by the script
            continue
