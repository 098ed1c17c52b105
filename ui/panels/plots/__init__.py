"""Plots of the training: loss, gradients, updates, kernels; matplotlib, embedded, imported when first shown."""
