"""The handle that registering a hook returns, as in `torch.utils.hooks`."""

from gradviz.nn.hooks import RemovableHandle

__all__ = ["RemovableHandle"]
