"""Loops of training in which odd things happen by chance give the same numbers with echo and without."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from gradviz.engine.compiled import routine
from gradviz.engine.jit import jit_disabled
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from gradviz import nn, optim

from .loops import Loop, Mlp, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True, scope="module", params=["machine code", "Python"])
def _ready(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, ready(patch):
        if request.param == "Python":
            patch.setattr(routine, "of_echo", lambda _: None)
        yield


class Odd:
    """A loop whose rounds are interrupted: `chance` says by what."""

    def __init__(self, seed: int, often: float) -> None:
        self.seed, self.often = seed, often

    def __call__(self, loop: Loop) -> None:
        chance = random.Random(self.seed)
        self.loop, self.held = loop, []
        self.weights = list(loop.net.parameters())
        self.saved = copy.deepcopy(loop.net.state_dict())
        for number in range(60):
            odd = number > 8 and chance.random() < self.often
            self._round(chance if odd else None)
            loop.note(self.weights[0].abs().sum().item())
        for each in self.held:
            loop.note(each)

    def _round(self, chance: random.Random | None) -> None:
        loop = self.loop
        choose: Callable[[list[Any]], None] = lambda things: None  # noqa: E731
        if chance is not None:
            moment = chance.randrange(6)
            turn = iter(range(6))

            def choose(things: list[Any]) -> None:
                if next(turn) == moment:
                    chance.choice(things)()

        x, y = loop.batch()
        choose([self._weights, self._load, self._evaluate, self._look, self._rate, self._settings])
        loop.optimizer.zero_grad()
        choose([self._weights, self._load, self._look, self._evaluate, lambda: self._input(x)])
        out = loop.net(x)
        choose(
            [
                self._weights,
                self._evaluate,
                lambda: self.held.append(out),
                lambda: loop.note(out),
                lambda: loop.note(out.argmax(1)),
                lambda: self._input(x),
                lambda: out.register_hook(lambda g: g * 2),
                out.retain_grad,
                lambda: self.held.append(out.detach()),
            ]
        )
        loss = loop.criterion(out, y)
        choose(
            [
                self._weights,
                lambda: loop.note(loss),
                lambda: loss.mul_(2),
                lambda: self.held.append(loss),
                lambda: loss.backward(retain_graph=True),
                lambda: self._input(x),
                lambda: self.held.append(gradviz.autograd.grad(loss, self.weights, retain_graph=True)[0]),
            ]
        )
        try:
            loss.backward()
        except RuntimeError as error:
            loop.note(len(str(error)) > 0)
        choose(
            [
                self._weights,
                self._gradients,
                self._clip,
                lambda: loop.note(loss),
                lambda: self.held.append(self.weights[0].grad),
                lambda: loop.optimizer.zero_grad(),
                lambda: self.weights[0].grad.mul_(2),
                lambda: setattr(self.weights[1], "grad", None),
                lambda: setattr(self.weights[1], "grad", self.weights[1].grad * 2),
                self._evaluate,
                lambda: self.held.append(copy.deepcopy(loop.net).state_dict()),
            ]
        )
        loop.optimizer.step()
        choose(
            [
                self._weights,
                self._gradients,
                lambda: self.held.append(out),
                lambda: self.held.append(loss),
                lambda: loop.note(loss, out),
                lambda: self.held.append([p.grad for p in self.weights]),
                lambda: loop.optimizer.step(),
                lambda: loop.note(loss._node.inputs[0].inputs[0].array),
                lambda: self.weights[0].retain_grad(),
                lambda: self.held.append((out * 2).sum()),
            ]
        )
        self.held = [self._flat(each) for each in self.held[-6:]]

    def _flat(self, held: Any) -> Any:
        """What can be noted."""
        if isinstance(held, dict):
            return next(iter(held.values()))
        if isinstance(held, list):
            return next(each for each in held if each is not None) if any(h is not None for h in held) else 0
        return held

    def _weights(self) -> None:
        with gradviz.no_grad():
            self.weights[0].mul_(0.9)
            self.weights[-1].data.add_(0.01)

    def _load(self) -> None:
        self.loop.net.load_state_dict(self.saved)

    def _look(self) -> None:
        self.loop.note(*(p.clone() for p in self.weights))

    def _gradients(self) -> None:
        self.loop.note(*(p.grad.clone() for p in self.weights if p.grad is not None))

    def _clip(self) -> None:
        nn.utils.clip_grad_norm_(self.weights, 0.05)

    def _rate(self) -> None:
        self.loop.optimizer.param_groups[0]["lr"] *= 0.9

    def _settings(self) -> None:
        self.loop.optimizer.param_groups[0]["weight_decay"] = 0.01

    def _evaluate(self) -> None:
        with gradviz.no_grad():
            self.loop.note(self.loop.net(gradviz.ones(self._shape())))

    def _shape(self) -> tuple[int, ...]:
        return (2, 1, 8, 8) if isinstance(self.loop.net, Net) else (2, 5)

    def _input(self, x: Any) -> None:
        with gradviz.no_grad():
            x.mul_(0.5)


MAKES = (
    lambda p: optim.SGD(p, lr=0.05),
    lambda p: optim.SGD(p, lr=0.05, momentum=0.9),
    lambda p: optim.Adam(p, lr=0.01),
)


@settings(max_examples=40)
@given(
    st.integers(0, 10**9), st.sampled_from([0.1, 0.4]), st.sampled_from(MAKES), st.sampled_from([Mlp, Net])
)
def test_odd_things(seed: int, often: float, make: Any, kind: type[nn.Module]) -> None:
    loop = both(Odd(seed, often), make, kind, least=0, close=2e-5)
    counted.append(loop.rounds)


counted: list[int] = []


def test_they_were_run_by_the_executor() -> None:
    if not counted:
        pytest.skip("the loops ran in another process")
    assert np.mean([rounds > 5 for rounds in counted]) > 0.3
