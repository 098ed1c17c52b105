"""`torch.linalg`: norms."""

from gradviz.engine.ops.vector_norm import linalg_norm as norm
from gradviz.engine.ops.vector_norm import matrix_norm, vector_norm

__all__ = ["matrix_norm", "norm", "vector_norm"]
