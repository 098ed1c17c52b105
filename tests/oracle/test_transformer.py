"""Transformer layers, stacks and the whole agree with PyTorch over randomly drawn settings and masks."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.oracle.draws import rng_for
from tests.oracle.module_compare import agree_module

pytestmark = pytest.mark.oracle

TOLERANCES = {"float64": 1e-9, "float32": 2e-4}


def flag(rng: np.random.Generator, chance: float = 0.5) -> bool:
    return bool(rng.random() < chance)


class Case:
    """One draw of settings, shapes and kinds of masks."""

    def __init__(self, name: str, n: int) -> None:
        rng = rng_for(name, n)
        heads, size = int(rng.integers(1, 3)), int(rng.integers(1, 4))
        self.width, self.heads, self.batch = heads * size, heads, int(rng.integers(1, 3))
        self.lengths = [int(k) for k in rng.integers(1, 4, 2)]
        self.options: dict[str, Any] = {
            "dim_feedforward": int(rng.integers(1, 5)),
            "dropout": float(rng.choice([0.0, 0.0, 1.0])),
            "batch_first": flag(rng),
            "norm_first": flag(rng),
            "bias": flag(rng, 0.7),
            "layer_norm_eps": float(rng.choice([1e-5, 0.1])),
        }
        self.activation = str(
            rng.choice(["", "relu", "gelu", "module", "function", "wrong"], p=[0.3, *[0.15] * 4, 0.1])
        )
        self.batched = flag(rng, 0.8)
        self.masks = [str(rng.choice(["", "", "bool", "float", "causal", "float causal"])) for _ in range(3)]
        self.padding = [str(rng.choice(["", "bool", "float"])) for _ in range(3)]

    def settings(self, nn: Any, stacked: bool = False) -> dict[str, Any]:
        """PyTorch's decoder layers forget an activation that is a module when they are copied."""
        if stacked and self.activation == "module":
            self.activation = "function"
        chosen = {"module": nn.Tanh(), "function": nn.functional.silu, "wrong": "sin"}
        extra = {"activation": chosen.get(self.activation, self.activation)} if self.activation else {}
        return self.options | extra

    def x(self, rng: np.random.Generator, which: int) -> np.ndarray:
        length = self.lengths[which]
        if not self.batched:
            return rng.normal(size=(length, self.width))
        lead = (self.batch, length) if self.options["batch_first"] else (length, self.batch)
        return rng.normal(size=(*lead, self.width))

    def mask(self, rng: np.random.Generator, number: int, rows: int, columns: int) -> np.ndarray | None:
        kind = self.masks[number]
        if kind == "bool":
            hidden = rng.random((rows, columns)) < 0.4
            hidden[:, 0] = False
            return hidden
        later = np.triu(np.ones((rows, columns), bool), 1)
        known = {"float": rng.normal(size=(rows, columns)), "causal": later}
        if kind == "float causal":
            return np.where(later, -np.inf, 0.0)
        return known.get(kind)

    def pad(self, rng: np.random.Generator, number: int, length: int) -> np.ndarray | None:
        lead = (self.batch,) if self.batched else ()
        if self.padding[number] == "bool":
            hidden = rng.random((*lead, length)) < 0.3
            hidden[..., 0] = False
            return np.asarray(hidden)
        return rng.normal(size=(*lead, length)) if self.padding[number] else None


@pytest.mark.parametrize("n", range(14))
def test_encoder_layers(n: int) -> None:
    case = Case("encoder layer", n)
    s = case.lengths[0]
    agree_module(
        lambda nn: nn.TransformerEncoderLayer(case.width, case.heads, **case.settings(nn)),
        lambda rng: (case.x(rng, 0), case.mask(rng, 0, s, s), case.pad(rng, 0, s)),
        tolerances=TOLERANCES,
    )


@pytest.mark.parametrize("n", range(14))
def test_decoder_layers(n: int) -> None:
    case = Case("decoder layer", n)
    t, s = case.lengths
    agree_module(
        lambda nn: nn.TransformerDecoderLayer(case.width, case.heads, **case.settings(nn)),
        lambda rng: (
            case.x(rng, 0),
            case.x(rng, 1),
            case.mask(rng, 0, t, t),
            case.mask(rng, 1, t, s),
            case.pad(rng, 0, t),
            case.pad(rng, 1, s),
        ),
        tolerances=TOLERANCES,
    )


@pytest.mark.parametrize("n", range(8))
def test_stacks(n: int) -> None:
    case = Case("stacks", n)
    t, s = case.lengths

    def encoder(nn: Any) -> Any:
        layer = nn.TransformerEncoderLayer(case.width, case.heads, **case.settings(nn))
        return nn.TransformerEncoder(layer, 1 + n % 3, nn.LayerNorm(case.width) if n % 2 else None)

    def decoder(nn: Any) -> Any:
        layer = nn.TransformerDecoderLayer(case.width, case.heads, **case.settings(nn, True))
        return nn.TransformerDecoder(layer, 1 + n % 3, nn.LayerNorm(case.width) if n % 2 else None)

    agree_module(
        encoder,
        lambda rng: (case.x(rng, 0), case.mask(rng, 0, t, t), case.pad(rng, 0, t)),
        tolerances=TOLERANCES,
        steps=1,
    )
    agree_module(
        decoder,
        lambda rng: (case.x(rng, 0), case.x(rng, 1), case.mask(rng, 0, t, t), case.mask(rng, 1, t, s)),
        tolerances=TOLERANCES,
        steps=1,
    )


@pytest.mark.parametrize("n", range(8))
def test_transformers(n: int) -> None:
    case = Case("transformer", n)
    s, t = case.lengths

    def make(nn: Any) -> Any:
        return nn.Transformer(case.width, case.heads, 1 + n % 2, 1 + n % 3, **case.settings(nn, True))

    agree_module(
        make,
        lambda rng: (
            case.x(rng, 0),
            case.x(rng, 1),
            case.mask(rng, 0, s, s),
            case.mask(rng, 1, t, t),
            case.mask(rng, 2, t, s),
            case.pad(rng, 0, s),
            case.pad(rng, 1, t),
        ),
        tolerances=TOLERANCES,
        steps=1,
    )


def test_what_does_not_fit() -> None:
    for one, two in (((2, 1, 4), (2, 2, 4)), ((2, 1, 3), (2, 1, 4)), ((2, 1, 4), (2, 1, 3))):
        agree_module(
            lambda nn: nn.Transformer(4, 2, 1, 1, 2),
            lambda rng, one=one, two=two: (rng.normal(size=one), rng.normal(size=two)),
        )


def test_the_mask_that_hides_the_future() -> None:
    import torch

    import gradviz

    for library in (gradviz, torch):
        mask = library.nn.Transformer.generate_square_subsequent_mask(3)
        assert str(mask.tolist()) == "[[0.0, -inf, -inf], [0.0, 0.0, -inf], [0.0, 0.0, 0.0]]"
