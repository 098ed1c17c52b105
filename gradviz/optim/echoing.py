"""When the rounds of an optimizer are left to the compiled executor; see `gradviz.engine.echo`."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Callable
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from gradviz.engine.compiled.ahead import leave_to_another
from gradviz.engine.echo import Follower
from gradviz.engine.echo_executor import Executor
from gradviz.engine.echo_glance import Glance
from gradviz.engine.echo_rehearsal import Rehearsed, rehearse
from gradviz.engine.echo_trace import Trace, UnfitError
from gradviz.engine.echo_tracing import Tracer
from gradviz.engine.jit import jit_disabled
from gradviz.engine.node import leaf
from gradviz.engine.program import Phase
from gradviz.engine.state import no_grad, phase, state
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from .optimizer import Group, Optimizer

PATIENCE = 30
"""Steps before the next rounds are traced: shorter runs are over before it pays."""
TRACES = 6
"""Rounds that are traced in the hope that two are alike."""
_LATER = 10  # times as many steps before it is tried again
_ATTEMPTS = 3
_MISSED, _TRUST = 8, 64  # what a round that was not foreseen takes from the trust, and the most that there is
_CLOSE = 1e-3  # how near the executor has to come; a wrong rule is farther off than any rounding
_LEARNT = 6  # times that it is compiled again with more outputs
_FEW = 4  # results that are read before the step; to compute most of them by kernels is as quick

SWITCH = "GRADVIZ_ECHO"

log = logging.getLogger(__name__)


class _Settings(NamedTuple):
    """Of a group: its settings and how to get them, its parameters, and those that get no gradients."""

    get: Callable[[dict[str, Any]], Any]
    values: Any
    params: list[Tensor]
    others: list[Tensor]


def enabled() -> bool:
    """Whether rounds may be left to the executor at all."""
    return os.environ.get(SWITCH, "1") not in ("", "0") and not jit_disabled()


class Listener:
    """Follows the steps of one optimizer. `problem` says why its rounds are not left to the executor."""

    def __init__(self) -> None:
        self.follower: Follower | None = None
        self.problem: str | None = None
        self._wait, self._steps, self._attempts = PATIENCE, 0, 0
        self._tracer: Tracer | None = None
        self._found: Trace | None = None
        self._last: Trace | None = None
        self._traced = self._learnt = self._trust = 0
        self._params: list[Tensor] = []
        self._places: list[tuple[int, str]] = []
        self._settings: list[_Settings] = []
        self._rehearsed: Rehearsed | None = None
        self._outputs: set[int] = set()
        self._thread: dict[str, Any] | None = None  # the state of the thread that is listened to

    def __del__(self) -> None:
        self._release()

    def _release(self) -> None:
        """Let the thread go."""
        mine = (self.follower, self._tracer)
        if self.follower is not None:
            self.follower.close()
        if self._thread is not None and self._thread["echo"] is not None and self._thread["echo"] in mine:
            self._thread["echo"] = None
        self._thread = self.follower = self._tracer = None

    def step(self, optimizer: Optimizer) -> bool:
        """A step begins; whether it is done already."""
        if self.follower is not None:
            return self._repeat(optimizer, self.follower)
        if self._tracer is not None:
            self._found = None
            try:
                self._found = self._tracer.trace()
            except UnfitError as error:
                self.problem = str(error)
        return False

    def _repeat(self, optimizer: Optimizer, follower: Follower) -> bool:
        kept = self._as_before(optimizer)
        rates = [group["lr"] for group in optimizer.param_groups]
        if kept is None or not follower.step(rates, kept):
            self._trust -= _MISSED
            return False
        self._trust = min(self._trust + 1, _TRUST)
        if follower.notes.late and self._learnt < _LEARNT:
            self._learnt += 1
            self._outputs |= follower.notes.late
            self._attempt(lambda: self._follow(follower.trace, follower.rounds))
            return True
        early, glance = follower.notes.early, follower.glance
        new = early and (glance is None or not early <= glance.numbers)
        if new and len(early) <= _FEW and self._learnt < _LEARNT:
            self._learnt += 1
            self._attempt(lambda: self._glance(follower, set(early)))
        return True

    def _glance(self, follower: Follower, numbers: set[int]) -> None:
        """Results that were read before the step are computed by the executor in the next rounds."""
        assert self._rehearsed is not None
        follower.glance = Glance(follower.trace, self._rehearsed, numbers)
        follower.begin()

    def _attempt(self, make: Callable[[], None]) -> None:
        """Make what follows rounds; the user's training goes on whatever comes of it."""
        try:
            make()
        except UnfitError as error:
            self.problem = str(error)
            if error.missing is not None and self._attempts:  # in a long run they will be there another time
                leave_to_another(error.missing)
            self._give_up()
        except Exception as error:
            log.warning("rounds of training are run op by op, as compiling them failed: %s", error)
            self.problem = str(error)
            self._give_up()

    def stepped(self, optimizer: Optimizer) -> None:
        """A step has ended that went the ordinary way."""
        if self.follower is not None:
            if self._trust > 0:
                self.follower.begin()
                return
            self.problem = "too few rounds are alike"
            self._give_up()
        elif self._tracer is not None:
            self._compare(optimizer)
        else:
            self._steps += 1
            if self._steps >= self._wait and self._attempts < _ATTEMPTS:
                self._begin(optimizer)

    def _begin(self, optimizer: Optimizer) -> None:
        """Trace the next round, if nobody else listens to this thread."""
        now = state.__dict__
        if now["recorder"] is not None or now["echo"] is not None:
            return
        try:
            self._params = _params(optimizer)
        except UnfitError as error:
            self.problem = str(error)
            self._give_up()
            return
        self._thread, self._last, self._traced = now, None, 0
        self._trace()

    def _trace(self) -> None:
        assert self._thread is not None
        self._traced += 1
        self._tracer = self._thread["echo"] = Tracer(self._params)

    def _compare(self, optimizer: Optimizer) -> None:
        """A traced round is over."""
        if state.__dict__ is not self._thread or state.recorder is not None:
            self.problem = "another thread steps, or a recorder listens"
            self._give_up()
            return
        found, last = self._found, self._last
        if found is not None and last is not None and found.same(last):
            self._attempt(lambda: self._start(optimizer, found))
            return
        self._last = found
        if self._traced >= TRACES:
            self.problem = self.problem or "no two rounds are alike"
            self._give_up()
        else:
            self._trace()

    def _start(self, optimizer: Optimizer, found: Trace) -> None:
        """Two rounds were alike: run the next ones by the executor."""
        assert self._thread is not None
        update = _update_of(optimizer, self._params)
        self._places, self._settings = _kept(optimizer, self._params), _settings(optimizer)
        self._tracer, self._thread["echo"] = None, None
        self._rehearsed, self._outputs = rehearse(found, self._params, update), set()
        self._follow(found.without_values(), 0)
        self._trust, self._learnt, self.problem = _TRUST, 0, None

    def _give_up(self) -> None:
        self._release()
        self._attempts += 1
        self._steps, self._wait = 0, self._wait * _LATER

    def _follow(self, trace: Trace, rounds: int) -> None:
        assert self._thread is not None
        assert self._rehearsed is not None
        names = [f"p{number}.{key.removesuffix('_buffer')}" for number, key in self._places]
        rates = [rate_name(number) for number in range(len(self._settings))]
        executor = Executor(trace, self._rehearsed, names, rates, self._outputs, _CLOSE)
        self.follower = self._thread["echo"] = Follower(self._params, trace, executor)
        self.follower.rounds = rounds

    def _as_before(self, optimizer: Optimizer) -> list[Tensor] | None:
        """What the optimizer keeps, if its settings and parameters are the same; else None."""
        groups = optimizer.param_groups
        if len(groups) != len(self._settings):
            return None
        for group, (get, values, params, others) in zip(groups, self._settings, strict=True):
            if get(group) != values or type(group["lr"]) not in _NUMBERS:
                return None
            listed = group["params"]
            if len(listed) != len(params) or not all(map(is_, listed, params)):
                return None
            if others and any(param._grad is not None for param in others):
                return None
        try:
            return [optimizer.state[self._params[number]][key] for number, key in self._places]
        except KeyError:
            return None


