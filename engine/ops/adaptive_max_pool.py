"""Where the largest number of each part lies when a plane is split into a given number of parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..op import Op, Sample, Spec, register
from .adaptive_pool import span
from .windows import check_planes, floating


@register
class AdaptiveMaxPool2dIndices(Op):
    """The place of the largest element of each of H' × W' parts of the plane."""

    name = "adaptive_max_pool2d_indices"
    formula = r"k_{n,c,r,q} = \arg\max_{(u,v)\,\in\,W_{r,q}}\; x_{n,c,u,v}"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Splits each plane into parts and notes where each part's largest number is.",
        "zh": "把每个平面分成若干部分，记下每一部分中最大数的位置。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C, *output_size) of int64."""
        check_planes("adaptive_max_pool2d", inputs[0].shape)
        floating("adaptive_max_pool2d", *inputs)
        return Spec((*inputs[0].shape[:2], *attrs["output_size"]), int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Part by part, all planes at once; the first of equals wins, but of NaNs the last."""
        x = inputs[0]
        height, width = x.shape[2:]
        found = np.empty(out.shape, np.int64)
        for row in range(out.shape[2]):
            rows = span(row, out.shape[2], height)
            for column in range(out.shape[3]):
                columns = span(column, out.shape[3], width)
                part = x[:, :, rows.start : rows.stop, columns.start : columns.stop]
                flat = part.reshape(*part.shape[:2], len(rows) * len(columns))
                best = flat.argmax(2)
                nan = np.isnan(flat)
                if nan.any():
                    last = flat.shape[2] - 1 - nan[:, :, ::-1].argmax(2)
                    best = np.where(nan.any(2), last, best)
                down, across = np.divmod(best, len(columns))
                found[:, :, row, column] = (rows.start + down) * width + columns.start + across
        return found

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the largest: a later one wins only if it is larger."""
        sizes = inputs[0].shape
        rows, columns = (span(index[2 + k], attrs["output_size"][k], sizes[2 + k]) for k in (0, 1))
        terms = [(Ref(0, (*index[:2], u, v)), float(u * sizes[3] + v)) for u in rows for v in columns]
        return Call("argmax", tuple(part for term in terms for part in term))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """To one number, to parts of equal and of different sizes, and to more parts than places."""
        for size in ((1, 1), (2, 3), (int(rng.integers(1, 5)), int(rng.integers(1, 5))), (5, 4)):
            yield Sample((rng.normal(size=(2, 2, 4, 3)),), {"output_size": size}, smooth=False)
