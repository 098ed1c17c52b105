"""Plots of the training: loss, gradients, updates, kernels; matplotlib, imported when first shown."""
