"""Attention with several heads agrees with PyTorch over randomly drawn settings and masks."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.oracle.draws import rng_for
from tests.oracle.module_compare import agree_module

pytestmark = pytest.mark.oracle


def flag(rng: np.random.Generator, chance: float = 0.5) -> bool:
    return bool(rng.random() < chance)


def mask_of(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Bool (True hides, never everything) or float."""
    if kind == "float":
        return rng.normal(size=shape)
    hidden = rng.random(shape) < 0.4
    hidden[..., 0] = False
    return np.asarray(hidden)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_attention(start: int) -> None:
    for n in range(start, start + 20):
        rng = rng_for("attention", n)
        heads, size, batch, length, source = (int(k) for k in rng.integers(1, 4, 5))
        width = heads * size
        options: dict[str, Any] = {
            "bias": flag(rng),
            "add_bias_kv": flag(rng, 0.3),
            "add_zero_attn": flag(rng, 0.3),
            "batch_first": flag(rng),
        }
        kind = str(rng.choice(["self", "cross", "other", "key is value"]))
        if kind == "other":
            options |= {"kdim": int(rng.integers(1, 5)), "vdim": int(rng.integers(1, 5))}
        if kind == "self":
            source = length
        batched = flag(rng, 0.8)
        masks = {
            "key_padding_mask": str(rng.choice(["", "", "bool", "float"])),
            "attn_mask": str(rng.choice(["", "2bool", "2float", "3bool", "3float"])),
        }
        needed, averaged = flag(rng), flag(rng)
        causal = masks["attn_mask"] == "2bool" and flag(rng)

        def shape(
            sequence: int, features: int, batched=batched, batch=batch, options=options
        ) -> tuple[int, ...]:
            if not batched:
                return sequence, features
            return (batch, sequence, features) if options["batch_first"] else (sequence, batch, features)

        def draw(
            rng: np.random.Generator,
            kind=kind,
            shape=shape,
            options=options,
            width=width,
            length=length,
            source=source,
        ) -> tuple:
            x = rng.normal(size=shape(length, width))
            k = rng.normal(size=shape(source, options.get("kdim", width)))
            v = rng.normal(size=shape(source, options.get("vdim", width)))
            return {"self": (x, x, x), "key is value": (x, k, k)}.get(kind, (x, k, v))

        def kwargs(
            rng: np.random.Generator,
            masks=masks,
            needed=needed,
            averaged=averaged,
            causal=causal,
            batched=batched,
            batch=batch,
            heads=heads,
            length=length,
            source=source,
        ) -> dict[str, Any]:
            given: dict[str, Any] = {"need_weights": needed, "average_attn_weights": averaged}
            if masks["key_padding_mask"]:
                lead = (batch,) if batched else ()
                given["key_padding_mask"] = mask_of(rng, (*lead, source), masks["key_padding_mask"])
            if masks["attn_mask"]:
                lead = (heads * (batch if batched else 1),) if masks["attn_mask"][0] == "3" else ()
                given["attn_mask"] = mask_of(rng, (*lead, length, source), masks["attn_mask"][1:])
            if causal:
                given["attn_mask"] = np.triu(np.ones((length, source), bool), 1)
                given["is_causal"] = True
            return given

        agree_module(
            lambda nn, width=width, heads=heads, options=options: nn.MultiheadAttention(
                width, heads, **options
            ),
            draw,
            kwargs=kwargs,
            second=needed,  # PyTorch's fused kernel has no second derivative
        )


@pytest.mark.parametrize(
    "options",
    [
        {"embed_dim": 0},
        {"num_heads": 0},
        {"embed_dim": 5},
        {"kdim": 3},
        {"vdim": 3, "bias": False},
        {"add_bias_kv": True, "kdim": 2},
        {"dropout": 1.0},
    ],
)
def test_settings(options: dict[str, Any]) -> None:
    agree_module(
        lambda nn: nn.MultiheadAttention(**{"embed_dim": 4, "num_heads": 2} | options),
        lambda rng: [rng.normal(size=(3, 2, options.get(name, 4))) for name in ("", "kdim", "vdim")],
    )


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("sizes", [(0, 0, 2), (2, 2, 0), (2, 0, 3), (0, 2, 1)])
def test_nothing_to_attend_to(sizes: tuple[int, int, int], needed: bool) -> None:
    length, source, batch = sizes
    agree_module(
        lambda nn: nn.MultiheadAttention(4, 2),
        lambda rng: [rng.normal(size=(n, batch, 4)) for n in (length, source, source)],
        kwargs=lambda rng: {"need_weights": needed},
    )


@pytest.mark.parametrize("number", range(13))
def test_what_does_not_fit(number: int) -> None:
    rng = np.random.default_rng(0)
    x, flat = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 4))
    args, kwargs = [
        ((x[0, 0],) * 3, {}),
        ((x, flat, flat), {}),
        ((flat, x, x), {}),
        ((x, x, x[:2]), {}),
        ((rng.normal(size=(3, 2, 5)),) * 3, {}),
        ((x, x, x), {"key_padding_mask": np.zeros(3, bool)}),
        ((x, x, x), {"key_padding_mask": np.zeros((3, 3), bool)}),
        ((x, x, x), {"key_padding_mask": np.zeros((2, 3), np.int64)}),
        ((x, x, x), {"attn_mask": np.zeros(3, bool)}),
        ((x, x, x), {"attn_mask": np.zeros((3, 2), bool)}),
        ((x, x, x), {"attn_mask": np.zeros((2, 3, 3), bool)}),
        ((flat, flat, flat), {"attn_mask": np.zeros((1, 3, 3), bool)}),
        ((x, x, x), {"is_causal": True}),
    ][number]
    agree_module(lambda nn: nn.MultiheadAttention(4, 2), lambda rng: args, kwargs=lambda rng: kwargs)
