"""Weight and spectral normalisation of layers; conversions of tensors that share memory."""

import numpy as np
import pytest

import gradviz as torch
import gradviz.nn as nn
from gradviz.nn import utils


def test_weight_norm_and_back() -> None:
    layer, x = nn.Linear(2, 3), torch.rand(4, 2)
    before, weight = layer(x).tolist(), layer.weight.tolist()
    assert utils.weight_norm(layer) is layer
    assert list(layer.state_dict()) == ["bias", "weight_g", "weight_v"]
    assert layer.weight_g.shape == (3, 1)
    assert np.allclose(layer(x).tolist(), before)
    with torch.no_grad():
        layer.weight_g.mul_(2)
    bias = layer.bias.detach()
    assert torch.allclose(layer(x) - bias, 2 * (torch.tensor(before) - bias), atol=1e-6)
    layer(x).sum().backward()
    assert layer.weight_v.grad is not None
    with pytest.raises(RuntimeError, match="Cannot register two weight_norm hooks"):
        utils.weight_norm(layer)
    utils.remove_weight_norm(layer)
    assert list(layer.state_dict()) == ["bias", "weight"]
    assert np.allclose(layer.weight.tolist(), 2 * np.array(weight), atol=1e-6)
    with pytest.raises(ValueError, match="weight_norm of 'weight' not found in Linear"):
        utils.remove_weight_norm(layer)


def test_spectral_norm_finds_the_largest_singular_value() -> None:
    layer = utils.spectral_norm(nn.Linear(3, 2, bias=False), n_power_iterations=50)
    layer(torch.ones(1, 3))
    largest = np.linalg.svd(layer.weight_orig.detach().numpy())[1][0]
    assert np.allclose(layer.weight.detach().numpy() * largest, layer.weight_orig.detach().numpy(), atol=1e-5)
    assert [name for name, _ in layer.named_buffers()] == ["weight_u", "weight_v"]
    layer.eval()
    u = layer.weight_u.tolist()
    layer(torch.ones(1, 3)).sum().backward()
    assert layer.weight_u.tolist() == u
    assert layer.weight_orig.grad is not None
    with pytest.raises(RuntimeError, match="Cannot register two spectral_norm hooks"):
        utils.spectral_norm(layer)
    utils.remove_spectral_norm(layer)
    assert list(layer.state_dict()) == ["weight"]
    with pytest.raises(ValueError, match="spectral_norm of 'weight' not found"):
        utils.remove_spectral_norm(layer)
    with pytest.raises(ValueError, match="got n_power_iterations=0"):
        utils.spectral_norm(layer, n_power_iterations=0)
    with pytest.raises(ValueError, match="cannot be applied as parameter `bias` is None"):
        utils.spectral_norm(layer, "bias")


@pytest.mark.parametrize("normalise", [utils.weight_norm, utils.spectral_norm])
def test_lazy_layers_are_refused(normalise) -> None:
    with pytest.raises(ValueError, match="can't have uninitialized parameters"):
        normalise(nn.LazyLinear(2))


def test_conversion_leaves_what_shared_the_memory() -> None:
    source = torch.ones(2, 3)
    net = nn.ParameterList([nn.Parameter(source)])
    net.double()
    assert net[0].dtype is torch.float64
    assert net[0].detach().numpy().dtype == np.float64
    assert source.dtype is torch.float32
    with torch.no_grad():
        net[0].add_(1)
    assert source.tolist() == [[1, 1, 1]] * 2
