"""Kernels are compiled once and kept where other sources, versions or vectors do not find them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine.compiled import cpu, routine
from gradviz.engine.jit import jit_disabled

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import json, sys, time
from gradviz.engine.compiled import routine
start = time.perf_counter()
routine.address("add", "float32")
folder = routine.cache_folder()
print(json.dumps([time.perf_counter() - start, str(folder), len(list(folder.glob("*.code")))]))
"""


def run(cache: Path, **settings: str) -> tuple[float, str, int]:
    environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(cache), **settings}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    seconds, folder, files = json.loads(done.stdout)
    return seconds, folder, files


@pytest.mark.slow
def test_a_second_process_compiles_nothing(tmp_path: Path) -> None:
    _, folder, files = run(tmp_path)
    _, again, still = run(tmp_path)
    assert (folder, files) == (again, still)
    assert files > 0
    _, other, _ = run(tmp_path, GRADVIZ_SIMD="baseline")
    assert other != folder


@pytest.mark.skipif(jit_disabled(), reason="there are no kernels without machine code")
def test_the_usual_kernels_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    routine.define()
    for level in cpu.WIDTHS:
        monkeypatch.setattr(cpu, "level", lambda level=level: level)
        names = routine.usual()
        assert set(names) <= set(routine.ROUTINES)
        assert len(set(names)) == len(names)


@pytest.mark.skipif(jit_disabled(), reason="there are no kernels without machine code")
def test_a_kernel_cannot_be_entered_twice() -> None:
    routine.define()

    def add(memory: object, row: object) -> None: ...

    with pytest.raises(ValueError, match="there is a kernel 'add' already"):
        routine.kernel(add)
