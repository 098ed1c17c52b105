"""Many random calls of one function: values, gradients, gradients of gradients and kinds of errors agree."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import gradviz
from tests.oracle.both import BUILTIN, agree, outcome, tensors_of
from tests.oracle.draws import rng_for

Call = Callable[..., Any]
Draw = Callable[[np.random.Generator], tuple[Call, Sequence[Any]]]


def check(draw: Draw, rounds: int = 200, seed: str = "") -> None:
    """Run `rounds` calls that `draw` makes up, with both libraries; some at least must succeed."""
    went, faults = 0, []
    for number in range(rounds):
        call, inputs = draw(rng_for(seed or draw.__name__, number))
        try:
            went += one(call, inputs)
        except Exception as error:
            shown = [
                (each.shape, str(each.dtype)) if isinstance(each, np.ndarray) else each for each in inputs
            ]
            faults.append(f"call {number}, line {_line(call)}, with {shown}, {_free(call)}: {error!r}")
    assert not faults, f"{len(faults)} of {rounds} calls:\n" + "\n".join(faults[:5])
    assert went > rounds / 4, f"only {went} of {rounds} calls are legal"


def one(call: Call, inputs: Sequence[Any]) -> bool:
    """Compare one call; whether PyTorch made a result."""
    _, _, error = outcome(torch, call, inputs, True)
    if error is not None:
        if isinstance(error, NotImplementedError):  # a dtype for which PyTorch has no kernel
            return False
        _, _, ours = outcome(gradviz, call, inputs, True)
        assert ours is not None, f"PyTorch refuses: {type(error).__name__}: {error}"
        kind = next(kind for kind in BUILTIN if isinstance(error, kind))
        assert isinstance(ours, kind), f"{ours!r} for {error!r}"
        return False
    agree(call, *inputs, names=False)
    if any(isinstance(each, np.ndarray) and each.dtype == np.float64 for each in inputs):
        twice(call, inputs)
    return True


def _line(call: Call) -> int:
    return call.__code__.co_firstlineno


def _free(call: Call) -> dict[str, Any]:
    """What a lambda was made with."""
    cells = call.__closure__ or ()
    return dict(zip(call.__code__.co_freevars, (cell.cell_contents for cell in cells), strict=False))


def twice(call: Call, arrays: Sequence[Any]) -> None:
    """Gradients of a sum of gradients agree."""
    single = any(isinstance(each, np.ndarray) and each.dtype in (np.float32, np.float16) for each in arrays)
    tolerance = 1e-5 if single else 1e-7
    try:
        expected = _second(torch, call, arrays)
    except RuntimeError:  # PyTorch cannot
        return
    for ours, theirs in zip(_second(gradviz, call, arrays), expected, strict=True):
        if ours is None or theirs is None:  # one says None where the other says 0
            known = theirs if ours is None else ours
            assert known is None or np.allclose(known, 0, atol=tolerance), f"{ours} here, {theirs} in PyTorch"
        else:
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def _second(library: Any, call: Call, arrays: Sequence[Any]) -> list[np.ndarray | None]:
    rng = np.random.default_rng(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, inputs, error = outcome(library, call, arrays, True)
    assert error is None
    wanted = [each for each in inputs if hasattr(each, "requires_grad") and each.requires_grad]
    outputs = [each for each in tensors_of(result) if each.requires_grad and not each.is_leaf]
    if library is torch:
        outputs = [each for each in outputs if not each.grad_fn.name().endswith("NotImplemented")]
    count = len(wanted) + len(outputs)
    if not outputs or not wanted:
        return [None] * count

    def like(x: Any) -> Any:
        array = rng.uniform(0.5, 2, tuple(x.shape)).astype(str(x.dtype).split(".")[1])
        return library.tensor(array, requires_grad=True)

    upstream = [like(each) for each in outputs]
    weights = [like(each).detach() for each in wanted]
    first = library.autograd.grad(outputs, wanted, upstream, create_graph=True, allow_unused=True)
    terms = [(g * w).sum() for g, w in zip(first, weights, strict=True) if g is not None and g.requires_grad]
    if not terms:
        return [None] * count
    total = sum(terms)
    second = library.autograd.grad(total, [*wanted, *upstream], allow_unused=True)
    return [None if each is None else np.array(each.detach().numpy()) for each in second]
