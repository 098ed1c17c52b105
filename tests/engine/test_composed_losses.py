"""Activations and losses that are put together from ops: finite differences, and values by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as torch
import gradviz.nn.functional as F
from gradviz import Tensor

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.normal(size=shape))


def share(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.uniform(0.1, 0.9, shape))


def above(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(rng.uniform(1.2, 4, shape))


def signs(shape: Any) -> Tensor:
    return torch.tensor(np.where(np.arange(math.prod(shape)).reshape(shape) % 2, 1.0, -1.0))


def classes(x: Tensor) -> Tensor:
    return torch.arange(x.shape[0]) % x.shape[1]


def labels(x: Tensor) -> Tensor:
    """1, then −1 and what does not count: the first class is the right one."""
    rows = np.full(tuple(x.shape), -1)
    rows[:, 0] = 0
    return torch.tensor(rows)


CASES: dict[str, tuple[Callable[..., Tensor], tuple[Draw, ...]]] = {
    "softmin": (lambda x: F.softmin(x, 1), (normal,)),
    "softsign": (F.softsign, (above,)),
    "tanhshrink": (F.tanhshrink, (normal,)),
    "glu": (lambda x: F.glu(torch.cat([x, x * x]), 0), (normal,)),
    "rrelu": (lambda x: F.rrelu(x), (above,)),
    "mse weighed": (lambda x, y, w: F.mse_loss(x, y, weight=w), (normal, normal, share)),
    "l1": (lambda x, y: F.l1_loss(x, y + 5), (normal, share)),
    "l1 weighed": (lambda x, y, w: F.l1_loss(x, y + 5, weight=w), (share, share, share)),
    "huber weighed": (lambda x, y, w: F.huber_loss(x, y, "sum", 5.0, w), (share, share, share)),
    "bce weighed": (
        lambda x, y, w: F.binary_cross_entropy(x, y, w.detach(), reduction="none"),
        (share, share, share),
    ),
    "logits weighed": (
        lambda x, y, w: F.binary_cross_entropy_with_logits(x, y, w.detach(), pos_weight=w.detach() * 3),
        (normal, share, share),
    ),
    "multilabel soft": (F.multilabel_soft_margin_loss, (normal, share)),
    "kl_div": (lambda x, y: F.kl_div(x, y, reduction="batchmean"), (normal, share)),
    "kl_div of logs": (lambda x, y: F.kl_div(x, y, reduction="sum", log_target=True), (normal, normal)),
    "poisson": (lambda x, y: F.poisson_nll_loss(x, y, full=True), (normal, above)),
    "poisson of means": (lambda x, y: F.poisson_nll_loss(x, y, log_input=False), (share, above)),
    "gauss": (lambda x, y, v: F.gaussian_nll_loss(x, y, v, full=True), (normal, normal, share)),
    "hinge": (lambda x: F.hinge_embedding_loss(x, signs(x.shape), 0.05), (share,)),
    "ranking": (lambda x, y: F.margin_ranking_loss(x, y, signs(x.shape), 5.0), (share, share)),
    "multi margin": (
        lambda x: F.multi_margin_loss(x, classes(x), 2, 2.0, torch.ones(x.shape[1]).double() * 3),
        (share,),
    ),
    "multilabel margin": (lambda x: F.multilabel_margin_loss(x, labels(x)), (share,)),
    "distance": (lambda x, y: F.pairwise_distance(x, y, 3.0), (normal, above)),
    "cosine": (lambda x, y: F.cosine_similarity(x, y, 0), (above, normal)),
    "normalize": (lambda x: F.normalize(x, 3.0), (above,)),
    "pdist": (lambda x: F.pdist(torch.cat([x, x * x + 1])), (above,)),
    "cosine embedding": (
        lambda x, y: F.cosine_embedding_loss(x, y, signs(x.shape[:1]), -2.0),
        (above, normal),
    ),
    "triplet": (lambda x, y, z: F.triplet_margin_loss(x, y, z, 9.0, swap=True), (share, share, above)),
    "triplet of ones own": (
        lambda x, y, z: F.triplet_margin_with_distance_loss(
            x, y, z, distance_function=lambda a, b: ((a - b) ** 2).sum(1), margin=99.0
        ),
        (normal, normal, normal),
    ),
    "cross_entropy": (lambda x: F.cross_entropy(x, classes(x), label_smoothing=0.2), (normal,)),
    "cross_entropy of shares": (lambda x, p: F.cross_entropy(x, p, label_smoothing=0.2), (normal, share)),
}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.filterwarnings("ignore:reduction")
def test_gradients(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    call, draws = CASES[name]
    shape = (int(rng.integers(1, 3)), int(rng.integers(2, 4)))
    inputs = [torch.tensor(draw(rng, shape), requires_grad=True) for draw in draws]
    if "weighed" in name and len(inputs) == 3 and name in ("bce weighed", "logits weighed"):
        inputs[2].requires_grad_(False)
    gradcheck(call, inputs, seed=seed)
    gradgradcheck(call, inputs, seed=seed)


def near(found: Tensor, expected: Any) -> None:
    np.testing.assert_allclose(np.array(found.detach().numpy()), expected, rtol=1e-6, atol=1e-7)


def test_activations_by_hand() -> None:
    x = torch.tensor([-4.0, -1.0, 0.0, 1.0, 4.0])
    near(F.leaky_relu(x, 0.5), [-2, -0.5, 0, 1, 4])
    near(F.relu6(x * 2), [0, 0, 0, 2, 6])
    near(F.hardtanh(x), [-1, -1, 0, 1, 1])
    near(F.hardsigmoid(x), [0, 1 / 3, 0.5, 2 / 3, 1])
    near(F.hardswish(x), [0, -1 / 3, 0, 2 / 3, 4])
    near(F.hardshrink(x, 1), [-4, 0, 0, 0, 4])
    near(F.softshrink(x, 1), [-3, 0, 0, 0, 3])
    near(F.threshold(x, 0.5, 9), [9, 9, 9, 1, 4])
    near(F.elu(x, 2), [2 * math.expm1(-4), 2 * math.expm1(-1), 0, 1, 4])
    near(F.celu(x, 2), [2 * math.expm1(-2), 2 * math.expm1(-0.5), 0, 1, 4])
    near(F.softplus(x, 2), [math.log1p(math.exp(2 * v)) / 2 for v in (-4, -1, 0, 1, 4)])
    near(F.softplus(x, 2, 1), [*(math.log1p(math.exp(2 * v)) / 2 for v in (-4, -1, 0)), 1, 4])
    near(F.softsign(x), [-0.8, -0.5, 0, 0.5, 0.8])
    near(F.prelu(x, torch.tensor([0.25])), [-1, -0.25, 0, 1, 4])
    near(F.glu(torch.tensor([3.0, 0.0])), [1.5])
    near(F.softmin(torch.tensor([0.0, math.log(3)]), 0), [0.75, 0.25])


def test_nothing_overflows() -> None:
    x = torch.tensor([-1e4, -100.0, 100.0, 1e4], requires_grad=True)
    for call in (F.softplus, F.logsigmoid, F.silu, F.mish, F.elu, F.selu, F.celu, F.hardswish):
        y = call(x)
        first = torch.autograd.grad(y, x, torch.ones(4), create_graph=True)[0]
        second = torch.autograd.grad(first, x, torch.ones(4))[0]
        for each in (y, first, second):
            assert np.isfinite(np.array(each.detach().numpy())).all(), call.__name__


def test_the_side_that_is_taken_at_a_kink() -> None:
    for call, at, slope in (
        (F.relu, 0.0, 0.0),
        (F.leaky_relu, 0.0, 0.01),
        (F.elu, 0.0, 1.0),
        (F.hardtanh, 1.0, 0.0),
        (F.hardsigmoid, 3.0, 0.0),
        (F.hardswish, 3.0, 1.0),
        (F.hardshrink, 0.5, 0.0),
        (F.softshrink, -0.5, 0.0),
    ):
        x = torch.tensor(at, requires_grad=True)
        call(x).backward()
        assert x.grad is not None
        assert x.grad.item() == pytest.approx(slope), call.__name__


def test_random_slopes_and_draws() -> None:
    torch.manual_seed(0)
    x = torch.tensor([-1.0, 2.0] * 50, requires_grad=True)
    y = F.rrelu(x, 0.2, 0.4, training=True)
    y.sum().backward()
    assert x.grad is not None
    near(x.grad[1::2], np.ones(50))
    assert 0.2 <= x.grad[::2].min() < 0.21
    near(y, x.detach() * x.grad)
    draws = F.gumbel_softmax(torch.zeros(200, 2) + torch.tensor([0.0, 5.0]), hard=True)
    assert draws.sum().item() == pytest.approx(200)
    assert draws[:, 1].mean().item() > 0.95


def test_distances_by_hand() -> None:
    a, b = torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [0.0, 2.0]])
    near(F.pairwise_distance(a, b, eps=0), [5, 2])
    near(F.pairwise_distance(a, b, 1.0, eps=0, keepdim=True), [[7], [2]])
    near(F.normalize(a), [[0.6, 0.8], [0, 0]])
    near(F.cosine_similarity(a, torch.tensor([[4.0, 3.0], [1.0, 1.0]])), [0.96, 0])
    near(F.pdist(torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])), [5, 2, math.sqrt(13)])
    near(F.cosine_embedding_loss(a[0], b[1], torch.tensor(1)), 0.2)
    near(F.triplet_margin_loss(a, a, b, eps=0, reduction="none"), [0, 0])
    near(F.triplet_margin_loss(a, a, b, 4.0, eps=0, reduction="none"), [0, 2])


def test_losses_by_hand() -> None:
    x, y = torch.tensor([0.0, 2.0, 4.0]), torch.tensor([0.0, 1.5, 1.0])
    near(F.l1_loss(x, y), 3.5 / 3)
    near(F.mse_loss(x, y, weight=torch.tensor([1.0, 2.0, 1.0])), (2 * 0.25 + 9) / 4)
    near(F.smooth_l1_loss(x, y, reduction="none", beta=2.0), [0, 0.0625, 2])
    near(F.huber_loss(x, y, "none", 2.0), [0, 0.125, 4])
    near(F.hinge_embedding_loss(x, torch.tensor([1, -1, -1]), 3.0, reduction="none"), [0, 1, 0])
    near(F.margin_ranking_loss(x, y, torch.tensor([1, 1, -1]), 1.0, reduction="none"), [1, 0.5, 4])
    p = torch.tensor([0.25, 0.0, 1.0])
    near(F.binary_cross_entropy(p, torch.tensor([1.0, 1.0, 0.0]), reduction="none"), [math.log(4), 100, 100])
    logits = torch.tensor([0.0, 200.0, -200.0])
    near(
        F.binary_cross_entropy_with_logits(
            logits, torch.tensor([1.0, 0.0, 1.0]), reduction="none", pos_weight=torch.tensor(2.0)
        ),
        [2 * math.log(2), 200, 400],
    )
    near(F.kl_div(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0]), reduction="batchmean"), -0.5)
    near(F.poisson_nll_loss(x, y, reduction="none", log_input=False, eps=1.0)[0], 0)
    near(
        F.gaussian_nll_loss(x, y, torch.tensor([1.0, 1.0, 9.0]), reduction="none")[2], 0.5 * math.log(9) + 0.5
    )
    scores = torch.tensor([[1.0, 0.5, 3.0]])
    near(F.multi_margin_loss(scores, torch.tensor([0])), (0.5 + 3) / 3)
    near(F.multi_margin_loss(scores, torch.tensor([0]), p=2), (0.25 + 9) / 3)
    near(F.multilabel_margin_loss(scores, torch.tensor([[2, 0, -1]])), 0.5 / 3)


def test_the_mean_of_no_losses_is_nan() -> None:
    nothing = torch.zeros(0)
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy"):
        assert math.isnan(getattr(F, name)(nothing, nothing).item()), name
        assert getattr(F, name)(nothing, nothing, reduction="sum").item() == 0, name


def test_the_variance_has_a_floor_but_keeps_its_gradient() -> None:
    v = torch.tensor([0.0], requires_grad=True)
    loss = F.gaussian_nll_loss(torch.zeros(1), torch.zeros(1), v, eps=0.5)
    near(loss, 0.5 * math.log(0.5))
    loss.backward()
    assert v.grad is not None
    near(v.grad, [1.0])
    assert v.item() == 0
