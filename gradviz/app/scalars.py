"""The graph behind micrograd's values as a program: for `gradviz.show(value)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradviz.engine.autograd import backward
from gradviz.engine.program import Program
from gradviz.engine.recorder import Recorder
from gradviz.scalar.order import behind
from gradviz.scalar.recorded import as_tensors
from gradviz.scalar.value import Value

from .script_recorder import recording


def program_of_values(values: Sequence[Value], variables: Mapping[str, object]) -> Program:
    """Forward once more as tensors without dimensions, and backward from `values`; no `.grad` changes.

    Labels are the names, and where there is none the user's variables.
    """
    names = {
        id(value): name
        for name, value in variables.items()
        if isinstance(value, Value) and not name.startswith("_")
    }
    recorder = Recorder()
    with recording(recorder):
        tensors = as_tensors(behind(values), names, recorder)
        roots = [tensors[id(value)] for value in values if tensors[id(value)].grad_fn is not None]
        if roots:
            backward(roots)
    return recorder.program()
