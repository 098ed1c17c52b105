"""Layers: what they print, how they begin, what they compute that their functions do not."""

from collections import OrderedDict

import numpy as np
import pytest
from gradviz.engine.api import FUNCTIONS, guarded

import gradviz as torch
import gradviz.nn as nn
import gradviz.nn.functional as F

REPRS = [
    (lambda: nn.Linear(400, 120), "Linear(in_features=400, out_features=120, bias=True)"),
    (lambda: nn.Linear(4, 1, bias=False), "Linear(in_features=4, out_features=1, bias=False)"),
    (lambda: nn.Conv2d(1, 6, 5), "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))"),
    (lambda: nn.Conv2d(1, 6, (5, 3), padding=(1, 2)),
     "Conv2d(1, 6, kernel_size=(5, 3), stride=(1, 1), padding=(1, 2))"),
    (lambda: nn.Conv2d(2, 6, 5, stride=2, padding="valid", groups=2),
     "Conv2d(2, 6, kernel_size=(5, 5), stride=(2, 2), padding=valid, groups=2)"),
    (lambda: nn.Conv2d(1, 6, 5, padding="same", bias=False, padding_mode="reflect", dilation=2),
     "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=same, dilation=(2, 2), bias=False, "
     "padding_mode=reflect)"),
    (lambda: nn.MaxPool2d(2), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"),
    (lambda: nn.MaxPool2d((3, 2), stride=1),
     "MaxPool2d(kernel_size=(3, 2), stride=1, padding=0, dilation=1, ceil_mode=False)"),
    (lambda: nn.AvgPool2d(2), "AvgPool2d(kernel_size=2, stride=2, padding=0)"),
    (lambda: nn.AdaptiveAvgPool2d((1, 1)), "AdaptiveAvgPool2d(output_size=(1, 1))"),
    (lambda: nn.BatchNorm2d(3),
     "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"),
    (lambda: nn.ReLU(), "ReLU()"),
    (lambda: nn.ReLU(inplace=True), "ReLU(inplace=True)"),
    (lambda: nn.Tanh(), "Tanh()"),
    (lambda: nn.Sigmoid(), "Sigmoid()"),
    (lambda: nn.Softmax(dim=1), "Softmax(dim=1)"),
    (lambda: nn.LogSoftmax(dim=1), "LogSoftmax(dim=1)"),
    (lambda: nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
    (lambda: nn.Dropout(0.2), "Dropout(p=0.2, inplace=False)"),
    (lambda: nn.Identity(3, a=4), "Identity()"),
    (lambda: nn.CrossEntropyLoss(torch.ones(2)), "CrossEntropyLoss()"),
    (lambda: nn.NLLLoss(), "NLLLoss()"),
    (lambda: nn.MSELoss(), "MSELoss()"),
    (lambda: nn.Sequential(), "Sequential()"),
    (lambda: nn.ModuleList(), "ModuleList()"),
    (lambda: nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU()]),
     "ModuleList(\n  (0-1): 2 x Linear(in_features=1, out_features=2, bias=True)\n  (2): ReLU()\n)"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "text"), REPRS, ids=[text.split("(")[0] for _, text in REPRS])
def test_reprs_are_pytorchs(make, text: str) -> None:
    assert repr(make()) == text


def bounds(tensor: torch.Tensor) -> tuple[float, float]:
    return float(np.min(tensor.tolist())), float(np.max(tensor.tolist()))


@pytest.mark.parametrize(
    ("layer", "fan_in"), [(nn.Linear(100, 1000), 100), (nn.Conv2d(4, 1000, 5, groups=2), 50)]
)
def test_default_weights_are_uniform_within_one_over_the_root_of_fan_in(
    layer: nn.Module, fan_in: int
) -> None:
    bound = fan_in**-0.5
    for parameter in (layer.weight, layer.bias):
        low, high = bounds(parameter)
        assert -bound <= low < -0.9 * bound
        assert 0.9 * bound < high <= bound


def test_seeds_repeat_initial_weights() -> None:
    weights = []
    for _ in range(2):
        torch.manual_seed(1)
        weights.append(nn.Linear(2, 2).weight.tolist())
    assert weights[0] == weights[1]


def spread(tensor: torch.Tensor) -> float:
    return float(np.std(tensor.tolist()))


