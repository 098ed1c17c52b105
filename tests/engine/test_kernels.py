"""Each kernel computes what plain loops compute, in both precisions, and is compiled once for all starts."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine import jit
from gradviz.engine.compiled import routine
from gradviz.engine.kernels import convolution, pooling, softmax

ROOT = Path(__file__).resolve().parents[2]
DTYPES = (np.float32, np.float64)

# (samples, channels, out channels, height, width, kernel, stride, padding, dilation, groups)
CONVOLUTIONS = [
    (1, 1, 1, 3, 3, (1, 1), (1, 1), (0, 0), (1, 1), 1),
    (2, 3, 4, 6, 7, (3, 2), (1, 1), (0, 0), (1, 1), 1),
    (1, 2, 2, 5, 6, (3, 3), (2, 1), (1, 2), (1, 1), 1),
    (2, 4, 6, 7, 7, (2, 3), (2, 3), (1, 0), (2, 1), 2),
    (1, 3, 3, 6, 5, (2, 2), (1, 2), (0, 1), (1, 2), 3),
    (0, 2, 2, 4, 4, (2, 2), (1, 1), (0, 0), (1, 1), 1),
]


class Case:
    """Random arrays of one convolution, and the plain loops over it."""

    def __init__(self, case: tuple, dtype: type) -> None:
        n, c, o, h, w, self.kernel, self.stride, self.pad, self.dilation, self.groups = case
        rng = np.random.default_rng(0)
        self.x = rng.normal(size=(n, c, h, w)).astype(dtype)
        self.w = rng.normal(size=(o, c // self.groups, *self.kernel)).astype(dtype)
        sizes = [
            (size + 2 * self.pad[k] - self.dilation[k] * (self.kernel[k] - 1) - 1) // self.stride[k] + 1
            for k, size in enumerate((h, w))
        ]
        self.g = rng.normal(size=(n, o, *sizes)).astype(dtype)
        self.geometry = (*self.kernel, *self.stride, *self.pad, *self.dilation)

    def grouped(self, w: np.ndarray) -> np.ndarray:
        return w.reshape(self.groups, w.shape[0] // self.groups, -1)

    def products(self):
        """Every (output, input, weight) index triple that is multiplied."""
        n_, o_, rows, columns = self.g.shape
        for n, o, r, q in np.ndindex(n_, o_, rows, columns):
            first = o // (o_ // self.groups) * self.w.shape[1]
            for c, i, j in np.ndindex(self.w.shape[1:]):
                u = r * self.stride[0] - self.pad[0] + i * self.dilation[0]
                v = q * self.stride[1] - self.pad[1] + j * self.dilation[1]
                if 0 <= u < self.x.shape[2] and 0 <= v < self.x.shape[3]:
                    yield (n, o, r, q), (n, first + c, u, v), (o, c, i, j)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolution_and_its_gradients(case: tuple, dtype: type) -> None:
    at = Case(case, dtype)
    y, dx, dw = (np.zeros(shape.shape) for shape in (at.g, at.x, at.w))
    for out, place, weight in at.products():
        y[out] += float(at.x[place]) * float(at.w[weight])
        dx[place] += float(at.g[out]) * float(at.w[weight])
        dw[weight] += float(at.g[out]) * float(at.x[place])
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype is np.float32 else {"rtol": 1e-12, "atol": 1e-12}

    found = np.full_like(at.g, np.nan)
    convolution.conv2d(at.x, at.grouped(at.w), found, *at.geometry)
    np.testing.assert_allclose(found, y, **close)
    found = np.full_like(at.x, np.nan)
    convolution.conv2d_input_grad(at.g, at.grouped(at.w), found, *at.geometry)
    np.testing.assert_allclose(found, dx, **close)
    found = np.zeros_like(at.w)
    convolution.conv2d_weight_grad(at.g, at.x, at.grouped(found), *at.geometry)
    np.testing.assert_allclose(found, dw, **close)


@pytest.mark.parametrize("dtype", DTYPES)
def test_convolution_keeps_nan(dtype: type) -> None:
    at = Case(CONVOLUTIONS[1], dtype)
    at.x[0, 0, 2, 2] = np.nan
    found = np.empty_like(at.g)
    convolution.conv2d(at.x, at.grouped(at.w), found, *at.geometry)
    touched = {out for out, place, _ in at.products() if place == (0, 0, 2, 2)}
    assert {tuple(int(v) for v in index) for index in np.argwhere(np.isnan(found))} == touched


def windows(shape, kernel, stride, pad, dilation, rows, columns):
    """For each output of a plane the places under its window, in the order of rows."""
    for r, q in np.ndindex(rows, columns):
        yield (
            (r, q),
            [
                (u, v)
                for i, j in np.ndindex(kernel)
                if 0 <= (u := r * stride[0] - pad[0] + i * dilation[0]) < shape[0]
                and 0 <= (v := q * stride[1] - pad[1] + j * dilation[1]) < shape[1]
            ],
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "dilation", "rows", "columns"),
    [
        ((2, 2), (2, 2), (0, 0), (1, 1), 3, 2),
        ((3, 2), (1, 2), (1, 1), (1, 1), 6, 3),
        ((2, 3), (2, 1), (1, 1), (2, 2), 3, 3),
        ((2, 2), (2, 2), (0, 0), (1, 1), 3, 3),  # the last windows are incomplete
    ],
)
def test_max_pool_finds_the_winners(kernel, stride, pad, dilation, rows, columns, dtype: type) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-3, 3, (3, 6, 5)).astype(dtype)  # many ties
    x[0, 3, 2] = np.nan
    x[1] = -np.inf
    found = np.empty((3, rows, columns), np.int64)
    pooling.max_pool2d_indices(x, found, *kernel, *stride, *pad, *dilation)
    for p in range(3):
        for (r, q), places in windows((6, 5), kernel, stride, pad, dilation, rows, columns):
            values = [x[p][place] for place in places]
            nan = [place for place, value in zip(places, values, strict=True) if np.isnan(value)]
            u, v = nan[-1] if nan else places[int(np.argmax(values))]
            assert found[p, r, q] == u * 5 + v


@pytest.mark.parametrize("dtype", DTYPES)
def test_scatter_add_sums_where_windows_share_a_winner(dtype: type) -> None:
    g = np.array([[1, 2, 4], [8, 16, 32]], dtype)
    out = np.zeros((2, 4), dtype)
    pooling.scatter_add(g, np.array([[3, 3, 0], [1, 2, 1]]), out)
    np.testing.assert_array_equal(out, [[4, 0, 0, 3], [0, 40, 16, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "rows", "columns"),
    [((2, 2), (2, 2), (0, 0), 3, 2), ((3, 2), (1, 2), (1, 1), 6, 3), ((2, 2), (2, 2), (0, 0), 3, 3)],
)
def test_sum_pool_and_its_gradient(kernel, stride, pad, rows, columns, dtype: type) -> None:
    rng = np.random.default_rng(2)
    x, g = rng.normal(size=(2, 6, 5)).astype(dtype), rng.normal(size=(2, rows, columns)).astype(dtype)
    y, dx = np.empty_like(g), np.zeros_like(x)
    pooling.sum_pool2d(x, y, *kernel, *stride, *pad)
    pooling.sum_pool2d_backward(g, dx, *kernel, *stride, *pad)
    naive = np.zeros_like(x)
    for (r, q), places in windows((6, 5), kernel, stride, pad, (1, 1), rows, columns):
        np.testing.assert_allclose(y[:, r, q], sum(x[:, u, v] for u, v in places), rtol=1e-5, atol=1e-6)
        for u, v in places:
            naive[:, u, v] += g[:, r, q]
    np.testing.assert_allclose(dx, naive, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (5, 4), (6, 5), (8, 7)])
def test_adaptive_pool_and_its_gradient(rows: int, columns: int, dtype: type) -> None:
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=(2, 6, 5)).astype(dtype), rng.normal(size=(2, rows, columns)).astype(dtype)
    y, dx = np.empty_like(g), np.zeros_like(x)
    pooling.adaptive_avg_pool2d(x, y)
    pooling.adaptive_avg_pool2d_backward(g, dx)
    naive = np.zeros_like(x)
    for r, q in np.ndindex(rows, columns):
        part = np.s_[
            :,
            int(np.floor(r * 6 / rows)) : int(np.ceil((r + 1) * 6 / rows)),
            int(np.floor(q * 5 / columns)) : int(np.ceil((q + 1) * 5 / columns)),
        ]
        np.testing.assert_allclose(y[:, r, q], x[part].mean(axis=(1, 2)), rtol=1e-5, atol=1e-6)
        naive[part] += (g[:, r, q] / x[0][part[1:]].size)[:, None, None]
    np.testing.assert_allclose(dx, naive, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmaxes(dtype: type) -> None:
    x = np.array([[1, 2, 3], [-1000, 0, 1000], [5, 5, 5]], dtype)
    exact = x.astype(np.longdouble)
    exact = np.exp(exact - exact.max(axis=1, keepdims=True))
    exact /= exact.sum(axis=1, keepdims=True)
    p, logp = np.empty_like(x), np.empty_like(x)
    softmax.softmax(x, p)
    softmax.log_softmax(x, logp)
    np.testing.assert_allclose(p, exact.astype(dtype), rtol=1e-5)
    np.testing.assert_allclose(
        logp, [[-2.407606, -1.407606, -0.407606], [-2000, -1000, 0], [-1.098612] * 3], 1e-5
    )
    g, back = np.array([[1, 0, 2]] * 3, dtype), np.empty_like(x)
    softmax.softmax_backward(g, p, back)
    np.testing.assert_allclose(back, p * (g - (g * p).sum(axis=1, keepdims=True)), rtol=1e-5, atol=1e-7)
    softmax.log_softmax_backward(g, logp, back)
    np.testing.assert_allclose(back, g - np.exp(logp) * g.sum(axis=1, keepdims=True), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", [[1, np.nan, 2], [np.nan, 1, 2], [-np.inf, -np.inf, -np.inf], [np.inf, 1, 2]])
def test_softmaxes_keep_nan(row: list[float], dtype: type) -> None:
    for kernel in (softmax.softmax, softmax.log_softmax):
        out = np.zeros((1, 3), dtype)
        with np.errstate(invalid="ignore"):  # plain Python warns where compiled code does not
            kernel(np.array([row], dtype), out)
        assert np.isnan(out[0, int(np.argmax(~np.isfinite(row)))])


START = """
import json, sys
import numpy as np
from gradviz.engine import jit
from gradviz.engine.compiled import routine
from gradviz.engine.kernels import pooling
out = np.zeros((1, 3), np.float32)
pooling.scatter_add(np.array([[1, 2]], np.float32), np.array([[2, 2]]), out)
for kernel in (pooling.scatter_add, pooling.max_pool2d_indices):
    kernel.compile()
