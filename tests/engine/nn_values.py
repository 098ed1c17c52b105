"""Numbers of tensors, for the tests of the ops of networks."""

import numpy as np

import gradviz as torch


def values(tensor: torch.Tensor) -> np.ndarray:
    return np.array(tensor.tolist())


def near(tensor: torch.Tensor, expected: object) -> None:
    np.testing.assert_allclose(values(tensor), expected, rtol=1e-5, atol=1e-6)


def count_up(*shape: int) -> torch.Tensor:
    return torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(*shape)