_NUMBERS = (float, int)


def _params(optimizer: Optimizer) -> list[Tensor]:
    """The parameters that get gradients; UnfitError if the optimizer is not one that can be foreseen."""
    if type(optimizer).__name__ not in FORESEEN or type(optimizer).__module__ not in FORESEEN.values():
        raise UnfitError(f"{type(optimizer).__name__} is not among {', '.join(FORESEEN)}")
    found = [p for group in optimizer.param_groups for p in group["params"] if p._requires_grad]
    if not found or len({id(p) for p in found}) != len(found):
        raise UnfitError("the same parameter appears twice, or there is none")
    return found


_HERE = __name__.rpartition(".")[0]
FORESEEN = {
    "SGD": f"{_HERE}.sgd",
    "Adam": f"{_HERE}.adam",
    "AdamW": f"{_HERE}.adam",
    "RMSprop": f"{_HERE}.rmsprop",
}
"""Optimizers whose steps do the same in every round, once their state is there, and their modules."""


def _kept(optimizer: Optimizer, params: list[Tensor]) -> list[tuple[int, str]]:
    """What the optimizer keeps: for which parameter, and under which key."""
    found = []
    for number, param in enumerate(params):
        for key, value in optimizer.state.get(param, {}).items():
            if not isinstance(value, Tensor):
                raise UnfitError(f"the optimizer keeps {key} as a {type(value).__name__}")
            found.append((number, key))
    return found


