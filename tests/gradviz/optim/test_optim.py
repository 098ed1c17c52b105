"""Optimizers: first steps by hand, groups, state, messages and printouts.

Trajectories are compared with PyTorch's in tests/oracle.
"""

import numpy as np
import pytest

import gradviz as torch
import gradviz.nn as nn
from gradviz.optim import SGD, Adam, RMSprop


def parameter(*values: float) -> nn.Parameter:
    return nn.Parameter(torch.tensor(list(values)))


def steps(optimizer, w: nn.Parameter, gradients: list[float]) -> list[float]:
    """The parameter's value after each step with these gradients."""
    found = []
    for gradient in gradients:
        w.grad = torch.tensor([gradient])
        optimizer.step()
        found.append(w.item())
    return found


def test_sgd_by_hand() -> None:
    w = parameter(1.0)
    assert steps(SGD([w], lr=0.1), w, [2.0, -1.0]) == pytest.approx([0.8, 0.9])


def test_momentum_by_hand() -> None:
    w = parameter(1.0)  # v = 2, then 0.5 · 2 − 1 = 0
    assert steps(SGD([w], lr=0.1, momentum=0.5), w, [2.0, -1.0]) == pytest.approx([0.8, 0.8])
    w = parameter(1.0)  # v = 2, then 0.5 · 2 − (1 − 0.25) · 1 = 0.25
    found = steps(SGD([w], lr=0.1, momentum=0.5, dampening=0.25), w, [2.0, -1.0])
    assert found == pytest.approx([0.8, 0.775])
    w = parameter(1.0)  # g + 0.5 v = 3, then v = 0, g + 0.5 v = −1
    assert steps(SGD([w], lr=0.1, momentum=0.5, nesterov=True), w, [2.0, -1.0]) == pytest.approx([0.7, 0.8])


def test_weight_decay_and_maximize_by_hand() -> None:
    w = parameter(2.0)
    assert steps(SGD([w], lr=0.1, weight_decay=0.5), w, [1.0]) == pytest.approx([1.8])
    w = parameter(2.0)
    assert steps(SGD([w], lr=0.1, maximize=True), w, [1.0]) == pytest.approx([2.1])


def test_first_step_of_adam_is_the_learning_rate() -> None:
    for gradient in (1e-3, -5.0):
        w = parameter(1.0)
        assert steps(Adam([w], lr=0.1), w, [gradient]) == pytest.approx(
            [1 - 0.1 * np.sign(gradient)], rel=1e-4
        )


def test_first_step_of_rmsprop_by_hand() -> None:
    w = parameter(1.0)  # v = 0.19 · 4, so g / √v = 1 / √0.19
    assert steps(RMSprop([w], lr=0.1, alpha=0.81), w, [2.0]) == pytest.approx([1 - 0.1 / 0.19**0.5])


def test_parameters_without_gradient_are_left_alone() -> None:
    a, b = parameter(1.0), parameter(1.0)
    optimizer = SGD([a, b], lr=0.5)
    b.grad = torch.tensor([1.0])
    optimizer.step()
    assert (a.item(), b.item()) == (1, 0.5)


def test_steps_are_not_differentiated() -> None:
    w = parameter(1.0)
    optimizer = Adam([w])
    (w * 2).sum().backward()
    optimizer.step()
    assert w.is_leaf
    assert w.requires_grad
    assert not optimizer.state[w]["exp_avg"].requires_grad


def test_groups_have_settings_of_their_own() -> None:
    a, b, c = parameter(1.0), parameter(1.0), parameter(1.0)
    optimizer = SGD([{"params": [a]}, {"params": b, "lr": 1.0, "mine": "kept"}], lr=0.1)
    optimizer.add_param_group({"params": [c], "maximize": True})
    for w in (a, b, c):
        w.grad = torch.tensor([1.0])
    optimizer.step()
    assert [a.item(), b.item(), c.item()] == pytest.approx([0.9, 0.0, 1.1])
    assert optimizer.param_groups[1]["mine"] == "kept"
    for group in optimizer.param_groups:  # as schedulers do
        group["lr"] = 0.0
    optimizer.step()
    assert [a.item(), b.item(), c.item()] == pytest.approx([0.9, 0.0, 1.1])


