"""Full backward hooks: the gradients of a module's inputs and outputs as tuples, that hooks may replace.

Each tensor passes a point in the graph on its way in and out. Backward visits younger points first, so where
there are several tensors, two rows of points are laid: at those of the younger row the gradients are
collected, and at the first one of the older row all are known, and the hooks are called.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradviz.engine.ops.hook_point import hook_point
from gradviz.engine.state import state
from gradviz.engine.tensor import Tensor

from .values import filled

if TYPE_CHECKING:
    from .module import Module

Gradients = tuple[Tensor | None, ...]
Change = Callable[[dict[int, Tensor]], Gradients | None]
_NO_INPUT = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
    "require gradients. See "
    "https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook"
    " for more details."
)


class Watch:
    """One call of a module whose backward hooks want to see the gradients."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._hooks = list(module._backward_hooks.values())
        self._pre_hooks = list(module._backward_pre_hooks.values())
        self._inputs: tuple[Any, ...] = ()
        self._width = 0  # how many outputs
        self._needed = False  # whether an input requires a gradient
        self._grad_outputs: Gradients | None = None

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments behind the points where the gradients of the inputs arrive."""
        self._inputs = args
        watched, self._needed = _lay(args, self._at_inputs)
        return watched

    def leave(self, result: Any) -> Any:
        """The result behind the points where the gradients of the outputs arrive."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but "
                f"received {type(result)}",
                stacklevel=5,
            )
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        self._width = len(outputs)
        watched, _ = _lay(outputs, self._at_outputs)
        if not isinstance(result, tuple):
            return watched[0]
        return watched if type(result) is tuple else type(result)(*watched)

    def _at_outputs(self, found: dict[int, Tensor]) -> Gradients:
        grads: Gradients = tuple(found.get(i) for i in range(self._width))
        for hook in self._pre_hooks:
            news = hook(self._module, grads)
            if news is None:
                continue
            if len(news) != len(grads):
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, "
                    f"got {len(news)}, but expected {len(grads)}"
                )
            grads = tuple(news)
        if self._needed:
            self._grad_outputs = grads
        else:
            self._without_inputs(grads)
        return grads

    def _without_inputs(self, grads: Gradients) -> None:
        """No gradient will arrive at an input, so the hooks are called now."""
        warnings.warn(_NO_INPUT, stacklevel=2)
        for hook in self._hooks:
            news = hook(self._module, (None,) * len(self._inputs), grads)
            if news is not None and not (isinstance(news, tuple) and all(each is None for each in news)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or "
                    "None for all gradients."
                )

    def _at_inputs(self, found: dict[int, Tensor]) -> Gradients | None:
        if self._grad_outputs is None:  # the gradient has not come through the outputs
            return None
        grads: Gradients = tuple(
            found[i] if i in found else _zeros(each) for i, each in enumerate(self._inputs)
        )
        for hook in self._hooks:
            news = hook(self._module, grads, self._grad_outputs)
            if news is None:
                continue
            if len(news) != len(grads):
                raise RuntimeError(
                    "Backward hook returned an invalid number of grad_input, "
                    f"got {len(news)}, but expected {len(grads)}"
                )
            grads = tuple(news)
        self._grad_outputs = None
        return grads


def _zeros(value: Any) -> Tensor | None:
    return filled(0.0, *value.shape, dtype=value.dtype) if isinstance(value, Tensor) else None


def _lay(values: tuple[Any, ...], change: Change) -> tuple[tuple[Any, ...], bool]:
    """Lay points behind all tensors that require gradients; whether there are any.

    `change` takes the gradients that have arrived, by position, to those that go on, or None.
    """
    places = [
        i
        for i, each in enumerate(values)
        if isinstance(each, Tensor) and each.requires_grad and state.grad_enabled
    ]
    laid = list(values)
    row = _Row(change)
    older = {i: hook_point(values[i]) for i in places}
    younger = older if len(places) == 1 else {i: hook_point(older[i]) for i in places}
    for i in places:
        younger[i].register_hook(row.collecting(i))
    for i in places:
        older[i].register_hook(row.changing(i))
        laid[i] = younger[i]
    return tuple(laid), bool(places)


class _Row:
    """The points of a module's inputs, or outputs."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._arrived: dict[int, Tensor] = {}
        self._changed: Gradients | None = None
        self._left: set[int] = set()

    def collecting(self, place: int) -> Callable[[Tensor], None]:
        """What is called first, with the gradient of each place."""

        def collect(grad: Tensor) -> None:
            self._arrived[place] = grad

        return collect

    def changing(self, place: int) -> Callable[[Tensor], Tensor | None]:
        """What is called when all gradients have been collected, and returns what goes on."""

        def pass_on(grad: Tensor) -> Tensor | None:
            if self._arrived:
                arrived, self._arrived = self._arrived, {}
                self._left = set(arrived)
                self._changed = self._change(arrived)
            self._left.discard(place)
            changed = self._changed
            if not self._left:
                self._changed = None
            if changed is None:
                return None
            mine = changed[place]
            return _zeros(grad) if mine is None else mine

        return pass_on
