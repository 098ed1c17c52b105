"""Random small programs: any phases, modules and ops, with NaNs here and there."""

from __future__ import annotations

import numpy as np
from gradviz.engine.program import Instr, Phase, Program, Site, Slot, SlotKind
from hypothesis import strategies as st

MODULES = ("", "conv1", "conv1.inner", "conv10", "fc")
OPS = ("add", "mul", "relu")


@st.composite
def programs(draw: st.DrawFn, max_size: int = 12) -> Program:
    """Each instruction reads one or two earlier slots; its value is a number, or NaN if it draws one."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(MODULES),
                st.sampled_from(Phase),
                st.sampled_from(OPS),
                st.sampled_from((0.0, 1.0, float("nan"), float("inf"))),
                st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
            ),
            max_size=max_size,
        )
    )
    instrs, slots, values = [], [Slot((), "float32", SlotKind.INPUT, "x")], [np.float32(1.0).reshape(())]
    for index, (module, phase, op, value, inputs) in enumerate(steps):
        sources = tuple(number % len(slots) for number in inputs)
        instrs.append(Instr(op, sources, {}, len(slots), Site(module, phase, "model.py", index + 1)))
        slots.append(Slot((), "float32", SlotKind.VALUE))
        values.append(np.array(value, dtype=np.float32))
    program = Program(tuple(instrs), tuple(slots), tuple(np.asarray(value) for value in values))
    program.check()
    return program
