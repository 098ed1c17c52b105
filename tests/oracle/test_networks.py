"""Layers, LeNet, ResNet-18 and optimizers agree with PyTorch: printouts, gradients, trajectories."""

import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from gradviz.models import LeNet, lenet, resnet, resnet18  # noqa: E402
from tests.oracle.same import array_of, close, ours, theirs  # noqa: E402

pytestmark = pytest.mark.oracle


def as_written_for_pytorch(module: types.ModuleType) -> types.ModuleType:
    """A file of gradviz.models with its imports changed to PyTorch's: it must run there, too."""
    source = Path(str(module.__file__)).read_text("utf-8")
    source = source.replace("import gradviz as torch", "import torch").replace(
        "import gradviz.nn", "import torch.nn"
    )
    assert "gradviz." not in source
    made = types.ModuleType(f"their_{module.__name__.rpartition('.')[2]}")
    exec(compile(source, str(module.__file__), "exec"), made.__dict__)
    return made


def copy_weights(mine: Any, real: Any) -> None:
    mine.load_state_dict({name: gradviz.tensor(array_of(value)) for name, value in real.state_dict().items()})


def pair_of(mine: Any, real: Any) -> tuple[Any, Any]:
    assert repr(mine) == repr(real)
    assert [(n, tuple(v.shape), str(v.dtype)) for n, v in mine.state_dict().items()] == [
        (n, tuple(v.shape), str(v.dtype)) for n, v in real.state_dict().items()
    ]
    copy_weights(mine, real)
    return mine, real


LAYERS = [
    lambda nn: nn.Linear(4, 3),
    lambda nn: nn.Linear(4, 3, bias=False),
    lambda nn: nn.Conv2d(2, 4, (3, 2), stride=2, padding=1, groups=2, dilation=(1, 2)),
    lambda nn: nn.Conv2d(2, 4, 3, padding="same", padding_mode="reflect", bias=False),
    lambda nn: nn.Conv2d(2, 4, 3, padding=2, padding_mode="circular"),
    lambda nn: nn.BatchNorm2d(2),
    lambda nn: nn.BatchNorm2d(2, affine=False, momentum=None),
    lambda nn: nn.BatchNorm2d(2, track_running_stats=False, bias=False),
    lambda nn: nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
    lambda nn: nn.AvgPool2d(2, padding=1),
    lambda nn: nn.AdaptiveAvgPool2d((2, None)),
    lambda nn: nn.ReLU(),
    lambda nn: nn.Tanh(),
    lambda nn: nn.Sigmoid(),
    lambda nn: nn.Softmax(1),
    lambda nn: nn.LogSoftmax(1),
    lambda nn: nn.Flatten(),
    lambda nn: nn.Dropout(0.0),
    lambda nn: nn.Identity(),
    lambda nn: nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 2)),
]


@pytest.mark.parametrize("make", LAYERS, ids=[str(make(gradviz.nn)).split("\n")[0] for make in LAYERS])
def test_layers(make) -> None:
    mine, real = pair_of(make(gradviz.nn), make(torch.nn))
    x = np.random.default_rng(0).normal(size=(3, 2, 6, 4)).astype(np.float32)
    for _ in range(2):
        found, expected = ours(x, True), theirs(x, True)
        y, z = mine(found), real(expected)
        close(y, z)
        (y * y).sum().backward()
        (z * z).sum().backward()
        close(found.grad, expected.grad)
        for (name, p), (same, q) in zip(mine.named_parameters(), real.named_parameters(), strict=True):
            assert name == same
            close(p.grad, q.grad)
        for p, q in zip(mine.buffers(), real.buffers(), strict=True):
            close(p, q)
        mine.eval()
        real.eval()


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.CrossEntropyLoss(),
        lambda nn: nn.CrossEntropyLoss(ignore_index=2, label_smoothing=0.1, reduction="sum"),
        lambda nn: nn.NLLLoss(reduction="none"),
    ],
)
def test_losses(make) -> None:
    x, t = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32), np.array([1, 2, 3])
    mine, real = pair_of(make(gradviz.nn), make(torch.nn))
    found, expected = ours(x, True), theirs(x, True)
    y, z = mine(found, ours(t)), real(expected, theirs(t))
    close(y, z)
    y.sum().backward()
    z.sum().backward()
    close(found.grad, expected.grad)