files = [path.stat().st_mtime_ns for path in sorted(jit.cache_folder().iterdir())]
print(json.dumps([out.tolist(), files, "numba" in sys.modules]))
"""


@pytest.mark.skipif(jit.jit_disabled(), reason="nothing is compiled with NUMBA_DISABLE_JIT")
def test_a_second_start_compiles_nothing_and_does_without_numba(tmp_path: Path) -> None:
    environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    found = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
        )
        found.append(json.loads(run.stdout))
    assert found[0][0] == found[1][0] == [[0, 0, 3]]
    assert len(found[0][1]) == 4
    assert found[0][1] == found[1][1], "no file was written again"
    assert (found[0][2], found[1][2]) == (True, False)


def test_warm_up_stops_when_asked() -> None:
    asked: list[tuple[int, int, str]] = []

    def progress(done: int, total: int, name: str) -> bool:
        asked.append((done, total, name))
        return False

    assert not jit.warm_up(progress)
    ((done, total, name),) = asked
    assert (done, name) == (0, jit.KERNELS[0].name)
    assert total >= len(jit.KERNELS)  # and those of the compiled executor


def test_the_warm_up_compiles_what_runs_kernels_too(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(jit, "jit_disabled", lambda: False)
    monkeypatch.setattr(jit, "KERNELS", [])
    monkeypatch.setattr(routine, "prepare", done.append)
    others = ("walk", "compile_tapes", "compile_echo")
    for name in others:
        monkeypatch.setattr(routine, name, partial(done.append, name))
    assert jit.warm_up()
    assert done == [*routine.usual(), *others]


def test_every_kernel_declares_both_precisions() -> None:
    assert len(jit.KERNELS) >= 6
    for kernel in jit.KERNELS:
        if kernel.function.__module__.endswith(".scalars"):  # programs of numbers: always double
            assert [("float32" in text, "float64" in text) for text in kernel.signatures] == [(False, True)]
            continue
        assert len(kernel.signatures) == 2, kernel.name
        assert "float32" in kernel.signatures[0]
        assert kernel.signatures[1] == kernel.signatures[0].replace("float32", "float64")
