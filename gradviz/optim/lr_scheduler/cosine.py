"""Schedulers along half a cosine: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm
Restarts", ICLR 2017, equation 5."""

from __future__ import annotations

import math

from gradviz.engine.state import unrecorded

from ..optimizer import Optimizer
from .base import LRScheduler, Rate


class CosineAnnealingLR(LRScheduler):
    """lr = η + (lr₀ − η) (1 + cos(π epoch / T_max)) / 2 with `eta_min` η."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The next rate from the one before, so that others may change it too."""
        rates = self._present()
        if self._is_initial:
            return rates
        if self._step_count == 1 and self.last_epoch > 0:
            return self._along(self.last_epoch * math.pi / self.T_max)
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # the rate before was η: up again
            up = 1 - math.cos(math.pi / self.T_max)
            return [
                rate + (base - self.eta_min) * up / 2 for rate, base in zip(rates, self.base_lrs, strict=True)
            ]
        now = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        before = 1 + math.cos(math.pi * (self.last_epoch - 1) / self.T_max)
        return [now / before * (rate - self.eta_min) + self.eta_min for rate in rates]

    def _get_closed_form_lr(self) -> list[Rate]:
        return self._along(math.pi * self.last_epoch / self.T_max)

    def _along(self, angle: float) -> list[Rate]:
        low = self.eta_min
        return [low + (base - low) * (1 + math.cos(angle)) / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = η + (lr₀ − η) (1 + cos(π T_cur / T_i)) / 2; after T_i epochs T_cur is 0 again, T_i `T_mult` times
    as long."""

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """From the time since the last restart."""
        self._present()
        height = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * height / 2 for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """The next epoch, or any, which may be a fraction: `epoch + batch / batches`."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._go_to(epoch)
        self.last_epoch = math.floor(epoch)
        with unrecorded():
            self._get_lr_called_within_step = True
            try:
                rates = self.get_lr()
            finally:
                self._get_lr_called_within_step = False
            self._set(rates)

    def _go_to(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            grown = self.T_mult - 1
            restarts = int(math.log(epoch / self.T_0 * grown + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / grown
            self.T_i = self.T_0 * self.T_mult**restarts
