"""`torch.autograd`: differentiation by hand."""

from gradviz.engine.autograd import backward, grad
from gradviz.engine.function import Function
from gradviz.engine.gradcheck import GradcheckError, gradcheck, gradgradcheck
from gradviz.engine.state import enable_grad, inference_mode, no_grad, set_grad_enabled

from . import function

__all__ = [
    "Function",
    "GradcheckError",
    "backward",
    "enable_grad",
    "function",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]
