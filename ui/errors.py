"""What nobody has caught: told in the message bar and on stderr, instead of ending the program."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from gradviz.app.i18n import tr

Tell = Callable[[str, str, str], None]


class ErrorHooks:
    """While installed, an exception that leaves a slot or a thread is passed to `tell(text, level, details)`.

    Without it PyQt aborts the process. `tell` must be callable from any thread.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._before: tuple[Callable[..., object], Callable[..., object]] | None = None

    def install(self) -> None:
        """Begin."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._main
        threading.excepthook = self._thread

    def remove(self) -> None:
        """Put back what was there."""
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before
            self._before = None

    def _main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr, end="")  # noqa: T201 (also for those who started it in a terminal)
        if issubclass(kind, Exception):
            text = tr("Something went wrong inside gradviz: {error}").format(
                error=str(error) or kind.__name__
            )
            self._tell(text, "error", details)

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._main(args.exc_type, args.exc_value, args.exc_traceback)
