"""`Module`: the base of layers and networks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Self

from gradviz.engine.dtypes import DType, float16, float32, float64
from gradviz.engine.size import Device
from gradviz.engine.tensor import Tensor

from .calling import inside
from .gradients import clear_gradients
from .state_dict import IncompatibleKeys, entries, load
from .tree import Tree
from .values import set_values


class Module(Tree):
    """A part of a network: assign parameters and other modules to attributes, and write `forward`.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 2)

        def forward(self, x):
            return self.fc(x)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; to be written by each class."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`."""
        with inside(self, args, kwargs):
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
        for module in self.modules():
            module.training = mode
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

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert parameters and buffers of floating point to another dtype: `net.to(torch.float64)`.

        The device may be named, too: it is "cpu".
        """
        dtype = kwargs.get("dtype")
        if kwargs.get("device") is not None:
            Device(kwargs["device"])
        for arg in args:
            if isinstance(arg, (DType, Tensor)):
                dtype = arg if isinstance(arg, DType) else arg.dtype
            elif isinstance(arg, (str, Device)):
                Device(arg)
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        for tensor in (*self.parameters(), *self.buffers()):
            for held in (tensor, tensor.grad):
                if held is not None and held.dtype.is_floating_point and held.dtype is not dtype:
                    set_values(held, held._node.array.astype(dtype.numpy))
        return self

    def float(self) -> Self:
        """To float32."""
        return self.to(float32)

    def double(self) -> Self:
        """To float64."""
        return self.to(float64)

    def half(self) -> Self:
        """To float16."""
        return self.to(float16)

    def cpu(self) -> Self:
        """Where it is already."""
        return self

    # Saving and loading.

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Parameters and buffers by name. They share memory with the module: copy them to keep them."""
        found = entries(self, prefix)
        return found if keep_vars else OrderedDict((name, tensor.data) for name, tensor in found.items())

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True) -> IncompatibleKeys:
        """Copy values into parameters and buffers; with `strict`, the names must be the same."""
        return load(self, state_dict, strict)

    def get_submodule(self, target: str) -> Any:
        """The module at a dotted path."""
        module: Any = self
        for name in target.split(".") if target else ():
            if name not in module._modules:
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = module._modules[name]
        return module

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
