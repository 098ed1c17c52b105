"""Optimizers walk the same way as PyTorch's, with settings drawn at random, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402

pytestmark = pytest.mark.oracle

STEPS = 25
SHAPES = [(), (1,), (3,), (2, 4), (2, 1, 3)]
Rng = np.random.Generator


def flag(rng: Rng) -> bool:
    return bool(rng.random() < 0.5)


def some(rng: Rng, *values: float) -> float:
    return float(rng.choice(values))


def betas(rng: Rng) -> tuple[float, float]:
    return some(rng, 0.0, 0.3, 0.5, 0.9), some(rng, 0.5, 0.9, 0.99, 0.999)


def sgd(rng: Rng) -> dict[str, Any]:
    momentum = some(rng, 0, 0.5, 0.9)
    nesterov = flag(rng) and momentum > 0
    dampening = 0.0 if nesterov else some(rng, 0, 0, 0.3, 1.0)
    return {"lr": some(rng, 0.1, 0.01), "momentum": momentum, "nesterov": nesterov, "dampening": dampening}


def adam(rng: Rng) -> dict[str, Any]:
    return {
        "lr": some(rng, 0.1, 1e-3),
        "betas": betas(rng),
        "eps": some(rng, 1e-8, 1e-3),
        "amsgrad": flag(rng),
    }


def rmsprop(rng: Rng) -> dict[str, Any]:
    return {
        "lr": some(rng, 0.1, 1e-2),
        "alpha": some(rng, 0.9, 0.99),
        "eps": some(rng, 1e-8, 1e-2),
        "momentum": some(rng, 0, 0.9),
        "centered": flag(rng),
    }


DRAWN = {
    "SGD": sgd,
    "Adam": lambda rng: adam(rng) | {"decoupled_weight_decay": flag(rng)},
    "AdamW": adam,
    "RMSprop": rmsprop,
    "Adagrad": lambda rng: {
        "lr": some(rng, 0.1, 1.0),
        "lr_decay": some(rng, 0, 0.1),
        "initial_accumulator_value": some(rng, 0, 0.5),
        "eps": some(rng, 1e-10, 1e-3),
    },
    "Adadelta": lambda rng: {
        "lr": some(rng, 1.0, 0.3),
        "rho": some(rng, 0.9, 0.5, 1.0),
        "eps": some(rng, 1e-6, 1e-3),
    },
    "NAdam": lambda rng: {
        "lr": some(rng, 2e-3, 0.1),
        "betas": betas(rng),
        "eps": some(rng, 1e-8, 1e-3),
        "momentum_decay": some(rng, 4e-3, 0, 0.5),
        "decoupled_weight_decay": flag(rng),
    },
    "Adamax": lambda rng: {"lr": some(rng, 2e-3, 0.1), "betas": betas(rng), "eps": some(rng, 1e-8, 1e-3)},
    "RAdam": lambda rng: {
        "lr": some(rng, 1e-3, 0.1),
        "betas": betas(rng),
        "eps": some(rng, 1e-8, 1e-3),
        "decoupled_weight_decay": flag(rng),
    },
    "ASGD": lambda rng: {
        "lr": some(rng, 0.01, 0.1),
        "lambd": some(rng, 1e-4, 1e-2),
        "alpha": some(rng, 0.75, 0.5),
        "t0": some(rng, 1e6, 3, 10),
    },
    "Rprop": lambda rng: {
        "lr": some(rng, 0.01, 0.1),
        "etas": (some(rng, 0.5, 0.3), some(rng, 1.2, 1.5)),
        "step_sizes": (some(rng, 1e-6, 1e-2), some(rng, 50, 0.2)),
    },
}


def options(name: str, rng: Rng) -> dict[str, Any]:
    found = DRAWN[name](rng) | {"maximize": flag(rng)}
    if name != "Rprop":
        found["weight_decay"] = some(rng, 0, 0.01, 0.1)
    return found


def walk(library: Any, name: str, seed: int, dtype: str) -> tuple[list[np.ndarray], Any, list[Any]]:
    """Parameters after each step, the optimizer, the parameters; everything drawn from `seed`."""
    rng = np.random.default_rng([seed, *name.encode()])
    settings = options(name, rng)
    # ASGD raises it to a power, in single precision, which differs in the last bit.
    rate_is_tensor = rng.random() < 0.2 and name != "ASGD"
    if rate_is_tensor:
        settings["lr"] = library.tensor(settings["lr"])
    params = [
        library.tensor(rng.normal(size=shape).astype(dtype)).requires_grad_()
        for shape in rng.permutation(np.array(SHAPES, object))[:4]
    ]
    groups: list[Any] = params[:3]
    if rng.random() < 0.4:
        groups = [{"params": params[:2]}, {"params": params[2:3], **options(name, rng)}]
    optimizer = getattr(library.optim, name)(groups, **settings)
    optimizer.add_param_group(
        {"params": params[3], "weight_decay": 0.0} if name != "Rprop" else {"params": params[3]}
    )
    seen = []
    for step in range(STEPS):
        kind = rng.random()
        for param in params:
            gradient = np.array(rng.normal(size=tuple(param.shape)) * 0.5 + 0.2)
            if kind < 0.15:
                gradient = gradient * 0
            gradient = np.where(rng.random(gradient.shape) < 0.1, 0.0, gradient)
            missing = rng.random() < 0.15
            param.grad = None if missing else library.tensor(gradient.astype(dtype))
        optimizer.step()
        if step == 12 and not rate_is_tensor:  # as schedulers do
            for group in optimizer.param_groups:
                group["lr"] = group["lr"] * 0.5
        seen += [np.array(param.detach().numpy()) for param in params]
    return seen, optimizer, params


def close(a: np.ndarray, b: np.ndarray, dtype: str) -> None:
    tolerance = 2e-6 if dtype == "float32" else 1e-12
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    np.testing.assert_allclose(
        a, b, rtol=tolerance, atol=tolerance * max(1.0, float(np.abs(b).max(initial=0)))
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("name", DRAWN)
def test_trajectories(name: str, seed: int, dtype: str) -> None:
    ours, optimizer, _ = walk(gradviz, name, seed, dtype)
    theirs, other, _ = walk(torch, name, seed, dtype)
    for a, b in zip(ours, theirs, strict=True):
        close(a, b, dtype)
    same_state(optimizer.state_dict(), other.state_dict(), dtype)
    assert repr(optimizer) == repr(other)


def same_state(ours: dict[str, Any], theirs: dict[str, Any], dtype: str) -> None:
    assert list(ours) == list(theirs)
    assert ours["state"].keys() == theirs["state"].keys()
    for number, entry in theirs["state"].items():
        assert ours["state"][number].keys() == entry.keys()
        for key, value in entry.items():
            mine = ours["state"][number][key]
            assert str(mine.dtype) == str(value.dtype), key
            close(
                np.array(mine.numpy()),
                value.numpy(),
                dtype if value.dtype == getattr(torch, dtype) else "float32",
            )
    for a, b in zip(ours["param_groups"], theirs["param_groups"], strict=True):
        assert {k: str(v) for k, v in a.items()} == {k: str(v) for k, v in b.items()}


@pytest.mark.parametrize("name", DRAWN)
def test_state_comes_over_from_pytorch(name: str) -> None:
    """A run that was begun there goes on here."""
    _, theirs, their_params = walk(torch, name, 3, "float32")
    _, ours, our_params = walk(gradviz, name, 3, "float32")
    saved = theirs.state_dict()
    saved["state"] = {
        number: {key: value.numpy() for key, value in entry.items()}
        for number, entry in saved["state"].items()
    }
    fresh = getattr(gradviz.optim, name)([{"params": group["params"]} for group in ours.param_groups])
    fresh.load_state_dict(saved)
    rng = np.random.default_rng(0)
    for a, b in zip(our_params, their_params, strict=True):
        a.data = gradviz.tensor(b.detach().numpy())
    for _ in range(5):
        for a, b in zip(our_params, their_params, strict=True):
            gradient = np.array(rng.normal(size=tuple(a.shape))).astype(np.float32)
            a.grad, b.grad = gradviz.tensor(gradient), torch.tensor(gradient)
        fresh.step()
        theirs.step()
        for a, b in zip(our_params, their_params, strict=True):
            close(np.array(a.detach().numpy()), b.detach().numpy(), "float32")
    same_state(fresh.state_dict(), theirs.state_dict(), "float32")


MISTAKES = [
    ("SGD", {"lr": -1}),
    ("SGD", {"momentum": -0.5}),
    ("SGD", {"weight_decay": -0.5}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("SGD", {"fused": True, "foreach": True}),
    ("Adam", {"lr": -0.1}),
    ("Adam", {"betas": (1.0, 0.9)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("Adam", {"betas": (0, 0.9)}),
    ("Adam", {"eps": -1.0}),
    ("AdamW", {"weight_decay": -1.0}),
    ("RMSprop", {"alpha": -1}),
    ("RMSprop", {"momentum": -1}),
    ("Adagrad", {"lr_decay": -1}),
    ("Adagrad", {"initial_accumulator_value": -1}),
    ("Adagrad", {"eps": -1}),
    ("Adadelta", {"rho": 1.5}),
    ("Adadelta", {"lr": -1}),
    ("NAdam", {"momentum_decay": -1}),
    ("NAdam", {"betas": (0.9, 1.0)}),
    ("Adamax", {"eps": -1}),
    ("RAdam", {"betas": (-0.1, 0.9)}),
    ("ASGD", {"weight_decay": -1}),
    ("ASGD", {"lr": -1}),
    ("Rprop", {"etas": (1.5, 1.2)}),
    ("Rprop", {"lr": -1}),
]


@pytest.mark.parametrize(("name", "settings"), MISTAKES)
def test_mistakes(name: str, settings: dict[str, Any]) -> None:
    messages = []
    for library in (gradviz, torch):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            getattr(library.optim, name)([library.ones(2, requires_grad=True)], **settings)
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]


GROUPS = [
    lambda t: t.optim.SGD([("a", t.ones(2, requires_grad=True)), t.ones(2, requires_grad=True)]),
    lambda t: t.optim.SGD([("a", t.ones(2, requires_grad=True))]).add_param_group(
        {"params": [t.ones(1, requires_grad=True)]}
    ),
    lambda t: t.optim.SGD([t.ones(2, requires_grad=True)]).add_param_group(
        {"params": [("b", t.ones(1, requires_grad=True))]}
    ),
    lambda t: t.optim.SGD([t.ones(2, requires_grad=True)], lr=t.ones(2)),
    lambda t: t.optim.Adam([t.ones(2, requires_grad=True)], lr=t.tensor(0.1), foreach=True),
    lambda t: t.optim.SGD([]),
    lambda t: t.optim.SGD([t.ones(2, requires_grad=True)]).add_param_group([1]),
]


@pytest.mark.parametrize("call", GROUPS)
def test_mistakes_in_groups(call: Any) -> None:
    messages = []
    for library in (gradviz, torch):
        with pytest.raises((ValueError, TypeError, RuntimeError)) as caught:
            call(library)
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]


def test_named_parameters_keep_their_names() -> None:
    found = []
    for t in (gradviz, torch):
        net = t.nn.Sequential(t.nn.Linear(2, 3), t.nn.Linear(3, 1))
        optimizer = t.optim.AdamW(net.named_parameters(), lr=0.1)
        found.append((optimizer.state_dict()["param_groups"], repr(optimizer)))
    assert found[0] == found[1]


def test_hooks_are_called_in_order() -> None:
    def run(t: Any) -> list[Any]:
        calls: list[Any] = []
        w = t.ones(2, requires_grad=True)
        optimizer = t.optim.SGD([w], lr=0.1)
        before = optimizer.register_step_pre_hook(lambda o, a, k: calls.append(("before", len(a), sorted(k))))
        optimizer.register_step_post_hook(lambda o, a, k: calls.append(("after", len(a), sorted(k))))
        optimizer.register_state_dict_pre_hook(lambda o: calls.append("saving"))
        optimizer.register_state_dict_post_hook(lambda o, s: s | {"more": 1})
        optimizer.register_load_state_dict_pre_hook(lambda o, s: calls.append(sorted(s)))
        optimizer.register_load_state_dict_post_hook(lambda o: calls.append("loaded"))
        w.grad = t.ones(2)
        optimizer.step()
        before.remove()
        optimizer.step(closure=lambda: 3.0)
        optimizer.load_state_dict(optimizer.state_dict())
        return [*calls, w.tolist()]

    assert run(gradviz) == run(torch)
