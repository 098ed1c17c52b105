"""Memory, cost, origins and forks of graphs of numbers and of ResNet-18, not only of LeNet."""

import math

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program

import gradviz as torch
from gradviz import Value
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.compare import Comparison, fork, learning_rate, one_number
from gradviz.app.inside.cost import costs
from gradviz.app.inside.memory import Memory
from gradviz.app.inside.origin import Origins
from gradviz.app.inside.why import sentence


def neuron(weight: float) -> Program:
    """tanh(w x + b) / w by micrograd's class."""
    with torch.record() as recorder:
        x, w, b = Value(2.0), Value(weight), Value(1.0)
        out = (w * x + b).tanh() / w
        out.backward()
    return recorder.program()


def test_a_graph_of_numbers() -> None:
    program = neuron(-3.0)
    memory = Memory(program)
    assert memory.total.max() > 0
    assert len(costs(program)) == len(program)
    assert Origins(program).nonfinite is None
    slot = next(i for i, row in enumerate(program.slots) if program.values[i].shape == () and
                program.producers[i] < 0 and float(program.values[i]) == 2.0)  # fmt: skip
    second = fork(program, 0, one_number(program, slot, (), 0.5))
    comparison = Comparison(program, second)
    assert program.loss is not None
    pair = comparison.pair(program.loss)
    assert pair is not None
    assert float(pair.first) == pytest.approx(math.tanh(-5) / -3)
    assert float(pair.second) == pytest.approx(math.tanh(-0.5) / -3)


@pytest.mark.slow
def test_resnet() -> None:
    program = Experiment(ExperimentSpec(model="resnet18")).record().program
    assert Origins(program).nonfinite is None
    rows = costs(program)
    first = next(i for i, x in enumerate(program.instrs) if x.op == "conv2d")
    assert rows[first].count == 64 * 32 * 32 * 3 * 7 * 7

    second = fork(program, 0, learning_rate(program, 10.0))
    comparison = Comparison(program, second)
    for instr in program.instrs:
        pair = comparison.pair(instr.output)
        assert pair is not None
        assert instr.site.phase is Phase.UPDATE or pair.difference == 0

    weight = program.bound("layer2.0.conv1.weight", 0)
    assert weight is not None
    broken = np.array(program.values[weight])
    broken[0] = np.float32(3e38)
    wrong = fork(program, 0, {weight: broken})
    origin = Origins(wrong).nonfinite
    assert origin is not None
    assert wrong.instrs[origin.instr].site.module == "layer2.0.conv1"
    assert "layer2.0.conv1 · conv2d" in sentence(wrong, origin)
    assert len(origin.infected) > 50
