"""Several missing kernels are compiled by two processes; one that fails costs time only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine import jit
from gradviz.engine.compiled import routine

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import json, subprocess, sys
from gradviz.engine.compiled import ahead, routine
begun, own = [], []
popen, load = subprocess.Popen, routine._load
def remember(command, **more):
    begun.append(command[1:])
    return popen([sys.executable, "-c", HELPER] if HELPER else command, **more)
def count(name, precision):
    own.append([name, routine.CODE.has(f"{name}_{precision}")])
    return load(name, precision)
subprocess.Popen, routine._load, ahead._processors = remember, count, lambda: 2
kernels = [(name, "float32") for name in ("copy", "neg", "relu", "spread")]
ahead.prepare_all(kernels)
compiled = [name for name, made in own if not made]
ahead.prepare_all(kernels)
addresses = [routine.address(*key) for key in kernels]
print(json.dumps([begun, compiled, [name for name, _ in own], len(set(addresses))]))
"""
# What runs as the second process: the real one, one that ends at once, one that ends when it has been asked.
HELPERS = {"works": "", "dies": "raise SystemExit(1)", "dies later": "input(); raise SystemExit(1)"}


@pytest.mark.skipif(jit.jit_disabled(), reason="nothing is compiled with NUMBA_DISABLE_JIT")
@pytest.mark.parametrize("helper", HELPERS)
def test_two_processes_share_the_work(tmp_path: Path, helper: str) -> None:
    environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    code = RUN.replace("HELPER", repr(HELPERS[helper]))
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    begun, compiled, own, addresses = json.loads(run.stdout)
    assert begun == [["-m", "gradviz.engine.compiled.ahead"]], "the second time nothing is missing"
    assert addresses == 4
    assert sorted(own) == ["copy", "neg", "relu", "spread"], "each is loaded once"
    assert len(set(compiled)) == len(compiled)
    if helper != "works":
        assert sorted(compiled) == sorted(own), "all is compiled here"
    assert {path.stem for path in tmp_path.glob("*/*.code")} == {f"{name}_float32" for name in own}
    assert not list(tmp_path.rglob("*.part"))


LEFT = """
from gradviz.engine.compiled import ahead, routine
assert ahead.leave_to_another([("copy", "float32"), ("neg", "float32")])
assert ahead._others[-1].wait() == 0
assert routine.is_made("copy", "float32")
"""


@pytest.mark.skipif(jit.jit_disabled(), reason="nothing is compiled with NUMBA_DISABLE_JIT")
def test_another_process_compiles_by_itself(tmp_path: Path) -> None:
    environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", LEFT], env=environment, check=True)
    found = {path.stem for path in tmp_path.glob("*/*.code")}
    assert found == {"copy_float32", "neg_float32", "walk", *routine.ECHO}
