"""`torch.autograd.function`: functions of one's own."""

from gradviz.engine.function import Function, once_differentiable
from gradviz.engine.function_context import FunctionCtx

__all__ = ["Function", "FunctionCtx", "once_differentiable"]
