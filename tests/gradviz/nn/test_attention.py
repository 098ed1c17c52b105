"""MultiheadAttention: its parameters, text and what it refuses; small layers around it."""

import math

import pytest

import gradviz as torch
import gradviz.nn as nn


def test_names_shapes_and_text() -> None:
    net = nn.MultiheadAttention(4, 2, add_bias_kv=True)
    assert {name: tuple(value.shape) for name, value in net.state_dict().items()} == {
        "in_proj_weight": (12, 4),
        "in_proj_bias": (12,),
        "bias_k": (1, 1, 4),
        "bias_v": (1, 1, 4),
        "out_proj.weight": (4, 4),
        "out_proj.bias": (4,),
    }
    assert repr(net) == (
        "MultiheadAttention(\n"
        "  (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)\n"
        ")"
    )
    other = nn.MultiheadAttention(4, 2, kdim=3, bias=False)
    assert list(other.state_dict()) == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"]


def test_initial_values() -> None:
    torch.manual_seed(0)
    net = nn.MultiheadAttention(64, 1)
    bound = math.sqrt(6 / (64 + 192))
    assert 0.95 * bound < float(net.in_proj_weight.abs().max()) <= bound
    assert not net.in_proj_bias.any()
    assert not net.out_proj.bias.any()


def test_shapes_of_what_comes_out() -> None:
    net, x = nn.MultiheadAttention(4, 2, batch_first=True), torch.rand(3, 5, 4)
    output, weights = net(x, x, x)
    assert (output.shape, weights.shape) == ((3, 5, 4), (3, 5, 5))
    assert net(x, x, x, average_attn_weights=False)[1].shape == (3, 2, 5, 5)
    assert net(x, x, x, need_weights=False)[1] is None
    assert net(x[0], x[0], x[0])[0].shape == (5, 4)
    assert float((weights.sum(-1) - 1).abs().max()) < 1e-6


def test_everything_hidden() -> None:
    net, x = nn.MultiheadAttention(2, 1, bias=False), torch.rand(2, 1, 2)
    hidden = torch.ones(1, 2).bool()
    assert net(x, x, x, hidden)[0].isnan().all()
    assert not net(x, x, x, hidden, need_weights=False)[0].any()


def test_mistakes() -> None:
    net, x = nn.MultiheadAttention(4, 2), torch.rand(3, 2, 4)
    for act, error, message in (
        (lambda: nn.MultiheadAttention(5, 2), AssertionError, "embed_dim must be divisible by num_heads"),
        (lambda: nn.MultiheadAttention(0, 2), ValueError, "got embed_dim=0 and num_heads=2 instead"),
        (lambda: net(x, x, x, is_causal=True), RuntimeError, "Need attn_mask if specifying the is_causal"),
        (lambda: net(x, x, x[0]), AssertionError, "expected `key` and `value` to be 3-D but found 3-D and 2"),
        (lambda: net(x, x, x[:2]), AssertionError, "does not match value shape"),
        (
            lambda: net(x, x, x, torch.zeros(2, 3).long()),
            AssertionError,
            "only bool and floating types of",
        ),
        (
            lambda: net(x, x, x, torch.zeros(3, 3)),
            AssertionError,
            r"key_padded_mask.shape\[0\] to be 2",
        ),
        (lambda: net(x, x, x, attn_mask=torch.zeros(2, 3)), RuntimeError, r"should be \(3, 3\)"),
        (lambda: net(x[..., :3], x, x), AssertionError, "was expecting embedding dimension of 4, but got 3"),
        (lambda: nn.Bilinear(0, 1, 1), ValueError, r"in1_features must be > 0, but got \(in1_features=0\)"),
        (lambda: nn.Unflatten(1, 3), TypeError, "must be a tuple of ints, but found type int"),
        (lambda: nn.Unflatten(1, (2, "a")), TypeError, "found element of type str at pos 1"),
    ):
        with pytest.raises(error, match=message):
            act()
    with pytest.warns(UserWarning, match="Support for mismatched key_padding_mask and attn_mask"):
        net(x, x, x, torch.zeros(2, 3), attn_mask=torch.zeros(3, 3).bool())


def test_small_layers() -> None:
    assert repr(nn.Bilinear(1, 2, 3)) == "Bilinear(in1_features=1, in2_features=2, out_features=3, bias=True)"
    assert repr(nn.Unflatten(1, (2, 3))) == "Unflatten(dim=1, unflattened_size=(2, 3))"
    assert nn.Unflatten(1, (2, -1))(torch.rand(2, 6)).shape == (2, 2, 3)
    lazy = nn.LazyLinear(3)
    assert repr(lazy.weight) == "<UninitializedParameter>"
    assert lazy(torch.ones(2, 4)).shape == (2, 3)
    assert repr(lazy) == "Linear(in_features=4, out_features=3, bias=True)"
