"""The functions of tensors agree with PyTorch over random shapes, dtypes and special values."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool", "float16")
FLOATS = ("float32", "float64")
ROUNDS = 150


def array(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, special: bool = True) -> np.ndarray:
    """Random numbers, now and then with equal ones, zeros, infinities and NaN."""
    if dtype == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    if dtype == "uint8":
        return np.asarray(rng.integers(0, 9, shape)).astype(dtype)
    if dtype.startswith("int"):
        return np.asarray(rng.integers(-6, 7, shape)).astype(dtype)
    x = np.asarray(rng.normal(size=shape) * 2)
    if special and rng.random() < 0.3:
        x = np.round(x)
    if special and rng.random() < 0.15:
        x = np.where(rng.random(shape) < 0.3, rng.choice([np.inf, -np.inf, np.nan, 0.0], shape), x)
    return np.asarray(x).astype(dtype)


def shape_of(rng: np.random.Generator, low: int = 0, high: int = 4, empty: float = 0.05) -> tuple[int, ...]:
    sizes = rng.integers(1, 5, int(rng.integers(low, high)))
    return tuple(0 if rng.random() < empty else int(n) for n in sizes)


def smaller(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to `shape`, or now and then does not."""
    if rng.random() < 0.05:
        return (*shape, 3)
    return tuple(1 if rng.random() < 0.3 else n for n in shape[int(rng.integers(0, len(shape) + 1)) :])


def rng_for(call: object, round_: int = 0) -> np.random.Generator:
    return np.random.default_rng([round_, *str(call).encode()])


ONE = [
    "exp",
    "log",
    "sqrt",
    "tanh",
    "sigmoid",
    "sin",
    "cos",
    "abs",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "round",
    "neg",
    "square",
    "reciprocal",
    "isnan",
    "isinf",
    "isfinite",
    "logical_not",
    "relu",
]


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice([d for d in DTYPES if d != "bool" or name != "relu"])))
        agree(lambda t, x: getattr(t, name)(x), x, names=name != "reciprocal")
        agree(lambda t, x: getattr(x, name)(), x, names=name != "reciprocal")


# What is put together from other ops here, or has no derivative in PyTorch.
OTHER_NAMES = {
    "rsub",
    "x//y",
    "x//k",
    "clamp_min",
    "masked_fill",
    "reciprocal",
    "reshape",
    "reshape_6",
    "reshape_t",
    "ravel",
    "flatten",
    "flatten_1",
    "flatten_0_1",
    "split",
    "split_list",
    "split_1",
    "chunk",
    "chunk_1",
    "unbind",
    "unbind_1",
    "iterate",
    "movedim",
}

TWO: dict[str, Call] = {
    "x + y": lambda t, x, y: x + y,
    "x - y": lambda t, x, y: x - y,
    "x * y": lambda t, x, y: x * y,
    "x / y": lambda t, x, y: x / y,
    "x//y": lambda t, x, y: x // y,
    "x % y": lambda t, x, y: x % y,
    "x == y": lambda t, x, y: x == y,
    "x != y": lambda t, x, y: x != y,
    "x < y": lambda t, x, y: x < y,
    "x <= y": lambda t, x, y: x <= y,
    "x > y": lambda t, x, y: x > y,
    "x >= y": lambda t, x, y: x >= y,
    "add alpha": lambda t, x, y: t.add(x, y, alpha=2),
    "sub alpha": lambda t, x, y: x.sub(y, alpha=3),
    "rsub": lambda t, x, y: t.rsub(x, y),
    "floor": lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    "trunc": lambda t, x, y: t.div(x, y, rounding_mode="trunc"),
    "maximum": lambda t, x, y: t.maximum(x, y),
    "minimum": lambda t, x, y: t.minimum(x, y),
    "max": lambda t, x, y: t.max(x, y),
    "min": lambda t, x, y: x.min(y),
    "and": lambda t, x, y: t.logical_and(x, y),
    "or": lambda t, x, y: t.logical_or(x, y),
    "xor": lambda t, x, y: t.logical_xor(x, y),
    "where": lambda t, x, y: t.where(x > y, x, y),
    "masked_fill": lambda t, x, y: x.masked_fill(y > 0, 2),
    "clamp_min": lambda t, x, y: x.clamp(min=y),
}


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        a, b = (shape, smaller(rng, shape)) if rng.random() < 0.7 else (smaller(rng, shape), shape)
        one = str(rng.choice(DTYPES))
        other = one if rng.random() < 0.5 else str(rng.choice(DTYPES))
        # PyTorch's names tell apart forms that are one op here.
        special = name != "clamp_min"  # a limit that is NaN does not limit here
        x, y = array(rng, a, one, special), array(rng, b, other, special)
        agree(TWO[name], x, y, names=name not in OTHER_NAMES)


