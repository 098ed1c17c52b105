"""Building one module in PyTorch and in gradviz, and comparing all that can be seen of it.

    agree_module(lambda nn: nn.Linear(4, 3), lambda rng: (rng.normal(size=(5, 4)),))

`make(nn)` builds the module from either library's `nn`; `draw(rng)` makes the arguments of one call: numpy
arrays become tensors (those of floating point in the dtype under test, with a gradient), tuples and lists are
searched for more, all else is handed on. Names, shapes and order of the state, text, outputs, gradients of
inputs and parameters, and buffers must agree over several steps in training and in evaluation, in single and
in double precision.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

import gradviz
from tests.oracle.both import BUILTIN, close, same, tensors_of

Make = Callable[[Any], Any]
Draw = Callable[[np.random.Generator], Sequence[Any]]
TOLERANCES = {"float64": 1e-9, "float32": 3e-5}
LIBRARIES = (gradviz, torch)


def agree_module(
    make: Make,
    draw: Draw,
    *,
    kwargs: Callable[[np.random.Generator], Mapping[str, Any]] | None = None,
    dtypes: Sequence[str] = ("float64", "float32"),
    modes: Sequence[bool] = (True, False),
    steps: int = 2,
    grads: bool = True,
    second: bool = False,
    names: bool = False,
    seed: int = 0,
    tolerances: Mapping[str, float] | None = None,
) -> None:
    """Compare everything; where PyTorch refuses to build or to run the module, gradviz has to refuse as well.

    `second` asks for gradients of gradients (in double precision), `names` for equal names in `grad_fn`.
    """
    for dtype in dtypes:
        pair = build(make)
        if pair is None:
            return
        mine, real = pair
        for module in pair:
            getattr(module, {"float64": "double", "float32": "float"}[dtype])()
        tolerance = (tolerances or TOLERANCES)[dtype]
        rng = np.random.default_rng(seed)
        for training in modes:
            for module in pair:
                assert module.train(training) is module
            for _ in range(steps):
                given, named = draw(rng), dict(kwargs(rng)) if kwargs else {}
                if not _one_call(mine, real, given, named, dtype, grads, second, names, tolerance):
                    return
                if training and grads:
                    _descend(mine, real, tolerance)


def build(make: Make) -> tuple[Any, Any] | None:
    """The module in both libraries with the same values; None where both refuse to build it."""
    made: list[Any] = []
    errors: list[Exception | None] = []
    for library in LIBRARIES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made.append(make(library.nn))
                errors.append(None)
        except Exception as error:
            errors.append(error)
    if errors[1] is not None:
        _both_refuse(*errors)
        return None
    if errors[0] is not None:
        raise errors[0]
    mine, real = made
    agree_state(mine, real)
    mine.load_state_dict(
        {name: gradviz.tensor(np.array(value.numpy())) for name, value in real.state_dict().items()}
    )
    return mine, real


def agree_state(mine: Any, real: Any) -> None:
    """Text, and names, shapes, dtypes and order of modules, parameters, buffers and state."""
    assert repr(mine) == repr(real)
    assert [name for name, _ in mine.named_modules()] == [name for name, _ in real.named_modules()]
    for walk in ("named_parameters", "named_buffers"):
        assert _shapes(getattr(mine, walk)()) == _shapes(getattr(real, walk)())
    assert _shapes(mine.state_dict().items()) == _shapes(real.state_dict().items())


def _shapes(pairs: Any) -> list[tuple[Any, ...]]:
    return [(name, tuple(value.shape), str(value.dtype), value.requires_grad) for name, value in pairs]


def _one_call(
    mine: Any,
    real: Any,
    given: Sequence[Any],
    named: Mapping[str, Any],
    dtype: str,
    grads: bool,
    second: bool,
    names: bool,
    tolerance: float,
) -> bool:
    """One forward and backward pass; False where both refuse."""
    runs, errors = [], []
    for library, module in zip(LIBRARIES, (mine, real), strict=True):
        leaves: list[Any] = []
        args = [to_tensors(library, each, dtype, grads, leaves) for each in given]
        options = {
            name: to_tensors(library, value, dtype, grads, leaves) for name, value in sorted(named.items())
        }
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = module(*args, **options)
            runs.append((result, leaves))
            errors.append(None)
        except Exception as error:
            errors.append(error)
    if errors[1] is not None:
        _both_refuse(errors[0], errors[1])
        return False
    if errors[0] is not None:
        raise errors[0]
    (ours, our_leaves), (theirs, their_leaves) = runs
    same(ours, theirs, names, tolerance)
    _agree_on(mine.named_buffers(), real.named_buffers(), tolerance)
    if grads:
        second = second and dtype == "float64"
        _backward(mine, real, ours, our_leaves, theirs, their_leaves, second, tolerance)
    return True


def to_tensors(library: Any, value: Any, dtype: str, grads: bool, leaves: list[Any]) -> Any:
    """Arrays within `value` as the library's tensors; those of floating point are collected in `leaves`."""
    if isinstance(value, np.ndarray):
        floating = value.dtype.kind == "f"
        tensor = library.tensor(value.astype(dtype) if floating else np.array(value))
        if floating and grads:
            leaves.append(tensor.requires_grad_())
        return tensor
    if isinstance(value, (tuple, list)):
        return type(value)(to_tensors(library, each, dtype, grads, leaves) for each in value)
    return value


