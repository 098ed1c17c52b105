"""Convolution as matrix products: for each sample the patches under the window become columns of a matrix.

Source: K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006 (unrolled convolution, today called im2col). Written with numpy alone: a window is a view
with six strides, and nothing has to be compiled before the first network runs.

All arrays are dense. `weight` is (groups, out channels per group, in channels per group · kernel height ·
width); `x` and `dx` are (N, C, H, W), `out` and `g` (N, O, H', W').
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CHUNK = 2**20  # numbers of columns at a time: so many samples go through one product


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
    samples, places = len(x), out.shape[2] * out.shape[3]
    groups, out_channels, taps = weight.shape
    padded = _padded(x, pad_y, pad_x)
    windows = _windows(
        padded, out.shape[2:], (kernel_y, kernel_x), (stride_y, stride_x), (dilation_y, dilation_x)
    )
    results = out.reshape(samples, groups, out_channels, places)
    for part in _parts(samples, x.shape[1] * kernel_y * kernel_x * places):
        patches = windows[part].reshape(-1, groups, taps, places)
        np.matmul(weight, patches, out=results[part])


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
    groups, out_channels, _ = weight.shape
    rows, columns = g.shape[2:]
    padded = np.zeros((samples, channels, height + 2 * pad_y, width + 2 * pad_x), dx.dtype)
    upstream = g.reshape(samples, groups, out_channels, rows * columns)
    turned = weight.transpose(0, 2, 1)
    down, right = stride_y * (rows - 1) + 1, stride_x * (columns - 1) + 1
    for part in _parts(samples, channels * kernel_y * kernel_x * rows * columns):
        patches = np.matmul(turned, upstream[part]).reshape(-1, channels, kernel_y, kernel_x, rows, columns)
        sums = padded[part]
        for i in range(kernel_y):
            top = i * dilation_y
            for j in range(kernel_x):
                left = j * dilation_x
                sums[:, :, top : top + down : stride_y, left : left + right : stride_x] += patches[:, :, i, j]
    dx[:] = padded[:, :, pad_y : pad_y + height, pad_x : pad_x + width]


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
    """dw = Σₙ g[n] · columns(x[n])ᵀ."""
    samples, places = len(x), g.shape[2] * g.shape[3]
    groups, out_channels, taps = dw.shape
    padded = _padded(x, pad_y, pad_x)
    windows = _windows(
        padded, g.shape[2:], (kernel_y, kernel_x), (stride_y, stride_x), (dilation_y, dilation_x)
    )
    upstream = g.reshape(samples, groups, out_channels, places)
    dw[:] = 0
    for part in _parts(samples, x.shape[1] * kernel_y * kernel_x * places):
        patches = windows[part].reshape(-1, groups, taps, places)
        dw += np.matmul(upstream[part], patches.transpose(0, 1, 3, 2)).sum(0)


def _padded(x: np.ndarray, pad_y: int, pad_x: int) -> np.ndarray:
    if not pad_y and not pad_x:
        return x
    samples, channels, height, width = x.shape
    padded = np.zeros((samples, channels, height + 2 * pad_y, width + 2 * pad_x), x.dtype)
    padded[:, :, pad_y : pad_y + height, pad_x : pad_x + width] = x
    return padded


def _windows(
    padded: np.ndarray,
    size: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> np.ndarray:
    """What lies under each tap at each place: (N, C, F, F, H', W'), a view."""
    samples, channels = padded.shape[:2]
    sample, channel, down, right = padded.strides
    return np.ndarray(
        (samples, channels, *kernel, *size),
        padded.dtype,
        padded,
        0,
        (sample, channel, dilation[0] * down, dilation[1] * right, stride[0] * down, stride[1] * right),
    )


def _parts(samples: int, each: int) -> Iterator[slice]:
    """Slices of the samples whose columns are not too many."""
    many = max(CHUNK // max(each, 1), 1)
    for first in range(0, samples, many):
        yield slice(first, first + many)
