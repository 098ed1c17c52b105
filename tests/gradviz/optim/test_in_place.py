"""An optimizer's step is a change in place, however it is computed."""

import pytest

import gradviz as torch
import gradviz.nn as nn
from gradviz.optim import SGD


def test_a_step_is_a_change_in_place_for_all_who_look_on() -> None:
    w = nn.Parameter(torch.tensor([1.0, 2.0]))
    seen: list[list[float]] = []
    w.register_hook(lambda gradient: seen.append(gradient.tolist()))
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optimizer = SGD([w], lr=0.5)
    optimizer.step()
    assert w.tolist() == [0.0, 0.0]
    assert w.is_leaf
    assert w.requires_grad
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()  # its rule reads w as it was
    shared, memory = w.data, w.detach().numpy()
    w.grad = None
    (w * 3).sum().backward()
    optimizer.step()
    assert seen == [[2.0, 4.0], [3.0, 3.0]]
    assert w.tolist() == shared.tolist() == memory.tolist() == [-1.5, -1.5]


def test_memory_keeps_its_layout_in_a_step() -> None:
    w = nn.Parameter(torch.arange(6.0).reshape(2, 3).t())
    w.grad = torch.ones(3, 2)
    optimizer = SGD([w], lr=1.0)
    optimizer.step()
    assert w.stride() == (1, 3)
    assert w.tolist() == [[-1.0, 2.0], [0.0, 3.0], [1.0, 4.0]]
    number = nn.Parameter(torch.tensor(2.0))
    number.grad = torch.tensor(0.5)
    SGD([number], lr=1.0).step()
    assert number.shape == ()
    assert number.item() == 1.5
