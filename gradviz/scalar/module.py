"""What networks of scalars have in common, and the names of their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .value import Value


class Module:
    """Base class: something with parameters."""

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for p in self.parameters():
            p.grad = 0

    def parameters(self) -> list[Value]:
        """The values that training changes."""
        return []


def named_parameters(thing: Any, path: str) -> Iterator[tuple[str, Value]]:
    """The values in a network's attributes, and in those of its parts, as "path.layers.0.neurons.2.w.1"."""
    if isinstance(thing, Module):
        for name, part in vars(thing).items():
            yield from named_parameters(part, f"{path}.{name}")
    elif isinstance(thing, (list, tuple)):
        for number, part in enumerate(thing):
            yield from named_parameters(part, f"{path}.{number}")
    elif hasattr(thing, "_rule"):
        value: Value = thing
        yield path, value
