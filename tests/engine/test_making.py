"""Random tensors keep to their distributions; conversions, limits and what numpy sees."""

import warnings
from typing import Any

import numpy as np
import pytest

import gradviz as torch


def test_the_same_seed_gives_the_same_numbers() -> None:
    for draw in (
        lambda g: torch.rand(4, generator=g),
        lambda g: torch.randint(9, (4,), generator=g),
        lambda g: torch.randperm(9, generator=g),
        lambda g: torch.normal(0.0, 1.0, (4,), generator=g),
        lambda g: torch.bernoulli(torch.full((9,), 0.5), generator=g),
        lambda g: torch.multinomial(torch.ones(9), 3, generator=g),
        lambda g: torch.empty(4).exponential_(generator=g),
        lambda g: torch.empty(4).random_(9, generator=g),
        lambda g: torch.rand_like(torch.ones(4), generator=g),
    ):
        numbers = [draw(torch.Generator().manual_seed(5)).tolist() for _ in range(2)]
        assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("fill", "mean"),
    [
        (lambda x: x.exponential_(4), 0.25),
        (lambda x: x.geometric_(0.25), 4.0),
        (lambda x: x.log_normal_(0, 0.5), np.exp(0.125)),
        (lambda x: x.bernoulli_(0.3), 0.3),
        (lambda x: x.random_(2, 5), 3.0),
        (lambda x: x.uniform_(2, 5), 3.5),
        (lambda x: x.normal_(3, 2), 3.0),
        (lambda x: x.cauchy_(3, 0.1).clamp_(2, 4), 3.0),
    ],
)
def test_means(fill: Any, mean: float) -> None:
    torch.manual_seed(0)
    assert fill(torch.empty(20000)).mean().item() == pytest.approx(mean, rel=0.05)


def test_weights_of_0_are_drawn_last() -> None:
    weights = torch.tensor([0.0, 2.0, 0.0, 1.0])
    drawn = torch.multinomial(weights, 4).tolist()
    assert sorted(drawn[:2]) == [1, 3]
    assert sorted(drawn) == [0, 1, 2, 3]
    assert set(torch.multinomial(weights, 50, replacement=True).tolist()) == {1, 3}


def test_limits() -> None:
    assert torch.finfo(torch.float32).eps == 2.0**-23
    assert torch.iinfo(torch.int8).min == -128
    assert torch.finfo().bits == 32
    with pytest.raises(TypeError, match="floating point"):
        torch.finfo(torch.int8)
    with pytest.raises(TypeError, match="integer"):
        torch.iinfo(torch.bool)


def test_only_one_device() -> None:
    for make in (
        lambda: torch.zeros(2, device="cuda"),
        lambda: torch.rand(2, device="cuda:0"),
        lambda: torch.tensor(1, device="cuda"),
        lambda: torch.ones(2).to("cuda"),
    ):
        with pytest.raises(RuntimeError, match="gradviz computes on the CPU"):
            make()
    assert torch.zeros(2, device="cpu").device.type == "cpu"


def test_numpys_functions_make_tensors_but_do_not_lose_the_graph() -> None:
    x = torch.tensor([0.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = np.exp(x)
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == pytest.approx([1.0, np.e])
    assert np.greater(x, 0).dtype is torch.uint8
    assert np.add(x, np.ones(2)).dtype is torch.float64
    assert np.stack([x, x]).shape == (2, 2)
    with pytest.raises(RuntimeError, match="requires grad"):
        np.exp(x.requires_grad_())


def test_what_numpy_sees_is_shared() -> None:
    x = torch.zeros(2)
    seen = np.asarray(x)
    copied = np.array(x)
    x += 1
    assert seen.tolist() == [1.0, 1.0]
    assert copied.tolist() == [0.0, 0.0]
    assert np.asarray(x, dtype=np.int64).tolist() == [1, 1]
    with pytest.raises(ValueError, match="without a copy"):
        x.__array__(np.int64, copy=False)


def test_a_handle_gets_another_shape_in_place() -> None:
    x = torch.arange(6.0).view(2, 3)
    flat = x.view(-1)
    assert x.t_() is x
    assert x.shape == (3, 2)
    flat[1] = 10
    assert x[1, 0].item() == 10
    assert x.unsqueeze_(0).shape == (1, 3, 2)
    assert x.squeeze_().shape == (3, 2)
    with pytest.raises(RuntimeError, match="leaf"):
        torch.ones(2, requires_grad=True).unsqueeze_(0)


def test_numbers_that_a_dtype_does_not_hold() -> None:
    for call in (
        lambda: torch.full((2,), 300, dtype=torch.uint8),
        lambda: torch.zeros(2, dtype=torch.uint8).masked_fill(torch.tensor(True), 300),
        lambda: torch.zeros(2, dtype=torch.int64).index_fill(0, torch.tensor([0]), float("inf")),
    ):
        with pytest.raises(RuntimeError, match="cannot be converted to type"):
            call()


def test_views_from_a_tuple_are_not_changed_while_gradients_are_recorded() -> None:
    x = torch.arange(4.0, requires_grad=True) * 1
    first, _ = x.split(2)
    with pytest.raises(RuntimeError, match="came with others in a tuple"):
        first.add_(1)
    with torch.no_grad():
        first.add_(1)
    assert x.tolist() == [1.0, 2.0, 2.0, 3.0]
