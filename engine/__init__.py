"""The autograd core: tensors, ops, the recorded program and its executors (numpy and numba only)."""
