"""What stands beside modules and optimizers, as in `torch.utils`."""

from . import data, hooks

__all__ = ["data", "hooks"]
