"""The operations that come from a line, as a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gradviz.engine.program import Phase, Program
from PyQt6.QtWidgets import QMenu, QWidget

from gradviz.app.code_lines import CodeMap, Line
from gradviz.app.i18n import tr
from gradviz.app.names import name_of
from gradviz.app.narration import phase_title
from gradviz.app.numerals import shape_text

from ..phases import SIGNS

MOST = 40  # entries; an optimizer's step makes hundreds


def line_menu(
    parent: QWidget, program: Program, code: CodeMap, line: Line, choose: Callable[[int], object]
) -> QMenu | None:
    """The line's operations, phase by phase; else the values that it names; None if there is neither."""
    menu = QMenu(parent)
    phase: Phase | None = None
    indices = code.instrs.get(line, ())
    for index in indices[:MOST]:
        instr = program.instrs[index]
        if instr.site.phase is not phase:
            phase = instr.site.phase
            menu.addSection(f"{SIGNS[phase]} {phase_title(phase)}")
        where = f"{instr.op} · {instr.site.module}"
        _add(menu, program, instr.output, where if instr.site.module else instr.op, choose)
    if len(indices) > MOST:
        more = menu.addAction(tr("… and {n} more").format(n=len(indices) - MOST))
        assert more is not None
        more.setEnabled(False)
    for slot in () if indices else code.leaves(line):
        _add(menu, program, slot, name_of(program, slot), choose)
    return None if menu.isEmpty() else menu


def _add(menu: QMenu, program: Program, slot: int, text: str, choose: Callable[[int], object]) -> None:
    shape = shape_text(program.slots[slot].shape)
    action = menu.addAction(f"{text}    {shape}" if shape else text)
    assert action is not None
    action.triggered.connect(partial(_call, choose, slot))


def _call(choose: Callable[[int], object], slot: int, checked: bool = False) -> None:
    choose(slot)
