"""Rearranging channels: into pixels and back, and among groups."""

from __future__ import annotations

from ..api import public
from ..composite import composite
from ..errors import ShapeError
from ..tensor import Tensor


@public("torch", "F")
@composite(
    "pixel_shuffle",
    formula=r"y_{c,\,k u+i,\,k v+j} = x_{k^2 c+k i+j,\,u,\,v}",
    derivative=r"\dfrac{\partial y_{c,\,k u+i,\,k v+j}}{\partial x_{k^2 c+k i+j,\,u,\,v}} = 1",
    en="Makes an image k times as wide and high by laying k² channels side by side as pixels.",
    zh="把 k² 个通道并排铺成像素，使图像的宽和高变为 k 倍。",
)
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(*, C k², H, W) to (*, C, H k, W k)."""
    k = upscale_factor
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ShapeError(f"pixel_shuffle expects input to have at least 3 dimensions, but got {shape}")
    if k < 1:
        raise ShapeError(f"pixel_shuffle expects a positive upscale_factor, but got {k}")
    *front, channels, height, width = shape
    if channels % (k * k):
        raise ShapeError(
            f"pixel_shuffle expects its input's channel dimension to be divisible by the square of "
            f"upscale_factor, but input has {channels} channels and upscale_factor is {k}"
        )
    n = len(front)
    parts = input.reshape(*front, channels // (k * k), k, k, height, width)
    parts = parts.permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return parts.reshape(*front, channels // (k * k), height * k, width * k)


@public("torch", "F")
@composite(
    "pixel_unshuffle",
    formula=r"y_{k^2 c+k i+j,\,u,\,v} = x_{c,\,k u+i,\,k v+j}",
    derivative=r"\dfrac{\partial y_{k^2 c+k i+j,\,u,\,v}}{\partial x_{c,\,k u+i,\,k v+j}} = 1",
    en="Makes k² channels of an image by taking every k-th pixel in both directions.",
    zh="在两个方向上每隔 k 个像素取一个，把图像变成 k² 个通道。",
)
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """(*, C, H k, W k) to (*, C k², H, W)."""
    k = downscale_factor
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ShapeError(f"pixel_unshuffle expects input to have at least 3 dimensions, but got {shape}")
    if k < 1:
        raise ShapeError(f"pixel_unshuffle expects a positive downscale_factor, but got {k}")
    *front, channels, height, width = shape
    if height % k or width % k:
        raise ShapeError(
            f"pixel_unshuffle expects height and width to be divisible by downscale_factor, but {shape} is "
            f"not divisible by {k}"
        )
    n = len(front)
    parts = input.reshape(*front, channels, height // k, k, width // k, k)
    parts = parts.permute(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return parts.reshape(*front, channels * k * k, height // k, width // k)


@public("torch", "F")
@composite(
    "channel_shuffle",
    formula=r"y_{n,\,g j+i} = x_{n,\,k i+j},\quad k = C / g",
    derivative=r"\dfrac{\partial y_{n,\,g j+i}}{\partial x_{n,\,k i+j}} = 1",
    en="Deals the channels of all groups out in turn, as cards.",
    zh="像发牌一样，把各组的通道轮流重新排列。",
)
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels of (N, C, …), taken in turn from `groups` groups."""
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ShapeError(f"channel_shuffle expects input with > 2 dims, but got sizes {list(shape)}")
    if groups < 1:
        raise ShapeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise ShapeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups."
        )
    parts = input.reshape(shape[0], groups, shape[1] // groups, *shape[2:])
    return parts.transpose(1, 2).reshape(shape)