def _backward(
    mine: Any,
    real: Any,
    ours: Any,
    our_leaves: list[Any],
    theirs: Any,
    their_leaves: list[Any],
    second: bool,
    tolerance: float,
) -> None:
    rng = np.random.default_rng(1)
    sides = []
    weights: list[np.ndarray] = []
    for library, result in zip(LIBRARIES, (ours, theirs), strict=True):
        total = None
        for number, tensor in enumerate(each for each in tensors_of(result) if each.requires_grad):
            if number == len(weights):
                weights.append(rng.uniform(0.5, 2, tuple(tensor.shape)))
            weight = library.tensor(weights[number].astype(str(tensor.dtype).rpartition(".")[2]))
            part = (tensor * weight).sum()
            total = part if total is None else total + part
        sides.append(total)
    assert (sides[0] is None) == (sides[1] is None)
    if sides[1] is None:
        return
    for module, leaves, total in ((mine, our_leaves, sides[0]), (real, their_leaves, sides[1])):
        module.zero_grad()
        for leaf in leaves:
            leaf.grad = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            total.backward(create_graph=second)
            if second:
                parameters = [p for p in module.parameters() if p.requires_grad]
                firsts = [each.grad for each in (*leaves, *parameters) if each.grad is not None]
                squares = [(first * first).sum() for first in firsts if first.requires_grad]
                if squares:
                    sum(squares[1:], squares[0]).backward()
    for a, b in zip(our_leaves, their_leaves, strict=True):
        _same_gradient("input", a.grad, b.grad, tolerance)
    for (name, p), (_, q) in zip(mine.named_parameters(), real.named_parameters(), strict=True):
        _same_gradient(name, p.grad, q.grad, tolerance)


def _same_gradient(name: str, found: Any, expected: Any, tolerance: float) -> None:
    if found is None or expected is None:  # one says None where the other says 0
        for known in (found, expected):
            assert known is None or not np.array(known.detach().numpy()).any(), f"gradient of {name}"
        return
    assert str(found.dtype) == str(expected.dtype), f"gradient of {name}"
    assert tuple(found.shape) == tuple(expected.shape), f"gradient of {name}"
    try:
        close(found, expected, tolerance)
    except AssertionError as error:
        raise AssertionError(f"gradient of {name}: {error}") from None


def _descend(mine: Any, real: Any, tolerance: float) -> None:
    """A small step, so that the next pass starts from other values; the same one on both sides."""
    for library, module in zip(LIBRARIES, (mine, real), strict=True):
        with library.no_grad():
            for parameter in module.parameters():
                if parameter.grad is not None:
                    parameter.sub_(parameter.grad, alpha=0.01)
    _agree_on(mine.named_parameters(), real.named_parameters(), tolerance)
    with gradviz.no_grad():  # differences do not add up
        for p, q in zip(mine.parameters(), real.parameters(), strict=True):
            p.copy_(gradviz.tensor(np.array(q.detach().numpy())))


def _agree_on(mine: Any, real: Any, tolerance: float) -> None:
    for (name, found), (_, expected) in zip(mine, real, strict=True):
        assert str(found.dtype) == str(expected.dtype), name
        close(found, expected, tolerance)


def _both_refuse(found: Exception | None, expected: Exception | None) -> None:
    """Both raised, and ours an error of the same builtin type or of one that PyTorch raises at times."""
    assert found is not None, f"PyTorch refuses: {type(expected).__name__}: {expected}"
    kinds = (*BUILTIN, AssertionError, AttributeError, KeyError, NotImplementedError)
    assert isinstance(found, kinds), f"{found!r} for {expected!r}"
    for kind in (IndexError, TypeError, KeyError, AttributeError):
        if isinstance(expected, kind):
            assert isinstance(found, kind), f"{found!r} for {expected!r}"
