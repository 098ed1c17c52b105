"""The stages of an update: together they are the engine's new weight, each one is the textbook's formula."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as torch
from gradviz import nn, optim
from gradviz.app.inside.update_ledger import UNKNOWN, UpdateLedger, Updates
from gradviz.app.recording import parameter_slots
from gradviz.app.state import StateView
from gradviz.nn import functional as F

Make = Callable[[Iterable[Tensor]], Any]
LR = 0.05


def recorded(make: Make, clip: str | None = None, before: int = 1) -> Program:
    """One iteration of a small layer, after some that are not recorded."""
    torch.manual_seed(0)
    layer = nn.Linear(3, 2)
    optimizer = make(layer.parameters())
    x, y = torch.randn(4, 3), torch.tensor([0, 1, 0, 1])

    def iterate() -> None:
        optimizer.zero_grad()
        F.cross_entropy(layer(x), y).backward()
        if clip == "norm":
            nn.utils.clip_grad_norm_(layer.parameters(), 0.1)
        if clip == "value":
            nn.utils.clip_grad_value_(layer.parameters(), 0.1)
        optimizer.step()

    for _ in range(before):
        iterate()
    with record() as recorder:
        iterate()
    return recorder.program()


def proven(program: Program) -> dict[str, UpdateLedger]:
    """The ledgers of all parameters, which leave nothing of the update out and give its very numbers."""
    updates = Updates(program)
    slots = parameter_slots(program)
    assert {each.name for each in updates.all()} == set(slots)
    for each in updates.all():
        before, after = slots[each.name]
        assert (each.before, each.after) == (before, after)
        assert each.stages[-1].slot == after
        for slot, value in each.replay().items():
            assert value.dtype == program.values[slot].dtype
            np.testing.assert_array_equal(value, program.values[slot])
        assert after in each.replay()
        covered = {i for stage in each.stages for i in stage.instrs}
        assert covered == cone(program, each)
    return {each.name: each for each in updates.all()}


def cone(program: Program, ledger: UpdateLedger) -> set[int]:
    """What the new weight is made of during the update, found in another way: forwards, then backwards."""
    needed, found = {ledger.after}, set()
    for index in reversed(range(len(program))):
        instr = program.instrs[index]
        if instr.output in needed and instr.site.phase is Phase.UPDATE:
            found.add(index)
            needed |= set(instr.inputs)
    return found


def values(ledger: UpdateLedger) -> dict[str, np.ndarray]:
    """Results by their symbols, and what was there before, in double precision."""
    program = ledger.program
    slots = {symbol: slot for slot, symbol in ledger.symbols.items()}
    return {symbol: program.values[slot].astype(np.float64) for symbol, slot in slots.items()}


def kinds(ledger: UpdateLedger) -> list[str]:
    return [stage.kind for stage in ledger.stages]


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-6)


def prepared(v: dict[str, np.ndarray], ledger: UpdateLedger, decay: float, clip: str | None) -> np.ndarray:
    """Follow gradient, clipping and weight decay by the book; the gradient that the moments read."""
    found, count = v["g₀"], 0
    if clip is not None:
        count += 1
        scaled = found * min(1.0, 0.1 / (v["‖g‖"] + 1e-6)) if clip == "norm" else np.clip(found, -0.1, 0.1)
        close(v["g₁"], scaled)
        assert "clip" in kinds(ledger)
        found = v["g₁"]
    if clip == "norm":
        every = [each.gradient for each in Updates(ledger.program).all()]
        squares = sum(float((ledger.program.values[slot].astype(np.float64) ** 2).sum()) for slot in every)
        close(v["‖g‖"], np.array(math.sqrt(squares)))
    if decay:
        count += 1
        symbol = f"g{'₀₁₂'[count]}"
        close(v[symbol], found + decay * v["w₀"])
        assert "decay" in kinds(ledger)
        found = v[symbol]
    return found


rates = st.floats(1e-4, 0.5)
shares = st.sampled_from([0.0, 0.5, 0.9])
decays = st.sampled_from([0.0, 0.01, 0.1])
clips = st.sampled_from([None, "norm", "value"])
few = settings(max_examples=8, deadline=None, derandomize=True)


@few
@given(rates, shares, decays, clips, st.booleans(), st.booleans(), st.integers(0, 1))
def test_sgd_momentum_and_nesterov(
    lr: float, mu: float, decay: float, clip: str | None, nesterov: bool, uphill: bool, before: int
) -> None:
    ahead = nesterov and mu > 0
    options = {"momentum": mu, "weight_decay": decay, "nesterov": ahead, "maximize": uphill}
    program = recorded(lambda p: optim.SGD(p, lr=lr, **options), clip, before)
    for ledger in proven(program).values():
        v = values(ledger)
        change = v["Δw"]
        close(v["w₁"], v["w₀"] - change)
        if uphill:
            continue  # the signs are the other way round; the product of stages is proven
        g = prepared(v, ledger, decay, clip)
        if mu and before:
            close(v["b₁"], mu * v["b₀"] + g)
        used = v["b₁"] if mu else g
        if ahead:
            assert "ahead" in kinds(ledger)
            used = g + mu * v["b₁"]
        close(change, lr * used)


@few
@given(rates, decays, clips, st.floats(0.5, 0.99), st.floats(0.9, 0.9999), st.booleans(), st.booleans())
def test_adam_and_adamw(
    lr: float, decay: float, clip: str | None, one: float, two: float, amsgrad: bool, decoupled: bool
) -> None:
    maker = optim.AdamW if decoupled else optim.Adam
    program = recorded(lambda p: maker(p, lr=lr, betas=(one, two), weight_decay=decay, amsgrad=amsgrad), clip)
    for ledger in proven(program).values():
        v = values(ledger)
        g = prepared(v, ledger, 0.0 if decoupled else decay, clip)
        t = v["t₁"]
        assert t == v["t₀"] + 1 == 2
        close(v["m₁"], one * v["m₀"] + (1 - one) * g)
        close(v["v₁"], two * v["v₀"] + (1 - two) * g**2)
        second = v["v₁"]
        if amsgrad:
            close(v["vₘₐₓ₁"], np.maximum(v["vₘₐₓ₀"], v["v₁"]))
            second = v["vₘₐₓ₁"]
        close(v["√v̂"], np.sqrt(second / (1 - two**t)))
        close(v["lrₜ"], lr / (1 - one**t))
        mean = v["m₁"] / (1 - one**t)
        close(v["Δw"], lr * mean / (np.sqrt(second / (1 - two**t)) + 1e-8))
        shrunk = "shrink" in kinds(ledger)
        assert shrunk == (decoupled and decay > 0)
        if shrunk:
            close(v["w₁"], v["w₀"] * (1 - lr * decay))
        close(v["w₂" if shrunk else "w₁"], v["w₁" if shrunk else "w₀"] - v["Δw"])
        order = [
            kind for kind in kinds(ledger) if kind in ("gradient", "clip", "exp_avg", "update", "weight")
        ]
        assert order == sorted(order, key=["gradient", "clip", "exp_avg", "update", "weight"].index)


@few
@given(rates, shares, decays, clips, st.floats(0.8, 0.999), st.booleans())
def test_rmsprop(lr: float, mu: float, decay: float, clip: str | None, alpha: float, centered: bool) -> None:
    options = {"momentum": mu, "weight_decay": decay, "alpha": alpha, "centered": centered}
    program = recorded(lambda p: optim.RMSprop(p, lr=lr, **options), clip)
    for ledger in proven(program).values():
        v = values(ledger)
        g = prepared(v, ledger, decay, clip)
        close(v["v₁"], alpha * v["v₀"] + (1 - alpha) * g**2)
        spread = v["v₁"]
        if centered:
            close(v["ḡ₁"], alpha * v["ḡ₀"] + (1 - alpha) * g)
            spread = spread - v["ḡ₁"] ** 2
        if mu:
            np.testing.assert_allclose(v["b₁"], mu * v["b₀"] + g / (np.sqrt(spread) + 1e-8), rtol=1e-4)
            close(v["Δw"], lr * v["b₁"])
        else:
            np.testing.assert_allclose(v["Δw"], lr * g / (np.sqrt(spread) + 1e-8), rtol=1e-4)
        close(v["w₁"], v["w₀"] - v["Δw"])


@few
@given(rates, decays, clips, st.sampled_from([0.0, 0.1]))
def test_adagrad(lr: float, decay: float, clip: str | None, slower: float) -> None:
    program = recorded(lambda p: optim.Adagrad(p, lr=lr, weight_decay=decay, lr_decay=slower), clip)
    for ledger in proven(program).values():
        v = values(ledger)
        g = prepared(v, ledger, decay, clip)
        close(v["s₁"], v["s₀"] + g**2)
        rate = lr / (1 + slower)  # t = 2
        assert ("slower" in kinds(ledger)) == bool(slower)
        if slower:
            close(v["lrₜ"], np.array(rate))
        close(v["Δw"], rate * g / (np.sqrt(v["s₁"]) + 1e-10))
        close(v["w₁"], v["w₀"] - v["Δw"])


@pytest.mark.parametrize("name", ["NAdam", "RAdam", "Adamax", "Adadelta", "ASGD", "Rprop"])
def test_the_other_optimizers_are_whole_too(name: str) -> None:
    for ledger in proven(recorded(lambda p: getattr(optim, name)(p, lr=LR))).values():
        symbols = [stage.symbol for stage in ledger.stages]
        assert len(set(symbols)) == len(symbols)


def test_formulas_numbers_and_results() -> None:
    program = recorded(lambda p: optim.AdamW(p, lr=LR, weight_decay=0.1), "norm")
    ledger = Updates(program).of("weight")
    assert ledger is not None
    formulas = {stage.kind: ledger.formula(stage) for stage in ledger.stages}
    assert formulas == {
        "gradient": "g₀ = ∂L/∂weight",
        "norm": "‖g‖ = ‖(∂L/∂θ₁, …, ∂L/∂θ₂)‖",
        "clip": "g₁ = g₀ · min(0.1 / (‖g‖ + 1e−6), 1)",
        "step": "t₁ = t₀ + 1",
        "shrink": "w₁ = w₀ · (1 − lr · 0.1)",
        "exp_avg": "m₁ = m₀ + (g₁ − m₀) · 0.1",
        "exp_avg_sq": "v₁ = v₀ · 0.999 + g₁² · 0.001",
        "correction": "√v̂ = √v₁ / √(1 − 0.999^t₁)",
        "rate": "lrₜ = lr / (1 − 0.9^t₁)",
        "update": "Δw = m₁ · lrₜ / (√v̂ + 1e−8)",
        "weight": "w₂ = w₁ − Δw",
    }
    end = StateView(program, len(program))
    for stage in ledger.stages:
        if not stage.term.op or stage.kind == "norm":
            continue
        numbers = ledger.numbers(stage, end, (1, 2))
        python = numbers.replace("−", "-").replace("·", "*").replace("^", "**").replace("²", "**2")
        python = python.replace("√(", "math.sqrt(")
        while "√" in python:  # of a number
            at = python.index("√")
            stop = next((i for i in range(at + 1, len(python)) if python[i] in " )"), len(python))
            python = f"{python[:at]}math.sqrt({python[at + 1 : stop]}){python[stop:]}"
        result = ledger.result(stage, end, (1, 2))
        assert eval(python, {"math": math, "min": min}) == pytest.approx(result, rel=2e-4, abs=1e-6)
    text = ledger.text(end, (1, 2), formulas)
    assert "exp_avg: m₁ = m₀ + (g₁ − m₀) · 0.1" in text


def test_what_is_not_computed_yet_is_not_told() -> None:
    program = recorded(lambda p: optim.Adam(p, lr=LR))
    ledger = Updates(program).of("weight")
    assert ledger is not None
    first = program.producers[ledger.stages[1].slot]
    state = StateView(program, first)
    assert ledger.result(ledger.stages[0], state, (0, 0)) is not None
    assert ledger.result(ledger.stages[-1], state, (0, 0)) is None
    assert UNKNOWN in ledger.numbers(ledger.stages[-1], state, (0, 0))
    hidden = StateView(program, len(program), frozenset({ledger.after}))
    assert ledger.result(ledger.stages[-1], hidden, None) is None


def test_an_update_by_hand_and_two_steps_in_one_recording() -> None:
    w = torch.ones(3, requires_grad=True)
    with record() as recorder:
        for _ in range(2):
            w.grad = None
            (w * w).sum().backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
    program = recorder.program()
    first, second = Updates(program).all()
    assert first.after == second.before
    assert [second.formula(stage) for stage in second.stages] == [
        "g₀ = ∂L/∂w",
        "Δw = 0.1 · g₀",
        "w₁ = w₀ − Δw",
    ]
    for each in (first, second):
        for slot, value in each.replay().items():
            np.testing.assert_array_equal(value, program.values[slot])


def test_which_update_a_slot_belongs_to() -> None:
    program = recorded(lambda p: optim.Adam(p, lr=LR), "norm")
    updates = Updates(program)
    times = Counter(i for each in updates.all() for i in {i for stage in each.stages for i in stage.instrs})
    for each in updates.all():
        for stage in each.stages:
            for slot in (stage.slot, *(program.instrs[i].output for i in stage.instrs)):
                if times[program.producers[slot]] < 2:  # the total norm is of all parameters together
                    assert updates.around(slot) is each
    forward = next(i for i in program.instrs if i.site.phase is Phase.FORWARD)
    assert updates.around(forward.output) is None
    assert Updates(recorded(lambda p: optim.SGD(p, lr=LR))).of("nothing") is None
