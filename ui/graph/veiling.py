"""What the cards do not tell while the learner is to predict it."""

from __future__ import annotations

from dataclasses import replace

from gradviz.app.graph.model import GraphModel
from gradviz.app.inside.veil import HIDDEN
from gradviz.app.session import Session

from .state import NodeState


def veiled(session: Session, model: GraphModel, states: dict[str, NodeState]) -> dict[str, NodeState]:
    """The states without what is hidden at the moment."""
    program = session.program
    slots, shapes = session.veil.slots(program), session.veil.shapes(program)
    if program is None or not (slots or shapes):
        return states
    told = dict(states)
    for name, state in states.items():
        node = model.by_id.get(name)
        if node is None or node.slot < 0:
            continue
        if node.slot in slots:
            value = HIDDEN if state.value_text else ""
            told[name] = replace(state, value_text=value, heat=None)
        elif slots.intersection(row.total for row in program.gradients.get(node.slot, ())):
            told[name] = replace(state, heat=None)
        if node.slot in shapes:
            told[name] = replace(told[name], shape=HIDDEN)
    return told
