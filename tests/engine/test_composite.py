"""Functions of several ops have complete entries, and group what they run."""

import pytest
from gradviz.engine.composite import COMPOSITES, composite
from gradviz.engine.program import Phase
from gradviz.engine.recorder import record

import gradviz as torch


@pytest.mark.parametrize("name", sorted(COMPOSITES))
def test_the_entry_is_complete(name: str) -> None:
    entry = COMPOSITES[name]
    assert entry.name == name
    assert entry.formula.strip()
    assert entry.says["en"].endswith(".")
    assert entry.says["zh"].endswith("。")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.says["zh"])


def test_formulas_can_be_typeset() -> None:
    from matplotlib.mathtext import MathTextParser  # takes long to load

    parser = MathTextParser("path")
    for entry in COMPOSITES.values():
        for formula in filter(None, (entry.formula, entry.derivative)):
            parser.parse(f"${formula}$")


def test_what_it_runs_is_grouped() -> None:
    wanted = {"formula": "y = 2 x^2", "en": "Twice the square.", "zh": "平方的两倍。"}
    try:

        @composite("twice_square", phase=Phase.LOSS, **wanted)
        def twice_square(x: torch.Tensor) -> torch.Tensor:
            """2 x²."""
            return 2 * (x * x)

        with record() as recorder:
            twice_square(torch.tensor(3.0, requires_grad=True))
        program = recorder.program()
        with pytest.raises(ValueError, match="there is a composite 'twice_square' already"):
            composite("twice_square", **wanted)(twice_square)
    finally:
        del COMPOSITES["twice_square"]
    assert [instr.site.module for instr in program.instrs] == ["twice_square"] * 2
    assert [instr.site.phase for instr in program.instrs] == [Phase.LOSS] * 2
    assert program.scopes["twice_square"].kind == "function"
    assert twice_square.__doc__ == "2 x²."