NUMBERS: dict[str, Call] = {
    "x + k": lambda t, x, k: x + k,
    "k + x": lambda t, x, k: k + x,
    "x - k": lambda t, x, k: x - k,
    "k - x": lambda t, x, k: k - x,
    "x * k": lambda t, x, k: x * k,
    "k * x": lambda t, x, k: k * x,
    "x / k": lambda t, x, k: x / k,
    "k / x": lambda t, x, k: k / x,
    "x//k": lambda t, x, k: x // k,
    "x % k": lambda t, x, k: x % k,
    "x > k": lambda t, x, k: x > k,
    "x == k": lambda t, x, k: x == k,
    "k < x": lambda t, x, k: k < x,
    "clamp": lambda t, x, k: x.clamp(-1, k),
    "clamp max": lambda t, x, k: t.clamp(x, max=k),
    "where": lambda t, x, k: t.where(x > 0, x, k),
    "where k x": lambda t, x, k: t.where(x > 0, k, x),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_functions_with_a_number(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        number = [2, 3, 1.5, -2.5, 0.0, 0, True, -1][int(rng.integers(8))]
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        agree(NUMBERS[name], x, number, names=name not in OTHER_NAMES)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 2.0, 2.7])
def test_pow_with_a_number(exponent: float) -> None:
    for n in range(ROUNDS):
        rng = rng_for(exponent, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES[:5])))
        agree(lambda t, x: x**exponent, x, tolerance=1e-5)
        agree(lambda t, x: t.pow(x, exponent), x, tolerance=1e-5)
        if exponent > 0:
            agree(lambda t, x: exponent**x, x, tolerance=1e-5)


def test_pow_with_a_tensor() -> None:
    for n in range(4 * ROUNDS):
        rng = rng_for("pow", n)
        shape = shape_of(rng)
        x = array(rng, shape, str(rng.choice(FLOATS)))
        y = array(rng, smaller(rng, shape), str(rng.choice(DTYPES[:4])))
        agree(lambda t, x, y: x**y, np.abs(x) if rng.random() < 0.5 else x, y, tolerance=1e-5)


