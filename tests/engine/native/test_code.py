"""Compiled functions, called from Python: wrong arguments are told, nothing leaks."""

import ctypes
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled
from gradviz.engine.native.code import Code

pytestmark = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled with NUMBA_DISABLE_JIT")


def weighted(x, y, n, factor):
    for i in range(n):
        for j in range(x.shape[1]):
            y[i] += factor * x[i, j]


def less(a, b):
    return a - b


def half(x):
    return x / 2


def wait(words):
    while words[0] == 0:
        words[1] += 1
    return words[1]


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        made = Code("test", lambda: [Path(__file__)])
        assert made.store.folder.is_dir()
    return made


@pytest.fixture(scope="module")
def sums(code: Code):
    return code.function("weighted", "void(float32[:, ::1], float64[::1], int64, float64)", lambda: weighted)


def test_arrays_and_numbers(sums) -> None:
    x, y = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(2)
    assert sums(x, y, np.int64(2), 0.5) is None
    np.testing.assert_array_equal(y, [2.5, 7])
    before = [sys.getrefcount(each) for each in (x, y, None)]
    for _ in range(100):
        sums(x, y, 2, 0.5)
    np.testing.assert_array_equal(y, [152.5, 607])
    assert [sys.getrefcount(each) for each in (x, y, None)] == pytest.approx(before, abs=20)
    sums(np.zeros((0, 3), np.float32), y, 0, 1)
    assert sums.__name__ == "weighted"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({0: np.zeros((2, 3))}, TypeError, "argument 1 must be a contiguous array of float32 with 2 dim"),
        ({0: np.zeros(6, np.float32)}, TypeError, "argument 1 must be a contiguous array of float32 with 2"),
        ({1: np.zeros(2, np.int64)}, TypeError, "argument 2 must be a contiguous array of float64 with 1"),
        ({0: np.zeros((3, 2), np.float32).T}, ValueError, "contiguous"),
        ({1: np.zeros(4)[::2]}, ValueError, "contiguous"),
        ({1: np.broadcast_to(np.float64(0), (2,))}, ValueError, "."),
        ({0: [1, 2]}, TypeError, "bytes-like"),
        ({2: 1.5}, TypeError, "integer"),
        ({2: 1 << 63}, OverflowError, "."),
        ({3: "x"}, TypeError, "real number"),
    ],
)
def test_wrong_arguments(sums, change: dict, error: type[Exception], words: str) -> None:
    given = [np.zeros((2, 3), np.float32), np.zeros(2), 2, 0.5]
    for place, value in change.items():
        given[place] = value
    before = [sys.getrefcount(each) for each in given]
    for _ in range(20):
        with pytest.raises(error, match=words):
            sums(*given)
    assert [sys.getrefcount(each) for each in given] == before, "arrays are given back"
    assert not given[1].any() if isinstance(given[1], np.ndarray) else True


def test_the_number_of_arguments(sums) -> None:
    with pytest.raises(TypeError, match="4 arguments are needed"):
        sums(np.zeros((2, 3), np.float32))
    with pytest.raises(TypeError, match="keyword"):
        sums(x=1)


def test_results(code: Code) -> None:
    function = code.function("less", "int64(int64, int64)", lambda: less, keeps_lock=True)
    assert [function(-1, -1), function(-1, 0), function(0, 1 << 62)] == [0, -1, -(1 << 62)]
    assert code.function("half", "float64(float64)", lambda: half)(-1) == -0.5


def test_other_threads_run_meanwhile(code: Code) -> None:
    function = code.function("wait", "int64(int64[::1])", lambda: wait)
    words = np.zeros(2, np.int64)
    threading.Timer(0, lambda: words.__setitem__(0, 1)).start()
    assert function(words) == words[1]


def test_damaged_code_is_compiled_again(code: Code) -> None:
    code.address("double", "float64(float64)", lambda: half)
    path = code.store.path("double")
    good = path.read_bytes()
    path.write_bytes(good[:-20] + bytes(20))
    again = Code("test", lambda: [Path(__file__)])
    again.store.__dict__.update(code.store.__dict__)
    asked = []
    again._name = "test_again"  # the linker knows the first one already
    assert again.address("double", "float64(float64)", lambda: asked.append(1) or half) != 0
    assert asked == [1]
    assert len(path.read_bytes()) > len(good) - 100
    assert again.store.read("double") is not None


def test_with_another_numba_code_is_made_by_its_public_interface(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def changed(*_: object) -> bytes:
        raise AttributeError("module 'numba' has no such inner class")

    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("gradviz.engine.native.compiler.object_code", changed)
    made = Code("other", lambda: [Path(__file__)])
    signature = "void(float32[:, ::1], float64[::1], int64, float64)"
    y = np.ones(2)
    made.function("weighted", signature, lambda: weighted)(np.ones((2, 3), np.float32), y, 2, 0.5)
    assert y.tolist() == [2.5, 2.5]
    assert made.function("less", "int64(int64, int64)", lambda: less, keeps_lock=True)(5, 3) == 2
    place = made.address("half", "float64(float64)", lambda: half)
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(place)(3.0) == 1.5
    assert "no such inner class" in caplog.text
    assert not made.has("less")


LATE = """
import sys
from gradviz.engine.compiled import routine
sys.kept_until_the_end = routine.taping()[0]
"""


def test_a_function_that_outlives_the_modules() -> None:
    """Memory that is freed is overwritten here (by glibc), so that whoever looks there afterwards fails."""
    environment = {**os.environ, "PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "255"}
    assert subprocess.run([sys.executable, "-c", LATE], env=environment, check=False).returncode == 0
