"""Walking with the microscope from an element to one that it is made from, and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gradviz.engine.program import Program

from .microscope import ElementGraph, Folding, Index, behind
from .titles import Titles


@dataclass(frozen=True)
class Step:
    """One element on the way, as it was left: what was open, and which card was looked at."""

    slot: int
    index: Index
    folding: Folding = field(default_factory=Folding)
    looked_at: tuple[int, ...] = ()


class Trail:
    """The elements that have been opened one after another; the last one is shown."""

    def __init__(self, program: Program, slot: int, index: Index) -> None:
        self._program = program
        self._titles = Titles(program)
        self.steps: list[Step] = [Step(slot, index)]
        self._graph: ElementGraph | None = None

    @property
    def program(self) -> Program:
        """The program that the elements belong to."""
        return self._program

    @property
    def step(self) -> Step:
        """The element that is shown."""
        return self.steps[-1]

    @property
    def graph(self) -> ElementGraph:
        """The scalar graph of the element that is shown."""
        if self._graph is None:
            step = self.step
            self._graph = behind(self._program, step.slot, step.index, step.folding, self._titles)
        return self._graph

    @property
    def crumbs(self) -> list[str]:
        """What the elements on the way are called, the first one first."""
        return [self._titles.element(step.slot, step.index) for step in self.steps]

    def moved_to(self, program: Program) -> Trail:
        """The same way in another program of the same structure, or with names in another language."""
        moved = Trail(program, self.steps[0].slot, self.steps[0].index)
        moved.steps = list(self.steps)
        return moved

    def enter(self, number: int) -> bool:
        """Go on to an element of the graph, by its node's number; False if nothing is behind it."""
        node = self.graph.nodes[number]
        if node.kind != "element" or not node.computed:
            return False
        self.look_at(number)
        self.steps.append(Step(node.slot, node.index))
        self._graph = None
        return True

    def back(self) -> bool:
        """Go back to the element before; False at the first."""
        return self.back_to(len(self.steps) - 2)

    def back_to(self, number: int) -> bool:
        """Go back to one of the elements on the way; False if there is no such one before the last."""
        if not 0 <= number < len(self.steps) - 1:
            return False
        del self.steps[number + 1 :]
        self._graph = None
        return True

    def look_at(self, number: int) -> None:
        """Remember which card one is at."""
        self.steps[-1] = replace(self.step, looked_at=self.graph.nodes[number].path)

    def turn(self, number: int, pages: int) -> bool:
        """Show other terms of a long sum; after the last page comes the first. False if it has one page."""
        node = self.graph.nodes[number]
        if node.kind == "rest":
            node = next(each for each in self.graph.nodes if each.path == node.path[:-1])
        if not node.pages:
            return False
        page = (node.page + pages) % node.pages
        folding = self.step.folding
        self._fold(replace(folding, pages={**folding.pages, node.path: page}))
        return True

    def toggle(self, number: int) -> bool:
        """Open or close a part; False if it has none."""
        node = self.graph.nodes[number]
        if node.kind != "op" or not node.count or not node.path:
            return False
        folding = self.step.folding
        self._fold(replace(folding, opened={**folding.opened, node.path: node.closed}))
        return True

    def _fold(self, folding: Folding) -> None:
        self.steps[-1] = replace(self.step, folding=folding)
        self._graph = None
