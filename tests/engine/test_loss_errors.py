"""What activations and losses refuse, in which words, and where they only warn."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from gradviz.engine.errors import ArgumentError, DTypeError, SettingError, ShapeError

import gradviz as torch
import gradviz.nn.functional as F

Case = tuple[Callable[[], Any], type[Exception], str]
X = torch.tensor([[0.1, 0.9], [0.4, 0.6]])
ONE = torch.tensor([1.0])

CASES: list[Case] = [
    (lambda: F.hardtanh(X, 1, -1), ArgumentError, "min_val cannot be greater than max_val"),
    (lambda: F.hardtanh(X > 0), DTypeError, "Bool inputs not supported for hardtanh"),
    (lambda: F.hardtanh(X.to(torch.uint8)), DTypeError, "unsigned type with negative limits"),
    (lambda: F.relu(X > 0), DTypeError, "Boolean inputs not supported for relu"),
    (lambda: F.silu(X.long()), DTypeError, "silu takes floating point, not int64"),
    (lambda: F.softshrink(X, -1), SettingError, "lambda must be greater or equal to 0, but found to be -1."),
    (lambda: F.celu(X, 0), SettingError, "alpha cannot be 0 for CELU"),
    (lambda: F.rrelu(X, 0.5, 0.2), SettingError, "Lower bound should be less than or equal to the upper"),
    (lambda: F.rrelu(X.long(), training=True), DTypeError, "rrelu takes floating point"),
    (lambda: F.prelu(X, torch.ones(2).double()), DTypeError, "Type promoting not supported"),
    (lambda: F.prelu(X.long(), torch.ones(2).long()), DTypeError, "prelu takes floating point"),
    (lambda: F.prelu(X, torch.ones(3)), ShapeError, "parameter numbers = 3 and channel size = 2"),
    (lambda: F.prelu(X, torch.ones(1, 2)), ShapeError, "but got: ndim = 2"),
    (lambda: F.prelu(torch.tensor(1.0), torch.ones(2)), ShapeError, "Not allow zero-dim input"),
    (lambda: F.glu(torch.ones(3)), ShapeError, "dimension 0 is size 3"),
    (lambda: F.glu(torch.tensor(1.0)), ShapeError, "glu does not support scalars"),
    (lambda: F.glu(X.long()), DTypeError, "glu takes floating point"),
    (lambda: F.gumbel_softmax(X.long()), DTypeError, "gumbel_softmax takes floating point"),
    (lambda: F.mse_loss(X, X, weight=ONE), ArgumentError, "Weights and input must have the same size."),
    (lambda: F.mse_loss(X, X, weight=X, reduction="max"), ArgumentError, "Expected one of 'none'"),
    (lambda: F.mse_loss(X.long(), X.long()), DTypeError, "mse_loss takes floating point, not int64"),
    (lambda: F.smooth_l1_loss(X, X, beta=-1), SettingError, "negative values for beta"),
    (lambda: F.huber_loss(X, X, delta=0), SettingError, "non-positive values for delta"),
    (lambda: F.huber_loss(X.long(), X), DTypeError, "huber_loss takes floating point"),
    (lambda: F.binary_cross_entropy(2 * ONE, ONE), SettingError, "elements of input should be between 0"),
    (lambda: F.binary_cross_entropy(ONE, 2 * ONE), SettingError, "elements of target should be between"),
    (
        lambda: F.binary_cross_entropy(ONE, X),
        ArgumentError,
        "is deprecated. Please ensure they have the same",
    ),
    (lambda: F.binary_cross_entropy(ONE, ONE.double()), DTypeError, "dtype float64 but expected float32"),
    (lambda: F.binary_cross_entropy(ONE, ONE, X), ShapeError, "output with shape [1] doesn't match"),
    (lambda: F.binary_cross_entropy_with_logits(ONE, X), ArgumentError, "must be the same as input size"),
    (
        lambda: F.binary_cross_entropy_with_logits(ONE, ONE, pos_weight=X),
        ShapeError,
        "output with shape [1] doesn't match the broadcast shape [2, 2]",
    ),
    (lambda: F.kl_div(X, X.long(), reduction="sum"), DTypeError, "kl_div: Integral inputs not supported."),
    (lambda: F.poisson_nll_loss(X, X, reduction="max"), ArgumentError, "max is not a valid value"),
    (lambda: F.gaussian_nll_loss(X, X, -X), ArgumentError, "var has negative entry/entries"),
    (lambda: F.gaussian_nll_loss(X, X, -1.0), ArgumentError, "var has negative entry/entries"),
    (lambda: F.gaussian_nll_loss(X, X, torch.ones(3)), ArgumentError, "var is of incorrect size"),
    (lambda: F.gaussian_nll_loss(X, X, X, reduction="max"), ArgumentError, "max is not valid"),
    (lambda: F.gaussian_nll_loss(X, X, 1), TypeError, "must be a tensor or a float, not int"),
    (lambda: F.margin_ranking_loss(X, X, ONE), ShapeError, "should have same dimension"),
    (lambda: F.multi_margin_loss(X, torch.tensor([0, 2])), SettingError, "target out of range"),
    (lambda: F.multi_margin_loss(X, torch.tensor([0])), ShapeError, "Expected target size [2], but got [1]"),
    (lambda: F.multi_margin_loss(X, torch.tensor([0, 1]), p=3), ArgumentError, "only p == 1 and p == 2"),
    (lambda: F.multi_margin_loss(X, ONE, weight=X), ArgumentError, "weight must be one-dimensional"),
    (lambda: F.multi_margin_loss(X, ONE, weight=ONE), ShapeError, "inconsistent weight size, expected 2"),
    (lambda: F.multi_margin_loss(X, X[0]), DTypeError, "expected scalar type Long but found float32"),
    (lambda: F.multi_margin_loss(X[None], X), ShapeError, "Expected non-empty vector or matrix"),
    (lambda: F.multilabel_margin_loss(X, X[0]), ShapeError, "inconsistent target size: [2] for input of"),
    (lambda: F.multilabel_margin_loss(X, torch.full((2, 2), 2)), SettingError, "'target' is out of range"),
    (lambda: F.multilabel_soft_margin_loss(X, X, reduction="max"), ArgumentError, "max is not valid"),
    (lambda: F.multilabel_soft_margin_loss(ONE[0], ONE[0]), IndexError, "tensor has no dimensions"),
    (lambda: F.cosine_similarity(X.long(), X.long()), DTypeError, "yet common dtype is int64"),
    (lambda: F.cosine_embedding_loss(X, X, X), ShapeError, "multi-target not supported"),
    (lambda: F.cosine_embedding_loss(X, ONE, ONE), ShapeError, "1D target tensor expects 2D input tensors"),
    (lambda: F.triplet_margin_loss(X, X, X, margin=0), ArgumentError, "margin must be greater than 0, got 0"),
    (lambda: F.triplet_margin_loss(X, ONE, X), ShapeError, "anchor 2D, positive 1D, and negative 2D inputs"),
    (
        lambda: F.triplet_margin_with_distance_loss(X, X, X, reduction="max"),
        ArgumentError,
        "max is not a valid value for reduction",
    ),
    (lambda: F.pdist(ONE), ShapeError, "pdist only supports 2D tensors, got: 1D"),
    (lambda: F.pdist(X.long()), DTypeError, "pdist only supports floating-point dtypes"),
    (lambda: F.pdist(X, -1), SettingError, "pdist only supports non-negative p values"),
    (lambda: F.gelu(X, "erf"), SettingError, "approximate argument must be either none or tanh."),
    (lambda: F.cross_entropy(X, X.long()), DTypeError, "floating point type for target with class prob"),
    (lambda: F.cross_entropy(X, X, ignore_index=1), SettingError, "ignore_index is not supported for"),
    (lambda: F.cross_entropy(X, X, label_smoothing=2.0), SettingError, "label_smoothing must be between"),
    (lambda: F.cross_entropy(X, X, weight=ONE), ShapeError, "either for all 2 classes or no classes"),
    (lambda: F.cross_entropy(ONE[0], ONE[0]), IndexError, "Dimension specified as 1 but tensor has no"),
    (lambda: F.nll_loss(ONE[0], ONE[0].long()), ArgumentError, "Expected 1 or more dimensions (got 0)"),
    (
        lambda: F.nll_loss(X, torch.tensor([0, 1]), torch.ones(2).double()),
        DTypeError,
        "expected scalar type float32 but found float64",
    ),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_refusals(case: int) -> None:
    call, kind, message = CASES[case]
    with pytest.raises(kind, match=re.escape(message)):
        call()


def test_they_name_the_users_line() -> None:
    with pytest.raises(SettingError, match=r"test_loss_errors\.py:\d+$"):
        F.celu(X, 0)


def test_warnings_name_the_users_file() -> None:
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax") as caught:
        F.softmax(X)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="use reduction='none' instead"):
        F.mse_loss(X, X, reduce=False)
    with pytest.warns(UserWarning, match="eps` parameter is deprecated"):
        F.gumbel_softmax(X, eps=1.0)
    with pytest.warns(FutureWarning, match="renamed to `min_val`"):
        torch.nn.Hardtanh(min_value=-2.0)
    with pytest.warns(FutureWarning, match="renamed to `max_val`"):
        torch.nn.Hardtanh(max_value=2.0)


def test_modules_refuse_at_once() -> None:
    with pytest.raises(AssertionError, match=r"max_val \(0\) must be greater than min_val \(1\)"):
        torch.nn.Hardtanh(1, 0)
    with pytest.raises(TypeError, match="delta must be a float or int"):
        torch.nn.HuberLoss(delta="1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="only p == 1 and p == 2"):
        torch.nn.MultiMarginLoss(p=3)
    with pytest.raises(ValueError, match="expected weight to be None or 1D tensor, got 2D"):
        torch.nn.MultiMarginLoss(weight=X)
    with pytest.raises(ValueError, match="TripletMarginLoss: expected margin to be greater than 0"):
        torch.nn.TripletMarginLoss(0)
    with pytest.raises(ValueError, match="TripletMarginWithDistanceLoss: expected margin"):
        torch.nn.TripletMarginWithDistanceLoss(margin=0)
    with pytest.raises(ValueError, match="expected input to be 3D or 4D, got 2D"):
        torch.nn.Softmax2d()(X)
