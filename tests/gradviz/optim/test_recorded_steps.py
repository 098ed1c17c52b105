"""What a recording shows of an optimizer's step: modules, names before and after, the learning rate."""

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase, Program, SlotKind

import gradviz as torch
import gradviz.nn as nn
from gradviz.optim import (
    ASGD,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    NAdam,
    RAdam,
    RMSprop,
    Rprop,
    lr_scheduler,
)


def recorded_step(make) -> tuple[nn.Module, Program]:
    """The second of two iterations of a small network."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    optimizer, x = make(net.parameters()), torch.rand(4, 2)
    programs = []

    def on_mark(recorder, event: str) -> None:
        if event == "step":
            programs.append(recorder.cut())

    with torch.record(on_mark):
        for _ in range(2):
            optimizer.zero_grad()
            net(x).sum().backward()
            optimizer.step()
    return net, programs[1]


MAKERS = {
    "SGD": lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "Nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: Adam(p, lr=0.1, amsgrad=True, weight_decay=0.01),
    "RMSprop": lambda p: RMSprop(p, lr=0.1, momentum=0.9, centered=True),
    "AdamW": lambda p: AdamW(p, lr=0.1),
    "Adagrad": lambda p: Adagrad(p, lr=0.1, lr_decay=0.1, weight_decay=0.01),
    "Adadelta": lambda p: Adadelta(p, lr=0.5, maximize=True),
    "NAdam": lambda p: NAdam(p, lr=0.1, decoupled_weight_decay=True, weight_decay=0.1),
    "Adamax": lambda p: Adamax(p, lr=0.1),
    "RAdam": lambda p: RAdam(p, lr=0.1, betas=(0.9, 0.5)),
}
ALL = MAKERS | {  # the learning rate sets their first step only, or the next one
    "ASGD": lambda p: ASGD(p, lr=0.1, t0=1),
    "Rprop": lambda p: Rprop(p, lr=0.1),
}


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_updates_belong_to_the_modules_of_their_parameters(make) -> None:
    _, program = recorded_step(make)
    updates = [instr for instr in program.instrs if instr.site.phase is Phase.UPDATE]
    assert {instr.site.module for instr in updates} == {"0", "2"}
    assert program.instrs[-1] is updates[-1]
    modules = [instr.site.module for instr in updates]
    assert modules == sorted(modules)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_parameters_are_bound_before_and_after(make) -> None:
    net, program = recorded_step(make)
    for name, now in net.named_parameters():
        before, after = program.bound(name, 0), program.bound(name, len(program))
        assert before is not None
        assert after is not None
        assert program.slots[before].kind is SlotKind.PARAMETER
        assert program.values[after].tolist() == now.tolist() != program.values[before].tolist()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_learning_rate_is_an_input(make) -> None:
    net, program = recorded_step(make)
    (rate,) = [n for n, slot in enumerate(program.slots) if slot.name == "lr"]
    assert program.slots[rate].kind is SlotKind.INPUT
    still = run(program, {rate: np.array(0.0)})
    for name, _ in net.named_parameters():
        before, after = program.bound(name, 0), program.bound(name, len(program))
        np.testing.assert_array_equal(still[after], program.values[before])


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_step_replays_bit_for_bit(make) -> None:
    _, program = recorded_step(make)
    for again, once in zip(run(program), program.values, strict=True):
        np.testing.assert_array_equal(again, once)


def _trained(make, dtype: torch.dtype, recorded: bool) -> list[np.ndarray]:
    """Parameters and their gradients after three steps; one has no dimensions, one a view."""
    torch.manual_seed(0)
    params = [torch.randn(*shape, dtype=dtype).requires_grad_() for shape in ((3, 2), (2,), ())]
    optimizer, x = make(params), torch.rand(4, 3, dtype=dtype)
    view = params[1].data

    def train() -> None:
        for _ in range(3):
            optimizer.zero_grad()
            (((x @ params[0] + params[1]) * params[2]).exp()).sum().backward()
            optimizer.step()

    if recorded:
        with torch.record():
            train()
    else:
        train()
    assert view.tolist() == params[1].tolist(), "who shares the memory sees the change"
    return [array for p in params for array in (p.detach().numpy(), p.grad.numpy())]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("make", [*ALL.values(), lambda p: SGD(p, lr=0.01)], ids=[*ALL, "plain SGD"])
def test_a_step_is_the_same_whether_it_is_recorded_or_not(make, dtype: torch.dtype) -> None:
    for one, other in zip(_trained(make, dtype, False), _trained(make, dtype, True), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_backward_refuses_a_value_that_a_plain_step_has_changed() -> None:
    w = nn.Parameter(torch.ones(2))
    loss = (w * w).sum()
    w.grad = torch.ones(2)
    SGD([w], lr=0.5).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_state_is_named_after_its_parameter() -> None:
    names = {
        "SGD": {"momentum"},
        "Adam": {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
        "RMSprop": {"step", "square_avg", "momentum", "grad_avg"},
    }
    for kind, wanted in names.items():
        _, program = recorded_step(MAKERS[kind])
        found = {b.name for b in program.bindings if b.name.startswith("0.weight.")} - {"0.weight.grad"}
        assert found == {f"0.weight.{name}" for name in wanted}
        for name in found:
            slot = program.bound(name, 0)
            assert slot is not None
            assert program.slots[slot].kind is SlotKind.BUFFER


def test_a_scheduler_leaves_no_trace_in_a_recording() -> None:
    w = nn.Parameter(torch.ones(1))
    optimizer = SGD([w], lr=torch.tensor(0.5))
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    with torch.record() as recorder:
        for _ in range(2):
            optimizer.zero_grad()
            w.sum().backward()
            optimizer.step()
            schedule.step()
    program = recorder.program()
    rates = [program.values[n].item() for n, slot in enumerate(program.slots) if slot.name == "lr"]
    assert rates == [0.5, 0.25]
    assert w.item() == 0.25
    assert {instr.op for instr in program.instrs if instr.site.phase is Phase.UPDATE} == {"mul", "sub"}


def test_a_users_own_optimizer_updates_too() -> None:
    class SignDescent(torch.optim.Optimizer):
        def __init__(self, params, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad.sign(), alpha=-group["lr"])

    w, marks, calls = nn.Parameter(torch.ones(2)), [], []
    optimizer = SignDescent([w], 0.25)
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    with torch.record(lambda recorder, event: marks.append(event)) as recorder:
        (w * torch.tensor([3.0, -2.0])).sum().backward()
        optimizer.step()
    assert w.tolist() == [0.75, 1.25]
    assert marks == ["backward", "step"]
    assert calls == ["after"]
    assert recorder.program().instrs[-1].site.phase is Phase.UPDATE


def test_groups_have_learning_rates_of_their_own_in_a_recording() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    optimizer = SGD([{"params": net[0].parameters()}, {"params": net[1].parameters(), "lr": 0.5}], lr=0.1)
    with torch.record() as recorder:
        net(torch.ones(1, 1)).sum().backward()
        optimizer.step()
    program = recorder.program()
    rates = {
        slot.name: program.values[n].item() for n, slot in enumerate(program.slots) if slot.name[:2] == "lr"
    }
    assert rates == pytest.approx({"lr": 0.1, "lr1": 0.5})  # in the parameters' precision
