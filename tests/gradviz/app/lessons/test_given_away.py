"""What a step selects must not show what it asks for."""

from dataclasses import replace

import pytest

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.given_away import given_away
from gradviz.app.lessons.inspection import run_setup
from gradviz.app.lessons.library import lesson_folders
from gradviz.app.lessons.reader import read_lesson


@pytest.mark.parametrize(
    ("select", "element", "shown"),
    [("A", (0, 1), True), ("A", None, False), ("B", (0, 1), False), ("C", (0, 1), False)],
)
def test_the_gradient_of_an_element(select: str, element: tuple[int, ...] | None, shown: bool) -> None:
    """The inspector shows ∂L/∂A[0, 1] once that element is selected; the graph shows no number of a tensor."""
    (folder,) = (folder for folder in lesson_folders() if folder.name == "08-matmul")
    lesson = read_lesson(folder)
    asks = next(step for step in lesson.steps if step.id == "left")
    lesson = replace(lesson, steps=(replace(asks, select=select, element=element),))
    anchors = Anchors([iteration.program for iteration in run_setup(lesson).iterations])
    assert [fault.line for fault in given_away(lesson, anchors)] == ([asks.line] if shown else [])
