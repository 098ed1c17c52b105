"""`torch.autograd`: differentiation by hand."""

from gradviz.engine.autograd import backward, grad
from gradviz.engine.gradcheck import GradcheckError, gradcheck, gradgradcheck
from gradviz.engine.state import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = [
    "GradcheckError",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]
