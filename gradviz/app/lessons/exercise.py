"""Running what a learner has programmed, and the checks of the lesson on it."""

from __future__ import annotations

import json
import runpy
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

from gradviz.app.i18n import tr
from gradviz.app.script_run import message

LEARNERS_FILE = "<exercise>"
TIME_LIMIT = 10.0  # s for code and checks together


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: its name (the id of a hint), whether it is passed, and what came out, in a line."""

    name: str
    passed: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExerciseResult:
    """What came of a run; `problem` tells an error, `line` where in the learner's code it is, 0 elsewhere."""

    checks: tuple[CheckResult, ...] = ()
    problem: str = ""
    line: int = 0

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return not self.problem and bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failed(self) -> CheckResult | None:
        """The first check that was not passed."""
        return next((check for check in self.checks if not check.passed), None)

    def to_json(self) -> str:
        """As text, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ExerciseResult:
        """What `to_json` has written; ValueError or KeyError if it is something else."""
        table = json.loads(text)
        checks = tuple(CheckResult(**row) for row in table["checks"])
        return cls(checks, str(table["problem"]), int(table["line"]))


def run_exercise(code: str, check: Path, function: str = "check") -> ExerciseResult:
    """Run the learner's code, then `function(names)` of the check file; errors are told, not raised.

    `names` has the learner's functions as attributes. The function returns (name, passed, message) of each
    check. Code from a learner belongs into a process of its own with a time limit: see `exercise_child`.
    """
    namespace: dict[str, object] = {"__name__": "exercise"}
    try:
        exec(compile(code, LEARNERS_FILE, "exec", dont_inherit=True), namespace)
    except (Exception, SystemExit) as error:
        return ExerciseResult(problem=message(error), line=_line(error))
    try:
        checks = runpy.run_path(str(check), run_name="check")[function]
        rows = [
            CheckResult(str(name), bool(passed), str(text))
            for name, passed, text in checks(_names(namespace))
        ]
    except (Exception, SystemExit) as error:
        return ExerciseResult(problem=message(error), line=_line(error))
    return ExerciseResult(tuple(rows))


def _names(namespace: dict[str, object]) -> SimpleNamespace:
    return _Names(**{name: value for name, value in namespace.items() if name.isidentifier()})


class _Names(SimpleNamespace):
    def __getattr__(self, name: str) -> object:
        raise NameError(tr("the code defines no {name!r}").format(name=name))


def _line(error: BaseException) -> int:
    if isinstance(error, SyntaxError) and error.filename == LEARNERS_FILE:
        return error.lineno or 0
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == LEARNERS_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def main(arguments: list[str]) -> int:
    """`exercise_child CODE CHECK FUNCTION OUT`: run and write the result as JSON."""
    code, check, function, out = arguments
    result = run_exercise(Path(code).read_text(encoding="utf-8"), Path(check), function)
    Path(out).write_text(result.to_json(), encoding="utf-8")
    sys.stdout.flush()
    return 0
