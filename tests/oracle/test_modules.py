"""Modules agree with PyTorch over randomly drawn arguments."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.oracle.draws import rng_for
from tests.oracle.module_compare import agree_module

pytestmark = pytest.mark.oracle


def lead(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(n) for n in rng.integers(1, 4, int(rng.integers(0, 4))))


def test_linear() -> None:
    for n in range(20):
        rng = rng_for("linear", n)
        i, o = (int(k) for k in rng.integers(1, 6, 2))
        bias, shape = bool(rng.integers(2)), lead(rng)
        wrong = int(rng.random() < 0.1)
        agree_module(
            lambda nn: nn.Linear(i, o, bias=bias),  # noqa: B023
            lambda rng: (rng.normal(size=(*shape, i + wrong)),),  # noqa: B023
            second=True,
        )


def test_bilinear() -> None:
    for n in range(20):
        rng = rng_for("bilinear", n)
        i, j, o = (int(k) for k in rng.integers(0 if n == 19 else 1, 5, 3))
        bias, shape = bool(rng.integers(2)), lead(rng)
        wrong = [int(k) for k in rng.random(2) < 0.1]

        def draw(rng: np.random.Generator, i=i, j=j, shape=shape, wrong=wrong) -> tuple:
            return rng.normal(size=(*shape, i + wrong[0])), rng.normal(size=(*shape, j + wrong[1]))

        agree_module(lambda nn, i=i, j=j, o=o, bias=bias: nn.Bilinear(i, j, o, bias=bias), draw, second=True)
    for shapes in (((3, 2), (2, 2)), ((3, 2), (3, 1, 2)), ((0, 2), (0, 2))):
        agree_module(
            lambda nn: nn.Bilinear(2, 2, 2), lambda rng, shapes=shapes: [rng.normal(size=s) for s in shapes]
        )


@pytest.mark.parametrize("dim", [1, -1, 0, 5])
@pytest.mark.parametrize("size", [(2, 3), [3, -1], (2, 2), (2.0, 3), 6, (6,), (1, 6, 1)])
def test_unflatten(dim: int, size) -> None:
    agree_module(lambda nn: nn.Unflatten(dim, size), lambda rng: (rng.normal(size=(3, 6)),))


def test_a_lazy_layer() -> None:
    import torch

    import gradviz

    for library in (gradviz, torch):
        net = library.nn.Sequential(library.nn.LazyLinear(3), library.nn.LazyLinear(2, bias=False))
        assert repr(net[0]) == "LazyLinear(in_features=0, out_features=3, bias=True)"
        assert repr(net[0].weight) == "<UninitializedParameter>"
        held = list(net.parameters())
        assert len(held) == 3
        with pytest.raises(RuntimeError, match="Can't access the shape of an uninitialized parameter"):
            held[0].shape  # noqa: B018
        net[1].load_state_dict({"weight": library.ones(2, 3)})
        assert net(library.ones(4, 5)).shape == (4, 2)
        assert next(net.parameters()) is held[0]
        assert tuple(held[0].shape) == (3, 5)
        assert float(held[0].detach().abs().max()) <= 5**-0.5
        assert [repr(layer) for layer in net] == [
            "Linear(in_features=5, out_features=3, bias=True)",
            "Linear(in_features=3, out_features=2, bias=False)",
        ]
        assert held[2].tolist() == [[1, 1, 1]] * 2


def test_weight_norm() -> None:
    for n in range(12):
        rng = rng_for("weight norm", n)
        dim = [0, 1, -1, None][n % 4]

        def make(nn, dim=dim, n=n):
            layer = nn.Linear(3, 2) if n % 3 else nn.Conv2d(2, 3, 2)
            return nn.utils.weight_norm(layer, dim=dim)

        shape = (*lead(rng), 3) if n % 3 else (2, 2, 3, 3)
        # PyTorch's second derivatives fail its own gradgradcheck here.
        agree_module(make, lambda rng, shape=shape: (rng.normal(size=shape),))
    agree_module(lambda nn: nn.utils.weight_norm(nn.utils.weight_norm(nn.Linear(2, 2))), lambda rng: ())
    agree_module(lambda nn: nn.utils.remove_weight_norm(nn.Linear(2, 2)), lambda rng: ())
    agree_module(
        lambda nn: nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 2))),
        lambda rng: (rng.normal(size=(3, 2)),),
    )


def test_spectral_norm() -> None:
    kinds = {
        "Linear": ((3, 2), (4, 3)),
        "Conv2d": ((2, 3, 2), (1, 2, 3, 3)),
        "ConvTranspose2d": ((2, 3, 2), (1, 2, 3, 3)),
    }
    for kind, (sizes, shape) in kinds.items():
        for steps in (1, 3, 0):
            agree_module(
                lambda nn, kind=kind, sizes=sizes, steps=steps: nn.utils.spectral_norm(
                    getattr(nn, kind)(*sizes), n_power_iterations=steps
                ),
                lambda rng, shape=shape: (rng.normal(size=shape),),
                steps=3,
                second=True,
            )
    agree_module(lambda nn: nn.utils.spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 2))), lambda rng: ())
    agree_module(lambda nn: nn.utils.spectral_norm(nn.Linear(2, 2, bias=False), "bias"), lambda rng: ())
    agree_module(lambda nn: nn.utils.remove_spectral_norm(nn.Linear(2, 2)), lambda rng: ())
    agree_module(
        lambda nn: nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 2))),
        lambda rng: (rng.normal(size=(3, 2)),),
    )
