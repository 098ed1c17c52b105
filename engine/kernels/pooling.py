"""Pooling over windows of (N · C, H, W) planes, and the way back."""

from __future__ import annotations

import numpy as np

from ..jit import for_floats, kernel

_GEOMETRY = ", ".join(["int64"] * 8)


@kernel(*for_floats(f"(F[:, :, ::1], int64[:, :, ::1], {_GEOMETRY})"))
def max_pool2d_indices(
    x: np.ndarray,
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
    """Where in its plane the largest number of each window is; the first of equals, and NaN before all.

    −1 where a window has no place within the plane.
    """
    planes, height, width = x.shape
    rows, columns = out.shape[1], out.shape[2]
    for p in range(planes):
        for row in range(rows):
            top = row * stride_y - pad_y
            for column in range(columns):
                left = column * stride_x - pad_x
                found = -1
                best = x[p, 0, 0]
                for i in range(kernel_y):
                    y = top + i * dilation_y
                    if y < 0 or y >= height:
                        continue
                    for j in range(kernel_x):
                        at = left + j * dilation_x
                        if at < 0 or at >= width:
                            continue
                        value = x[p, y, at]
                        if found < 0 or value > best or value != value:
                            best = value
                            found = y * width + at
                out[p, row, column] = found


@kernel(*for_floats("(F[:, ::1], int64[:, ::1], F[:, ::1])"))
def scatter_add(g: np.ndarray, indices: np.ndarray, out: np.ndarray) -> None:
    """out[p, indices[p, k]] += g[p, k]; windows that overlap may have the same winner."""
    planes, count = g.shape
    for p in range(planes):
        for k in range(count):
            out[p, indices[p, k]] += g[p, k]


@kernel(*for_floats("(F[:, :, ::1], F[:, :, ::1], int64, int64, int64, int64, int64, int64)"))
def sum_pool2d(
    x: np.ndarray,
    out: np.ndarray,
    kernel_y: int,
    kernel_x: int,
    stride_y: int,
    stride_x: int,
    pad_y: int,
    pad_x: int,
) -> None:
    """The sum over each window; places outside of the plane count as 0."""
    planes, height, width = x.shape
    rows, columns = out.shape[1], out.shape[2]
    for row in range(rows):
        top = max(row * stride_y - pad_y, 0)
        bottom = min(row * stride_y - pad_y + kernel_y, height)
        for column in range(columns):
            left = max(column * stride_x - pad_x, 0)
            right = min(column * stride_x - pad_x + kernel_x, width)
            for p in range(planes):
                out[p, row, column] = x[p, top:bottom, left:right].sum()


@kernel(*for_floats("(F[:, :, ::1], F[:, :, ::1], int64, int64, int64, int64, int64, int64)"))
def sum_pool2d_backward(
    g: np.ndarray,
    dx: np.ndarray,
    kernel_y: int,
    kernel_x: int,
    stride_y: int,
    stride_x: int,
    pad_y: int,
    pad_x: int,
) -> None:
    """Add each upstream number to every place of its window; `dx` must hold zeros."""
    planes, height, width = dx.shape
    rows, columns = g.shape[1], g.shape[2]
    for row in range(rows):
        top = max(row * stride_y - pad_y, 0)
        bottom = min(row * stride_y - pad_y + kernel_y, height)
        for column in range(columns):
            left = max(column * stride_x - pad_x, 0)
            right = min(column * stride_x - pad_x + kernel_x, width)
            for p in range(planes):
                for y in range(top, bottom):
                    for x in range(left, right):
                        dx[p, y, x] += g[p, row, column]


@kernel(*for_floats("(F[:, :, ::1], F[:, :, ::1])"))
def adaptive_avg_pool2d(x: np.ndarray, out: np.ndarray) -> None:
    """The mean over windows that split the plane into rows × columns parts as evenly as possible."""
    planes, height, width = x.shape
    rows, columns = out.shape[1], out.shape[2]
    for row in range(rows):
        top, bottom = row * height // rows, -(-(row + 1) * height // rows)
        for column in range(columns):
            left, right = column * width // columns, -(-(column + 1) * width // columns)
            size = (bottom - top) * (right - left)
            for p in range(planes):
                out[p, row, column] = x[p, top:bottom, left:right].sum() / size


@kernel(*for_floats("(F[:, :, ::1], F[:, :, ::1])"))
def adaptive_avg_pool2d_backward(g: np.ndarray, dx: np.ndarray) -> None:
    """Spread each upstream number evenly over its window; `dx` must hold zeros."""
    planes, height, width = dx.shape
    rows, columns = g.shape[1], g.shape[2]
    for row in range(rows):
        top, bottom = row * height // rows, -(-(row + 1) * height // rows)
        for column in range(columns):
            left, right = column * width // columns, -(-(column + 1) * width // columns)
            size = (bottom - top) * (right - left)
            for p in range(planes):
                share = g[p, row, column] / size
                for y in range(top, bottom):
                    for x in range(left, right):
                        dx[p, y, x] += share
