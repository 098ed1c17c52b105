"""Sessions with something in them, and ears to hear what they tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.program import Program

from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from tests.programs import chain, lenet_like, mlp_like, neuron, resnet_like

SAMPLES: dict[str, Callable[[], Program]] = {
    "lenet": lenet_like,
    "mlp": mlp_like,
    "neuron": neuron,
    "resnet": lambda: resnet_like((1, 1)),
    "chain": lambda: chain(6),
}
PROGRAMS = {name: make() for name, make in SAMPLES.items()}
SIGNALS = ("recording", "moment", "graph", "selection", "breakpoints", "metrics", "edits")


def iteration(program: Program, number: int = 1) -> Iteration:
    return Iteration(number, program, metrics_of(program, number))


def recording(*names: str, title: str = "") -> Recording:
    iterations = tuple(iteration(PROGRAMS[name], i + 1) for i, name in enumerate(names))
    return Recording(title or "+".join(names), iterations)


def listen(session: Session) -> list[str]:
    """The names of the signals that are emitted from now on."""
    heard: list[str] = []
    for name in SIGNALS:
        getattr(session, f"{name}_changed").connect(lambda *args, name=name: heard.append(name), max_args=1)
    return heard


def loaded(*names: str) -> Session:
    session = Session()
    session.load(recording(*(names or ("lenet",))))
    return session


def node_with(session: Session, **wanted: Any) -> str:
    """The id of the first node with these attributes."""
    assert session.graph is not None
    return next(
        node.id for node in session.graph.nodes if all(getattr(node, k) == v for k, v in wanted.items())
    )


def op_node(session: Session, op: str) -> str:
    """The id of the node that shows the last instruction of an op kind."""
    assert session.graph is not None
    assert session.program is not None
    last = max(i for i, instr in enumerate(session.program.instrs) if instr.op == op)
    return session.graph.node_of_instr[last]
