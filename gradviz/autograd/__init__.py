"""`torch.autograd`: differentiation by hand."""

from gradviz.engine.autograd import backward, grad
from gradviz.engine.function import Function
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.gradcheck_extra import GradcheckError
from gradviz.engine.state import enable_grad, inference_mode, no_grad, set_grad_enabled

from . import function, functional

__all__ = [
    "Function",
    "GradcheckError",
    "backward",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]
