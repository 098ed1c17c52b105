"""Convolution as matrix products: for each sample the patches under the window become columns of a matrix.

Source: K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006 (unrolled convolution, today called im2col). Patches are copied by slices of all channels at
once, which is quick both compiled and in plain Python.

All arrays are dense. `weight` is (groups, out channels per group, in channels per group · kernel height ·
width); `x` and `dx` are (N, C, H, W), `out` and `g` (N, O, H', W').
"""

from __future__ import annotations

import numpy as np

from ..jit import for_floats, kernel

_GEOMETRY = ", ".join(["int64"] * 8)


@kernel(*for_floats(f"(F[:, :, :, ::1], F[:, :, ::1], F[:, :, :, ::1], {_GEOMETRY})"))
def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    out: np.ndarray,
    kernel_y: int,
    kernel_x: int,
    stride_y: int,
    stride_x: int,
    pad_y: int,
    pad_x: int,
    dilation_y: int,
    dilation_x: int,
) -> None:
    """out[n] = weight · columns(x[n])."""
    samples, channels, height, width = x.shape
    groups, out_channels, taps = weight.shape
    rows, columns = out.shape[2], out.shape[3]
    padded = np.zeros((channels, height + 2 * pad_y, width + 2 * pad_x), x.dtype)
    patches = np.empty((groups, taps, rows * columns), x.dtype)
    windows = patches.reshape(channels, kernel_y, kernel_x, rows, columns)
    results = out.reshape(samples, groups, out_channels, rows * columns)
    for n in range(samples):
        padded[:, pad_y : pad_y + height, pad_x : pad_x + width] = x[n]
        for i in range(kernel_y):
            top = i * dilation_y
            for j in range(kernel_x):
                left = j * dilation_x
                windows[:, i, j] = padded[
                    :,
                    top : top + stride_y * (rows - 1) + 1 : stride_y,
                    left : left + stride_x * (columns - 1) + 1 : stride_x,
                ]
        for group in range(groups):
            np.dot(weight[group], patches[group], results[n, group])


@kernel(*for_floats(f"(F[:, :, :, ::1], F[:, :, ::1], F[:, :, :, ::1], {_GEOMETRY})"))
def conv2d_input_grad(
    g: np.ndarray,
    weight: np.ndarray,
    dx: np.ndarray,
    kernel_y: int,
    kernel_x: int,
    stride_y: int,
    stride_x: int,
    pad_y: int,
    pad_x: int,
    dilation_y: int,
    dilation_x: int,
) -> None:
    """dx[n] = the columns weightᵀ · g[n], each added to the places that its patch was copied from."""
    samples, channels, height, width = dx.shape
    groups, out_channels, taps = weight.shape
    rows, columns = g.shape[2], g.shape[3]
    padded = np.empty((channels, height + 2 * pad_y, width + 2 * pad_x), g.dtype)
    patches = np.empty((groups, taps, rows * columns), g.dtype)
    windows = patches.reshape(channels, kernel_y, kernel_x, rows, columns)
    upstream = g.reshape(samples, groups, out_channels, rows * columns)
    for n in range(samples):
        for group in range(groups):
            np.dot(weight[group].T, upstream[n, group], patches[group])
        padded[:] = 0
        for i in range(kernel_y):
            top = i * dilation_y
            for j in range(kernel_x):
                left = j * dilation_x
                padded[
                    :,
                    top : top + stride_y * (rows - 1) + 1 : stride_y,
                    left : left + stride_x * (columns - 1) + 1 : stride_x,
                ] += windows[:, i, j]
        dx[n] = padded[:, pad_y : pad_y + height, pad_x : pad_x + width]


@kernel(*for_floats(f"(F[:, :, :, ::1], F[:, :, :, ::1], F[:, :, ::1], {_GEOMETRY})"))
def conv2d_weight_grad(
    g: np.ndarray,
    x: np.ndarray,
    dw: np.ndarray,
    kernel_y: int,
    kernel_x: int,
    stride_y: int,
    stride_x: int,
    pad_y: int,
    pad_x: int,
    dilation_y: int,
    dilation_x: int,
) -> None:
    """dw = Σₙ g[n] · columns(x[n])ᵀ; `dw` must hold zeros if there are no samples."""
    samples, channels, height, width = x.shape
    groups, out_channels, taps = dw.shape
    rows, columns = g.shape[2], g.shape[3]
    padded = np.zeros((channels, height + 2 * pad_y, width + 2 * pad_x), x.dtype)
    patches = np.empty((groups, taps, rows * columns), x.dtype)
    windows = patches.reshape(channels, kernel_y, kernel_x, rows, columns)
    upstream = g.reshape(samples, groups, out_channels, rows * columns)
    for n in range(samples):
        padded[:, pad_y : pad_y + height, pad_x : pad_x + width] = x[n]
        for i in range(kernel_y):
            top = i * dilation_y
            for j in range(kernel_x):
                left = j * dilation_x
                windows[:, i, j] = padded[
                    :,
                    top : top + stride_y * (rows - 1) + 1 : stride_y,
                    left : left + stride_x * (columns - 1) + 1 : stride_x,
                ]
        for group in range(groups):
            if n == 0:
                np.dot(upstream[n, group], patches[group].T, dw[group])
            else:
                dw[group] += np.dot(upstream[n, group], patches[group].T)
