"""`Module`: the base of layers and networks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Self

from gradviz.engine.state import state

from .calling import inside, is_box
from .conversion import Convertible
from .gradients import clear_gradients
from .hook_calls import forward_with_hooks
from .hooks import Hooked
from .state_dict import EXTRA, IncompatibleKeys, Loading, load_own, own_state
from .tree import Tree


class Module(Tree, Hooked, Convertible):
    """A part of a network: assign parameters and other modules to attributes, and write `forward`.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 2)

        def forward(self, x):
            return self.fc(x)
    """

    _pure = False  # whether forward does no more than its ops, so that a call may be foreseen; see `echo`
    _version = 1  # of the form of the state; layers that have changed theirs count on

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            raise TypeError(
                f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
            )
        if args:
            raise TypeError(
                f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given"
            )
        Tree.__init__(self)
        Hooked.__init__(self)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._pure = bool(vars(cls).get("_pure"))  # each class says so for itself

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; to be written by each class."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, and the hooks around it."""
        now = state.__dict__
        if now["echo"] is not None and self._pure and not kwargs:
            foreseen = now["echo"].call(self, args)
            if foreseen is not NotImplemented:
                return foreseen
        if now["recorder"] is None:  # as `inside`, which takes longer
            tables = self.__dict__
            hooked = (
                tables["_forward_pre_hooks"]
                or tables["_forward_hooks"]
                or tables["_backward_pre_hooks"]
                or tables["_backward_hooks"]
            )
            caller, layer = now["caller"], now["layer"]
            now["caller"], now["layer"] = self, is_box(caller, self)
            now["depth"] += 1
            try:
                if hooked:
                    return forward_with_hooks(self, args, kwargs)
                return self.forward(*args, **kwargs)
            finally:
                now["depth"] -= 1
                now["caller"], now["layer"] = caller, layer
        with inside(self, args, kwargs):
            if self._has_hooks():
                return forward_with_hooks(self, args, kwargs)
            return self.forward(*args, **kwargs)

    # What holds for the whole tree.

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call a function with every module below this one, then with this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Switch layers that behave differently in training (dropout, batch norm)."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Switch to evaluation: `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Turn the gradients of all parameters on or off."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters."""
        clear_gradients(self.parameters(), set_to_none)

    # Saving and loading.

    def state_dict(
        self, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """Parameters and buffers by name. They share memory with the module: copy them to keep them."""
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in list(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in list(self._state_dict_hooks.values()):
            if hook(self, destination, prefix, metadata) is not None:
                raise RuntimeError("state_dict post-hook must return None")
        found: OrderedDict[str, Any] = destination
        return found

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Enter this module's own state."""
        for name, held in own_state(self).items():
            destination[prefix + name] = held if keep_vars else held.data
        if self._has_extra_state("get_extra_state"):
            destination[prefix + EXTRA] = self.get_extra_state()

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy values into parameters and buffers; with `strict`, the names must be the same.

        With `assign`, the given tensors take the place of the module's instead of being copied.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        return Loading(state_dict, assign).run(self, strict)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own state; what is amiss is added to the lists."""
        for hook in list(self._load_state_dict_pre_hooks.values()):
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        assign = bool(local_metadata.get("assign_to_params_buffers"))
        missing, unexpected = (missing_keys, unexpected_keys) if strict else ([], [])
        load_own(self, state_dict, prefix, assign, missing, unexpected, error_msgs)

    def get_extra_state(self) -> Any:
        """What else belongs into the state_dict; to be written together with `set_extra_state`."""
        raise RuntimeError("Reached a code path in Module.get_extra_state() that should never be called.")

    def set_extra_state(self, state: Any) -> None:
        """Take up what `get_extra_state` returned."""
        raise RuntimeError("Reached a code path in Module.set_extra_state() that should never be called.")

    def _has_extra_state(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(Module, method)

    # Text.

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What the repr says between the parentheses, apart from the children."""
        return ""

    def headline(self) -> str:
        """The first line of the repr, without children: "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))"."""
        return f"{self._get_name()}({self.extra_repr()})"

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if len(lines) <= 1 and not self._modules:
            return self.headline()
        lines += [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        body = "".join(f"\n  {line}" for line in lines)
        return f"{self._get_name()}({body}\n)"


def indented(text: str) -> str:
    """The text with all lines but the first moved right by two."""
    return text.replace("\n", "\n  ")
