"""What the current thread is doing: gradient mode, recorder, phase and the modules that it is inside of."""

from __future__ import annotations

import contextvars
import functools
import inspect
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from .program import Phase, Scope

if TYPE_CHECKING:
    from .node import Node
    from .recorder import Recorder
    from .tape import Tape


Function = TypeVar("Function", bound=Callable[..., Any])


class _State(threading.local):
    """Per-thread flags; each thread starts with gradients on and nothing recorded."""

    def __init__(self) -> None:
        self.grad_enabled = True
        self.recorder: Recorder | None = None
        self.phase = Phase.FORWARD
        self.module = ""
        self.depth = 0  # how many modules' forward we are inside of
        self.caller: object = None  # the module whose forward runs
        self.layer = False  # inside of a layer of the library, which is a box of its own already
        # Kernels run in it: numpy's warnings are off there (np.errstate takes longer than adding numbers).
        self.quiet = contextvars.copy_context()
        self.quiet.run(np.seterr, all="ignore")
        self.origin: Node | None = None  # the forward node that backward works on
        self.calling = False  # backward is inside of the user's own code: a hook
        self.inference = False
        self.tapes: dict[int, Tape] = {}  # by the id of a spec; see `tape`
        self.echo: Any = None  # what follows this thread's ops; see `echo`
        self.changing = (0, 0)  # the last tensor that was about to be changed in place: its id, and when


state = _State()


class _Inferring:
    """How many blocks of inference mode are open in all threads, and whether there ever was one.

    That is quicker to ask than the thread's own state, and usually enough.
    """

    def __init__(self) -> None:
        self.threads = 0
        self.ever = False  # in its dictionary, where machine code looks


inferring = _Inferring()


class _Assigned:
    """How often a .grad was given or taken by anything but a backward pass, in all threads."""

    count = 0


assigned = _Assigned()


class _Listening:
    """Whether there ever was a recorder, in any thread; quicker to ask than the thread's own state."""

    ever = False


listening = _Listening()


class GradMode:
    """Inside of the `with` block, gradients are recorded or not."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(state.grad_enabled)
        state.grad_enabled = self._enabled

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        state.grad_enabled = self._before.pop()


class _Decorator(GradMode):
    """A mode that can decorate functions: each call enters one of its own."""

    def clone(self) -> _Decorator:
        """Another one that does the same."""
        return type(self)()  # type: ignore[call-arg]

    def __call__(self, function: Function) -> Function:
        if inspect.isclass(function):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only "
                "decorate functions or methods. To preserve the current behavior of class decoration, you "
                "can directly decorate the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
        if inspect.isgeneratorfunction(function):
            return cast(Function, _generator(function, self.clone))

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return cast(Function, call)


def _generator(
    function: Callable[..., Generator[Any, Any, Any]], mode: Callable[[], _Decorator]
) -> Callable[..., Generator[Any, Any, Any]]:
    """The generator in the mode whenever it runs, and its caller outside of it."""

    @functools.wraps(function)
    def generate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        try:
            with mode():
                item = next(generator)
            while True:
                try:
                    sent = yield item
                except GeneratorExit:
                    with mode():
                        generator.close()
                    raise
                except BaseException as error:
                    with mode():
                        item = generator.throw(error)
                else:
                    with mode():
                        item = generator.send(sent)
        except StopIteration as end:
            return end.value

    return generate


class _Plain(_Decorator):
    """A mode without arguments: `@no_grad` does as well as `@no_grad()`."""

    def __new__(cls, orig_func: Callable[..., Any] | None = None) -> Any:
        return super().__new__(cls) if orig_func is None else cls()(orig_func)


class no_grad(_Plain):  # noqa: N801  (PyTorch's name)
    """Inside, results do not require gradients: nothing is kept for backward."""

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(_Plain):  # noqa: N801  (PyTorch's name)
    """Inside, gradients are recorded, even within no_grad."""

    def __init__(self) -> None:
        super().__init__(True)


class set_grad_enabled(_Decorator):  # noqa: N801  (PyTorch's name)
    """Turn gradients on or off, at once and until the end of a `with` block, if used as one."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self._at_once = state.grad_enabled
        state.grad_enabled = self._enabled

    def clone(self) -> set_grad_enabled:
        """Another one of the same mode."""
        return set_grad_enabled(self._enabled)

    def __call__(self, function: Function) -> Function:
        state.grad_enabled = self._at_once  # only inside of the function
        return super().__call__(function)

    def __enter__(self) -> None:
        self._before.append(self._at_once)
        state.grad_enabled = self._enabled

    def __repr__(self) -> str:
        return f"set_grad_enabled(mode={self._enabled})"


class inference_mode(_Decorator):  # noqa: N801  (PyTorch's name)
    """Inside, results do not require gradients, and cannot be used for gradients later on either.

    With `mode=False` inside of another one, gradients are recorded again.
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        return super().__new__(cls) if isinstance(mode, bool) else cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)
        self.mode = mode
        self._outside: list[bool] = []

    def clone(self) -> inference_mode:
        """Another one of the same mode."""
        return inference_mode(self.mode)

    def __enter__(self) -> None:
        super().__enter__()
        self._outside.append(state.inference)
        state.inference = self.mode
        inferring.threads += 1
        inferring.ever = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        inferring.threads -= 1
        state.inference = self._outside.pop()
        super().__exit__(kind, error, trace)


def is_grad_enabled() -> bool:
    """Whether results of ops on tensors that require gradients will require them too."""
    return state.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Whether this runs inside of `inference_mode`."""
    return state.inference


@contextmanager
def phase(value: Phase) -> Iterator[None]:
    """Mark what runs inside as belonging to a phase of the training step."""
    before = state.phase
    state.phase = value
    try:
        yield
    finally:
        state.phase = before


@contextmanager
def scope(
    name: str, kind: str = "function", title: str = "", description: str = "", function: str = ""
) -> Iterator[None]:
    """Group what runs inside under `name`: a module, or a function that is composed of several ops.

    A second entry into the same path within one recording is told apart as `name#2`.
    """
    before = state.module
    path = f"{before}.{name}" if before else name
    if state.recorder is not None:
        path = state.recorder.enter_scope(Scope(path, kind, title or name, description, function))
    state.module = path
    try:
        yield
    finally:
        state.module = before


@contextmanager
def within(module: str) -> Iterator[None]:
    """Mark what runs inside as belonging to a module that has run before: the update of its parameters."""
    before = state.module
    state.module = module
    try:
        yield
    finally:
        state.module = before


@contextmanager
def function_scope(name: str, value: Phase | None = None) -> Iterator[None]:
    """`scope` for a function of several ops, unless the library's layer is a box already; and a phase."""
    before = state.phase
    state.phase = before if value is None else value
    try:
        if not state.layer:
            with scope(name, function=name):
                yield
            return
        if state.recorder is not None:
            state.recorder.compute(state.module, name)
        yield
    finally:
        state.phase = before


@contextmanager
def unrecorded() -> Iterator[None]:
    """What runs inside is no part of a recording: preparing batches, computing learning rates."""
    before = state.recorder
    state.recorder = None
    try:
        yield
    finally:
        state.recorder = before
