"""Weight normalisation: finite differences to second order."""

import numpy as np
import pytest
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.ops.weight_norm import norm_except_dim, weight_norm

import gradviz as torch


@pytest.mark.parametrize(("shape", "dim"), [((3, 2), 0), ((2, 3, 2), 1), ((3, 2), -1), ((4,), 0)])
def test_finite_differences(shape: tuple[int, ...], dim: int) -> None:
    rng = np.random.default_rng(0)
    v = torch.tensor(rng.normal(size=shape), requires_grad=True)
    lengths = [] if dim == -1 else [n if d == dim else 1 for d, n in enumerate(shape)]
    g = torch.tensor(rng.normal(size=lengths), requires_grad=True)
    assert gradcheck(lambda v, g: weight_norm(v, g, dim), [v, g])
    assert gradgradcheck(lambda v, g: weight_norm(v, g, dim), [v, g])
    length = norm_except_dim(weight_norm(v, g, dim), dim)
    assert torch.allclose(length, g.abs())