def test_lenet_forward_backward_and_update() -> None:
    torch.manual_seed(0)
    mine, real = pair_of(LeNet(), as_written_for_pytorch(lenet).Net())
    x = np.random.default_rng(0).normal(size=(4, 1, 32, 32)).astype(np.float32)
    t = np.array([3, 1, 4, 1])
    optimizers = gradviz.optim.SGD(mine.parameters(), lr=0.01), torch.optim.SGD(real.parameters(), lr=0.01)
    losses = (
        gradviz.nn.CrossEntropyLoss()(mine(ours(x)), ours(t)),
        torch.nn.CrossEntropyLoss()(real(theirs(x)), theirs(t)),
    )
    close(*losses)
    for loss, optimizer in zip(losses, optimizers, strict=True):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for p, q in zip(mine.parameters(), real.parameters(), strict=True):
        assert np.abs(array_of(p.grad) - array_of(q.grad)).max() <= 1e-5 * np.abs(array_of(q.grad)).max()
        close(p, q)


# In float32 batch norm over the last layers' 2×2 pixels amplifies rounding: PyTorch's own gradients differ
# from its double precision ones by up to 1e-4 of the largest number.
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-4), (np.float64, 1e-10)])
def test_resnet18_forward_and_backward(dtype: type, tolerance: float) -> None:
    torch.manual_seed(0)
    mine, real = pair_of(resnet18(), as_written_for_pytorch(resnet).resnet18())
    if dtype is np.float64:
        mine.double()
        real.double()
    rng = np.random.default_rng(0)
    x, labels = rng.random((1, 3, 64, 64)).astype(dtype), rng.random((1, 1000)).astype(dtype)
    predictions = mine(ours(x)), real(theirs(x))
    close(*predictions, 1e-5)
    (predictions[0] - ours(labels)).sum().backward()
    (predictions[1] - theirs(labels)).sum().backward()
    for (name, p), q in zip(mine.named_parameters(), real.parameters(), strict=True):
        error = np.abs(array_of(p.grad) - array_of(q.grad)).max() / np.abs(array_of(q.grad)).max()
        assert error < tolerance, name
    for p, q in zip(mine.buffers(), real.buffers(), strict=True):
        close(p, q)
    close(mine.eval()(ours(x)), real.eval()(theirs(x)), tolerance)


OPTIMIZERS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.5, "maximize": True}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("Adam", {"lr": 0.05, "maximize": True}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.8, "eps": 1e-4, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.01, "centered": True}),
]


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_trajectories(name: str, options: dict[str, Any]) -> None:
    """20 steps on a curved function of two parameter groups, in double precision and in single."""
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-6)):
        rng = np.random.default_rng(0)
        start = [rng.normal(size=(3, 2)).astype(dtype), rng.normal(size=4).astype(dtype)]
        target = [rng.normal(size=value.shape).astype(dtype) for value in start]
        paths = []
        for library, make in ((gradviz, ours), (torch, theirs)):
            params = [library.nn.Parameter(make(value)) for value in start]
            groups = [{"params": params[:1]}, {"params": params[1:], "lr": options["lr"] / 2}]
            optimizer = getattr(library.optim, name)(groups, **options)
            if dtype is np.float64:
                assert repr(optimizer).startswith(f"{name} (")
            path = []
            for _ in range(20):
                optimizer.zero_grad()
                loss = sum(((p - make(t)).tanh() ** 2).sum() for p, t in zip(params, target, strict=True))
                loss.backward()
                optimizer.step()
                path.append(np.concatenate([array_of(p).ravel() for p in params]))
            paths.append((path, repr(optimizer)))
        np.testing.assert_allclose(paths[0][0], paths[1][0], rtol=tolerance, atol=tolerance)
        assert paths[0][1] == paths[1][1]


