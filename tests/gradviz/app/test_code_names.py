"""Beside each line stands what its variables hold at the moment, and which slots a line names."""

from pathlib import Path

import pytest
from gradviz.engine.program import Phase, Program

import gradviz as torch
from gradviz.app.code_lines import CodeMap, gradient_text, value_text
from gradviz.app.code_names import assignments
from gradviz.app.recording import Recording
from gradviz.app.state import StateView
from tests.gradviz.app.scripts import MANUAL, TRAINING, Script


def test_assignments_are_read_from_the_text() -> None:
    found = assignments(
        "x = 1\n"
        "y, (z, self.w) = f(\n"
        "    x)\n"
        "x += y\n"
        "for a, b in data:\n"
        "    a = b\n"
        "n: int = -x\n"
        "n: int\n"
        "d['k'] = f(x)\n"
        "f(x)\n"
    )
    assert {line: row.names for line, row in found.items()} == {
        1: ("x",),
        2: ("y", "z", "self.w"),
        3: ("y", "z", "self.w"),
        4: ("x",),
        5: ("a", "b"),
        6: ("a",),
        7: ("n",),
    }
    assert [found[line].computed for line in (1, 2, 4, 6, 7)] == [False, True, True, False, True]
    assert (found[3].first, found[3].last) == (2, 3)


@pytest.mark.parametrize("text", ["x = (", "", "\0", "x = " + "(" * 500])
def test_text_that_is_no_python_assigns_nothing(text: str) -> None:
    assert assignments(text) == {}


def script(tmp_path: Path, text: str) -> tuple[Program, Recording, str]:
    recording = Script(tmp_path)(text).recording
    (file,) = recording.sources
    return recording.iterations[0].program, recording, file


def line_of(recording: Recording, file: str, text: str) -> int:
    return next(n for n, row in enumerate(recording.sources[file].split("\n"), 1) if text in row)


def test_a_script_of_numbers(tmp_path: Path) -> None:
    program, recording, file = script(tmp_path, MANUAL)
    code = CodeMap(program, recording.sources)
    texts = ("w = torch", "y =", "loss =", "w -=", "x = torch")
    rows = {text: line_of(recording, file, text) for text in texts}

    start = code.notes(file, StateView(program, 0))
    assert [note.text for note in start[rows["w = torch"]]] == ["w = 2"]
    assert rows["y ="] not in start

    middle = next(i for i, x in enumerate(program.instrs) if x.site.phase is Phase.BACKWARD)
    notes = code.notes(file, StateView(program, middle))
    assert [note.text for note in notes[rows["y ="]]] == ["y = 6.5"]
    assert [note.text for note in notes[rows["loss ="]]] == ["loss = 30.25"]

    last = max(i for i, x in enumerate(program.instrs) if x.site.phase is Phase.BACKWARD)
    (w,) = code.notes(file, StateView(program, last + 1))[rows["w = torch"]]
    assert (w.text, w.gradient) == ("w = 2", "∂ 33")  # 2 · 5.5 · 3

    end = code.notes(file, StateView(program, len(program)))
    assert [note.text for note in end[rows["w = torch"]]] == ["w = 1.67"]  # 2 − 0.01 · 33
    assert end[rows["y ="]][0].gradient == "∂ 11"
    assert [note.text for note in end[rows["w -="]]] == ["w = 1.67"]
    assert end[rows["x = torch"]][0].text == "x = 3"
    slot = program.bound("w", 0)
    assert code.next_slot((file, rows["w = torch"]), None) == slot


def test_a_statement_holds_its_result_only_when_it_has_ended(tmp_path: Path) -> None:
    program, recording, file = script(tmp_path, MANUAL)
    line = line_of(recording, file, "y =")
    code = CodeMap(program, recording.sources)
    indices = [i for i in code.instrs[file, line] if program.instrs[i].site.phase is Phase.FORWARD]
    assert [program.instrs[i].op for i in indices] == ["mul", "add"]
    texts = [code.notes(file, StateView(program, i + 1))[line][0].text for i in indices]
    assert texts == ["→ 6", "y = 6.5"]


def test_what_a_model_returns_is_found_by_its_name(tmp_path: Path) -> None:
    program, recording, file = script(tmp_path, TRAINING)
    code = CodeMap(program, recording.sources)
    notes = code.notes(file, StateView(program, len(program)))
    (out,) = notes[line_of(recording, file, "out = net(X)")]
    slot = next(n for n, row in enumerate(program.slots) if row.name == "out")
    total = program.gradient_slot(slot)
    assert total is not None
    assert out.text == f"out: {value_text(program.values[slot])}"
    assert out.gradient == gradient_text(program.values[total])
    weight, bias = notes[line_of(recording, file, "self.fc2 = nn.Linear")]
    assert (weight.name, bias.name) == ("weight", "bias")
    assert weight.gradient
    assert bias.gradient


def test_an_attribute_that_several_modules_have_names_none() -> None:
    class Part(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = torch.nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(x)

    net = torch.nn.Sequential(Part(), Part())
    with torch.record() as recorder:
        net(torch.ones(1, 2)).sum().backward()
    program = recorder.program()
    code = CodeMap(program, {"a.py": "self.fc = nn.Linear(2, 2)\n"})
    assert code.notes("a.py", StateView(program, len(program))) == {}
    assert code.leaves(("a.py", 1)) == []
