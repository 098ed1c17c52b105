"""Composed functions of shapes and products agree with finite differences, to second order."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine import Tensor
from gradviz.engine.gradcheck import gradcheck, gradgradcheck

import gradviz as torch

PLACES = torch.tensor([2, 0, 2])
CALLS: list[tuple[Callable[..., Tensor], list[tuple[int, ...]]]] = [
    (torch.outer, [(3,), (2,)]),
    (torch.inner, [(2, 3), (4, 3)]),
    (torch.kron, [(2, 2), (3,)]),
    (torch.cross, [(2, 3), (2, 3)]),
    (lambda a, x, y: torch.addmm(a, x, y, beta=0.5, alpha=2), [(2,), (3, 2), (2, 2)]),
    (lambda a, x, y: torch.addmv(a, x, y, beta=2), [(3,), (3, 2), (2,)]),
    (lambda a, x, y: torch.addr(a, x, y, alpha=-1), [(1,), (3,), (2,)]),
    (lambda a, x, y: torch.baddbmm(a, x, y, beta=0.5), [(2, 1, 2), (2, 3, 2), (2, 2, 2)]),
    (lambda a, x, y: torch.addbmm(a, x, y, alpha=3), [(2,), (2, 3, 2), (2, 2, 2)]),
    (lambda x, y: torch.einsum("bij,bjk->bik", x, y), [(2, 2, 3), (2, 3, 2)]),
    (lambda x, y: torch.einsum("ii,...i->...", x, y), [(3, 3), (2, 3)]),
    (lambda x, y, z: torch.einsum("i,ij,j", x, y, z), [(2,), (2, 3), (3,)]),
    (lambda x, y: torch.tensordot(x, y, ([0, 2], [1, 0])), [(2, 3, 2), (2, 2, 3)]),
    (lambda x, y, z: torch.chain_matmul(x, y, z), [(2, 3), (3, 1), (1, 2)]),
    (lambda x: torch.matrix_power(x, 5), [(2, 2)]),
    (lambda x: torch.trace(x), [(3, 2)]),
    (lambda x, y: torch.block_diag(x, y), [(2, 1), (3,)]),
    (lambda x, y: torch.stack(torch.meshgrid(x, y, indexing="xy")), [(2,), (3,)]),
    (lambda x, y: torch.cartesian_prod(x, y), [(2,), (3,)]),
    (lambda x: torch.combinations(x, 2, True), [(3,)]),
    (lambda x: torch.repeat_interleave(x, torch.tensor([1, 0, 2]), 0), [(3, 2)]),
    (lambda x, v: torch.scatter_reduce(x, 0, PLACES, v, "mean", include_self=False), [(3,), (3,)]),
    (lambda x, v: torch.scatter_reduce(x, 0, PLACES, v, "prod"), [(3,), (3,)]),
    (lambda x, v: x.index_put((PLACES,), v, accumulate=True), [(3, 2), (3, 2)]),
    (lambda x: torch.take_along_dim(x, PLACES[None] - 3, 1), [(2, 3)]),
    (lambda x: x.rot90(3).roll((1, 2), (0, 1)).tile((2,)), [(2, 3)]),
]


@pytest.mark.parametrize("call", range(len(CALLS)))
def test_gradients(call: int) -> None:
    function, shapes = CALLS[call]
    rng = np.random.default_rng(call)
    inputs = [torch.tensor(rng.uniform(0.5, 2, shape)).requires_grad_() for shape in shapes]
    gradcheck(function, inputs)
    gradgradcheck(function, inputs)
