"""Layers of convolution, pooling, normalisation, embedding and resizing agree with PyTorch's: names, shapes,
initial values, results, gradients, running averages, reprs."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.layers import attempt, gradients, kind, near, numbers, tensors  # noqa: E402

pytestmark = pytest.mark.oracle
LINE, IMAGE, VOLUME = (2, 4, 9), (2, 4, 8, 7), (2, 4, 5, 4, 6)

LAYERS: list[tuple[str, tuple, dict[str, Any], tuple[int, ...]]] = [
    ("Conv1d", (4, 6, 3), {}, LINE),
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False}, LINE),
    ("Conv1d", (4, 2, 4), {"padding": "same"}, LINE),
    ("Conv1d", (4, 2, (3,)), {"padding": (2,), "padding_mode": "circular"}, (4, 9)),
    ("Conv2d", (4, 6, 3), {}, IMAGE),
    ("Conv2d", (4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 1), "groups": 2}, IMAGE),
    ("Conv2d", (4, 2, 3), {"padding": 1, "padding_mode": "reflect", "bias": False}, IMAGE),
    ("Conv2d", (4, 2, 4), {"padding": "same", "padding_mode": "replicate"}, IMAGE),
    ("Conv2d", (4, 2, 3), {"padding": "valid"}, (4, 8, 7)),
    ("Conv3d", (4, 2, 2), {}, VOLUME),
    ("Conv3d", (4, 4, (3, 2, 1)), {"stride": (1, 2, 1), "padding": 1, "dilation": (1, 2, 1),
     "groups": 2}, VOLUME),
    ("Conv3d", (4, 2, 3), {"padding": "same", "padding_mode": "circular"}, (4, 5, 4, 6)),
    ("ConvTranspose1d", (4, 6, 3), {}, LINE),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2}, LINE),
    ("ConvTranspose2d", (4, 6, 3), {}, IMAGE),
    ("ConvTranspose2d", (4, 6, (2, 3)), {"stride": 2, "padding": 1, "output_padding": 1,
     "dilation": 2}, IMAGE),
    ("ConvTranspose2d", (4, 6, 3), {"groups": 2, "bias": False, "stride": (1, 2)}, (4, 8, 7)),
    ("MaxPool1d", (3,), {}, LINE),
    ("MaxPool1d", (3, 2, 1), {"dilation": 2, "ceil_mode": True, "return_indices": True}, LINE),
    ("MaxPool2d", (3,), {}, IMAGE),
    ("MaxPool2d", ((3, 2), 2, (1, 0)), {"dilation": (1, 2), "ceil_mode": True,
     "return_indices": True}, IMAGE),
    ("AvgPool1d", (3,), {}, LINE),
    ("AvgPool1d", (3, 2, 1), {"ceil_mode": True, "count_include_pad": False}, LINE),
    ("AvgPool2d", (3,), {}, IMAGE),
    ("AvgPool2d", ((3, 2), (2, 1), (1, 0)), {"count_include_pad": False, "divisor_override": 3}, IMAGE),
    ("LPPool1d", (2, 3), {"stride": 2}, LINE),
    ("LPPool2d", (2, (3, 2)), {"ceil_mode": True}, IMAGE),
    ("MaxPool3d", (2,), {"ceil_mode": True, "return_indices": True}, VOLUME),
    ("AvgPool3d", ((2, 1, 3), 2, (1, 0, 1)), {"count_include_pad": False}, VOLUME),
    ("AdaptiveAvgPool3d", ((3, None, 2),), {}, VOLUME),
    ("AdaptiveMaxPool3d", (2,), {}, (4, 5, 4, 6)),
    ("AdaptiveAvgPool1d", (4,), {}, LINE),
    ("AdaptiveAvgPool2d", ((3, None),), {}, IMAGE),
    ("AdaptiveMaxPool1d", (4,), {"return_indices": True}, LINE),
    ("AdaptiveMaxPool2d", ((3, 2),), {}, IMAGE),
    ("BatchNorm1d", (4,), {}, LINE),
    ("BatchNorm1d", (4, 1e-3, None), {}, (5, 4)),
    ("BatchNorm1d", (4,), {"affine": False, "momentum": 0.3}, (5, 4)),
    ("BatchNorm2d", (4,), {}, IMAGE),
    ("BatchNorm2d", (4,), {"track_running_stats": False}, IMAGE),
    ("BatchNorm2d", (4,), {"momentum": None, "affine": False}, IMAGE),
    ("BatchNorm2d", (4,), {"bias": False}, IMAGE),
    ("BatchNorm3d", (4,), {"eps": 0.1}, VOLUME),
    ("InstanceNorm1d", (4,), {}, LINE),
    ("InstanceNorm1d", (4,), {"affine": True}, (4, 9)),
    ("InstanceNorm2d", (4,), {"affine": True, "track_running_stats": True}, IMAGE),
    ("InstanceNorm2d", (4,), {"track_running_stats": True, "momentum": 0.4}, (4, 8, 7)),
    ("InstanceNorm3d", (4,), {"affine": True, "eps": 0.2}, VOLUME),
    ("LayerNorm", (7,), {}, IMAGE),
    ("LayerNorm", ((8, 7),), {"bias": False, "eps": 0.1}, IMAGE),
    ("LayerNorm", ([9],), {"elementwise_affine": False}, LINE),
    ("RMSNorm", (9,), {}, LINE),
    ("RMSNorm", ((4, 9), 0.1), {"elementwise_affine": False}, LINE),
    ("GroupNorm", (2, 4), {}, IMAGE),
    ("GroupNorm", (4, 4, 0.1), {"affine": False}, LINE),
    ("LocalResponseNorm", (3,), {"alpha": 0.2, "beta": 0.5, "k": 2.0}, IMAGE),
    ("Upsample", (), {"scale_factor": 2}, IMAGE),
    ("Upsample", ((5, 9),), {"mode": "bilinear", "align_corners": True}, IMAGE),
    ("Upsample", (), {"scale_factor": (1.5, 2.5), "mode": "bicubic"}, IMAGE),
    ("Upsample", (12,), {"mode": "linear"}, LINE),
    ("Upsample", (), {"scale_factor": 1.7, "mode": "trilinear", "recompute_scale_factor": True}, VOLUME),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, IMAGE),
    ("UpsamplingBilinear2d", ((9, 5),), {}, IMAGE),
    ("PixelShuffle", (2,), {}, IMAGE),
    ("PixelUnshuffle", (2,), {}, (2, 3, 4, 6)),
    ("ChannelShuffle", (2,), {}, IMAGE),
    ("Unfold", ((3, 2),), {"dilation": 2, "padding": 1, "stride": (2, 1)}, IMAGE),
    ("Fold", ((4, 5), 2), {"padding": (0, 1)}, (2, 8, 18)),
    ("Dropout1d", (0.0,), {}, LINE),
    ("Dropout2d", (1.0,), {"inplace": False}, IMAGE),
    ("Dropout3d", (0.0,), {}, VOLUME),
    ("AlphaDropout", (1.0,), {}, LINE),
    ("FeatureAlphaDropout", (0.0,), {}, IMAGE),
    ("ConstantPad1d", (2, 3.5), {}, LINE),
    ("ConstantPad2d", ((1, 0, 2, -1), 1.0), {}, IMAGE),
    ("ConstantPad3d", (1, 0.5), {}, VOLUME),
    *((f"{name}{n}d", (1,), {}, shape) for n, shape in ((1, LINE), (2, IMAGE), (3, VOLUME))
      for name in ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad")),
    ("ReflectionPad2d", ((1, 2, 0, 3),), {}, (4, 8, 7)),
]  # fmt: skip


def pair_of(name: str, args: tuple, options: dict[str, Any]) -> tuple[Any, Any]:
    """Both libraries' layers, with the same random parameters."""
    mine, real = (getattr(lib.nn, name)(*args, **options) for lib in (gradviz, torch))
    rng = np.random.default_rng(3)
    state = {}
    for key, value in real.state_dict().items():
        draws = rng.uniform(0.5, 1.5, tuple(value.shape)).astype(str(value.dtype)[6:])
        state[key] = draws if "num_batches" not in key else np.asarray(value.numpy())
    mine.load_state_dict({key: gradviz.tensor(value) for key, value in state.items()})
    real.load_state_dict({key: torch.tensor(value) for key, value in state.items()})
    return mine, real


