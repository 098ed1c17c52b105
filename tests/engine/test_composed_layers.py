"""Convolutions, pools, normalisations, attention and resampling that are put together from ops: finite
differences to second order, and values by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as torch
import gradviz.nn.functional as F
from gradviz import Tensor

Shapes = tuple[tuple[int, ...], ...]

CASES: dict[str, tuple[Callable[..., Tensor], Shapes]] = {
    "conv1d": (lambda x, w, b: F.conv1d(x, w, b, 2, 1), ((1, 2, 5), (2, 2, 2), (2,))),
    "conv1d, same": (lambda x, w: F.conv1d(x, w, padding="same", groups=2), ((2, 4), (2, 1, 2))),
    "conv3d": (lambda x, w: F.conv3d(x, w, padding=(1, 0, 0)), ((1, 1, 2, 3, 2), (1, 1, 2, 2, 1))),
    "conv_transpose1d": (lambda x, w, b: F.conv_transpose1d(x, w, b, 2, 1, 1), ((1, 2, 3), (2, 1, 3), (1,))),
    "conv_transpose2d": (
        lambda x, w: F.conv_transpose2d(x, w, dilation=2, output_padding=1, groups=2),
        ((2, 2, 2), (2, 1, 2, 1)),
    ),
    "max_pool3d": (lambda x: F.max_pool3d(x * 10, 2, 1), ((1, 2, 3, 2),)),
    "avg_pool3d": (lambda x: F.avg_pool3d(x, (2, 1, 2), padding=(1, 0, 1)), ((1, 2, 2, 2),)),
    "adaptive_avg_pool3d": (lambda x: F.adaptive_avg_pool3d(x, (1, 2, 2)), ((1, 2, 3, 2),)),
    "adaptive_max_pool3d": (lambda x: F.adaptive_max_pool3d(x * 10, (1, 2, 1)), ((1, 2, 3, 2),)),
    "avg_pool1d": (lambda x: F.avg_pool1d(x, 3, 2, 1, True), ((1, 2, 6),)),
    "max_pool1d": (lambda x: F.max_pool1d(x * 10, 2), ((1, 2, 4),)),
    "adaptive_avg_pool1d": (lambda x: F.adaptive_avg_pool1d(x, 3), ((2, 5),)),
    "adaptive_max_pool1d": (lambda x: F.adaptive_max_pool1d(x * 10, 2), ((2, 5),)),
    "lp_pool1d": (lambda x: F.lp_pool1d(x * x + 0.5, 2, 2), ((1, 2, 4),)),
    "lp_pool2d": (lambda x: F.lp_pool2d(x * x + 0.5, 3, 2), ((1, 2, 4),)),
    "max_unpool1d": (
        lambda x: F.max_unpool1d(x, torch.tensor([[1, 2], [0, 3]]), 2),
        ((2, 2),),
    ),
    "batch_norm": (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=0.1),
        ((3, 2, 2), (2,), (2,)),
    ),
    "instance_norm": (
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=0.1),
        ((2, 2, 3), (2,), (2,)),
    ),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (2, 2), w, b, 0.1), ((2, 2, 2), (2, 2), (2, 2))),
    "rms_norm": (lambda x, w: F.rms_norm(x, (3,), w, 0.1), ((2, 3), (3,))),
    "group_norm": (lambda x, w, b: F.group_norm(x, 2, w, b, 0.1), ((2, 4, 2), (4,), (4,))),
    "local_response_norm": (lambda x: F.local_response_norm(x, 2, 0.5), ((1, 3, 2),)),
    "scaled_dot_product_attention": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
        ((2, 3, 2), (2, 3, 2), (2, 3, 1)),
    ),
    "interpolate": (lambda x: F.interpolate(x, (3, 5), mode="bicubic"), ((1, 1, 2, 3),)),
    "interpolate, corners": (
        lambda x: F.interpolate(x, (3, 4), mode="bilinear", align_corners=True),
        ((1, 1, 2, 3),),
    ),
    "pixel_shuffle": (lambda x: F.pixel_shuffle(x, 2), ((4, 1, 2),)),
    "pixel_unshuffle": (lambda x: F.pixel_unshuffle(x, 2), ((1, 2, 4),)),
    "channel_shuffle": (lambda x: F.channel_shuffle(x, 2), ((1, 4, 2),)),
    "pad": (lambda x: F.pad(x, (2, 1), "reflect"), ((2, 3),)),
    "embedding_bag": (
        lambda w, s: F.embedding_bag(
            torch.tensor([0, 2, 1, 2]), w, torch.tensor([0, 3]), mode="sum", per_sample_weights=s
        ),
        ((3, 2), (4,)),
    ),
    "alpha_dropout": (lambda x: _seeded(lambda: F.alpha_dropout(x, 0.4, True)), ((2, 3),)),
    "dropout2d": (lambda x: _seeded(lambda: F.dropout2d(x, 0.4)), ((2, 3, 2, 1),)),
}


def _seeded(call: Callable[[], Tensor]) -> Tensor:
    torch.manual_seed(3)
    return call()


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=2)
@given(seed=st.integers(0, 2**32 - 1))
def test_gradients(name: str, seed: int) -> None:
    function, shapes = CASES[name]
    rng = np.random.default_rng(seed)
    inputs = [torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    gradcheck(function, inputs, seed=seed)
    gradgradcheck(function, inputs, seed=seed)


def test_a_line_is_convolved() -> None:
    x = torch.tensor([[1.0, 2.0, 4.0, 8.0]])
    w = torch.tensor([[[1.0, -1.0]]])
    assert F.conv1d(x, w).tolist() == [[-1.0, -2.0, -4.0]]
    assert F.conv1d(x, w, torch.tensor([0.5]), stride=2, padding=1).tolist() == [[-0.5, -1.5, 8.5]]
    assert F.conv1d(x, w, padding="same").tolist() == [[-1.0, -2.0, -4.0, 8.0]]


def test_a_transposed_convolution_lays_down_kernels() -> None:
    x = torch.tensor([[1.0, 2.0]])
    w = torch.tensor([[[1.0, 10.0, 100.0]]])
    assert F.conv_transpose1d(x, w).tolist() == [[1.0, 12.0, 120.0, 200.0]]
    assert F.conv_transpose1d(x, w, stride=2).tolist() == [[1.0, 10.0, 102.0, 20.0, 200.0]]
    assert F.conv_transpose1d(x, w, stride=2, padding=1, output_padding=1).tolist() == [
        [10.0, 102.0, 20.0, 200.0]
    ]


def test_pools_of_a_line() -> None:
    x = torch.tensor([[1.0, 5.0, 5.0, float("nan"), 0.0, 2.0]])
    values, places = F.max_pool1d(x, 2, return_indices=True)
    assert places.tolist() == [[1, 3, 5]]
    assert values[0, ::2].tolist() == [5.0, 2.0]
    assert F.max_unpool1d(values, places, 2)[0, 1].item() == 5.0
    y = torch.tensor([[1.0, 2.0, 3.0, 6.0, 9.0]])
    assert F.avg_pool1d(y, 2, ceil_mode=True).tolist() == [[1.5, 4.5, 9.0]]
    assert F.adaptive_max_pool1d(y, 2, return_indices=True)[1].tolist() == [[2, 4]]


def test_the_average_over_all_batches() -> None:
    layer = torch.nn.BatchNorm1d(1, momentum=None, affine=False)
    for value in (1.0, 2.0, 6.0):
        layer(torch.tensor([[value - 1], [value + 1]]))
    assert layer.running_mean.tolist() == [3.0]
    assert layer.running_var.tolist() == [2.0]
    assert layer.num_batches_tracked.item() == 3
    assert layer.eval()(torch.tensor([[3.0]])).tolist() == [[0.0]]


def test_a_query_that_may_look_at_nothing_gets_nothing() -> None:
    q, k, v = torch.rand(2, 3, requires_grad=True), torch.rand(4, 3), torch.rand(4, 5)
    mask = torch.tensor([[True, True, False, False], [False, False, False, False]])
    y = F.scaled_dot_product_attention(q, k, v, mask)
    assert y[1].tolist() == [0.0] * 5
    y.sum().backward()
    assert q.grad[1].tolist() == [0.0] * 3
    assert all(torch.isfinite(q.grad).flatten().tolist())


def test_embedding_and_its_padding() -> None:
    w = torch.arange(6.0).reshape(3, 2).requires_grad_()
    k = torch.tensor([2, 0, 2])
    F.embedding(k, w, padding_idx=0).sum().backward()
    assert w.grad.tolist() == [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    w.grad = None
    F.embedding(k, w, scale_grad_by_freq=True).sum().backward()
    assert w.grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
    F.embedding(torch.tensor([1]), w, max_norm=0.5)
    assert w[1].norm().item() == pytest.approx(0.5, rel=1e-5)
    with pytest.raises(ValueError, match="no sparse gradients"):
        F.embedding(k, w, sparse=True)


def test_resampling() -> None:
    x = torch.tensor([[[1.0, 3.0]]])
    assert F.interpolate(x, 4).tolist() == [[[1.0, 1.0, 3.0, 3.0]]]
    assert F.interpolate(x, 4, mode="linear").tolist() == [[[1.0, 1.5, 2.5, 3.0]]]
    assert F.interpolate(x, 3, mode="linear", align_corners=True).tolist() == [[[1.0, 2.0, 3.0]]]


def test_padding_modes() -> None:
    x = torch.tensor([[1.0, 2.0, 3.0]])
    assert F.pad(x, (2, 1), "reflect").tolist() == [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]
    assert F.pad(x, (2, 1), "replicate").tolist() == [[1.0, 1.0, 1.0, 2.0, 3.0, 3.0]]
    assert F.pad(x, (2, 1), "circular").tolist() == [[2.0, 3.0, 1.0, 2.0, 3.0, 1.0]]
    assert F.pad(x, (-1, 1), "replicate").tolist() == [[2.0, 3.0, 3.0]]


def test_dropout_of_channels() -> None:
    torch.manual_seed(0)
    y = F.dropout2d(torch.ones(50, 20, 2, 2), 0.3)
    planes = y.reshape(1000, 4)
    assert {tuple(row) for row in planes.tolist()} == {(0.0,) * 4, (planes.max().item(),) * 4}
    assert planes.max().item() == pytest.approx(1 / 0.7)
    assert 0.25 < (planes[:, 0] == 0).float().mean().item() < 0.35


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    torch.manual_seed(0)
    y = F.alpha_dropout(torch.randn(40000), 0.3, True)
    assert abs(y.mean().item()) < 0.03
    assert abs(y.std().item() - 1) < 0.03
