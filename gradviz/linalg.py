"""`torch.linalg`: norms, products and singular values."""

from gradviz.engine.ops.chains import matrix_power, multi_dot
from gradviz.engine.ops.diagonal import linalg_diagonal as diagonal
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.products import cross, vecdot
from gradviz.engine.ops.singular import svdvals
from gradviz.engine.ops.vector_norm import linalg_norm as norm
from gradviz.engine.ops.vector_norm import matrix_norm, vector_norm

__all__ = [
    "cross",
    "diagonal",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "multi_dot",
    "norm",
    "svdvals",
    "vecdot",
    "vector_norm",
]
