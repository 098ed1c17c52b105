"""The same tests with narrower vectors, in processes of their own: what other machines will run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine.compiled import cpu

ROOT = Path(__file__).resolve().parents[3]
FILES = ("test_samples.py", "test_models.py", "test_random_programs.py", "test_fuzz.py")
FEW = [f"test_samples.py::test_samples[float32-{name}]" for name in ("exp", "matmul", "max_pool2d_indices")]


@pytest.mark.parametrize(
    "setting", [{cpu.SETTING: "baseline"}, {"NUMBA_DISABLE_JIT": "1"}], ids=["baseline", "no JIT"]
)
def test_a_few_ops(setting: dict[str, str]) -> None:
    """Few, since narrower vectors are compiled anew; the slow tests below run everything."""
    run(*FEW, **setting)


@pytest.mark.slow
@pytest.mark.parametrize("vectors", ["avx2", "baseline"])
def test_narrower_vectors(vectors: str) -> None:
    run(*FILES, GRADVIZ_SIMD=vectors)


@pytest.mark.slow
def test_without_machine_code() -> None:
    """Everything is left to the interpreter, and views stay views."""
    run(*FILES, NUMBA_DISABLE_JIT="1")


def run(*tests: str, **setting: str) -> None:
    wanted = [f"tests/engine/compiled/{test}" for test in tests]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", *wanted]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **setting}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_setting_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cpu.SETTING, "mmx")
    with pytest.raises(ValueError, match="must be one of avx512, avx2, baseline, not 'mmx'"):
        cpu.level()


@pytest.mark.parametrize("vectors", cpu.WIDTHS)
def test_wider_vectors_than_there_are_cannot_be_had(vectors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cpu.SETTING, raising=False)  # these tests run with a setting too
    best = cpu.WIDTHS[cpu.level()]
    monkeypatch.setenv(cpu.SETTING, vectors)
    assert cpu.WIDTHS[cpu.level()] == min(best, cpu.WIDTHS[vectors])
