"""The steps of recurrent networks: finite differences to second order, and what they refuse."""

import numpy as np
import pytest
from gradviz.engine.errors import ShapeError
from gradviz.engine.gradcheck import gradcheck, gradgradcheck

import gradviz as torch

GATES = {"rnn_tanh_cell": 1, "rnn_relu_cell": 1, "lstm_cell": 4, "gru_cell": 3}


def arguments(name: str, bias: bool, seed: int) -> list[torch.Tensor]:
    rng = np.random.default_rng(seed)
    batch, inputs, hidden = (int(n) for n in rng.integers(1, 4, 3))
    rows = GATES[name] * hidden
    shapes = [(batch, inputs), (batch, hidden), (rows, inputs), (rows, hidden)]
    shapes += [(rows,), (rows,)] if bias else []
    shapes += [(batch, hidden)] if name == "lstm_cell" else []
    return [torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]


def step(name: str, *given: torch.Tensor):
    if name != "lstm_cell":
        return getattr(torch, name)(*given)
    x, h, *weights, c = given
    return torch.lstm_cell(x, (h, c), *weights)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", GATES)
def test_finite_differences(name: str, bias: bool) -> None:
    given = arguments(name, bias, 1)
    assert gradcheck(lambda *tensors: step(name, *tensors), given)
    assert gradgradcheck(lambda *tensors: step(name, *tensors), given)


@pytest.mark.parametrize("name", GATES)
def test_sizes_that_do_not_fit(name: str) -> None:
    gates = GATES[name]
    for x, h, message in (
        ((2, 4), (2, 2), "input has inconsistent input_size: got 4 expected 3"),
        ((2, 3), (1, 2), "Input batch size 2 doesn't match hidden0 batch size 1"),
        ((2, 3), (2, 5), "hidden0 has inconsistent hidden_size: got 5, expected 2"),
    ):
        hx = torch.zeros(h)
        with pytest.raises(ShapeError, match=message):
            getattr(torch, name)(
                torch.zeros(x),
                (hx, torch.zeros(2, 2)) if gates == 4 else hx,
                torch.zeros(2 * gates, 3),
                torch.zeros(2 * gates, 2),
            )


def test_gates_by_hand() -> None:
    one, zero = torch.ones(1, 1), torch.zeros(4, 1)
    bias = torch.tensor([100.0, -100.0, 0.5, 100.0])  # write all, forget all, 0.5, show all
    hidden, memory = torch.lstm_cell(one, (one, one * 7), zero, zero, bias, bias * 0)
    assert memory.item() == pytest.approx(np.tanh(0.5))
    assert hidden.item() == pytest.approx(np.tanh(np.tanh(0.5)))
    bias = torch.tensor([0.0, 100.0, 3.0])  # keep all
    assert torch.gru_cell(one, one * 7, zero[:3], zero[:3], bias, bias * 0).item() == pytest.approx(7)
    with pytest.raises(TypeError, match="must be tuple of Tensors, not Tensor"):
        torch.lstm_cell(one, one, zero, zero)
