"""What all schedulers share: counting epochs, writing rates into the optimizer's groups, warnings."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from gradviz.engine.node import leaf
from gradviz.engine.state import unrecorded
from gradviz.engine.tensor import Tensor

from ..optimizer import Group, Optimizer

Rate = Any
"""A number, or a tensor that holds one: whatever the group's "lr" is."""

_HOW = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
EPOCH_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. "
    "Please use `scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from "
    "None, the closed form is used instead of the new chainable form, where available."
)


class LRScheduler:
    """Base class: a subclass says in `get_lr` what the rates are at epoch `last_epoch`.

    Most go from the present rate to the next one, so that several schedulers may change the same rate
    (chainable form); some also know the rate of any epoch (`_get_closed_form_lr`).
    """

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler "
                    "with last_epoch >= 0.\nThis typically happens when:\n"
                    "1. You're trying to resume training from a checkpoint but haven't properly loaded the "
                    "optimizer state\n"
                    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
                )
        self.base_lrs: list[Rate] = values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _note_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        """Epoch 0."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where another scheduler of the kind was saved."""
        vars(self).update(state_dict)

    def get_last_lr(self) -> list[Rate]:
        """The rates that the last step has set, one for each group."""
        return self._last_lr

    def get_lr(self) -> list[Rate]:
        """The rates of this epoch, one for each group; `get_last_lr` is meant for looking at them."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, after the optimizer's steps of this one."""
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _check_order(self) -> None:
        if not hasattr(self.optimizer.step, "_wrapped_by_lr_sched"):
            warnings.warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
                "initialization. Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`. "
                + _HOW,
                UserWarning,
                stacklevel=3,
            )
        elif not getattr(self.optimizer, "_opt_called", False):
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and "
                "later, you should call them in the opposite order: `optimizer.step()` before "
                "`lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the first value "
                "of the learning rate schedule. " + _HOW,
                UserWarning,
                stacklevel=3,
            )

    def _update_lr(self, epoch: int | None = None) -> None:
        with unrecorded():
            self._get_lr_called_within_step = True
            try:
                self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
                closed = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
                rates = self.get_lr() if closed is None else closed()
            finally:
                self._get_lr_called_within_step = False
            self._set(rates)

    def _set(self, rates: Sequence[Rate]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            put(group, "lr", rate)
        self._last_lr = values(self.optimizer, "lr")

    def _present(self, factor: float | None = None) -> list[Rate]:
        """The groups' present rates, times a factor."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )
        rates = values(self.optimizer, "lr")
        return rates if factor is None else [rate * factor for rate in rates]


def check_optimizer(optimizer: Any) -> None:
    """TypeError for anything else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def _note_steps(optimizer: Optimizer) -> None:
    """From now on the optimizer knows whether it has made a step."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    held, function = weakref.ref(optimizer), getattr(optimizer.step, "__func__", None)
    if function is None:  # replaced by the user: a function of the instance
        return

    @functools.wraps(function)
    def step(*args: Any, **kwargs: Any) -> Any:
        own = held()
        own._opt_called = True  # type: ignore[union-attr]
        return function(own, *args, **kwargs)

    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = step  # type: ignore[method-assign]


def copied(value: Rate) -> Rate:
    """A tensor of its own, so that changing one does not change the other; a number as it is."""
    return Tensor._from_node(leaf(value._node.array.copy())) if isinstance(value, Tensor) else value


def values(optimizer: Optimizer, key: str) -> list[Any]:
    """A setting in all groups."""
    return [copied(group[key]) for group in optimizer.param_groups]


def put(group: Group, key: str, value: Rate) -> None:
    """Change a setting; a tensor keeps being the same one."""
    if isinstance(group[key], Tensor):
        group[key].fill_(value.item() if isinstance(value, Tensor) else value)
    else:
        group[key] = value


def for_groups(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """One value for each group; ValueError for a list of another length."""
    groups = optimizer.param_groups
    if not isinstance(value, (list, tuple)):
        return [copied(value) for _ in groups]
    if len(value) != len(groups):
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. "
            f"{name} has {len(value)} values, param_groups has {len(groups)}."
        )
    return [copied(each) for each in value]


def cycles_momentum(optimizer: Optimizer, low: Any, high: Any, fresh: bool) -> bool:
    """Get the groups ready for a momentum that changes too; returns whether it is Adam's first beta."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
    beta = "betas" in optimizer.defaults
    if fresh:
        for group, most, least in zip(optimizer.param_groups, high, low, strict=True):
            set_momentum(group, most, beta)
            group["max_momentum"], group["base_momentum"] = most, least
    return beta


def set_momentum(group: Group, value: float, beta: bool) -> None:
    """Set SGD's momentum, or the first of Adam's betas."""
    if beta:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def functions_of(functions: Sequence[Callable[..., Any]]) -> list[dict[str, Any] | None]:
    """What is saved of functions: the attributes of callable objects, nothing of plain functions."""
    return [None if _is_plain(function) else vars(function).copy() for function in functions]


def _is_plain(function: Callable[..., Any]) -> bool:
    return type(function) is type(_is_plain)
