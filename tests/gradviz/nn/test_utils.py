"""Clipping gradients, vectors of parameters, and initial values."""

import math

import numpy as np
import pytest
from gradviz.engine.program import Phase

import gradviz as torch
import gradviz.nn as nn
from gradviz.nn import init, utils


def net() -> nn.Linear:
    made = nn.Linear(2, 1)
    made.weight.grad = torch.tensor([[3.0, 0.0]])
    made.bias.grad = torch.tensor([-4.0])
    return made


def test_gradients_are_scaled_to_a_common_norm() -> None:
    linear = net()
    held = linear.weight.grad
    assert utils.clip_grad_norm_(linear.parameters(), 1.0).item() == 5
    assert linear.weight.grad is held
    assert held.tolist() == [[pytest.approx(0.6), 0]]
    assert linear.bias.grad.tolist() == [pytest.approx(-0.8)]
    assert utils.clip_grad_norm_(linear.parameters(), 2.0).item() == pytest.approx(1)
    assert held.tolist() == [[pytest.approx(0.6), 0]], "short ones are left alone"


@pytest.mark.parametrize(
    ("order", "norm"), [(1, 7), (2, 5), (3, 91 ** (1 / 3)), (math.inf, 4), (-math.inf, 0), (0, 2)]
)
def test_norms(order: float, norm: float) -> None:
    gradients = [p.grad for p in net().parameters()]
    assert utils.get_total_norm(gradients, order).item() == pytest.approx(norm)


def test_clipping_each_number() -> None:
    linear = net()
    assert utils.clip_grad_value_(linear.parameters(), 2) is None
    assert linear.weight.grad.tolist() == [[2, 0]]
    assert linear.bias.grad.tolist() == [-2]


def test_clipping_nothing() -> None:
    assert utils.clip_grad_norm_([nn.Parameter(torch.ones(1))], 1.0).item() == 0
    with pytest.warns(UserWarning, match="`parameters` is an empty generator"):
        utils.clip_grad_norm_(iter_nothing(), 1.0)


def iter_nothing():
    yield from ()


def test_norms_that_are_no_numbers() -> None:
    linear = net()
    linear.bias.grad = torch.tensor([math.nan])
    message = "The total norm of order 2.0 for gradients from `parameters` is non-finite"
    with pytest.raises(RuntimeError, match=message):
        utils.clip_grad_norm_(linear.parameters(), 1.0, error_if_nonfinite=True)
    assert math.isnan(utils.clip_grad_norm_(linear.parameters(), 1.0).item())


def test_clipping_is_recorded_as_part_of_the_update() -> None:
    linear = nn.Linear(2, 1)
    with torch.record() as recorder:
        linear(torch.ones(1, 2)).sum().backward()
        utils.clip_grad_norm_(linear.parameters(), 0.1)
    program = recorder.program()
    update = [(instr.op, instr.site.module) for instr in program.instrs if instr.site.phase is Phase.UPDATE]
    assert {module for _, module in update} == {"total_norm", "clip_grad"}
    assert [op for op, module in update if module == "clip_grad"].count("mul") == 2
    slots = {binding.name: binding.slot for binding in program.bindings}
    assert np.abs(program.values[slots["weight.grad"]]).max() < 0.1


def test_parameters_as_a_vector() -> None:
    linear = nn.Linear(2, 1)
    vector = utils.parameters_to_vector(linear.parameters())
    assert vector.tolist() == [*linear.weight[0].tolist(), *linear.bias.tolist()]
    vector.sum().backward()
    assert linear.bias.grad.tolist() == [1]
    utils.vector_to_parameters(torch.tensor([1.0, 2, 3]), linear.parameters())
    assert linear.weight.tolist() == [[1, 2]]
    assert linear.bias.tolist() == [3]
    with pytest.raises(TypeError, match=r"expected torch.Tensor, but got: list"):
        utils.vector_to_parameters([1.0], linear.parameters())


# Initial values.


def test_generators_make_initial_values_repeatable() -> None:
    def draw(seed: int) -> list:
        return init.normal_(torch.zeros(3), generator=torch.Generator().manual_seed(seed)).tolist()

    assert draw(1) == draw(1) != draw(2)


def test_orthogonal_rows_or_columns() -> None:
    tall = init.orthogonal_(torch.zeros(5, 3).double(), 2.0)
    assert np.allclose((tall.t() @ tall).numpy(), 4 * np.eye(3))
    wide = init.orthogonal_(torch.zeros(2, 3, 2).double()).reshape(2, 6)
    assert np.allclose((wide @ wide.t()).numpy(), np.eye(2))


def test_sparse_columns() -> None:
    values = init.sparse_(torch.zeros(10, 4), 0.25, std=1.0)
    assert (values == 0).sum(0).tolist() == [3, 3, 3, 3]


def test_dirac_is_the_identity_of_convolutions() -> None:
    x = torch.rand(1, 4, 5, 5)
    weight = init.dirac_(torch.ones(4, 2, 3, 3), groups=2)
    assert torch.allclose(nn.functional.conv2d(x, weight, padding=1, groups=2), x)


def test_truncated_normal_stays_within() -> None:
    for a, b in ((-1.0, 0.5), (2.0, 3.0)):
        values = init.trunc_normal_(torch.zeros(2000), a=a, b=b)
        assert a <= float(values.min())
        assert float(values.max()) <= b
    with pytest.warns(UserWarning, match="mean is more than 2 std from"):
        init.trunc_normal_(torch.zeros(2), mean=9.0, a=-1.0, b=1.0)


def test_parts_of_a_parameter_can_be_set() -> None:
    cell = nn.LSTMCell(1, 2)
    init.ones_(cell.bias_ih[2:4])
    assert cell.bias_ih[2:4].tolist() == [1, 1]
    assert cell.bias_ih.is_leaf


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda t: init.eye_(t), ValueError, "Only tensors with 2 dimensions are supported"),
        (lambda t: init.dirac_(t), ValueError, "Only tensors with 3, 4, or 5 dimensions are supported"),
        (lambda t: init.dirac_(torch.zeros(3, 1, 1), 2), ValueError, "dim 0 must be divisible by groups"),
        (lambda t: init.orthogonal_(t), ValueError, "Only tensors with 2 or more dimensions are supported"),
        (lambda t: init.sparse_(t, 0.5), ValueError, "Only tensors with 2 dimensions are supported"),
        (lambda t: init.xavier_normal_(t), ValueError, "Fan in and fan out can not be computed"),
        (lambda t: init.uniform_(t, 2, 1), RuntimeError, r"found from=2 > to=1"),
        (lambda t: init.normal_(t, 0, -1), RuntimeError, "normal expects std >= 0.0, but found std -1"),
        (lambda t: init.calculate_gain("elu"), ValueError, "Unsupported nonlinearity elu"),
        (lambda t: init.calculate_gain("leaky_relu", True), ValueError, "negative_slope True not a valid"),
        (lambda t: init.kaiming_normal_(t, mode="out"), ValueError, "Mode out not supported"),
    ],
)
def test_mistakes(act, error, message) -> None:
    with pytest.raises(error, match=message):
        act(torch.zeros(3))