def test_initialisers() -> None:
    w = torch.zeros(200, 100)
    assert nn.init.xavier_uniform_(w) is w
    assert spread(w) == pytest.approx((2 / 300) ** 0.5, rel=0.05)
    assert spread(nn.init.xavier_normal_(w, gain=2)) == pytest.approx(2 * (2 / 300) ** 0.5, rel=0.05)
    assert spread(nn.init.kaiming_normal_(w, nonlinearity="relu")) == pytest.approx(
        (2 / 100) ** 0.5, rel=0.05
    )
    assert spread(nn.init.kaiming_uniform_(w, mode="fan_out", nonlinearity="relu")) == pytest.approx(
        (2 / 200) ** 0.5, rel=0.05
    )
    assert bounds(nn.init.uniform_(w, 2, 3)) == pytest.approx((2, 3), abs=0.01)
    assert spread(nn.init.normal_(w, 1, 0.5)) == pytest.approx(0.5, rel=0.05)
    low, high = bounds(nn.init.trunc_normal_(w))
    assert -2 <= low < -1.9
    assert 1.9 < high <= 2
    assert bounds(nn.init.constant_(w, 4)) == (4, 4)
    assert bounds(nn.init.zeros_(w)) == (0, 0)
    assert bounds(nn.init.ones_(w)) == (1, 1)
    assert nn.init.eye_(torch.zeros(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        nn.init.xavier_uniform_(torch.zeros(3))
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions"):
        nn.init.eye_(torch.zeros(3))
    with pytest.raises(ValueError, match="Unsupported nonlinearity square"):
        nn.init.kaiming_uniform_(w, nonlinearity="square")
    with pytest.raises(
        ValueError, match=r"Mode fan not supported, please use one of \['fan_in', 'fan_out'\]"
    ):
        nn.init.kaiming_uniform_(w, mode="fan")


def test_initialisers_change_parameters_and_record_nothing() -> None:
    layer = nn.Linear(2, 2)
    with torch.record() as recorder:
        nn.init.ones_(layer.weight)
        nn.Linear(2, 2)
    assert len(recorder) == 0
    assert layer.weight.requires_grad
    layer(torch.ones(1, 2)).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [1, (2, 0), "same", "valid"])
def test_padding_modes_of_convolutions(mode: str, padding) -> None:
    layer = nn.Conv2d(1, 2, 3, padding=padding, padding_mode=mode)
    x = torch.rand(1, 1, 5, 6)
    rows, columns = {1: (1, 1), (2, 0): (2, 0), "same": (1, 1), "valid": (0, 0)}[padding]
    padded = F.pad(x, (columns, columns, rows, rows), mode=mode)
    assert layer(x).tolist() == F.conv2d(padded, layer.weight, layer.bias).tolist()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 1, groups=2), "in_channels must be divisible by groups"),
        (lambda: nn.Conv2d(2, 3, 1, groups=2), "out_channels must be divisible by groups"),
        (lambda: nn.Conv2d(2, 3, 1, groups=0), "groups must be a positive integer"),
        (lambda: nn.Conv2d(2, 3, 1, padding_mode="mirror"), "padding_mode must be one of"),
        (lambda: nn.Conv2d(2, 3, (1, 2, 3)), "kernel_size must be an int or 2 ints"),
        (lambda: nn.Dropout(2), "dropout probability has to be between 0 and 1, but got 2"),
    ],
)
def test_impossible_layers(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_dropout_is_for_training() -> None:
    layer, x = nn.Dropout(0.5), torch.ones(100)
    assert 0 in layer(x).tolist()
    assert layer.eval()(x) is x


def test_batch_norm_trains_and_evaluates() -> None:
    layer, x = nn.BatchNorm2d(2), torch.randn(3, 2, 4, 4) * 2 + 1
    layer(x)
    layer(x)
    assert layer.num_batches_tracked.item() == 2
    mean = np.mean(x.tolist(), axis=(0, 2, 3))
    np.testing.assert_allclose(layer.running_mean.tolist(), mean * (1 - 0.9**2), rtol=1e-5)
    layer.eval()
    before = layer.running_mean.tolist()
    layer(x)
    assert layer.running_mean.tolist() == before
    assert layer.num_batches_tracked.item() == 2
    with pytest.raises(ValueError, match="expected 4D input"):
        layer(torch.ones(2, 2))


def test_batch_norm_without_running_averages_or_weights() -> None:
    x = torch.randn(3, 2, 4, 4)
    plain = nn.BatchNorm2d(2, affine=False, track_running_stats=False).eval()
    assert not plain.state_dict()
    np.testing.assert_allclose(np.mean(plain(x).tolist(), axis=(0, 2, 3)), 0, atol=1e-6)
    average = nn.BatchNorm2d(2, momentum=None)
    average(x)
    average(x + 2)
    expected = np.mean(x.tolist(), axis=(0, 2, 3)) + 1
    np.testing.assert_allclose(average.running_mean.tolist(), expected, rtol=1e-4, atol=1e-5)


def test_layers_are_their_functions() -> None:
    x = torch.randn(2, 4)
    assert nn.Tanh()(x).tolist() == torch.tanh(x).tolist()
    assert nn.Sigmoid()(x).tolist() == torch.sigmoid(x).tolist()
    assert nn.Softmax(1)(x).tolist() == F.softmax(x, 1).tolist()
    assert nn.LogSoftmax(1)(x).tolist() == F.log_softmax(x, 1).tolist()
    assert nn.Identity()(x) is x
    assert nn.Flatten()(torch.rand(2, 3, 4)).shape == (2, 12)
    target = torch.tensor([0, 3])
    assert nn.NLLLoss()(x, target).item() == F.nll_loss(x, target).item()
    assert nn.MSELoss(reduction="sum")(x, x + 1).item() == pytest.approx(8)
    weight = torch.tensor([1.0, 2, 3, 4])
    loss = nn.CrossEntropyLoss(weight, label_smoothing=0.1)
    assert loss(x, target).item() == F.cross_entropy(x, target, weight, label_smoothing=0.1).item()
    images = torch.rand(1, 2, 4, 4)
    assert nn.AvgPool2d(2)(images).tolist() == F.avg_pool2d(images, 2).tolist()
    values, indices = nn.MaxPool2d(2, return_indices=True)(images)
    assert values.tolist() == F.max_pool2d(images, 2).tolist()
    assert indices.dtype is torch.int64
    assert nn.AdaptiveAvgPool2d(1)(images).shape == (1, 2, 1, 1)


def test_functional_has_every_function_that_is_published_for_it() -> None:
    published = {entry.name: entry.function for entry in FUNCTIONS if "F" in entry.places}
    assert set(F.__all__) == set(published)
    for name, function in published.items():
        assert getattr(F, name) is guarded(function)


# Containers.


def test_sequential_runs_in_order_and_is_a_list() -> None:
    a, b, c = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    net = nn.Sequential(a, b, c)
    x = torch.rand(4, 2)
    assert net(x).tolist() == c(b(a(x))).tolist()
    assert len(net) == 3
    assert net[0] is a
    assert net[-1] is c
    assert list(net) == [a, b, c]
    assert b in net
    part = net[1:]
    assert isinstance(part, nn.Sequential)
    assert list(part) == [b, c]
    assert list(part._modules) == ["1", "2"]
    net[1] = nn.Tanh()
    assert isinstance(net[1], nn.Tanh)
    del net[0]
    assert list(net._modules) == ["0", "1"]
    net.append(a).extend([b]).insert(0, c)
    assert net[0] is c
    assert len(net) == 5
    del net[1:]
    assert list(net) == [c]
    with pytest.raises(IndexError, match="index 1 is out of range"):
        net[1]


def test_sequential_with_names() -> None:
    net = nn.Sequential(OrderedDict([("fc", nn.Linear(1, 2)), ("act", nn.ReLU())]))
    assert isinstance(net.act, nn.ReLU)
    assert repr(net) == (
        "Sequential(\n  (fc): Linear(in_features=1, out_features=2, bias=True)\n  (act): ReLU()\n)"
    )
    assert list(net[:1]._modules) == ["fc"]


def test_module_list() -> None:
    layers = nn.ModuleList(nn.Linear(1, 1) for _ in range(3))
    assert len(list(layers.parameters())) == 6
    assert isinstance(layers[1:], nn.ModuleList)
    assert len(layers[1:]) == 2
    with pytest.raises(NotImplementedError):
        layers(torch.ones(1))
