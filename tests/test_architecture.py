"""The architecture holds, and each rule that says so finds an offender when it is shown one.

Rules: imports go down only (ui -> gradviz -> engine), no Qt and no matplotlib below ui, no cycles, no
unexplained imports in functions, files and classes of a readable size, nothing that blocks the window, no
machine's own paths.
"""

import subprocess
from pathlib import Path

import pytest

from tests import architecture as rules
from tests.architecture import Module

ROOT = Path(__file__).resolve().parent.parent
CODE = ("gradviz", "engine", "ui", "tests", "assets", ".typing")

# (module, what it imports) -> why it may.
LAYER_EXCEPTIONS = {
    ("gradviz.engine.native.store", "platformdirs"): "finds the user's folder for compiled kernels",
    ("gradviz.__main__", "gradviz.ui"): "opens the window",
    ("gradviz.app.cli", "gradviz.ui"): "opens the window",
}
# Modules that import our own packages inside functions -> why.
LAZY_MODULES = {
    "gradviz": "the engine and `show` are loaded when one of PyTorch's names is first used",
    "gradviz.engine.jit": "compiles on request the kernels of the ops, which import it",
    "gradviz.engine.compiled.routine": "the modules of kernels import numba, and compile",
    "gradviz.engine.native.code": "the compiler imports numba, which takes longer than all the rest",
    "gradviz.app.layout.worker": "Graphviz's libraries are loaded with the first request",
    "gradviz.__main__": "--help and --version answer before anything heavy is loaded",
    "gradviz.app.cli": "--help and --version answer before anything heavy is loaded",
    "gradviz.app.train_arguments": "--help and wrong arguments are answered before anything heavy is loaded",
    "gradviz.ui.downloading": "the network's libraries are loaded when something is downloaded",
    "gradviz.ui.panels.code": "QScintilla is loaded when the code is first shown",
    "gradviz.ui.panels.plots.figure_view": "matplotlib is loaded when the plots are first shown",
}
# Modules of ui/ that may block -> why.
BLOCKING_EXCEPTIONS: dict[str, str] = {
    "gradviz.ui.tour": "runs the application's own event loop, without a user",
    "gradviz.ui.lesson_export": "runs the application's own event loop, without a user",
    "gradviz.ui.lesson_exporting": "waits for a process that it has killed",
    "gradviz.ui.app": "runs the event loop",
    "gradviz.ui.workers.layout_process": "waits for a process that it has killed",
    "gradviz.ui.workers.script": "waits for a process that it has killed, while the window closes",
    "gradviz.ui.workers.exercise": "waits for a process that it has killed, when another lesson begins",
}


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    found = rules.read_modules(ROOT)
    assert {module.layer for module in found} == {"engine", "library", "ui"}
    return found


def test_imports_go_down(modules: list[Module]) -> None:
    assert rules.wrong_layers(modules, LAYER_EXCEPTIONS) == []


def test_no_import_cycles(modules: list[Module]) -> None:
    assert rules.import_cycles(modules) == []


def test_no_hidden_imports(modules: list[Module]) -> None:
    assert rules.hidden_imports(modules, LAZY_MODULES) == []


def test_nothing_blocks_the_window(modules: list[Module]) -> None:
    assert rules.blocking_calls(modules, BLOCKING_EXCEPTIONS) == []


def test_sizes() -> None:
    files = [
        path
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
        if ".typing/gradviz" not in str(path)
    ]
    assert files
    found = [rules.too_long(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in files]
    assert [line for lines in found for line in lines] == []


def test_no_paths_of_one_machine() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listing.stdout.split("\0")):
        try:
            text = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture or font; a file just removed
            continue
        found += rules.machine_paths(name, text)
    assert found == []


def test_exceptions_are_still_needed(modules: list[Module]) -> None:
    names = {module.name for module in modules}
    listed = {name for name, _ in LAYER_EXCEPTIONS} | set(LAZY_MODULES) | set(BLOCKING_EXCEPTIONS)
    assert listed <= names


def module(name: str, source: str, package: bool = False) -> Module:
    return Module(name, name.replace(".", "/") + ".py", source, package)


ENGINE = module("gradviz.engine", "", package=True)
TENSOR = module("gradviz.engine.tensor", "")
WINDOW = module("gradviz.ui.window", "")


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("gradviz.engine.op", "import gradviz.nn", "engine imports gradviz.nn"),
        ("gradviz.engine.op", "from gradviz.ui import window", "engine imports gradviz.ui.window"),
        ("gradviz.engine.op", "from ..ui.window import Window", "engine imports gradviz.ui.window"),
        ("gradviz.engine.op", "def f():\n    from gradviz import nn  # quick", "engine imports gradviz"),
        ("gradviz.app.run", "import gradviz.ui.window", "library imports gradviz.ui.window"),
        (
            "gradviz.app.run",
            "if TYPE_CHECKING:\n    from ..ui import window",
            "library imports gradviz.ui.window",
        ),
        ("gradviz.app.run", "importlib.import_module('gradviz.ui')", "library imports gradviz.ui"),
        ("gradviz.app.run", "from PyQt6.QtCore import QTimer", "library may not use PyQt6"),
        ("gradviz.app.run", "import matplotlib.pyplot as plt", "library may not use matplotlib"),
        ("gradviz.engine.op", "import psygnal", "engine may not use psygnal"),
        ("gradviz.ui.x", "import torch", "ui may not use torch"),
        ("gradviz.ui.x", "from engine.tensor import Tensor", "second copy of gradviz.engine.tensor"),
        ("gradviz.app.cli", "import gradviz.ui.window", "library imports gradviz.ui.window"),
    ],
)
def test_a_wrong_layer_is_found(name: str, source: str, words: str) -> None:
    (found,) = rules.wrong_layers([module(name, source), ENGINE, TENSOR, WINDOW], LAYER_EXCEPTIONS)
    assert words in found


