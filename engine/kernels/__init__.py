"""numba kernels: plain loops over contiguous arrays, each compiled at its first use and cached."""
