"""Putting a bug in its place, for as long as a scene is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradviz.app.paths import asset_path
from gradviz.engine import state as engine_state
from gradviz.engine.op import REGISTRY
from gradviz.engine.sweep import Sweep
from gradviz.engine.tensor import Tensor

from .bugs import GATHER, Bug


def scene_path(scene: str) -> Path:
    """The script of a scene."""
    return asset_path("hunts", f"{scene}.py")


def planted_source(bug: Bug) -> str:
    """What is run; what the learner is shown is the scene's own file, with as many lines."""
    source = scene_path(bug.scene).read_text(encoding="utf-8")
    if bug.line:
        if source.count(bug.line) != 1:
            raise ValueError(f"{bug.scene}.py does not have the line {bug.line!r} once")
        source = source.replace(bug.line, bug.wrong)
    return source


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """While this lasts, the backward rule is wrong in this process; a line changes nothing here."""
    if bug.suspect == GATHER:
        with _replaced(Sweep, "_add", _overwrite):
            yield
    elif bug.rule is None:
        yield
    else:
        op = REGISTRY[bug.op]
        right, wrong, place = op.vjp, bug.rule, bug.position

        def vjp(position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
            if position == place:
                result: Tensor = wrong(g, out, *inputs, **attrs)
                return result
            return right(position, g, out, *inputs, **attrs)

        with _replaced(op, "vjp", vjp):
            yield


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    own, had = vars(owner).get(name), name in vars(owner)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if had:
            setattr(owner, name, own)
        else:
            delattr(owner, name)


def _overwrite(sweep: Any, node: Any, grad: Tensor, consumer: Any, position: int) -> None:
    """What comes last counts, as if `=` stood for `+=`."""
    sweep._adjoint[id(node)] = grad
    recorder = engine_state.state.recorder
    if recorder is not None and consumer is not None:
        recorder.contribution(node, consumer, position, grad._node, grad._node)
