"""The kernels of the compiled executor. Each is a function `(memory, row)`; see `routine`."""
