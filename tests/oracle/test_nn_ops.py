"""The ops of networks agree with PyTorch: values, gradients, gradients of gradients, what is refused."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.same import compare, ours, theirs  # noqa: E402

pytestmark = pytest.mark.oracle

RNG = np.random.default_rng(0)


def numbers(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return RNG.normal(size=shape).astype(dtype)


def classes(high: int, *shape: int) -> np.ndarray:
    return RNG.integers(0, high, shape)


CONVOLUTIONS = [
    ((2, 3, 7, 6), (4, 3, 3, 2), {}),
    ((2, 4, 7, 6), (6, 2, 3, 2), {"groups": 2, "stride": (2, 1), "padding": (1, 2)}),
    ((1, 3, 9, 8), (3, 1, 2, 3), {"groups": 3, "dilation": (2, 3), "padding": 1}),
    ((2, 2, 5, 6), (3, 2, 2, 4), {"padding": "same"}),
    ((2, 2, 5, 6), (3, 2, 3, 3), {"padding": "same", "dilation": 2}),
    ((2, 2, 5, 6), (3, 2, 1, 1), {"padding": "valid", "stride": 2}),
    ((2, 5, 6), (3, 2, 3, 3), {"padding": 1}),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("x", "w", "options"), CONVOLUTIONS)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_conv2d(x, w, options, dtype) -> None:
    arrays = [numbers(*x, dtype=dtype), numbers(*w, dtype=dtype), numbers(w[0], dtype=dtype)]
    compare(lambda library, *t: library.nn.functional.conv2d(*t, **options), arrays)
    compare(lambda library, *t: library.nn.functional.conv2d(*t, **options), arrays[:2])


POOLS = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "stride": (1, 2)},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
]


@pytest.mark.parametrize("options", [*POOLS, {"kernel_size": 2, "dilation": 2, "stride": 1, "padding": 1}])
def test_max_pool2d(options) -> None:
    x = RNG.permutation(2 * 3 * 8 * 7).reshape(2, 3, 8, 7).astype(np.float32)
    compare(lambda library, t: library.nn.functional.max_pool2d(t, **options), [x])
    call = [lib.nn.functional.max_pool2d for lib in (gradviz, torch)]
    for array in (x, np.zeros_like(x), np.where(x % 5 == 0, np.nan, x)):
        found = call[0](ours(array), return_indices=True, **options)[1]
        expected = call[1](theirs(array), return_indices=True, **options)[1]
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("more", [{}, {"count_include_pad": False}, {"divisor_override": 3}])
@pytest.mark.parametrize("options", POOLS)
def test_avg_pool2d(options, more) -> None:
    compare(lambda library, t: library.nn.functional.avg_pool2d(t, **options, **more), [numbers(2, 3, 8, 7)])


@pytest.mark.parametrize("size", [1, (1, 1), (3, 2), (5, 7), (None, 2), (8, 10)])
def test_adaptive_avg_pool2d(size) -> None:
    compare(lambda library, t: library.nn.functional.adaptive_avg_pool2d(t, size), [numbers(2, 3, 5, 7)])
    compare(lambda library, t: library.nn.functional.adaptive_avg_pool2d(t, size), [numbers(3, 5, 7)])


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
     ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((5, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (4, 3, 2))],
)  # fmt: skip
def test_matmul(a, b) -> None:
    compare(lambda library, x, y: library.matmul(x, y), [numbers(*a), numbers(*b)])


def test_products_by_name() -> None:
    compare(lambda library, x, y: library.mm(x, y), [numbers(2, 3), numbers(3, 4)])
    compare(lambda library, x, y: library.mv(x, y), [numbers(2, 3), numbers(3)])
    compare(lambda library, x, y: library.dot(x, y), [numbers(3), numbers(3)])
    compare(lambda library, x, y: library.bmm(x, y), [numbers(5, 2, 3), numbers(5, 3, 4)])


@pytest.mark.parametrize("lead", [(), (4,), (2, 3), (2, 3, 4)])
def test_linear(lead) -> None:
    arrays = [numbers(*lead, 5), numbers(3, 5), numbers(3)]
    compare(lambda library, *t: library.nn.functional.linear(*t), arrays)
    compare(lambda library, *t: library.nn.functional.linear(*t), arrays[:2])


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmaxes(name: str, dim: int) -> None:
    for x in (numbers(3, 4), numbers(2, 3, 4) * 30):
        compare(lambda library, t: getattr(library.nn.functional, name)(t, dim), [x])


def test_relu() -> None:
    compare(lambda library, t: library.relu(t), [np.array([-2, -0.0, 0, 1, np.inf], np.float32)])
    x = np.array([np.nan, -np.inf, 1], np.float32)
    np.testing.assert_array_equal(gradviz.relu(ours(x)).numpy(), torch.relu(theirs(x)).numpy())


REDUCTIONS = ["mean", "sum", "none"]


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 2), (2, 3, 2, 2), (3,)])
def test_cross_entropy(shape, reduction: str, smoothing: float) -> None:
    x, t = numbers(*shape), classes(3, *shape[:1], *shape[2:]) if len(shape) > 1 else np.array(1)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    weight = np.array([1, 2, 0.5], np.float32)
    ignored = np.where(np.arange(t.size).reshape(t.shape) == 1, -100, t)

    def call(library, logits, target, *weights):
        extra = {"weight": weights[0].detach()} if weights else {}
        return library.nn.functional.cross_entropy(logits, target, **options, **extra)

    compare(call, [x, t])
    compare(call, [x, ignored])
    for target in (t, ignored):
        compare(lambda library, x, t: call(library, x, t, library.tensor(weight)), [x, target])


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_with_probabilities(reduction: str) -> None:
    p = RNG.dirichlet(np.ones(3), 4).astype(np.float32)
    weight = np.array([1, 2, 0.5], np.float32)
    for smoothing in (0.0, 0.3):
        for extra in ({}, {"weight": weight}):

            def call(library, x, t, smoothing=smoothing, extra=extra):
                given = {name: library.tensor(value) for name, value in extra.items()}
                return library.nn.functional.cross_entropy(
                    x, t, reduction=reduction, label_smoothing=smoothing, **given
                )

            compare(call, [numbers(4, 3), p])


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_mse_and_nll(reduction: str) -> None:
    compare(
        lambda library, x, y: library.nn.functional.mse_loss(x, y, reduction=reduction),
        [numbers(3, 2), numbers(3, 2)],
    )
    compare(
        lambda library, x, t: library.nn.functional.nll_loss(x, t, reduction=reduction),
        [numbers(4, 3), classes(3, 4)],
    )


def test_mse_that_broadcasts() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        compare(lambda library, x, y: library.nn.functional.mse_loss(x, y), [numbers(3, 2), numbers(2)])


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4, 5)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(shape, training: bool) -> None:
    mean, var = numbers(3), np.abs(numbers(3)) + 0.5

    def call(library, x, w, b):
        return library.nn.functional.batch_norm(
            x, library.tensor(mean), library.tensor(var), w, b, training, 0.2, 1e-4
        )

    compare(call, [numbers(*shape), numbers(3), numbers(3)], tolerance=3e-5)


def test_running_averages() -> None:
    x = numbers(2, 3, 4, 5)
    tracked = []
    for library, make in ((gradviz, ours), (torch, theirs)):
        mean, var = make(np.zeros(3, np.float32)), make(np.ones(3, np.float32))
        library.nn.functional.batch_norm(make(x), mean, var, training=True, momentum=0.3)
        tracked.append([mean.numpy(), var.numpy()])
    np.testing.assert_allclose(tracked[0], tracked[1], rtol=1e-5)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad(mode: str) -> None:
    amounts = (2, 1, 0, 3)
    compare(lambda library, t: library.nn.functional.pad(t, amounts, mode=mode), [numbers(1, 2, 4, 5)])


def test_pad_that_cuts() -> None:
    compare(lambda library, t: library.nn.functional.pad(t, (-1, 2, 1, -2), value=3.0), [numbers(4, 5)])


def test_one_hot() -> None:
    t = classes(4, 2, 3)
    for count in (-1, 6):
        found = gradviz.nn.functional.one_hot(ours(t), count)
        expected = torch.nn.functional.one_hot(theirs(t), count)
        assert found.tolist() == expected.tolist()


def impossible(library) -> list:
    F, rand = library.nn.functional, library.rand
    return [
        lambda: F.conv2d(rand(1, 3, 8, 8), rand(6, 1, 5, 5)),
        lambda: F.conv2d(rand(1, 1, 4, 4), rand(1, 1, 5, 5)),
        lambda: F.conv2d(rand(1, 1, 4, 4), rand(1, 1, 3, 3).double()),
        lambda: F.linear(rand(1, 256), rand(120, 400)),
        lambda: rand(2, 3) @ rand(2, 3),
        lambda: rand(2, 2) @ rand(2, 2).double(),
        lambda: F.max_pool2d(rand(1, 1, 2, 2), 3),
        lambda: F.max_pool2d(rand(1, 1, 4, 4), 2, padding=2),
        lambda: F.cross_entropy(rand(2, 3), library.tensor([1, 2, 0])),
        lambda: F.cross_entropy(rand(2, 3), library.tensor([1, 3])),
        lambda: F.one_hot(library.tensor([5]), 3),
        lambda: F.softmax(rand(2, 3), 2),
        lambda: F.batch_norm(rand(1, 3), None, None, training=True),
        lambda: F.dropout(rand(2), 2.0),
        lambda: F.softmax(library.ones(2).long(), 0),
    ]


def test_what_pytorch_refuses_is_refused() -> None:
    for mine, real in zip(impossible(gradviz), impossible(torch), strict=True):
        with pytest.raises((RuntimeError, ValueError, IndexError)) as expected:
            real()
        with pytest.raises((RuntimeError, ValueError, IndexError)) as found:
            mine()
        kinds = {RuntimeError, ValueError, IndexError}
        (wanted,) = [kind for kind in kinds if isinstance(expected.value, kind)]
        if wanted is not RuntimeError:  # some RuntimeErrors of PyTorch's are ValueErrors here
            assert isinstance(found.value, wanted), str(expected.value)