def _settings(optimizer: Optimizer) -> list[_Settings]:
    """Each group's settings, and its parameters."""
    found = []
    for group in optimizer.param_groups:
        names = [name for name in group if name not in ("params", "lr", "initial_lr")]
        values = [*map(group.get, names), group["lr"]]
        if any(isinstance(each, Tensor) for value in values for each in _parts(value)):
            raise UnfitError("a setting is a tensor")
        if any(isinstance(value, list) for value in values):
            raise UnfitError("a setting may be changed in place")
        get, params = itemgetter(*names), list(group["params"])
        others = [param for param in params if not param._requires_grad]
        found.append(_Settings(get, get(group), params, others))
    return found


def rate_name(number: int) -> str:
    """What the learning rate of a group is called in a recording."""
    return f"lr{number}" if number else "lr"


def _parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _update_of(optimizer: Optimizer, params: list[Tensor]) -> Callable[[list[Tensor]], None]:
    """The optimizer's step on copies of its parameters, with a copy of its state."""
    kept = _kept(optimizer, params)

    def update(copies: list[Tensor]) -> None:
        twin = object.__new__(type(optimizer))
        new: dict[int, Tensor] = {id(param): copy for param, copy in zip(params, copies, strict=True)}
        groups: list[Group] = [
            {**group, "params": [new[id(p)] for p in group["params"] if id(p) in new]}
            for group in optimizer.param_groups
        ]
        twin.__setstate__(
            {"defaults": optimizer.defaults, "state": defaultdict(dict), "param_groups": groups}
        )
        for number, key in kept:
            value = optimizer.state[params[number]][key]
            twin.state[copies[number]][key] = Tensor._from_node(leaf(value._node.array.copy()))
        twin._name_all()
        with no_grad(), phase(Phase.UPDATE):
            for number, group in enumerate(groups):
                twin._step(group, rate_name(number))

    return update
