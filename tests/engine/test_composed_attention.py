"""Bilinear forms and attention with several heads: finite differences, and values by hand."""

import numpy as np
import pytest
from gradviz.engine.gradcheck import gradcheck, gradgradcheck

import gradviz as torch
import gradviz.nn.functional as F


def random(*shapes: tuple[int, ...]) -> list[torch.Tensor]:
    rng = np.random.default_rng(0)
    return [torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]


def test_bilinear() -> None:
    given = random((2, 3), (2, 2), (2, 3, 2), (2,))
    assert gradcheck(F.bilinear, given)
    assert gradgradcheck(F.bilinear, given)
    x, z, w, b = given
    expected = np.einsum("ni,oij,nj->no", *(each.detach().numpy() for each in (x, w, z)))
    assert np.allclose(F.bilinear(x, z, w, b).detach().numpy(), expected + b.detach().numpy())


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 2), (2, 2), (2, 2, 2)), "input batch dimensions do not match at dim 0: got 3 and 2"),
        (((3, 2), (2,), (2, 2, 2)), "input dimensions do not match: got 2 and 1"),
        (((3, 3), (3, 2), (2, 2, 2)), "input1 size does not match weight size: got 3 but expected 2"),
        (((3, 2), (3, 2), (2, 2, 2), (3,)), "bias size does not match weight size: got 3 but expected 2"),
        (((3, 2), (3, 2), (2, 2)), r"weight must be \(out, in1, in2\), not \(2, 2\)"),
    ],
)
def test_bilinear_sizes(shapes, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        F.bilinear(*random(*shapes))


def attend(query, key, value, weight, bias, out, *, heads: int = 2, **options):
    return F.multi_head_attention_forward(
        query, key, value, query.shape[-1], heads, weight, bias, None, None, False, 0.0, out, None, **options
    )


@pytest.mark.parametrize("need_weights", [True, False])
def test_attention(need_weights: bool) -> None:
    given = random((2, 1, 2), (3, 1, 2), (3, 1, 2), (6, 2), (6,), (2, 2))
    mask = torch.tensor([[False, True, False], [False, False, True]])

    def call(*tensors):
        found = attend(*tensors, attn_mask=mask, need_weights=need_weights)
        return found if need_weights else found[0]

    assert gradcheck(call, given)
    assert gradgradcheck(call, given)


def test_one_head_by_hand() -> None:
    eye = torch.eye(2)
    query, keys = torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 0.0], [0.0, 3.0]])
    found, weights = attend(query, keys, keys, torch.cat([eye] * 3), None, eye, heads=1)
    first = 1 / (1 + np.exp(-3 / np.sqrt(2)))
    assert weights.tolist() == [[pytest.approx(first), pytest.approx(1 - first)]]
    assert found.tolist() == [[pytest.approx(3 * first), pytest.approx(3 - 3 * first)]]


def test_padding_is_not_looked_at() -> None:
    x = torch.rand(3, 1, 2)
    eye = torch.eye(2)
    hidden = torch.tensor([[False, False, True]])
    options = {"key_padding_mask": hidden}
    both, weights = attend(x, x, x, torch.cat([eye] * 3), None, eye, **options)
    assert not weights[..., 2].any()
    alone, _ = attend(x[:2], x[:2], x[:2], torch.cat([eye] * 3), None, eye)
    assert torch.allclose(both[:2], alone)


def test_static_keys_and_values() -> None:
    x, eye = torch.rand(2, 1, 2), torch.eye(2)
    static = torch.rand(2, 3, 1)
    found, weights = attend(
        x, x, x, torch.cat([eye] * 3), None, eye, static_k=static, static_v=torch.ones(2, 3, 1)
    )
    assert weights.shape == (1, 2, 3)
    assert torch.allclose(found, torch.ones(2, 1, 2))