def test_right_layers_pass() -> None:
    good = [
        module(
            "gradviz.ui.x", "import numpy, json\nfrom PyQt6 import QtCore\nfrom gradviz.engine import tensor"
        ),
        module("gradviz.app.x", "from ..engine.tensor import Tensor\nfrom gradviz.assets import y"),
        module("gradviz.app.cli", "def main():\n    from gradviz.ui import window"),
    ]
    assert rules.wrong_layers([*good, ENGINE, TENSOR, WINDOW], LAYER_EXCEPTIONS) == []


def test_a_cycle_is_found() -> None:
    ring = [
        module("gradviz.engine", "from .a import A", package=True),
        module("gradviz.engine.a", "from . import b"),
        module("gradviz.engine.b", "from gradviz.engine import A"),
        module("gradviz.engine.c", "from .a import A"),
    ]
    assert rules.import_cycles(ring) == ["gradviz.engine <-> gradviz.engine.a <-> gradviz.engine.b"]


def test_what_is_not_loaded_at_once_is_no_cycle() -> None:
    pair = [
        module("gradviz.engine.a", "from .b import B"),
        module("gradviz.engine.b", "if TYPE_CHECKING:\n    from .a import A\ndef f():\n    from .a import A"),
    ]
    assert rules.import_cycles(pair) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f():\n    from .tensor import Tensor  # quick", "gradviz.engine.tensor is imported inside"),
        ("class A:\n    def f(self):\n        import numba", "numba is imported inside a function without"),
        ("def f():\n    x = 1  # one\n\n    import numba", "without saying why"),
        ("def f():\n    importlib.import_module('numba')", "without saying why"),
    ],
)
def test_a_hidden_import_is_found(source: str, words: str) -> None:
    (found,) = rules.hidden_imports([module("gradviz.engine.op", source), TENSOR], LAZY_MODULES)
    assert words in found


def test_explained_imports_pass() -> None:
    good = [
        module("gradviz.engine.op", "def f():\n    import numba  # takes 0.2 s"),
        module(
            "gradviz.engine.op", "def f():\n    # takes 0.2 s\n    import numba\n    from numba import njit"
        ),
        module("gradviz.app.cli", "def f():\n    from gradviz.app import run  # loads numpy"),
        module("gradviz.ui.x", "import numba\nclass A:\n    import numpy"),
    ]
    assert rules.hidden_imports(good, LAZY_MODULES) == []


@pytest.mark.parametrize(
    "call",
    ["QMessageBox.question(a)", "dialog.exec()", "QFileDialog.getOpenFileName()", "p.waitForFinished()"],
)
def test_a_blocking_call_is_found(call: str) -> None:
    (found,) = rules.blocking_calls([module("gradviz.ui.x", f"def f():\n    {call}")], {})
    assert "blocks the window" in found
    assert rules.blocking_calls([module("gradviz.ui.x", "dialog.open(); execute()")], {}) == []


def test_long_files_and_classes_are_found() -> None:
    assert rules.too_long("x.py", "x = 1\n" * 320) == []
    assert rules.too_long("x.py", "x = 1\n" * 321) == ["x.py:1: 321 lines, more than 320"]
    assert rules.too_long("x.py", "# Generated by make.py\n" + "x = 1\n" * 321) == []
    assert rules.too_long("x.py", "class A:\n" + "    x = 1\n" * 219) == []
    assert rules.too_long("x.py", "class A:\n" + "    x = 1\n" * 220) == [
        "x.py:1: class A has 221 lines, over 220"
    ]


@pytest.mark.parametrize(
    "place", ["/ro" + "ot/venv", "/wo" + "rk/main", "/home/" + "ada/x", "C:" + "\\Users\\ada"]
)
def test_a_machine_path_is_found(place: str) -> None:
    assert rules.machine_paths("notes.md", f"see `{place}`") == [f"notes.md:1: see `{place}`"]


@pytest.mark.parametrize(
    "text", ["https://example.org/work/x", "docs/work/x", "$HOME/x", "/usr/share/fonts", "/tmp/x"]
)
def test_other_paths_pass(text: str) -> None:
    assert rules.machine_paths("notes.md", text) == []
