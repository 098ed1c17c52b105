"""What must not be seen while a presented lesson waits for an answer: all that comes after it."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine.program import Program

from .player import LessonPlayer


@dataclass(frozen=True)
class Hidden:
    """Slots of a program whose numbers, and those whose shapes, would give an answer away."""

    program: Program
    slots: frozenset[int]
    shapes: frozenset[int]


def hidden_by(player: LessonPlayer | None) -> Hidden | None:
    """What a lesson hides at its present step; None where nothing is asked, or the answer is shown.

    The values that are computed after the step's moment: stepping on would tell them. A step that shows a
    plot hides nothing, as the plot is what the question is about.
    """
    if player is None or not player.waiting or not player.present:
        return None
    step = player.step
    if not step.at or step.show.startswith("plots") or step.question is None or step.question.kind == "code":
        return None
    program = player.anchors.program(step.iteration)
    moment = player.anchors.moment(step.at, step.iteration) - player.anchors.start_of(step.iteration)
    later = frozenset(slot for slot, producer in enumerate(program.producers) if producer >= moment)
    return Hidden(program, later, later if step.question.kind == "shape" else frozenset())