def test_closure_computes_the_loss_with_gradients() -> None:
    w = parameter(3.0)
    optimizer = SGD([w], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9
    assert w.item() == pytest.approx(2.4)


def test_zero_grad() -> None:
    w = parameter(1.0)
    optimizer = SGD([w])
    w.grad = torch.tensor([3.0])
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0]
    optimizer.zero_grad()
    assert w.grad is None


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda w: SGD([w], lr=-1), ValueError, "Invalid learning rate: -1"),
        (lambda w: SGD([w], momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda w: SGD([w], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
        (
            lambda w: SGD([w], nesterov=True),
            ValueError,
            "Nesterov momentum requires a momentum and zero dampening",
        ),
        (lambda w: Adam([w], lr=-1), ValueError, "Invalid learning rate: -1"),
        (lambda w: Adam([w], eps=-1), ValueError, "Invalid epsilon value: -1"),
        (lambda w: Adam([w], betas=(1, 0.9)), ValueError, "Invalid beta parameter at index 0: 1"),
        (lambda w: Adam([w], betas=(0.9, 1)), ValueError, "Invalid beta parameter at index 1: 1"),
        (lambda w: Adam([w], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
        (lambda w: RMSprop([w], lr=-1), ValueError, "Invalid learning rate: -1"),
        (lambda w: RMSprop([w], alpha=-1), ValueError, "Invalid alpha value: -1"),
        (lambda w: RMSprop([w], momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda w: RMSprop([w], eps=-1), ValueError, "Invalid epsilon value: -1"),
        (lambda w: RMSprop([w], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
        (lambda w: SGD([w], differentiable=True), ValueError, "not differentiable"),
        (lambda w: SGD([]), ValueError, "optimizer got an empty parameter list"),
        (lambda w: SGD(w), TypeError, "iterable of Tensors or dicts, but got torch.FloatTensor"),
        (lambda w: SGD([1]), TypeError, "can only optimize Tensors, but one of the params is int"),
        (lambda w: SGD([w * 2]), ValueError, "can't optimize a non-leaf Tensor"),
        (lambda w: SGD([{"params": [w]}, {"params": [w]}]), ValueError, "in more than one parameter group"),
        (lambda w: SGD([{"params": {w}}]), TypeError, "ordering of tensors in sets will change"),
        (
            lambda w: SGD([w]).add_param_group([w]),
            TypeError,
            "param_group must be a dict, but got <class 'list'>",
        ),
    ],
)
def test_mistakes_are_named_as_in_pytorch(make, error, message: str) -> None:
    with pytest.raises(error, match=message):
        make(parameter(1.0))


PRINTED = {
    SGD: """SGD (
Parameter Group 0
    dampening: 0
    differentiable: False
    foreach: None
    fused: None
    lr: 0.1
    maximize: False
    momentum: 0
    nesterov: False
    weight_decay: 0

Parameter Group 1
    dampening: 0
    differentiable: False
    foreach: None
    fused: None
    lr: 0.2
    maximize: False
    momentum: 0
    nesterov: False
    weight_decay: 0
)""",
    Adam: """Adam (
Parameter Group 0
    amsgrad: False
    betas: (0.9, 0.999)
    capturable: False
    decoupled_weight_decay: False
    differentiable: False
    eps: 1e-08
    foreach: None
    fused: None
    lr: 0.001
    maximize: False
    weight_decay: 0
)""",
    RMSprop: """RMSprop (
Parameter Group 0
    alpha: 0.99
    capturable: False
    centered: False
    differentiable: False
    eps: 1e-08
    foreach: None
    lr: 0.01
    maximize: False
    momentum: 0
    weight_decay: 0
)""",
}


def test_printouts() -> None:
    a, b = parameter(1.0), parameter(1.0)
    assert repr(SGD([{"params": [a]}, {"params": [b], "lr": 0.2}], lr=0.1)) == PRINTED[SGD]
    assert repr(Adam([a])) == PRINTED[Adam]
    assert repr(RMSprop([a])) == PRINTED[RMSprop]


@pytest.mark.parametrize(
    "make",
    [
        lambda w: SGD([w], lr=0.1, momentum=0.9),
        lambda w: Adam([w], lr=0.1, amsgrad=True),
        lambda w: RMSprop([w], lr=0.1, momentum=0.9, centered=True),
    ],
)
def test_saved_state_goes_on_where_it_was(make) -> None:
    w, other = parameter(1.0), parameter(1.0)
    optimizer, resumed = make(w), make(other)
    steps(optimizer, w, [1.0, -0.5])
    steps(resumed, other, [3.0])
    with torch.no_grad():
        other.copy_(w)
    resumed.load_state_dict(optimizer.state_dict())
    assert steps(optimizer, w, [0.3, 0.2]) == steps(resumed, other, [0.3, 0.2])


def test_saved_state_is_plain_and_must_fit() -> None:
    w = parameter(1.0)
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    steps(optimizer, w, [2.0])
    state = optimizer.state_dict()
    assert state["state"][0]["momentum_buffer"].tolist() == [2]
    assert state["param_groups"][0]["params"] == [0]
    assert state["param_groups"][0]["momentum"] == 0.9
    with pytest.raises(ValueError, match="different number of parameter groups"):
        SGD([{"params": [parameter(1.0)]}, {"params": [parameter(1.0)]}]).load_state_dict(state)
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        SGD([parameter(1.0), parameter(1.0)]).load_state_dict(state)


FIRST_STEPS = {  # what becomes of 1 with the gradient 2 and the learning rate 0.1
    "Adagrad": ({}, 0.9),
    "Adadelta": ({"eps": 1.0}, 1 - 0.1 * 2 / 1.4**0.5),
    "Adamax": ({}, 0.9),
    "AdamW": ({"weight_decay": 0.5}, 0.95 - 0.1),
    "RAdam": ({}, 1 - 0.1 * 2),
    "ASGD": ({"lambd": 0.5}, 0.95 - 0.2),
    "Rprop": ({}, 0.9),
}


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_first_steps_by_hand(name: str) -> None:
    options, expected = FIRST_STEPS[name]
    w = parameter(1.0)
    assert steps(getattr(torch.optim, name)([w], lr=0.1, **options), w, [2.0]) == pytest.approx([expected])


def test_first_step_of_nadam_by_hand() -> None:
    w = parameter(1.0)  # without decay of the momentum μ is β₁ / 2 = 0.4 at every step
    found = steps(torch.optim.NAdam([w], lr=0.1, betas=(0.8, 0.9), momentum_decay=0.0), w, [2.0])
    assert found == pytest.approx([1 - 0.1 * (0.6 / 0.6 * 2 + 0.4 / 0.84 * 0.4) / 2])


def test_rprop_shrinks_the_step_where_the_sign_turns() -> None:
    w = parameter(1.0)  # 0.1; then 0.12 the same way; then half of it, and a rest; then on
    found = steps(torch.optim.Rprop([w], lr=0.1), w, [2.0, 1.0, -3.0, -3.0])
    assert found == pytest.approx([0.9, 0.78, 0.78, 0.84])


def test_names_of_parameters_are_kept() -> None:
    net = nn.Linear(1, 1)
    optimizer = SGD(net.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.state_dict()["param_groups"][0]["params"] == [0, 1]
    with pytest.raises(ValueError, match="cannot add param group without names to the optimizer"):
        optimizer.add_param_group({"params": [parameter(1.0)]})
    with pytest.raises(ValueError, match="Some param names are missing"):
        SGD([("a", parameter(1.0)), parameter(1.0)])
    with pytest.raises(ValueError, match="Tensor lr must be 1-element"):
        SGD([parameter(1.0)], lr=torch.ones(2))
    w = parameter(1.0)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        SGD([w, w])


def test_a_step_in_double_precision_is_exact() -> None:
    w = nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    w.grad = torch.tensor([2.0], dtype=torch.float64)
    SGD([w], lr=0.1).step()
    assert w.item() == 1 - 0.1 * 2