def test_saved_optimizers_have_pytorchs_form() -> None:
    for name, options in (
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("Adam", {}),
        ("RMSprop", {"momentum": 0.5}),
    ):
        states = []
        for library in (gradviz, torch):
            w = library.nn.Parameter(library.ones(2))
            optimizer = getattr(library.optim, name)([w], **options)
            w.grad = library.ones(2)
            optimizer.step()
            states.append(optimizer.state_dict())
        assert set(states[0]["state"][0]) == set(states[1]["state"][0])
        assert states[0]["param_groups"] == states[1]["param_groups"]


def test_messages_of_load_state_dict() -> None:
    texts = []
    for library in (gradviz, torch):
        net = library.nn.Sequential(library.nn.Linear(2, 3), library.nn.BatchNorm2d(1))
        state = dict(net.state_dict())
        state["0.weight"] = library.ones(3, 3)
        state["more"] = state.pop("1.bias")
        with pytest.raises(RuntimeError) as caught:
            net.load_state_dict(state)
        texts.append((str(caught.value), repr(net.load_state_dict(net.state_dict()))))
    assert texts[0] == texts[1]


def test_messages_of_modules() -> None:
    def provoke(nn: Any, tensor: Any) -> list[str]:
        calls = [
            lambda: setattr(nn.Linear(1, 1), "weight", tensor),
            lambda: setattr(nn.Linear(1, 1), "weight", 3),
            lambda: setattr(nn.Sequential(nn.ReLU()), "0", 3),
            lambda: setattr(nn.BatchNorm2d(1), "running_mean", 3),
            lambda: nn.Linear(1, 1).register_parameter("a.b", None),
            lambda: nn.Linear(1, 1).register_parameter("", None),
            lambda: nn.Linear(1, 1).register_parameter("forward", None),
            lambda: nn.Linear(1, 1).register_parameter("w", tensor),
            lambda: nn.Linear(1, 1).register_buffer("w", 3),
            lambda: nn.Linear(1, 1).register_buffer("a.b", None),
            lambda: nn.Linear(1, 1).add_module("a.b", None),
            lambda: nn.Linear(1, 1).add_module("", None),
            lambda: nn.Linear(1, 1).nothing,
            lambda: nn.Linear(1, 1).train(1),
            lambda: nn.Sequential(nn.ReLU())[1],
            lambda: nn.ModuleList()[0],
            lambda: nn.Module()(tensor),
            lambda: nn.Conv2d(3, 4, 1, groups=2),
            lambda: nn.Conv2d(2, 3, 1, groups=2),
            lambda: nn.Dropout(2),
            lambda: nn.BatchNorm2d(2)(tensor),
            lambda: nn.init.xavier_uniform_(tensor),
        ]
        found = []
        for call in calls:
            try:
                call()
            except Exception as error:
                found.append(f"{error}")
            else:
                found.append("nothing raised")
        return found

    ours = [
        re.sub(r", at .*:\d+$", "", text) for text in provoke(gradviz.nn, gradviz.ones(2))
    ]  # plus the line
    assert ours == provoke(torch.nn, torch.ones(2))


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "xavier_normal_"])
def test_initial_values_have_pytorchs_spread(name: str) -> None:
    gradviz.manual_seed(0)
    torch.manual_seed(0)
    for shape in ((300, 200), (40, 30, 5, 5)):
        mine = getattr(gradviz.nn.init, name)(gradviz.zeros(*shape)).numpy()
        real = getattr(torch.nn.init, name)(torch.zeros(*shape)).numpy()
        assert mine.std() == pytest.approx(real.std(), rel=0.03)
        if "uniform" in name:
            assert np.abs(mine).max() == pytest.approx(np.abs(real).max(), rel=0.01)
    for make in (lambda nn: nn.Linear(200, 900), lambda nn: nn.Conv2d(20, 900, 5)):
        for mine, real in zip(make(gradviz.nn).parameters(), make(torch.nn).parameters(), strict=True):
            assert mine.detach().numpy().std() == pytest.approx(real.detach().numpy().std(), rel=0.1)
            assert np.abs(array_of(mine)).max() == pytest.approx(np.abs(array_of(real)).max(), rel=0.02)
