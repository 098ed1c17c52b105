"""`torch.autograd`: differentiation by hand."""

from gradviz.engine.autograd import backward, grad
from gradviz.engine.state import enable_grad, no_grad, set_grad_enabled

__all__ = ["backward", "enable_grad", "grad", "no_grad", "set_grad_enabled"]
