"""Machine code: compiled by numba, kept as object files, and loaded without numba at the next start."""
