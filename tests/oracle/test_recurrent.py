"""Recurrent cells and layers agree with PyTorch over randomly drawn settings, shapes and first states."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.oracle.draws import rng_for
from tests.oracle.module_compare import agree_module

pytestmark = pytest.mark.oracle

CELLS = ("RNNCell", "LSTMCell", "GRUCell")
LAYERS = ("RNN", "LSTM", "GRU")


def flag(rng: np.random.Generator) -> bool:
    return bool(rng.integers(2))


@pytest.mark.parametrize("name", CELLS)
def test_cells(name: str) -> None:
    for n in range(16):
        rng = rng_for(name, n)
        i, h, batch = (int(k) for k in rng.integers(1, 5, 3))
        options: dict[str, Any] = {"bias": flag(rng)}
        if name == "RNNCell":
            options["nonlinearity"] = str(rng.choice(["tanh", "relu", "relu", "cube"]))
        lead = () if rng.random() < 0.3 else (batch,)
        given, off = flag(rng), int(rng.random() < 0.15)

        def draw(rng: np.random.Generator, i=i, h=h, lead=lead, given=given, off=off) -> tuple:
            x = rng.normal(size=(*lead, i + (off if not given else 0)))
            states = [rng.normal(size=(*lead, h + off)) for _ in range(2)]
            if not given:
                return (x,)
            return x, tuple(states) if name == "LSTMCell" else states[0]

        agree_module(
            lambda nn, i=i, h=h, options=options: getattr(nn, name)(i, h, **options), draw, second=True
        )


def settings(name: str, rng: np.random.Generator) -> dict[str, Any]:
    options: dict[str, Any] = {
        "num_layers": int(rng.choice([1, 1, 2, 3])),
        "bias": flag(rng),
        "batch_first": flag(rng),
        "bidirectional": flag(rng),
        "dropout": float(rng.choice([0.0, 0.0, 1.0])),
    }
    if name == "RNN":
        options["nonlinearity"] = str(rng.choice(["tanh", "relu"]))
    if name == "LSTM" and flag(rng):
        options["proj_size"] = int(rng.integers(0, 4))
    return options


def states_for(name: str, rng: np.random.Generator, h: int, options: dict[str, Any], *batch: int) -> Any:
    rows = options["num_layers"] * (1 + options["bidirectional"])
    width = options.get("proj_size") or h
    states = [rng.normal(size=(rows, *batch, size)) for size in (width, h)]
    return tuple(states) if name == "LSTM" else states[0]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    for n in range(24):
        rng = rng_for(name, n)
        i, h, batch, time = (int(k) for k in rng.integers(1, 5, 4))
        options = settings(name, rng)
        lead = (batch, time) if options["batch_first"] else (time, batch)
        lead = (time,) if rng.random() < 0.25 else lead
        given, off = flag(rng), int(rng.random() < 0.1)

        def draw(rng, i=i, h=h, lead=lead, batch=batch, options=options, given=given, off=off) -> tuple:
            x = rng.normal(size=(*lead, i + off))
            batched = () if len(lead) == 1 else (batch,)
            return (x, states_for(name, rng, h, options, *batched)) if given else (x,)

        agree_module(
            lambda nn, i=i, h=h, options=options: getattr(nn, name)(i, h, **options),
            draw,
            steps=1,
            second=True,
        )


@pytest.mark.parametrize("name", LAYERS)
def test_shapes_that_do_not_fit(name: str) -> None:
    rng = np.random.default_rng(0)
    wrong: list[Any] = [
        (rng.normal(size=3),),
        (rng.normal(size=(2, 2, 2, 3)),),
        (rng.normal(size=(0, 2, 3)),),
        (rng.normal(size=(4, 2, 3)), rng.normal(size=(1, 3, 2))),
        (rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 2))),
        (rng.normal(size=(4, 3)), rng.normal(size=(1, 1, 2))),
        (rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 2, 2))),
        (np.zeros((4, 2, 3), np.int64),),
    ]
    for x, *states in wrong:
        hx = [(state, state) for state in states] if name == "LSTM" else states
        agree_module(lambda nn: getattr(nn, name)(3, 2), lambda rng, x=x, hx=hx: (x, *hx))
    agree_module(lambda nn: getattr(nn, name)(3, 2), lambda rng: (rng.normal(size=(4, 0, 3)),))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "options",
    [
        {"hidden_size": 0},
        {"input_size": 0},
        {"num_layers": 0},
        {"hidden_size": 2.0},
        {"bias": 1},
        {"batch_first": 1},
        {"dropout": 2},
        {"dropout": True},
        {"proj_size": 2},
        {"proj_size": -1},
        {"proj_size": 1},
        {"nonlinearity": "cube"},
        {"device": "cpu"},
        {"more": 1},
    ],
)
def test_settings_that_do_not_fit(name: str, options: dict[str, Any]) -> None:
    agree_module(
        lambda nn: getattr(nn, name)(**{"input_size": 2, "hidden_size": 2} | options),
        lambda rng: (rng.normal(size=(2, 2, 2)),),
    )
