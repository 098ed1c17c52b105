"""The handle that registering a hook returns, as in `torch.utils.hooks`."""

from gradviz.engine.hooks import RemovableHandle

__all__ = ["RemovableHandle"]
