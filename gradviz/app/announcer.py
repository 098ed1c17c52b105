"""Telling listeners what has changed: in order, once, never in the middle of telling something else."""

from __future__ import annotations

from typing import Any

from psygnal import EmitLoopError, SignalInstance

News = SignalInstance | tuple[Any, ...]
"""A signal to emit, alone or as (signal, argument …)."""


class Announcer:
    """A queue of signals to emit.

    A listener that changes the state again gets its news queued behind what the others have not yet heard,
    so that everybody hears everything in the same order and the newest last. A signal that waits already is
    not queued twice; its newest arguments count. If a listener fails, the other signals are still emitted,
    and then its error is raised: the state was changed before anybody was told.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[SignalInstance, tuple[Any, ...]]] = {}
        self._busy = False

    def queue(self, *news: News) -> None:
        """Put signals in the queue; the next `tell` emits them, before its own."""
        for item in news:
            signal, args = (item[0], item[1:]) if isinstance(item, tuple) else (item, ())
            self._waiting.pop(signal.name, None)  # to the end of the queue
            self._waiting[signal.name] = (signal, args)

    def tell(self, *news: News) -> None:
        """Emit signals in this order; returns at once if others are being told."""
        self.queue(*news)
        if self._busy:
            return
        self._busy = True
        failures: list[Exception] = []
        try:
            while self._waiting:
                signal, args = self._waiting.pop(next(iter(self._waiting)))
                try:
                    signal.emit(*args)
                except EmitLoopError as error:
                    failures.append(error)
        finally:
            self._busy = False
        if failures:
            raise failures[0]