ids = [f"{name}-{index}" for index, (name, *_) in enumerate(LAYERS)]


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS, ids=ids)
def test_names_and_initial_values(name, args, options, shape) -> None:
    gradviz.manual_seed(0)
    mine, real = (getattr(lib.nn, name)(*args, **options) for lib in (gradviz, torch))
    assert repr(mine) == repr(real)
    entries = [
        [(key, tuple(value.shape), str(value.dtype)) for key, value in layer.state_dict().items()]
        for layer in (mine, real)
    ]
    assert entries[0] == entries[1]
    assert [key for key, _ in mine.named_parameters()] == [key for key, _ in real.named_parameters()]
    for (_, a), (_, b) in zip(mine.named_parameters(), real.named_parameters(), strict=True):
        assert a.requires_grad == b.requires_grad
        x, y = np.array(a.tolist()), np.array(b.tolist())
        if (y == y.flat[0]).all() and y.size > 1:
            np.testing.assert_array_equal(x, y)


DRAWN = [
    ("Conv1d", (8, 64, 5)), ("Conv2d", (8, 64, 3)), ("Conv3d", (4, 64, 2)), ("ConvTranspose1d", (64, 8, 5)),
    ("ConvTranspose2d", (64, 32, 3)), ("Embedding", (60, 50)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), DRAWN)
