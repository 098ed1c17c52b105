"""The first number that is not finite is found where it was made, and the sentence says why."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program

import gradviz as torch
import gradviz.nn as nn
from gradviz.app.inside.origin import Origin, Origins
from gradviz.app.inside.why import sentence
from tests.ui.fakes import lenet

INF = math.inf


def recorded(function: Callable[[], torch.Tensor], backward: bool = True) -> Program:
    with torch.record() as recorder:
        out = function()
        if backward:
            out.sum().backward()
    return recorder.program()


def values(*numbers: float, dtype: object = torch.float32) -> torch.Tensor:
    return torch.tensor(list(numbers), requires_grad=True, dtype=dtype)


def found(program: Program) -> Origin:
    origin = Origins(program).nonfinite
    assert origin is not None
    return origin


CASES: dict[str, tuple[Callable[[], torch.Tensor], str, str, tuple[int, ...], str]] = {
    "log of 0": (lambda: torch.log(values(1, 0)), "log", "infinity", (1,), "the logarithm of 0 is −∞"),
    "log of −2": (
        lambda: torch.log(values(1, 3, -2)), "log", "nan", (2,),
        "the logarithm of a negative number, −2, does not exist",
    ),
    "0 / 0": (lambda: values(1, 0) / values(2, 0), "div", "nan", (1,), "0 / 0 has no value"),
    "3 / 0": (lambda: values(3) / values(0), "div", "infinity", (0,), "3 / 0 is infinite"),
    "exp": (lambda: torch.exp(values(1, 100)), "exp", "infinity", (1,), "exp overflows"),
    "sqrt": (lambda: torch.sqrt(values(-4)), "sqrt", "nan", (0,), "the square root of a negative number, −4"),
    "pow": (lambda: values(0.0) ** -1, "pow", "infinity", (0,), "0 to the power of −1 is a division by 0"),
    "product": (
        lambda: values(1e30) * values(1e30), "mul", "infinity", (0,), "1e30 · 1e30 is larger than the type"
    ),
    "sum": (
        lambda: (values(3e38, 3e38) * 1).sum(), "sum", "infinity", (),
        "the result of sum is larger than float32",
    ),
    "broadcast": (
        lambda: torch.ones(2, 3) / values(1, 0, 2), "div", "infinity", (0, 1), "1 / 0 is infinite"
    ),
    "sqrt backward": (
        lambda: torch.sqrt(values(4, 0)), "div", "infinity", (1,), "/ 0 is infinite"
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_causes(name: str) -> None:
    function, op, trouble, element, why = CASES[name]
    program = recorded(function)
    origin = found(program)
    instr = program.instrs[origin.instr]
    assert (instr.op, origin.trouble, origin.element) == (op, trouble, element)
    assert origin.slot == instr.output
    value = program.values[origin.slot][element]
    assert math.isnan(value) if trouble == "nan" else math.isinf(value)
    assert all(np.isfinite(program.values[slot]).all() for slot in instr.inputs)
    assert why in sentence(program, origin)
    assert "test_inside_origin.py" in sentence(program, origin) or instr.site.phase is Phase.BACKWARD


@pytest.mark.filterwarnings("ignore")
def test_a_nan_is_followed_back_to_the_infinity_that_made_it() -> None:
    def function() -> torch.Tensor:
        x = values(0.5, 0.0)
        h = torch.log(x)
        return h * x  # 0 · −∞

    program = recorded(function)
    origin = found(program)
    log, mul = (next(i for i, x in enumerate(program.instrs) if x.op == op) for op in ("log", "mul"))
    assert (origin.instr, origin.trouble, origin.element) == (log, "infinity", (1,))
    assert mul in origin.infected
    assert log in origin.ancestry
    infected = {i for i, x in enumerate(program.instrs) if not np.isfinite(program.values[x.output]).all()}
    assert origin.infected <= infected


@pytest.mark.filterwarnings("ignore")
def test_an_infinity_that_was_asked_for_is_no_trouble() -> None:
    mask = torch.tensor([True, False, False])

    def masked(scores: torch.Tensor) -> torch.Tensor:
        return torch.softmax(scores.masked_fill(mask, -INF), 0) * torch.tensor([1.0, 2.0, 3.0])

    assert Origins(recorded(lambda: masked(values(1, 2, 3)))).nonfinite is None

    every = torch.tensor([True, True, True])
    program = recorded(lambda: torch.softmax(values(1, 2, 3).masked_fill(every, -INF), 0))
    origin = found(program)
    assert program.instrs[origin.instr].op == "softmax"
    assert "every score in its row is −∞" in sentence(program, origin)


def test_nothing_is_found_where_all_is_well() -> None:
    program = lenet().iterations[0].program
    origins = Origins(program)
    assert origins.nonfinite is None
    assert origins.first() is None


def test_a_value_that_was_wrong_from_the_start() -> None:
    w = values(1.0, math.nan)
    with torch.record() as recorder:
        recorder.name(w, "w")
        (w * 2).sum().backward()
    program = recorder.program()
    origin = found(program)
    assert (origin.instr, origin.trouble, origin.element) == (-1, "nan", (1,))
    assert origin.slot == program.bound("w", 0)
    assert "w[1] from the start" in sentence(program, origin)


@pytest.mark.filterwarnings("ignore")
def test_a_learning_rate_that_is_too_large_is_found_in_the_update() -> None:
    net = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e30)
    programs = []
    for _ in range(4):
        with torch.record() as recorder:
            for name, parameter in net.named_parameters():
                recorder.name(parameter, name)
            optimizer.zero_grad()
            (net(torch.tensor([[3.0]])) ** 2).sum().backward()
            optimizer.step()
        programs.append(recorder.program())
    wrong = [Origins(program).nonfinite for program in programs]
    first = next(i for i, origin in enumerate(wrong) if origin is not None)
    assert first > 0
    assert wrong[first].instr >= 0  # type: ignore[union-attr]
    assert wrong[-1] is not None


def deep(activation: Callable[[torch.Tensor], torch.Tensor], scale: float, depth: int = 8) -> Program:
    torch.manual_seed(0)
    net = nn.Sequential(*(nn.Linear(16, 16, bias=False) for _ in range(depth)))
    for layer in net:
        layer.weight.data.mul_(scale)
    with torch.record() as recorder:
        h = torch.ones(1, 16)
        for layer in net:
            h = activation(layer(h))
        h.sum().backward()
    return recorder.program()


def test_a_gradient_vanishes_where_it_shrinks_most() -> None:
    torch.manual_seed(0)
    layers = [nn.Linear(8, 8) for _ in range(4)]
    layers[1].weight.data.mul_(1e-12)
    x = torch.ones(1, 8)
    with torch.record() as recorder:
        h = x
        for number, layer in enumerate(layers):
            recorder.name(layer.weight, f"layer{number}.weight")
            h = torch.tanh(layer(h))
        h.sum().backward()
    program = recorder.program()
    origin = Origins(program).vanishing()
    assert origin is not None
    instr = program.instrs[origin.instr]
    assert instr.site.phase is Phase.BACKWARD
    forward = program.instrs[instr.site.origin]
    assert program.slots[forward.inputs[1]].name == "layer1.weight"
    before, after = origin.norms
    assert after == pytest.approx(float(np.linalg.norm(program.values[origin.slot])), rel=1e-5)
    assert after < before * 1e-9
    assert "shrinks most at" in sentence(program, origin)
    assert origin.instr in origin.ancestry


def test_a_gradient_explodes_where_it_grows_most() -> None:
    program = deep(lambda h: h, 12.0)
    origin = Origins(program).exploding()
    assert origin is not None
    before, after = origin.norms
    assert after > before
    steps = list(Origins(program).path(next(s for s, _ in Origins(program)._totals if _ == origin.slot)))
    assert max(b / a for _, a, b in steps) == pytest.approx(after / before)
    assert "grows most at" in sentence(program, origin)
    assert Origins(program).vanishing() is None


def test_dead_relus_make_the_gradient_zero() -> None:
    layer = nn.Linear(4, 4)
    layer.bias.data.fill_(-100.0)
    first = nn.Linear(4, 4)
    program = recorded(lambda: torch.relu(layer(first(torch.ones(1, 4)))))
    origin = Origins(program).first()
    assert origin is not None
    assert origin.trouble == "vanishing"
    assert program.instrs[origin.instr].op == "relu_backward"
    assert "becomes zero at relu_backward" in sentence(program, origin)
