"""What the tour writes besides pictures: a recording's numbers, for people (Markdown) and programs (JSON)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.engine.program import Phase, Program

from .describe import describe_moment
from .i18n import tr
from .numerals import shape_text
from .recording import Iteration, Recording


def numbers(recording: Recording) -> dict[str, Any]:
    """The numbers as plain data: each instruction with its result in brief, and each parameter's."""
    return {
        "title": recording.title,
        "iterations": [
            {
                "number": iteration.number,
                "loss": iteration.metrics.loss,
                "instructions": [_instruction(iteration.program, i) for i in range(len(iteration.program))],
                "gradient_norms": dict(iteration.metrics.gradient_norms),
                "update_ratios": dict(iteration.metrics.update_ratios),
            }
            for iteration in recording.iterations
        ],
    }


def _instruction(program: Program, index: int) -> dict[str, Any]:
    instr = program.instrs[index]
    values = program.values[instr.output]
    row: dict[str, Any] = {
        "index": index,
        "phase": instr.site.phase.value,
        "module": instr.site.module,
        "op": instr.op,
        "shape": list(values.shape),
        "dtype": program.slots[instr.output].dtype,
    }
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if finite.size:
        row |= {"min": float(finite.min()), "mean": float(finite.mean()), "max": float(finite.max())}
    row["nonfinite"] = int(values.size - finite.size)
    return row


def summary(recording: Recording) -> str:
    """The same for people, in the interface's language: each phase's instructions, then the parameters."""
    lines = [f"# {recording.title}", ""]
    for iteration in recording.iterations:
        lines += _iteration(iteration, several=len(recording.iterations) > 1)
    return "\n".join(lines) + "\n"


def _iteration(iteration: Iteration, several: bool) -> list[str]:
    program = iteration.program
    lines = []
    if several:
        lines += [tr("Iteration {number}").format(number=iteration.number), ""]
    lines += [tr("Loss: {loss}").format(loss=f"{iteration.metrics.loss:.6g}"), ""]
    for phase in Phase:
        indices = [i for i, instr in enumerate(program.instrs) if instr.site.phase is phase]
        if indices:
            lines += [f"## {phase.value}", ""]
            lines += [f"{i + 1}. {describe_moment(program, i + 1)} · {_range(program, i)}" for i in indices]
            lines.append("")
    if iteration.metrics.gradient_norms:
        columns = tr("parameter"), tr("shape"), "‖g‖", "‖Δw‖ / ‖w‖"
        lines += [f"| {' | '.join(columns)} |", "|---|---|---|---|"]
        lines += [_parameter(iteration, name) for name in iteration.metrics.gradient_norms]
        lines.append("")
    return lines


def _range(program: Program, index: int) -> str:
    row = _instruction(program, index)
    if "mean" not in row:
        return ""
    if not row["shape"]:
        return f"{row['mean']:.6g}"
    return f"{row['min']:.4g} … {row['mean']:.4g} … {row['max']:.4g}"


def _parameter(iteration: Iteration, name: str) -> str:
    slot = iteration.program.bound(name, 0)
    shape = shape_text(iteration.program.slots[slot].shape) if slot is not None else ""
    gradient = iteration.metrics.gradient_norms[name]
    moved = iteration.metrics.update_ratios.get(name)
    return f"| {name} | {shape} | {gradient:.4g} | {'' if moved is None else f'{moved:.3g}'} |"
