"""PyTorch's own samples of its ops, run in gradviz: results and gradients are compared."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

import gradviz
import gradviz.nn.functional

TOLERANCES = {"float32": 2e-5, "float64": 1e-7}
RANDOM = {
    "rand_like",
    "randn_like",
    "randint_like",
    "randint",
    "bernoulli",
    "multinomial",
    "normal",
    "uniform",
    "randn",
    *("empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided"),
}
"""Ops whose numbers are drawn, or are what happens to lie in memory."""


def named_in(library: Any, name: str) -> Callable[..., Any] | None:
    """What PyTorch calls `name`, such as "nn.functional.relu" or "mT", in gradviz."""
    *path, last = name.split(".")
    for each in path:
        library = getattr(library, each, None)
    found = getattr(library, last, None)
    if found is None or isinstance(found, gradviz.dtype):
        found = getattr(gradviz.Tensor, last, None) if not path else None
    return found if callable(found) or isinstance(found, property) else None


def function_of(op: Any) -> Callable[..., Any] | None:
    """An op's function in gradviz; samples of some ops go through a wrapper, which then calls gradviz."""
    found = named_in(gradviz, op.name)
    if found is None:
        return None
    wrapper = op.op
    if not isinstance(wrapper, types.FunctionType) or not wrapper.__module__.startswith("torch.testing"):
        return found if callable(found) else None
    names = {**wrapper.__globals__, "torch": gradviz, "F": gradviz.nn.functional}
    rebound = types.FunctionType(
        wrapper.__code__, names, wrapper.__name__, wrapper.__defaults__, wrapper.__closure__
    )
    rebound.__kwdefaults__ = wrapper.__kwdefaults__
    return rebound


def laid_out(tensor: torch.Tensor) -> np.ndarray:
    """A copy in the same layout: the same strides in a copy of the storage."""
    plain = tensor.detach()
    count = plain.untyped_storage().nbytes() // plain.element_size()
    base = torch.as_strided(plain, (count,), (1,), 0).numpy().copy()[plain.storage_offset() :]
    steps = [step * plain.element_size() for step in plain.stride()]
    return np.lib.stride_tricks.as_strided(base, tuple(plain.shape), steps)


class Converter:
    """Arguments for gradviz in place of PyTorch's; it remembers the tensors."""

    def __init__(self) -> None:
        self.tensors: dict[int, tuple[torch.Tensor, Any]] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in self.tensors:
                if value.is_contiguous():
                    made = gradviz.tensor(np.array(value.detach().numpy()))
                else:
                    made = gradviz.from_numpy(laid_out(value))
                self.tensors[id(value)] = value, made.requires_grad_(value.requires_grad)
            return self.tensors[id(value)][1]
        if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
            return getattr(gradviz, str(value).split(".")[1])
        if isinstance(value, torch.device):
            return gradviz.device("cpu")
        if isinstance(value, torch.nn.Module):
            return getattr(gradviz.nn, type(value).__name__)()
        if isinstance(value, slice):
            return slice(self(value.start), self(value.stop), self(value.step))
        if isinstance(value, (list, tuple)):
            kind = tuple if isinstance(value, tuple) else list
            return kind(self(each) for each in value)
        return {key: self(each) for key, each in value.items()} if isinstance(value, dict) else value

    def wanted(self) -> list[tuple[torch.Tensor, Any]]:
        """The pairs of tensors that require gradients."""
        return [pair for pair in self.tensors.values() if pair[0].requires_grad]


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in nested sequences."""
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors_in(each)
    elif hasattr(value, "requires_grad"):
        yield value


def array_of(tensor: Any, like: Any) -> np.ndarray:
    """A gradient as an array, and zeros for None."""
    if tensor is None:
        return np.zeros(tuple(like.shape))
    if isinstance(tensor, torch.Tensor):
        tensor = tensor.resolve_neg().resolve_conj()
        if tensor._is_zerotensor():  # it has no memory
            tensor = tensor.clone()
    return np.array(tensor.detach().numpy())


def close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """The same shape and numbers, within the tolerance of the largest one."""
    if found.shape != expected.shape:
        return False
    if expected.dtype.kind != "f":
        return bool((found == expected).all())
    scale = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=0)))
    return bool(np.allclose(found, expected, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


def difference(
    ours: Callable[..., Any], theirs: Callable[..., Any], sample: Any, values: bool = True
) -> str | None:
    """How gradviz's result or gradients differ from PyTorch's at one sample; None if they agree."""
    convert = Converter()
    given = [convert(sample.input), convert(sample.args), convert(sample.kwargs)]
    try:
        expected = theirs(sample.input, *sample.args, **sample.kwargs)
    except (RuntimeError, ValueError, TypeError):  # PyTorch refuses its own sample in this build
        return None
    found = ours(given[0], *given[1], **given[2])
    a, b = list(tensors_in(found)), list(tensors_in(expected))
    if not b:
        return None if found == expected else f"{found!r}, not {expected!r}"
    if len(a) != len(b):
        return f"{len(a)} results, not {len(b)}"
    for x, y in zip(a, b, strict=True):
        looks = [(str(each.dtype), tuple(each.shape), each.requires_grad) for each in (x, y)]
        if looks[0] != looks[1]:
            return f"{looks[0]}, not {looks[1]}"
        if values and not close(array_of(x, x), array_of(y, y), TOLERANCES.get(looks[0][0][6:], 5e-3)):
            return f"{x}, not {y}"
    return gradients_differ(a, b, convert.wanted()) if values else None


def gradients_differ(
    ours: list[Any], theirs: list[torch.Tensor], wanted: list[tuple[torch.Tensor, Any]]
) -> str | None:
    """As `difference`, of the gradients for random upstream ones."""
    pairs = [(x, y) for x, y in zip(ours, theirs, strict=True) if y.requires_grad]
    if not pairs or not wanted:
        return None
    rng = np.random.default_rng(0)
    upstream = [rng.normal(size=tuple(y.shape)).astype(array_of(y, y).dtype) for _, y in pairs]
    try:
        expected = torch.autograd.grad(
            [y for _, y in pairs],
            [y for y, _ in wanted],
            [torch.tensor(u) for u in upstream],
            allow_unused=True,
        )
    except RuntimeError:  # not differentiable in PyTorch
        return None
    found = gradviz.autograd.grad(
        [x for x, _ in pairs],
        [x for _, x in wanted],
        [gradviz.tensor(u) for u in upstream],
        allow_unused=True,
    )
    for (like, _), x, y in zip(wanted, found, expected, strict=True):
        tolerance = 10 * TOLERANCES.get(str(like.dtype)[6:], 5e-3)
        if not close(array_of(x, like), array_of(y, like), tolerance):
            return f"gradient {x}, not {y}"
    return None
