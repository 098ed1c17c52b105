"""Converting all parameters and buffers of a module to another dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from gradviz.engine.dtypes import DType, dtype_named, float16, float32, float64
from gradviz.engine.mutation import leave
from gradviz.engine.ops.casting import TYPES
from gradviz.engine.size import Device
from gradviz.engine.tensor import Tensor

from .values import set_values
from .walks import Walks


class Convertible(Walks):
    """A module's conversions; they change its tensors in place, their gradients too."""

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert parameters and buffers of floating point to another dtype: `net.to(torch.float64)`.

        The device may be named, too: it is "cpu". A tensor stands for its dtype.
        """
        dtype = _wanted(args, kwargs)
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        return self._convert(dtype, lambda tensor: tensor.dtype.is_floating_point)

    def type(self, dst_type: DType | str) -> Self:
        """Convert all parameters and buffers, those of integers as well."""
        dtype = dtype_named(TYPES[dst_type]) if isinstance(dst_type, str) else dst_type
        if not dtype.is_floating_point and any(parameter.requires_grad for parameter in self.parameters()):
            raise RuntimeError(
                "data set to a tensor that requires gradients must be floating point or complex dtype"
            )
        return self._convert(dtype, lambda tensor: True)

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

    def cuda(self, device: Any = None) -> Self:
        """Refused: there is no GPU."""
        Device("cuda")
        return self

    def share_memory(self) -> Self:
        """Nothing to be done: there is one process."""
        return self

    def _convert(self, dtype: DType, wanted: Callable[[Tensor], bool]) -> Self:
        for tensor in (*self.parameters(), *self.buffers()):
            for held in (tensor, tensor.grad):
                if held is not None and wanted(held) and held.dtype is not dtype:
                    leave(held)  # what shared its memory keeps the old dtype
                    set_values(held, held._node.array.astype(dtype.numpy))
        return self


def _wanted(args: tuple[Any, ...], kwargs: dict[str, Any]) -> DType | None:
    """The dtype among the arguments of `to`."""
    unknown = set(kwargs) - {"device", "dtype", "non_blocking", "tensor"}
    if unknown:
        raise TypeError(f"to() got an unexpected keyword argument '{sorted(unknown)[0]}'")
    dtype: DType | None = kwargs.get("dtype")
    if dtype is not None and not isinstance(dtype, DType):
        raise TypeError(f"to(): argument 'dtype' must be torch.dtype, not {dtype!r}")
    if kwargs.get("device") is not None:
        Device(kwargs["device"])
    for position, arg in enumerate((*args, *((kwargs["tensor"],) if "tensor" in kwargs else ()))):
        if isinstance(arg, (DType, Tensor)):
            dtype = arg if isinstance(arg, DType) else arg.dtype
        elif isinstance(arg, (str, Device)):
            Device(arg)
        elif position == 0 and arg is not None:
            raise TypeError(f"to() received an invalid combination of arguments - got ({type(arg).__name__})")
    return dtype
