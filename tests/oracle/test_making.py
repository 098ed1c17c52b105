"""Making, converting and asking: random arguments agree with PyTorch, random numbers in shape and dtype."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.arguments import Rng, number, pick, tensor  # noqa: E402
from tests.oracle.draws import shape_of  # noqa: E402
from tests.oracle.sampled import check  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore"),
]

DTYPES = ("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")


def maybe(rng: Rng, likely: float = 0.6) -> dict[str, Any]:
    """A dtype by name, or none."""
    return {"dtype": str(rng.choice(DTYPES))} if rng.random() < likely else {}


def real(t: Any, options: dict[str, Any]) -> dict[str, Any]:
    return {key: getattr(t, value) if key == "dtype" else value for key, value in options.items()}


def value(rng: Rng) -> Any:
    return pick(rng, 3, 2.75, -2, -1.5, True, 0, 200, 0.1, float("nan") if rng.random() < 0.1 else 1.0)


def test_filled() -> None:
    def fills(rng: Rng) -> tuple[Any, list[Any]]:
        shape, like, v, o = shape_of(rng), tensor(rng), value(rng), maybe(rng)
        if rng.random() < 0.05:
            shape = (*shape, -1)
        n, m = number(rng, -1 if rng.random() < 0.1 else 0, 5), number(rng, 0, 5)
        if rng.random() < 0.2:
            o["device"] = "cpu"
        if rng.random() < 0.2:
            o["requires_grad"] = bool(rng.random() < 0.7)
        call = pick(
            rng,
            lambda t, x: t.zeros(shape, **real(t, o)),
            lambda t, x: t.ones(*(shape or ((),)), **real(t, o)),
            lambda t, x: t.zeros(size=shape, **real(t, o)),
            lambda t, x: t.empty(shape, **real(t, o)).shape,
            lambda t, x: t.full(shape, v, **real(t, o)),
            lambda t, x: t.full(size=shape, fill_value=t.tensor(v), **real(t, o)),
            lambda t, x: t.eye(n, **real(t, o)),
            lambda t, x: t.eye(n, m, **real(t, o)),
            lambda t, x: t.zeros_like(x, **real(t, o)),
            lambda t, x: t.ones_like(x, **real(t, o)),
            lambda t, x: t.full_like(x, v, **real(t, o)),
            lambda t, x: t.empty_like(x, **real(t, o)).shape,
            lambda t, x: x.new_zeros(shape, **real(t, o)),
            lambda t, x: x.new_ones(size=shape, **real(t, o)),
            lambda t, x: x.new_full(shape, v, **real(t, o)),
            lambda t, x: x.new_tensor([1.0, 2.0], **real(t, o)),
            lambda t, x: t.scalar_tensor(v, **real(t, o)),
        )
        return call, [like]

    check(fills, 1500)


def test_counting() -> None:
    def counts(rng: Rng) -> tuple[Any, list[Any]]:
        whole = rng.random() < 0.5

        def some() -> Any:
            found = number(rng, -8, 9) if whole else round(float(rng.uniform(-6, 6)), 2)
            return int(found) if rng.random() < 0.3 else found

        a, b, step = some(), some(), pick(rng, 1, 2, -1, 0.5, -0.25, 3, 0 if rng.random() < 0.1 else 1)
        if (b - a) * step < 0 and rng.random() < 0.9:
            a, b = b, a
        steps, o = number(rng, -1 if rng.random() < 0.1 else 0, 9), maybe(rng, 0.4)
        if o.get("dtype") in ("uint8", "bool", "int8"):  # they overflow
            o = {}
        base = pick(rng, 2, 10.0, 0.5)
        p = {} if o.get("dtype") == "float16" else o  # powers in half precision differ by a rounding
        call = pick(
            rng,
            lambda t: t.arange(abs(b), **real(t, o)),
            lambda t: t.arange(a, b, **real(t, o)),
            lambda t: t.arange(a, b, step, **real(t, o)),
            lambda t: t.arange(start=a, end=b, step=step, **real(t, o)),
            lambda t: t.arange(t.tensor(a), b, **real(t, o)),
            lambda t: t.linspace(a, b, steps, **real(t, o)),
            lambda t: t.linspace(start=a, end=t.tensor(b), steps=steps, **real(t, o)),
            lambda t: t.logspace(a / 4, b / 4, steps, **real(t, p)),
            lambda t: t.logspace(abs(a) / 4, 1, steps, base=base, **real(t, p)),
        )
        return call, []

    check(counts, 2000)


def test_random_numbers_have_the_right_form() -> None:
    def draws(rng: Rng) -> tuple[Any, list[Any]]:
        shape, o = shape_of(rng, 0, 4, empty=0), maybe(rng, 0.3)
        x = tensor(rng, shape_of(rng, 0, 4, empty=0))
        low, high = number(rng, -3, 4), number(rng, -1, 8)

        def form(y: Any) -> Any:
            return tuple(y.shape), str(y.dtype), y.requires_grad, y.is_leaf

        call = pick(
            rng,
            lambda t, x: form(t.rand(shape, **real(t, o))),
            lambda t, x: form(t.randn(size=shape, **real(t, o))),
            lambda t, x: form(t.randint(high, shape, **real(t, o))),
            lambda t, x: form(t.randint(low, high, shape, **real(t, o))),
            lambda t, x: form(t.randint(low=low, high=high, size=shape)),
            lambda t, x: form(t.randperm(high, **real(t, o))),
            lambda t, x: form(t.rand_like(x, **real(t, o))),
            lambda t, x: form(t.randn_like(x, **real(t, o))),
            lambda t, x: form(t.randint_like(x, high, **real(t, o))),
            lambda t, x: form(t.normal(float(low), float(high), shape)),
            lambda t, x: form(t.normal(t.zeros(shape), t.full(shape[1:], float(high)))),
            lambda t, x: form(t.normal(t.zeros(shape).double(), 2.0)),
            lambda t, x: form(t.normal(1.0, t.ones(shape))),
            lambda t, x: form(t.bernoulli(t.rand(shape), generator=t.Generator())),
            lambda t, x: form(x.bernoulli(0.5)),
            lambda t, x: t.bernoulli(t.ones(shape) * (high > 0)),
            lambda t, x: form(t.multinomial(t.ones(3), high)),
            lambda t, x: form(t.multinomial(t.ones(2, 3), max(high, 1), replacement=True)),
            lambda t, x: form(x.detach().exponential_(low)),
            lambda t, x: form(x.detach().geometric_(high / 8)),
            lambda t, x: form(x.detach().random_(low, high)),
            lambda t, x: form(x.detach().uniform_(low, high)),
            lambda t, x: form(x.detach().normal_(low, high)),
            lambda t, x: form(x.detach().log_normal_(low, high)),
            lambda t, x: form(x.detach().cauchy_(low, high)),
            lambda t, x: x.detach().bernoulli_(float(low > 0)),
            lambda t, x: (x * 1).uniform_(0, 0),
            lambda t, x: (x * 1).fill_diagonal_(7),
            lambda t, x: (x * 1).fill_diagonal_(high, wrap=True),
        )
        return call, [x]

    check(draws, 1500)


def test_conversions() -> None:
    def converts(rng: Rng) -> tuple[Any, list[Any]]:
        x, o, copy = tensor(rng), maybe(rng, 1.0), bool(rng.random() < 0.5)
        if x.dtype.kind == "f":
            x = np.where(np.isfinite(x), np.abs(x), 1).astype(x.dtype)
        name = o["dtype"]
        method = pick(rng, "float", "double", "half", "long", "int", "short", "char", "byte", "bool", "cpu")
        call = pick(
            rng,
            lambda t, x: x.to(getattr(t, name)),
            lambda t, x: x.to(getattr(t, name), False, copy),
            lambda t, x: x.to("cpu", getattr(t, name), copy=copy),
            lambda t, x: x.to(t.device("cpu"), non_blocking=True),
            lambda t, x: x.to(t.ones(1, dtype=getattr(t, name))),
            lambda t, x: x.to(dtype=getattr(t, name), device="cpu"),
            lambda t, x: x.to(device="cpu", copy=copy),
            lambda t, x: x.to("nowhere"),
            lambda t, x: x.type(getattr(t, name)),
            lambda t, x: x.type_as(t.ones(1, dtype=getattr(t, name))),
            lambda t, x: getattr(x, method)(),
            lambda t, x: t.tensor(x.detach().numpy().tolist(), **real(t, o)) if x.numel() else x,
            lambda t, x: t.as_tensor(x.detach().numpy(), **real(t, o)),
            lambda t, x: t.asarray(x.detach().numpy(), copy=copy),
            lambda t, x: t.from_numpy(x.detach().numpy().astype(name)),
            lambda t, x: (x.nbytes, x.itemsize, x.element_size(), x.ndimension(), x.is_signed()),
            lambda t, x: (
                t.is_complex(x),
                x.is_cuda,
                x.get_device(),
                x.is_same_size(x),
                x.is_floating_point(),
            ),
            lambda t, x: t.is_nonzero(x),
            lambda t, x: str(t.result_type(x, t.ones(1, dtype=getattr(t, name)))),
            lambda t, x: str(t.result_type(x, 2.5)),
            lambda t, x: t.can_cast(x.dtype, getattr(t, name)),
            lambda t, x: x.stride() if x.numel() else (),
            lambda t, x: np.asarray(x.detach()).tolist() == x.tolist(),
            lambda t, x: np.exp(x.detach().double()),
            lambda t, x: np.greater(x.detach(), 1),
            lambda t, x: np.asarray(x, dtype=np.float64).shape,
        )
        return call, [x]

    check(converts, 2000)


@pytest.mark.parametrize("name", DTYPES)
def test_limits(name: str) -> None:
    import gradviz

    for kind in ("finfo", "iinfo"):
        try:
            theirs = getattr(torch, kind)(getattr(torch, name))
        except TypeError:
            with pytest.raises(TypeError):
                getattr(gradviz, kind)(getattr(gradviz, name))
            continue
        ours = getattr(gradviz, kind)(getattr(gradviz, name))
        for attribute in ("bits", "max", "min", "eps", "tiny", "smallest_normal", "resolution", "dtype"):
            if hasattr(theirs, attribute):
                assert getattr(ours, attribute) == getattr(theirs, attribute), attribute
        assert repr(ours) == repr(theirs)
