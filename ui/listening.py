"""Listening to psygnal's signals for as long as a Qt object lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakMethod

from psygnal import SignalInstance
from PyQt6.QtCore import QObject


def listen(owner: QObject, signal: SignalInstance, method: Callable[..., Any]) -> None:
    """Call a bound method of `owner` whenever `signal` is emitted.

    psygnal knows when Python objects go, not when Qt deletes what they stand for: without this, a deleted
    widget would still be called until the garbage collector comes.
    """
    signal.connect(method)
    owner.destroyed.connect(partial(_forget, signal, WeakMethod(method)))


def _forget(
    signal: SignalInstance, method: WeakMethod[Callable[..., Any]], owner: QObject | None = None
) -> None:
    if (found := method()) is not None:
        signal.disconnect(found, missing_ok=True)
