"""OneCycleLR."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, Rate, check_optimizer, cycles_momentum, for_groups, set_momentum


class OneCycleLR(LRScheduler):
    """From lr₀ = max_lr / div_factor up to `max_lr`, then down to lr₀ / final_div_factor; momentum reversed.

    The way up takes `pct_start` of all steps; with `three_phase` the way down to lr₀ takes as long.
    Source: L. Smith, N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning
    Rates", 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: Any = None,
        epochs: Any = None,
        steps_per_epoch: Any = None,
        pct_start: Any = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        end = self.total_steps - 1
        self._schedule_phases: list[dict[str, Any]] = [
            _phase(float(pct_start * self.total_steps) - 1, "initial", "max", "max", "base")
        ]
        if three_phase:
            self._schedule_phases += [
                _phase(float(2 * pct_start * self.total_steps) - 2, "max", "initial", "base", "max"),
                _phase(end, "initial", "min", "max", "max"),
            ]
        else:
            self._schedule_phases.append(_phase(end, "max", "min", "base", "max"))
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        highest = for_groups("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            most = for_groups("max_momentum", optimizer, max_momentum)
            least = for_groups("base_momentum", optimizer, base_momentum)
            self.use_beta1 = cycles_momentum(optimizer, least, most, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """From the place within the phase; sets the momentum too. ValueError after the last step."""
        self._present()
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"Tried to step {step} times. The specified number of total steps is {self.total_steps}"
            )
        start = 0.0
        for phase in self._schedule_phases:
            if step <= phase["end_step"]:
                break
            start = phase["end_step"] if phase is not self._schedule_phases[-1] else start
        part = (step - start) / (phase["end_step"] - start)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                value = self._between(group[phase["start_momentum"]], group[phase["end_momentum"]], part)
                set_momentum(group, value, self.use_beta1)
        return [
            self._between(group[phase["start_lr"]], group[phase["end_lr"]], part)
            for group in self.optimizer.param_groups
        ]

    def _between(self, start: Any, end: Any, part: float) -> Any:
        if self._anneal_func_type == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _total(total: Any, epochs: Any, steps: Any) -> int:
    """The number of steps, or ValueError."""
    if total is not None:
        if not isinstance(total, int) or total <= 0:
            raise ValueError(f"Expected positive integer total_steps, but got {total}")
        return total
    if epochs is None or steps is None:
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    for name, value in (("epochs", epochs), ("steps_per_epoch", steps)):
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"Expected positive integer {name}, but got {value}")
    return int(epochs * steps)


def _phase(end: float, lr: str, to_lr: str, momentum: str, to_momentum: str) -> dict[str, Any]:
    return {
        "end_step": end,
        "start_lr": f"{lr}_lr",
        "end_lr": f"{to_lr}_lr",
        "start_momentum": f"{momentum}_momentum",
        "end_momentum": f"{to_momentum}_momentum",
    }
