"""The same tests with narrower vectors, in processes of their own: what other machines will run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine.compiled import cpu

ROOT = Path(__file__).resolve().parents[3]
FILES = ("test_samples.py", "test_models.py", "test_random_programs.py")


@pytest.mark.slow
@pytest.mark.parametrize("vectors", ["avx2", "baseline"])
def test_narrower_vectors(vectors: str) -> None:
    run(GRADVIZ_SIMD=vectors)


@pytest.mark.slow
def test_without_machine_code() -> None:
    """Everything is left to the interpreter, and views stay views."""
    run(NUMBA_DISABLE_JIT="1")


def run(**setting: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", *(f"tests/engine/compiled/{f}" for f in FILES)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **setting}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_setting_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cpu.SETTING, "mmx")
    with pytest.raises(ValueError, match="must be one of avx512, avx2, baseline, not 'mmx'"):
        cpu.level()


@pytest.mark.parametrize("vectors", cpu.WIDTHS)
def test_wider_vectors_than_there_are_cannot_be_had(vectors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    best = cpu.WIDTHS[cpu.level()]
    monkeypatch.setenv(cpu.SETTING, vectors)
    assert cpu.WIDTHS[cpu.level()] == min(best, cpu.WIDTHS[vectors])
