<<<<<<< HEAD
"""`torch.linalg`: norms and products."""

from gradviz.engine.ops.chains import matrix_power, multi_dot
from gradviz.engine.ops.diagonal import linalg_diagonal as diagonal
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.products import cross, vecdot
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
    "vecdot",
    "vector_norm",
]
=======
"""`torch.linalg`: norms and singular values."""

from gradviz.engine.ops.singular import svdvals
from gradviz.engine.ops.vector_norm import linalg_norm as norm
from gradviz.engine.ops.vector_norm import matrix_norm, vector_norm

__all__ = ["matrix_norm", "norm", "svdvals", "vector_norm"]
>>>>>>> 0e1cd10 (Add singular values, and the norms that are made of them)
