"""numpy's rules for products hold for gradviz's functions of the same names, as far as PyTorch keeps them."""

import math
from typing import Any

import numpy as np
import pytest

import gradviz as torch

RNG = np.random.default_rng(0)


def array(*shape: int) -> Any:
    return RNG.integers(-4, 5, shape).astype(np.float64)


def same(found: torch.Tensor, expected: Any) -> None:
    assert tuple(found.shape) == np.shape(expected)
    np.testing.assert_allclose(found.detach().numpy(), expected)


def test_of_two_matrices_dot_is_the_matrix_product() -> None:
    a, b = array(2, 3), array(3, 4)
    same(torch.tensor(a) @ torch.tensor(b), np.dot(a, b))
    same(torch.matmul(torch.tensor(a), torch.tensor(b)), np.matmul(a, b))
    same(torch.tensordot(torch.tensor(a), torch.tensor(b), 1), np.dot(a, b))
    with pytest.raises(RuntimeError, match="wants a vector"):  # torch.dot is for vectors only
        torch.dot(torch.tensor(a), torch.tensor(b))


def test_of_two_vectors_dot_is_the_inner_product() -> None:
    a, b = array(3), array(3)
    same(torch.dot(torch.tensor(a), torch.tensor(b)), np.dot(a, b))
    same(torch.inner(torch.tensor(a), torch.tensor(b)), np.inner(a, b))
    same(torch.tensor(a) @ torch.tensor(b), a @ b)


def test_of_a_number_and_an_array_dot_is_the_plain_product() -> None:
    a = array(2, 3)
    same(torch.tensor(a) * 3, np.dot(a, 3))
    same(torch.inner(torch.tensor(3.0, dtype=torch.float64), torch.tensor(a)), np.dot(3, a))
    with pytest.raises(RuntimeError, match="wants a vector"):
        torch.dot(torch.tensor(3.0), torch.tensor(2.0))
    with pytest.raises(RuntimeError, match="must have dimensions"):
        torch.matmul(torch.tensor(a), torch.tensor(3.0))


def test_of_many_dimensions_and_a_vector_dot_sums_over_the_last_ones() -> None:
    a, b = array(2, 3, 4), array(4)
    same(torch.tensor(a) @ torch.tensor(b), np.dot(a, b))
    same(torch.tensordot(torch.tensor(a), torch.tensor(b), dims=1), np.dot(a, b))
    same(torch.inner(torch.tensor(a), torch.tensor(b)), np.inner(a, b))
    same(torch.einsum("...i,i", torch.tensor(a), torch.tensor(b)), np.dot(a, b))


def test_beta_of_0_and_alpha_of_0_do_not_look() -> None:
    nothing = torch.full((2, 2), math.nan)
    same(torch.addmm(nothing, torch.eye(2), torch.eye(2), beta=0), np.eye(2))
    same(torch.addmm(torch.eye(2), nothing, torch.eye(2), alpha=0), np.eye(2))


def test_nothing_to_add_up_gives_zeros() -> None:
    same(torch.ones(2, 0) @ torch.ones(0, 3), np.zeros((2, 3)))
    same(torch.einsum("ij,jk", torch.ones(2, 0), torch.ones(0, 3)), np.zeros((2, 3)))
    same(torch.ones(2, 0).inner(torch.ones(3, 0)), np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: torch.einsum("ij,jk", x), "fewer operands"),
        (lambda x: torch.einsum("ij", x, x), "more operands"),
        (lambda x: torch.einsum("i", x), "does not match the number of dimensions"),
        (lambda x: torch.einsum("ij->ik", x), "does not appear"),
        (lambda x: torch.einsum("ij->ii", x), "appears more than once"),
        (lambda x: torch.einsum("i.j", x), "not part of any ellipsis"),
        (lambda x: torch.einsum("i-j", x), "invalid subscript"),
        (lambda x: torch.einsum("ii", x), "repeated for operand 0 but the sizes don't match"),
        (lambda x: torch.einsum("ij,ij", x, x.t()), "do not broadcast"),
        (lambda x: torch.tensordot(x, x, 1), "contracted dimensions need to match"),
        (lambda x: torch.tensordot(x, x, 3), "dims < ndim"),
        (lambda x: torch.addmm(x, x, x.t().double()), "one dtype"),
        (lambda x: torch.outer(x, x), "Expected 1-D argument"),
        (lambda x: torch.inner(x, x.t()), "last dimension must match"),
        (lambda x: torch.cross(x, x, 0), "must have length 3"),
        (lambda x: torch.matrix_power(x, 2), "square matrices"),
        (lambda x: torch.matrix_power(x @ x.t(), -1), "must not be negative"),
    ],
)
def test_mistakes_are_named(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call(torch.ones(2, 3))
