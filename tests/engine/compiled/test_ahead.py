"""Several missing kernels are compiled by two processes; one that fails costs time only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine import jit

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import json, subprocess, sys
from gradviz.engine.compiled import ahead, routine
begun, own = [], []
popen, compile_it = subprocess.Popen, routine._compile
def remember(command, **more):
    begun.append(command[3:])
    return popen([sys.executable, "-c", "raise SystemExit(1)"] if FAILS else command, **more)
def count(name, precision):
    made = routine._mark(name, precision).exists()
    own.append([name, made])
    return compile_it(name, precision)
subprocess.Popen, routine._compile = remember, count
kernels = [(name, "float32") for name in ("copy", "neg", "relu", "spread")]
ahead.prepare_all(kernels)
ahead.prepare_all(kernels)
addresses = [routine.address(*key) for key in kernels]
print(json.dumps([begun, own, len(set(addresses))]))
"""


@pytest.mark.skipif(jit.jit_disabled(), reason="nothing is compiled with NUMBA_DISABLE_JIT")
@pytest.mark.parametrize("fails", [False, True])
def test_two_processes_share_the_work(tmp_path: Path, fails: bool) -> None:
    environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    if (os.cpu_count() or 1) < 2:
        pytest.skip("one processor only")
    code = RUN.replace("FAILS", repr(fails))
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    begun, own, addresses = json.loads(run.stdout)
    assert addresses == 4
    assert len(begun[0]) == 2
    there = {name.partition(":")[0] for name in begun[0]}
    assert {name for name, _ in own} == {"copy", "neg", "relu", "spread"}
    assert {name for name, made in own if made} == (set() if fails else there), (
        "what the other made is loaded"
    )
    assert len(begun) == 1, "the second time too little is missing"
