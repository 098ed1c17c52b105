"""The whole script: the functions of the recorded iterations, their values, and the loop that runs them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradviz.app.atomic import replaced
from gradviz.app.i18n import tr
from gradviz.app.recording import Recording
from gradviz.engine.program import Program, SlotKind

from .emit import Body, emit, lines_of, same_values
from .expressions import ExportError
from .operand import source
from .special import HELPERS, PARAMETER

INLINE = 64  # so many numbers are written into the script itself

_TRAINED = (SlotKind.PARAMETER, SlotKind.BUFFER)


def export_pytorch(recording: Recording, path: Path) -> tuple[Path, ...]:
    """Write a recording as a script for PyTorch, and the values that it starts from beside it.

    Returns the files written. Errors: ExportError for what has no counterpart, OSError.
    """
    programs = [iteration.program for iteration in recording.iterations if len(iteration.program)]
    if not programs:
        reason = recording.problem or next(iter(recording.notes), "")
        raise ExportError(" ".join((tr("nothing was recorded."), reason)).strip())
    plan = _Plan(programs)
    data = path.with_suffix(".npz")
    inline = plan.size() <= INLINE
    text = _script(recording.title, plan, None if inline else data.name)
    written = [path]
    if not inline:
        with replaced(data) as stream:
            arrays: dict[str, Any] = {_file_key(key): value for key, value in plan.values.items()}
            np.savez(stream, **arrays)
        written.append(data)
    with replaced(path) as stream:
        stream.write(text.encode("utf-8"))
    return tuple(written)


def _file_key(key: str) -> str:
    return key.replace("/", "|")  # within a zip archive a slash is a folder


class _Plan:
    """The bodies, which iteration runs which, and the values that are not carried from one to the next."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.bodies: list[Body] = []
        self.runs: list[int] = []  # for each iteration the number of its body
        self.values: dict[str, np.ndarray] = {}  # "1:conv1.weight" -> the value in iteration 1
        self.losses: list[float | None] = []
        carried: dict[str, np.ndarray] = {}
        for number, program in enumerate(programs, 1):
            body = emit(program)
            known = [each.text for each in self.bodies]
            if body.text in known:
                self.runs.append(known.index(body.text))
            else:
                self.runs.append(len(self.bodies))
                self.bodies.append(body)
            self._leaves(program, body, number, carried)
            self.losses.append(_loss(program))

    def _leaves(self, program: Program, body: Body, number: int, carried: dict[str, np.ndarray]) -> None:
        for key, slot in body.leaves.items():
            row, value = program.slots[slot], program.values[slot]
            if key not in carried or not same_values(carried[key], value):
                self.values[f"{number}:{key}"] = value
            if row.kind in _TRAINED:
                carried[key] = value
        for name, slot in _finals(program, body).items():
            carried[name] = program.values[slot]

    def size(self) -> int:
        """How many numbers the values are together."""
        return sum(value.size for value in self.values.values())


def _finals(program: Program, body: Body) -> dict[str, int]:
    last = {row.name: row.slot for row in program.bindings if row.slot is not None}
    return {name: slot for name, slot in last.items() if name in body.finals}


def _loss(program: Program) -> float | None:
    if program.loss is None or program.values[program.loss].size != 1:
        return None
    return float(program.values[program.loss].reshape(()))


def _script(title: str, plan: _Plan, data: str | None) -> str:
    lines = [
        f'"""The network of {title}, as gradviz has recorded it, for PyTorch."""'.replace("\\", "/"),
        "",
        *(["from pathlib import Path", ""] if data else []),
        *(["import numpy as np"] if data else []),
        "import torch",
        "import torch.nn.functional as F",
        "",
        *_values(plan, data),
    ]
    lines += ["", "", *PARAMETER.rstrip().splitlines()]
    if any(body.uses_put for body in plan.bodies):
        lines += ["", "", *HELPERS.rstrip().splitlines()]
    for number, body in enumerate(plan.bodies, 1):
        lines += ["", "", *_function(number, body)]
    lines += ["", "", *_loop(plan)]
    return "\n".join(lines) + "\n"


def _values(plan: _Plan, data: str | None) -> list[str]:
    """The line or lines that give `values` to the script."""
    if data is not None:
        return [
            f"archive = np.load(Path(__file__).with_name({data!r}))",
            'values = {key.replace("|", "/"): torch.from_numpy(archive[key]) for key in archive.files}',
        ]
    lines = ["values = {"]
    for key, value in plan.values.items():
        lines.append(f"    {key!r}: {_literal(value)},")
    return [*lines, "}"]


def _literal(value: np.ndarray) -> str:
    dtype = f"torch.{value.dtype.name}"
    if not value.size:
        return f"torch.zeros({source(value.shape)}, dtype={dtype})"
    return f"torch.tensor({_nested(value.tolist())}, dtype={dtype})"


def _nested(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_nested(item) for item in value) + "]"
    return source(value)


def _function(number: int, body: Body) -> list[str]:
    finals = [f"        {name!r}: {text}.detach()," for name, text in body.finals.items()]
    return [
        f"def step_{number}(v):",
        '    """One iteration; returns the loss, and parameters and state after it."""',
        *lines_of(body, 1),
        *(["    changed = {", *finals, "    }"] if finals else ["    changed = {}"]),
        f"    return {body.loss or None}, changed",
    ]


def _loop(plan: _Plan) -> list[str]:
    return [
        "iterations = [  # what runs, and the loss that was recorded",
        *(f"    (step_{run + 1}, {loss!r})," for run, loss in zip(plan.runs, plan.losses, strict=True)),
        "]",
        "state = {}",
        "for number, (step, recorded) in enumerate(iterations, 1):",
        '    prefix = f"{number}:"',
        "    state |= {key.removeprefix(prefix): x for key, x in values.items() if key.startswith(prefix)}",
        "    loss, changed = step(state)",
        "    state |= changed",
        '    print(f"iteration {number}: loss {loss}" if recorded is None else',
        '          f"iteration {number}: loss {loss.item():.9g}, recorded {recorded:.9g}")',
    ]
