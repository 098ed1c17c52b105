"""What a step selects must not show what it asks for."""

from dataclasses import replace

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.given_away import given_away
from gradviz.app.lessons.inspection import run_setup
from gradviz.app.lessons.library import lesson_folders
from gradviz.app.lessons.reader import read_lesson


def test_the_gradient_of_an_element() -> None:
    """The inspector shows ∂L/∂A[0, 1] once that element is selected; the graph shows no tensor's numbers."""
    (folder,) = (folder for folder in lesson_folders() if folder.name == "08-matmul")
    lesson = read_lesson(folder)
    anchors = Anchors([iteration.program for iteration in run_setup(lesson).iterations])
    asks = next(step for step in lesson.steps if step.id == "left")  # what ∂L/∂A[0, 1] is
    for select, element, shown in (("A", (0, 1), True), ("A", None, False), ("B", (0, 1), False)):
        changed = replace(lesson, steps=(replace(asks, select=select, element=element),))
        assert [fault.line for fault in given_away(changed, anchors)] == ([asks.line] if shown else [])
