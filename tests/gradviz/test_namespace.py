"""`import gradviz as torch`: every name of PyTorch's that is offered, loaded only when it is used."""

import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.engine.api import FUNCTIONS

import gradviz
from gradviz import _api, make_stub

ROOT = Path(__file__).resolve().parents[2]


def loaded(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after `code`."""
    command = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\nprint(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", command], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_loads_nothing_heavy() -> None:
    modules = loaded("import gradviz; gradviz.__version__")
    assert not {"numpy", "numba", "gradviz.engine"} & modules


def test_making_and_adding_tensors_does_not_load_numba() -> None:
    modules = loaded("import gradviz as torch; print((torch.rand(3) + 1).sum())")
    assert "numpy" in modules
    assert not {"numba", "scipy", "matplotlib", "PyQt6"} & modules


def test_names_are_those_of_the_table() -> None:
    for name, value in _api.NAMES.items():
        assert getattr(gradviz, name) is value
    assert {entry.name for entry in FUNCTIONS if "torch" in entry.places} <= set(_api.NAMES)


def test_star_import_and_dir() -> None:
    space: dict[str, object] = {}
    exec("from gradviz import *", space)
    assert {"tensor", "Tensor", "nn", "float32", "no_grad", "record"} <= set(space)
    assert {"tensor", "nn", "__version__"} <= set(dir(gradviz))


def test_what_is_not_there() -> None:
    for name in ("nothing", "_nothing", "__nothing__"):
        with pytest.raises(AttributeError, match=f"module 'gradviz' has no attribute '{name}'"):
            getattr(gradviz, name)


def test_a_script_that_asks_for_a_gpu_gets_the_cpu() -> None:
    name = "cuda" if gradviz.cuda.is_available() else "cpu"
    assert gradviz.cuda.device_count() == 0
    assert not gradviz.accelerator.is_available()
    assert gradviz.accelerator.current_accelerator() is None
    assert gradviz.ones(2).to(gradviz.device(name)).device == gradviz.device("cpu")
    with pytest.raises(RuntimeError, match="there is no device 'cuda'"):
        gradviz.device("cuda")


def test_the_stub_is_up_to_date() -> None:
    assert make_stub.TARGET.read_text("utf-8") == make_stub.stub(), "run: python -m gradviz.make_stub"
