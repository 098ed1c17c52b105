"""Forks with another activation, other first weights and other data, against a network that is made so."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor

import gradviz as torch
from gradviz.app.inside.activations import ACTIVATIONS, activations, other_activation
from gradviz.app.inside.compare import Comparison, fork
from gradviz.app.inside.variations import initialised, noisy, shifted
from gradviz.nn import functional as F
from tests.ui.fakes import lenet


def net(x: Tensor, w: Tensor, v: Tensor, name: str) -> Tensor:
    h = ACTIVATIONS[name](x @ w)
    return (ACTIVATIONS[name]((h + x) @ v) * h).sum()


def recorded(name: str, dtype: object = torch.float64) -> tuple[Program, dict[str, Tensor]]:
    rng = np.random.default_rng(3)
    made = {n: torch.tensor(rng.normal(size=(4, 4)).tolist(), dtype=dtype) for n in "xwv"}
    for n in "wv":
        made[n].requires_grad_()
    with record() as recorder:
        for n, tensor in made.items():
            recorder.name(tensor, n)
        net(made["x"], made["w"], made["v"], name).backward()
    return recorder.program(), made


@pytest.mark.parametrize("before", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("after", list(ACTIVATIONS))
def test_another_activation_is_the_network_made_with_it(before: str, after: str) -> None:
    program, _ = recorded(before)
    (indices,) = activations(program).values()
    assert len(indices) == 2
    rules, without = other_activation(program, indices, after)
    second = fork(program, 0, {}, None, rules)
    expected, tensors = recorded(after)
    assert program.loss is None or expected.loss is not None
    for n in "wv":
        slot = next(i for i, row in enumerate(program.slots) if row.name == n)
        total = program.gradient_slot(slot)
        assert total is not None
        grad = tensors[n].grad
        assert grad is not None
        np.testing.assert_allclose(second.values[total], grad.numpy(), rtol=1e-12, atol=1e-14)
        assert total not in without
    comparison = Comparison(program, second, without=without)
    assert all(comparison.pair(slot) is None for slot in without)
    if before == "tanh":
        assert without  # 1 − y² has no counterpart


def test_only_what_runs_later_is_changed() -> None:
    program, _ = recorded("relu")
    first, later = activations(program)["relu"]
    assert activations(program, first + 1)["relu"] == (later,)
    rules, _ = other_activation(program, (later,), "sigmoid")
    second = fork(program, first + 1, {}, None, rules)
    np.testing.assert_array_equal(
        second.values[program.instrs[first].output], program.values[program.instrs[first].output]
    )
    x = program.values[program.instrs[later].inputs[0]]
    np.testing.assert_allclose(second.values[program.instrs[later].output], 1 / (1 + np.exp(-x)))


def test_the_same_activation_changes_no_bit() -> None:
    program = lenet().iterations[0].program
    rules, without = other_activation(program, activations(program)["relu"], "relu")
    again = fork(program, 0, {}, None, rules)
    assert [x.tobytes() for x in again.values] == [x.tobytes() for x in program.values]
    assert not without


def test_lenet_with_tanh() -> None:
    program = lenet().iterations[0].program
    rules, _ = other_activation(program, activations(program)["relu"], "tanh")
    second = fork(program, 0, {}, None, rules)
    named = {row.name: slot for slot, row in enumerate(program.slots) if program.producers[slot] < 0}
    p = {
        name: torch.from_numpy(np.array(program.values[slot])).requires_grad_()
        for name, slot in named.items()
        if name.endswith(("weight", "bias"))
    }
    x, target = (torch.from_numpy(np.array(program.values[named[name]])) for name in ("x", "target"))
    for layer in ("conv1", "conv2"):
        x = F.max_pool2d(F.tanh(F.conv2d(x, p[f"{layer}.weight"], p[f"{layer}.bias"])), 2)
    x = torch.flatten(x, 1)
    for layer in ("fc1", "fc2", "fc3"):
        x = F.linear(x, p[f"{layer}.weight"], p[f"{layer}.bias"])
        x = F.tanh(x) if layer != "fc3" else x
    F.cross_entropy(x, target).backward()
    for name, tensor in p.items():
        total = program.gradient_slot(named[name])
        assert total is not None
        assert tensor.grad is not None
        np.testing.assert_allclose(second.values[total], tensor.grad.numpy(), rtol=1e-5, atol=1e-7)


def test_schemes_have_their_spread() -> None:
    program = lenet().iterations[0].program
    slot = next(i for i, row in enumerate(program.slots) if row.name == "fc1.weight")
    kaiming = initialised(program, "kaiming")[slot]
    assert kaiming.shape == (120, 400)
    assert kaiming.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    xavier = initialised(program, "xavier")[slot]
    assert np.abs(xavier).max() == pytest.approx(np.sqrt(6 / 520), rel=0.01)
    assert not initialised(program, "zeros")[slot].any()
    assert all(len(program.slots[each].shape) > 1 for each in initialised(program, "large"))


def test_noise_and_shift() -> None:
    program = lenet().iterations[0].program
    (x,) = noisy(program)
    before = program.values[x]
    assert (noisy(program)[x] - before).std() == pytest.approx(0.3 * before.std(), rel=0.05)
    np.testing.assert_array_equal(shifted(program)[x][..., 2:], before[..., :-2])