REDUCTIONS = ["sum", "mean", "max", "min", "amax", "amin", "argmax", "argmin", "var", "std", "all", "any"]


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_all(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        agree(
            lambda t, x: getattr(t, name)(x),
            x,
            tolerance=1e-5,
        )
        agree(
            lambda t, x: getattr(x, name)(),
            x,
            tolerance=1e-5,
        )


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_over_dimensions(name: str, keepdim: bool) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        x = array(rng, shape, str(rng.choice(DTYPES)))
        if rng.random() < 0.3:
            x = np.asarray(x.T)
        dim = int(rng.integers(-len(shape) - 1, len(shape) + 1))
        agree(lambda t, x, d: getattr(x, name)(d, keepdim=keepdim), x, dim, tolerance=1e-5)
        agree(lambda t, x, d: getattr(t, name)(x, dim=d, keepdim=keepdim), x, dim, tolerance=1e-5)
        if name in ("sum", "mean", "amax", "amin", "var", "all", "any") and len(shape) > 1:
            dims = tuple(int(d) for d in rng.permutation(len(shape))[:2])
            agree(lambda t, x, d: getattr(x, name)(d, keepdim=keepdim), x, dims, tolerance=1e-5)
            agree(lambda t, x, d: getattr(x, name)(list(d), keepdim=keepdim), x, dims, tolerance=1e-5)


def test_more_of_reductions() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    for call in (
        lambda t, x: x.sum(dtype=t.float64),
        lambda t, x: x.mean(0, dtype=t.float64),
        lambda t, x: x.long().sum(1),
        lambda t, x: (x > 0).sum(),
        lambda t, x: (x > 0).float().mean(),
        lambda t, x: x.var(False),
        lambda t, x: x.var(1, False),
        lambda t, x: x.var(dim=1, unbiased=False, keepdim=True),
        lambda t, x: x.var(1, correction=0),
        lambda t, x: x.var((0, 1), correction=2),
        lambda t, x: t.var(x, dim=0, unbiased=True),
        lambda t, x: x.sum((0, 0)),
        lambda t, x: x.sum(()) + 0,
        lambda t, x: x.sum([]) + 0,
        lambda t, x: x.amax(()),
        lambda t, x: t.max(x, 1)[0],
        lambda t, x: t.max(x, 1).indices,
        lambda t, x: x.max(dim=0).values,
        lambda t, x: t.argmax(x, dim=1),
        lambda t, x: x.max(1, True),
        lambda t, x: t.gather(x, 1, t.tensor([[0], [3], [1]])),
        lambda t, x: x.gather(0, t.tensor([[0, 2, 1, 1], [2, 2, 0, 0]])),
        lambda t, x: x.gather(0, t.tensor([[3]])),
        lambda t, x: x.gather(1, t.tensor([0])),
        lambda t, x: x.stride(),
        lambda t, x: x.t().stride(),
        lambda t, x: x[:, ::2].stride(1),
        lambda t, x: x[None].expand(3, -1, -1).stride(),
    ):
        agree(call, x)
    assert_repr(lambda t: t.tensor([[1.0, 5.0], [7.0, 2.0]]).max(1))
    assert_repr(lambda t: t.tensor([[1, 5], [7, 2]]).min(dim=0, keepdim=True))


def assert_repr(call: Call) -> None:
    import gradviz

    assert repr(call(gradviz)) == repr(call(torch))


SHAPES: dict[str, Call] = {
    "reshape": lambda t, x: x.reshape(-1),
    "reshape_6": lambda t, x: x.reshape(6, -1),
    "reshape_t": lambda t, x: t.reshape(x, (-1, 2)),
    "reshape bad": lambda t, x: x.reshape(-1, -1),
    "view": lambda t, x: x.view(-1, 2),
    "view size": lambda t, x: x.view(x.size()),
    "view t": lambda t, x: x.t().view(-1),
    "view tc": lambda t, x: x.t().contiguous().view(-1),
    "flatten": lambda t, x: x.flatten(),
    "flatten_1": lambda t, x: t.flatten(x, 1),
    "flatten_0_1": lambda t, x: x.flatten(0, 1),
    "flatten bad": lambda t, x: x.flatten(1, 0),
    "ravel": lambda t, x: x.ravel(),
    "squeeze": lambda t, x: x.squeeze(),
    "squeeze 0": lambda t, x: x.squeeze(0),
    "squeeze -1": lambda t, x: t.squeeze(x, -1),
    "squeeze 0 1": lambda t, x: x.squeeze((0, 1)),
    "unsqueeze 0": lambda t, x: x.unsqueeze(0),
    "unsqueeze -1": lambda t, x: x.unsqueeze(-1),
    "unsqueeze 5": lambda t, x: x.unsqueeze(5),
    "permute": lambda t, x: x.permute(1, 0),
    "permute 3": lambda t, x: x.permute(2, 0, 1),
    "permute list": lambda t, x: t.permute(x, [0, -1]),
    "permute bad": lambda t, x: x.permute(0, 0),
    "transpose": lambda t, x: x.transpose(0, 1),
    "transpose -": lambda t, x: t.transpose(x, -1, -2),
    "t": lambda t, x: x.t(),
    "T": lambda t, x: x.T,
    "mT": lambda t, x: x.mT,
    "movedim": lambda t, x: x.movedim(0, -1),
    "expand": lambda t, x: x.expand(3, *x.shape),
    "expand -1": lambda t, x: x.expand(4, -1),
    "expand as": lambda t, x: x[:1].expand_as(x),
    "broadcast_to": lambda t, x: t.broadcast_to(x, (2, *x.shape)),
    "view_as": lambda t, x: x.view_as(x * 2),
    "clone": lambda t, x: x.clone(),
    "contiguous": lambda t, x: x.transpose(0, -1).contiguous(),
    "cat": lambda t, x: t.cat([x, x * 2]),
    "cat 1": lambda t, x: t.cat((x, x, x), dim=1),
    "cat -1": lambda t, x: t.cat([x, x[:1]], -1),
    "cat mixed": lambda t, x: t.cat([x, x.double(), x.long()]),
    "stack": lambda t, x: t.stack([x, x + 1]),
    "stack -1": lambda t, x: t.stack([x, x + 1], dim=-1),
    "stack bad": lambda t, x: t.stack([x, x[None]]),
    "split": lambda t, x: x.split(2),
    "split_list": lambda t, x: t.split(x, [1, x.shape[0] - 1]),
    "split_1": lambda t, x: x.split(1, dim=1),
    "chunk": lambda t, x: x.chunk(2),
    "chunk_1": lambda t, x: t.chunk(x, 3, dim=-1),
    "unbind": lambda t, x: x.unbind(),
    "unbind_1": lambda t, x: t.unbind(x, 1),
    "iterate": lambda t, x: list(x),
    "narrow": lambda t, x: x.narrow(0, 1, 1),
    "select": lambda t, x: x.select(-1, 0),
    "double": lambda t, x: x.double(),
    "float": lambda t, x: x.float(),
    "long": lambda t, x: x.long(),
    "bool": lambda t, x: x.bool(),
    "int": lambda t, x: x.int(),
    "half": lambda t, x: x.half(),
    "to": lambda t, x: x.to(t.float64),
    "type": lambda t, x: x.type(t.float64),
    "type str": lambda t, x: x.type("torch.LongTensor"),
    "type name": lambda t, x: x.type(),
    "type_as": lambda t, x: x.type_as(t.ones(1, dtype=t.float64)),
    "detach": lambda t, x: x.detach(),
    "data": lambda t, x: x.data,
    "numel": lambda t, x: x.numel(),
    "nelement": lambda t, x: x.nelement(),
    "size": lambda t, x: x.size(),
    "size 0": lambda t, x: x.size(0),
    "shape": lambda t, x: repr(x.shape),
    "dim": lambda t, x: x.dim(),
    "element_size": lambda t, x: x.element_size(),
    "len": lambda t, x: len(x),
    "tolist": lambda t, x: str((x * 4).long().tolist()),
    "item": lambda t, x: x.item(),
    "all close": lambda t, x: t.allclose(x, x + 1e-9),
    "equal": lambda t, x: t.equal(x, x),
    "is_tensor": lambda t, x: t.is_tensor(x),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)), special=False)
        if rng.random() < 0.3:
            x = np.asarray(x.T)
        agree(SHAPES[name], x, names=name not in OTHER_NAMES)
