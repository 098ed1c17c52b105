"""The terms of a gradient, their sum bit for bit, and what overwriting would give."""

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record

import gradviz as torch
from gradviz import nn
from gradviz.app.inside.ledger import ledger, overwritten, subject
from gradviz.app.state import StateView
from tests.ui.fakes import lenet


def end(program: Program) -> StateView:
    return StateView(program, len(program))


def total(program: Program, slot: int) -> np.ndarray:
    found = program.gradient_slot(slot)
    assert found is not None
    return program.values[found]


def named(program: Program, name: str) -> int:
    return next(i for i, slot in enumerate(program.slots) if slot.name == name)


def shared() -> Program:
    """An MLP that uses one weight twice, and whose bias broadcasts over a batch of three."""
    torch.manual_seed(3)
    layer = nn.Linear(4, 4)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    x = torch.randn(3, 4)
    with record() as recorder:
        loss = layer(torch.tanh(layer(x))).square().mean()
        loss.backward()
        optimizer.step()
    return recorder.program()


def scalar() -> Program:
    """f = a·b + a, with two paths to a."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(-3.0, requires_grad=True)
    with record() as recorder:
        (a * b + a).backward()
    return recorder.program()


def check_sum(program: Program) -> int:
    """Adding up each ledger's terms in order gives the gradient bit for bit; returns the longest ledger."""
    longest = 0
    for slot in program.gradients:
        grad = total(program, slot)
        for element in list(np.ndindex(grad.shape))[:3]:
            found = ledger(end(program), slot, element)
            entries = [entry for entry in found.entries if entry.kind == "path"]
            summed = program.values[entries[0].grad][element]
            for entry in entries[1:]:
                summed = summed + program.values[entry.grad][element]
            assert summed == grad[element]
            assert entries[-1].running == float(grad[element])
            assert found.overwritten == float(program.values[entries[-1].grad][element])
            shares = [entry.share for entry in found.entries if entry.share is not None]
            assert not shares or sum(shares) == pytest.approx(1)
            longest = max(longest, len(entries))
    return longest


def test_lenet() -> None:
    assert check_sum(lenet().iterations[0].program) == 1


def test_a_shared_weight_has_two_terms() -> None:
    program = shared()
    assert check_sum(program) == 2
    slot = next(
        s for s, rows in program.gradients.items() if len(rows) == 2 and program.slots[s].shape == (4, 4)
    )
    found = ledger(end(program), slot, (1, 2))
    ops = [program.instrs[entry.instr].op for entry in found.entries]
    assert ops == ["linear", "linear"]
    assert found.total != found.overwritten
    assert found.total == float(total(program, slot)[1, 2])


def test_norms_without_an_element() -> None:
    program = shared()
    slot = next(s for s, rows in program.gradients.items() if len(rows) == 2)
    found = ledger(end(program), slot)
    for entry in found.entries:
        assert entry.term == pytest.approx(float(np.linalg.norm(program.values[entry.grad])))
    assert found.total == pytest.approx(float(np.linalg.norm(total(program, slot))))


def test_a_scalar_graph_with_numbers() -> None:
    program = scalar()
    a = program.instrs[0].inputs[0]
    found = ledger(end(program), a, ())
    assert sorted(entry.term for entry in found.entries if entry.term is not None) == [-3.0, 1.0]
    assert found.total == -2.0
    assert found.overwritten == found.entries[-1].term
    assert [entry.share for entry in found.entries if entry.term == -3.0] == [0.75]


def test_terms_arrive_one_after_the_other() -> None:
    program = scalar()
    a = program.instrs[0].inputs[0]
    rows = program.gradients[a]
    between = program.producers[rows[0].total] + 1
    early = ledger(StateView(program, between), a, ())
    assert len(early.entries) == 2
    assert [entry.running is None for entry in early.entries] == [False, True]
    assert early.total == early.entries[0].term
    assert ledger(StateView(program, 0), a, ()).total is None


def test_what_grad_held_before_is_a_term() -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    with record() as recorder:
        (w * 3).sum().backward()
    program = recorder.program()
    slot = program.instrs[0].inputs[0]
    found = ledger(end(program), slot, (1,))
    assert [(entry.kind, entry.term, entry.running) for entry in found.entries] == [
        ("path", 3.0, 3.0),
        ("before", 4.0, 7.0),
    ]
    assert found.total == 7.0
    assert found.overwritten == 3.0


def test_the_latest_of_two_passes() -> None:
    w = torch.tensor(2.0, requires_grad=True)
    with record() as recorder:
        loss = w**3
        loss.backward(retain_graph=True)
        loss.backward()
    program = recorder.program()
    slot = program.instrs[0].inputs[0]
    found = ledger(end(program), slot, ())
    assert [(entry.kind, entry.term, entry.running) for entry in found.entries] == [
        ("path", 12.0, 12.0),
        ("before", 12.0, 24.0),
    ]


def test_whose_gradient_a_slot_is() -> None:
    program = scalar()
    a = program.instrs[0].inputs[0]
    rows = program.gradients[a]
    assert subject(program, a) == a
    assert subject(program, rows[-1].total) == a
    kept = next(
        i.output for i in program.instrs if i.op == "accumulate_grad" and i.inputs[-1] == rows[-1].total
    )
    assert subject(program, kept) == a


def test_what_overwriting_does_further_down() -> None:
    x = torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.5)
    with record() as recorder:
        y = x * x  # two terms already
        (y + 2 * y).backward()  # two terms of y: 1 and 2
        optimizer.step()
    program = recorder.program()
    y_slot = program.instrs[0].output
    right = 18.0
    found = {(row.kind, row.slot): row for row in overwritten(program, y_slot)}
    gradient = found["gradient", y_slot]
    last = float(program.values[program.gradients[y_slot][-1].grad])
    assert (float(gradient.right), float(gradient.wrong)) == (3.0, last)
    x_slot = program.instrs[0].inputs[0]
    below = found["gradient", x_slot]
    assert (float(below.right), float(below.wrong)) == (right, right * last / 3)
    assert below.off == pytest.approx(abs(last / 3 - 1))
    updates = [row for row in found.values() if row.kind == "parameter"]
    assert [(float(row.right), float(row.wrong)) for row in updates] == [
        (-0.5 * right, -0.5 * right * last / 3)
    ]


def test_one_term_overwrites_nothing() -> None:
    program = lenet().iterations[0].program
    assert overwritten(program, named(program, "conv1.weight")) == ()
    assert overwritten(program, named(program, "x")) == ()
