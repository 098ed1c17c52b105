"""Questions whose answer is on the screen while they are asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradviz.app.anchors import AnchorError, Anchors
from gradviz.app.i18n import tr

from .model import Lesson, LessonError, Step


def given_away(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """Steps that ask for a value or gradient which has been computed by then, so that the graph shows it."""
    for step in lesson.steps:
        if step.question is None or step.question.kind not in ("number", "sign"):
            continue
        try:
            seen = _seen(step, anchors)
        except AnchorError:
            continue  # told elsewhere
        if seen:
            problem = tr("step {step!r}: the answer is on the screen while it is asked")
            yield LessonError(lesson.folder / "lesson.toml", step.line, problem.format(step=step.id))


def _seen(step: Step, anchors: Anchors) -> bool:
    assert step.question is not None
    lookup = _lookup(step.question.answer)
    if lookup is None or not step.at:
        return False
    what, name, iteration = lookup
    program, slot = anchors.program(iteration), anchors.slot(name, iteration)
    if program.slots[slot].shape and not (step.select == name and (what == "value" or step.element)):
        return False  # a node writes out single numbers only; the inspector what is selected, and of one
        # element the gradient as well
    if what == "grad":
        writers = anchors.gradient_writers(name, iteration)
    else:
        writers = [program.producers[slot]] if program.producers[slot] >= 0 else []
    known = [anchors.start_of(iteration) + index + 1 for index in writers]
    return bool(known) and min(known) <= anchors.moment(step.at, step.iteration)


def _lookup(answer: str) -> tuple[str, str, int] | None:
    """`value("z")[0, 1]` as what, name and iteration; None for what has to be worked out."""
    try:
        tree = ast.parse(answer.strip(), mode="eval").body
    except SyntaxError:
        return None
    while isinstance(tree, ast.Subscript):
        tree = tree.value
    match tree:
        case ast.Call(ast.Name(("value" | "grad") as what), [ast.Constant(str(name)), *_], keywords):
            given = {k.arg: k.value.value for k in keywords if isinstance(k.value, ast.Constant)}
            iteration = given.get("iteration", 0)
            return (what, name, iteration) if isinstance(iteration, int) and "when" not in given else None
    return None