def test_the_distribution_of_initial_values(name, args) -> None:
    gradviz.manual_seed(0)
    torch.manual_seed(0)
    mine, real = (getattr(lib.nn, name)(*args) for lib in (gradviz, torch))
    for a, b in zip(mine.parameters(), real.parameters(), strict=True):
        x, y = np.array(a.tolist()).ravel(), np.array(b.tolist()).ravel()
        shares = (0.1, 0.25, 0.5, 0.75, 0.9)
        near_enough = 3 * y.std() / np.sqrt(y.size) * 2
        np.testing.assert_allclose(np.quantile(x, shares), np.quantile(y, shares), atol=near_enough)


@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS, ids=ids)
def test_results_and_gradients(name, args, options, shape) -> None:
    rng = np.random.default_rng(1)
    mine, real = pair_of(name, args, options)
    x = np.abs(numbers(rng, *shape)) + 0.1 if name.startswith("LPPool") else numbers(rng, *shape)
    for training in (True, False):
        mine.train(training)
        real.train(training)
        our_inputs, ours, our_error = attempt(gradviz, lambda lib, t: mine(t), [x])
        their_inputs, theirs, their_error = attempt(torch, lambda lib, t: real(t), [x])
        assert our_error is None
        assert their_error is None
        for a, b in zip(tensors(ours), tensors(theirs), strict=True):
            near(a, b, 2e-5)
        parameters = list(mine.parameters()), list(real.parameters())
        gradients(
            tensors(ours), [*our_inputs, *parameters[0]], tensors(theirs), [*their_inputs, *parameters[1]],
            second=True, tolerance=1e-4,
        )  # fmt: skip


NORMS = [each for each in LAYERS if "BatchNorm" in each[0] or "InstanceNorm" in each[0]]


@pytest.mark.parametrize(("name", "args", "options", "shape"), NORMS)
def test_running_averages(name, args, options, shape) -> None:
    rng = np.random.default_rng(2)
    mine, real = pair_of(name, args, options)
    for step in range(4):
        x = numbers(rng, *shape) * (step + 1) + step
        near(mine(gradviz.tensor(x)), real(torch.tensor(x)), 2e-5)
    assert list(mine.state_dict()) == list(real.state_dict())
    for key, value in real.state_dict().items():
        near(mine.state_dict()[key], value, 2e-5)
    mine.eval()
    real.eval()
    x = numbers(rng, *shape)
    near(mine(gradviz.tensor(x)), real(torch.tensor(x)), 2e-5)
    mine.reset_running_stats()
    real.reset_running_stats()
    for key, value in real.state_dict().items():
        near(mine.state_dict()[key], value)


EMBEDDINGS = [
    {},
    {"padding_idx": 2},
    {"padding_idx": -1, "scale_grad_by_freq": True},
    {"max_norm": 1.0},
    {"max_norm": 0.5, "norm_type": 1.0},
]


@pytest.mark.parametrize("options", EMBEDDINGS)
def test_embedding(options) -> None:
    k = np.array([[0, 2, 5], [2, 2, 1]])
    fresh = gradviz.nn.Embedding(6, 3, **options)
    if "padding_idx" in options:
        assert fresh.weight[options["padding_idx"]].tolist() == [0.0, 0.0, 0.0]
    mine, real = pair_of("Embedding", (6, 3), options)
    assert repr(mine) == repr(real)
    a, b = mine(gradviz.tensor(k)), real(torch.tensor(k))
    near(a, b)
    a.pow(2).sum().backward()
    b.pow(2).sum().backward()
    near(mine.weight.grad, real.weight.grad)
    near(mine.weight, real.weight)


BAGS = [
    {"mode": "sum"},
    {"padding_idx": 2},
    {"mode": "max", "padding_idx": -1},
    {"max_norm": 0.5, "norm_type": 1.0, "include_last_offset": True},
]


