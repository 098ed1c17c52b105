"""The inspector: what the selected instruction does, with its formula, numbers and tensors at this moment."""