@pytest.mark.parametrize("options", BAGS)
def test_embedding_bag(options) -> None:
    k, starts = np.array([0, 2, 5, 2, 2, 1]), np.array([0, 2, 2, 6])
    mine, real = pair_of("EmbeddingBag", (6, 3), options)
    assert repr(mine) == repr(real)
    a, b = (layer(lib.tensor(k), lib.tensor(starts)) for layer, lib in ((mine, gradviz), (real, torch)))
    near(a, b)
    a.pow(2).sum().backward()
    b.pow(2).sum().backward()
    near(mine.weight.grad, real.weight.grad)
    near(mine.weight, real.weight)


def test_embedding_from_pretrained() -> None:
    table = numbers(np.random.default_rng(0), 4, 3)
    for freeze in (True, False):
        mine = gradviz.nn.Embedding.from_pretrained(gradviz.tensor(table), freeze=freeze, padding_idx=1)
        real = torch.nn.Embedding.from_pretrained(torch.tensor(table), freeze=freeze, padding_idx=1)
        assert repr(mine) == repr(real)
        assert mine.weight.requires_grad == real.weight.requires_grad
        near(mine(gradviz.tensor([1, 3])), real(torch.tensor([1, 3])))


@pytest.mark.parametrize("size", [(17, 15), (2, 6, 18, 16), (18, 14), (30, 15), (3,)])
def test_the_output_size_of_a_transposed_convolution(size) -> None:
    mine, real = pair_of("ConvTranspose2d", (4, 6, 3), {"stride": 2})
    x = numbers(np.random.default_rng(0), *IMAGE)
    ours = attempt(gradviz, lambda lib, t: mine(t, output_size=size), [x])
    theirs = attempt(torch, lambda lib, t: real(t, output_size=size), [x])
    if theirs[2] is None:
        near(ours[1], theirs[1])
    else:
        assert isinstance(ours[2], kind(theirs[2]))


REFUSED = [
    ("BatchNorm1d", (4,), {}, IMAGE),
    ("BatchNorm2d", (4,), {}, LINE),
    ("BatchNorm2d", (3,), {}, IMAGE),
    ("BatchNorm3d", (4,), {}, IMAGE),
    ("InstanceNorm1d", (4,), {}, IMAGE),
    ("InstanceNorm2d", (3,), {"affine": True}, IMAGE),
    ("LayerNorm", (6,), {}, IMAGE),
    ("GroupNorm", (2, 6), {}, IMAGE),
    ("Conv2d", (3, 2, 3), {}, IMAGE),
    ("Conv1d", (4, 2, 3), {}, IMAGE),
    ("ConvTranspose2d", (3, 2, 3), {}, IMAGE),
    ("ReflectionPad2d", (9,), {}, IMAGE),
    ("CircularPad1d", (1,), {}, IMAGE),
]


@pytest.mark.parametrize(("name", "args", "options", "shape"), REFUSED)
def test_inputs_that_are_refused(name, args, options, shape) -> None:
    x = numbers(np.random.default_rng(0), *shape)
    layers = {lib: getattr(lib.nn, name)(*args, **options) for lib in (gradviz, torch)}
    *_, ours = attempt(gradviz, lambda lib, t: layers[lib](t), [x])
    *_, theirs = attempt(torch, lambda lib, t: layers[lib](t), [x])
    assert theirs is not None
    assert isinstance(ours, kind(theirs)), f"{ours!r} for {theirs!r}"


BAD_ARGUMENTS = [
    ("Conv2d", (4, 6, 3), {"groups": 3}),
    ("Conv2d", (4, 5, 3), {"groups": 2}),
    ("Conv2d", (4, 6, 3), {"groups": 0}),
    ("Conv2d", (4, 6, 3), {"padding": "full"}),
    ("Conv2d", (4, 6, 3), {"padding": "same", "stride": 2}),
    ("Conv2d", (4, 6, 3), {"padding_mode": "mirror"}),
    ("ConvTranspose2d", (4, 6, 3), {"padding_mode": "reflect"}),
    ("GroupNorm", (3, 4), {}),
    ("Dropout2d", (1.5,), {}),
    ("AlphaDropout", (-0.5,), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), BAD_ARGUMENTS)
def test_arguments_that_are_refused(name, args, options) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011  (whatever PyTorch raises)
        getattr(torch.nn, name)(*args, **options)
    with pytest.raises(kind(theirs.value)):
        getattr(gradviz.nn, name)(*args, **options)
