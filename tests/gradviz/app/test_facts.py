"""What the inspector is told about a real recorded iteration is what the program holds, at every moment."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Phase, Program, SlotKind

from gradviz.app.facts import Facts, FactsCache, facts_for, instr_facts, numbers_for_element, slot_facts
from gradviz.app.gradient_facts import carriers, gradient_story
from gradviz.app.i18n import set_language
from gradviz.app.instr_facts import input_labels
from gradviz.app.names import name_of
from gradviz.app.numerals import tex_number
from gradviz.app.recording import parameter_slots
from gradviz.app.session import Session
from gradviz.app.state import StateView
from gradviz.app.symbols import gradient_side, left_side
from tests.programs import lenet_like, neuron
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


def facts_at(program: Program, index: int, moment: int | None = None) -> Facts:
    state = StateView(program, len(program) if moment is None else moment)
    return slot_facts(state, program.instrs[index].output, FactsCache())


def find(program: Program, op: str, module: str = "") -> int:
    return next(
        i for i, instr in enumerate(program.instrs) if instr.op == op and module in ("", instr.site.module)
    )


# The formula with numbers.


def test_scalars_are_written_with_the_names_of_the_script_first() -> None:
    program = neuron()
    assert numbers_for_element(program, find(program, "tanh"), ()).startswith(
        r"o $=$ $\tanh(n)$ $=$ $\tanh(0.88"
    )


def result(line: str) -> float:
    """The number at the end of a line."""
    last = re.findall(r"\$(?:= )?([^$]*)\$$", line)[-1]
    mantissa, _, power = re.sub(r"\\mathbf\{(.*)\}", r"\1", last).partition(r"\times 10^{")
    return float(f"{mantissa}e{power.rstrip('}') or 0}")


def test_every_instruction_ends_with_the_number_that_the_engine_computed(program: Program) -> None:
    for index, instr in enumerate(program.instrs):
        value = program.values[instr.output]
        for place in (0, value.size // 2, value.size - 1):
            element = tuple(int(i) for i in np.unravel_index(place, value.shape))
            line = numbers_for_element(program, index, element)
            assert result(line) == pytest.approx(float(value[element]), rel=6e-4), (index, line)


def test_the_shown_element_is_the_largest(program: Program) -> None:
    facts = facts_at(program, find(program, "conv2d"))
    assert facts.element is not None
    assert abs(facts.output.value[facts.element]) == np.abs(facts.output.value).max()  # type: ignore[index]


def test_an_element_reads_its_patch(program: Program) -> None:
    index = find(program, "conv2d", "conv1")
    state = StateView(program, index + 1)
    facts = slot_facts(state, program.instrs[index].output, FactsCache(), (0, 3, 5, 11))
    image, weight, bias = facts.reads
    assert image == {(0, 0, 5 + i, 11 + j) for i in range(5) for j in range(5)}
    assert weight == {(3, 0, i, j) for i in range(5) for j in range(5)}
    assert bias == {(3,)}
    assert "20\u00a0more\u00a0terms" in facts.numbers


def test_upstream_gradients_are_bold_in_backward_and_update(program: Program) -> None:
    for index, instr in enumerate(program.instrs):
        line = facts_at(program, index).numbers
        if instr.site.phase in (Phase.FORWARD, Phase.LOSS, Phase.ZERO_GRAD):
            assert r"\mathbf" not in line
    assert r"\mathbf" in facts_at(program, find(program, "conv2d_weight_grad")).numbers
    update = next(i for i, instr in enumerate(program.instrs) if instr.site.phase is Phase.UPDATE)
    assert r"\mathbf" in facts_at(program, update).numbers


def test_numbers_of_an_unknown_op_are_its_value() -> None:
    program = lenet_like()
    index = find(program, "max_pool2d_grad")
    element = (0,) * program.values[program.instrs[index].output].ndim
    line = numbers_for_element(program, index, element)
    assert line.endswith(f"${tex_number(float(program.values[program.instrs[index].output][element]))}$")


# What it says.


def test_every_instruction_is_explained_in_both_languages(program: Program, chinese: None) -> None:
    for index, instr in enumerate(program.instrs):
        said = instr_facts(program, index)
        assert said.sentence == REGISTRY[instr.op].says["zh"]
        set_language("en")
        assert instr_facts(program, index).sentence == REGISTRY[instr.op].says["en"]
        set_language("zh_CN")
        assert said.formula == REGISTRY[instr.op].formula
        assert said.file
        assert said.line > 0


def test_module_attributes_and_inputs(program: Program) -> None:
    facts = facts_at(program, find(program, "conv2d", "conv1"))
    assert facts.title == "conv1 · conv2d"
    assert facts.instr is not None
    assert facts.instr.module_description == "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))"
    assert facts.instr.attributes == (("stride", "(1, 1)"), ("padding", "(0, 0)"))
    assert [item.label for item in facts.inputs] == ["x", "w", "b"]
    assert [item.name for item in facts.weights] == ["conv1.weight", "conv1.bias"]
    assert facts.inputs[0].shape == (1, 1, 32, 32)


def test_optional_and_repeated_inputs_have_names() -> None:
    assert input_labels(REGISTRY["linear"], 3)[-1] == "b"
    many = next(op for op in REGISTRY.values() if op.name == "cat")
    assert len(set(input_labels(many, 3))) == 3
    assert input_labels(None, 2) == ("x1", "x2")


# Time.


def test_nothing_is_known_before_it_is_computed(program: Program) -> None:
    for index, instr in enumerate(program.instrs):
        facts = facts_at(program, index, moment=index)
        assert facts.output.value is None
        assert facts.output.statistics is None
        assert facts.element is None
        assert facts.numbers == ""
        assert facts_at(program, index, moment=index + 1).output.value is program.values[instr.output]


def test_gradients_appear_when_they_are_summed_up(program: Program) -> None:
    for slot, rows in program.gradients.items():
        for n, row in enumerate(rows):
            ready = program.producers[row.total] + 1
            before = slot_facts(StateView(program, ready - 1), slot, FactsCache()).gradient
            after = slot_facts(StateView(program, ready), slot, FactsCache()).gradient
            assert before is not None
            assert after is not None
            assert before.value is (None if n == 0 else program.values[rows[n - 1].total])
            assert after.value is program.values[row.total]


def test_contributions_add_up_to_the_gradient() -> None:
    program = neuron()
    state = StateView(program, len(program))
    for slot in program.gradients:
        facts = slot_facts(state, slot, FactsCache(), ())
        assert facts.contributions
        assert all(row.arrived for row in facts.contributions)
        terms = [row.term for row in facts.contributions]
        assert sum(term for term in terms if term is not None) == pytest.approx(facts.contributions[-1].total)


def test_contributions_to_come_are_listed_without_numbers(program: Program) -> None:
    slot = program.instrs[find(program, "conv2d")].output
    facts = slot_facts(StateView(program, find(program, "conv2d") + 1), slot, FactsCache())
    (row,) = facts.contributions
    assert (row.op, row.arrived, row.term) == ("relu", False, None)


# The story of a backward instruction.


def test_story_of_a_weight_gradient(program: Program) -> None:
    index = find(program, "conv2d_weight_grad", "conv1")
    story = gradient_story(StateView(program, index + 1), index)
    assert story is not None
    origin = program.instrs[story.origin]
    assert (origin.op, origin.site.module) == ("conv2d", "conv1")
    assert story.target is not None
    assert name_of(program, story.target) == "conv1.weight"
    assert (story.stage, story.step, story.steps) == ("contribution", 1, 1)
    assert story.upstream == program.gradients[origin.output][-1].total
    assert story.contribution == program.instrs[index].output
    assert story.local == REGISTRY["conv2d"].derivatives[1]


def test_every_contribution_is_told_and_starts_from_the_upstream_gradient(program: Program) -> None:
    for row in program.contributions:
        index = program.producers[row.grad]
        if program.instrs[index].site.origin != row.instr:
            continue
        story = gradient_story(StateView(program, index + 1), index)
        assert story is not None
        assert story.target == row.slot
        assert story.upstream is not None
        assert story.upstream in carriers(program, index)


def test_forward_instructions_have_no_story(program: Program) -> None:
    index = find(program, "conv2d")
    assert gradient_story(StateView(program, index + 1), index) is None


def test_gradient_tab_of_backward_shows_what_is_summed_up(program: Program) -> None:
    index = find(program, "conv2d_weight_grad", "conv1")
    gradient = facts_at(program, index, index + 1).gradient
    assert gradient is not None
    assert gradient.label == "∂L/∂conv1.weight"
    assert gradient.value is program.values[program.instrs[index].output]


# Which facts.


def test_facts_follow_the_cursor_and_then_the_selection(session: Session) -> None:
    assert facts_for(Session()) is None
    assert session.timeline is not None
    assert session.program is not None
    start = facts_for(session)  # nothing has run: the image
    assert start is not None
    assert (start.instr, start.title, start.selected) == (None, "x", False)
    session.timeline.go(11)
    facts = facts_for(session)
    assert facts is not None
    assert facts.instr is not None
    assert (facts.instr.index, facts.selected) == (10, False)
    slot = session.program.instrs[14].output
    session.select_slot(slot)
    facts = facts_for(session)
    assert facts is not None
    assert facts.instr is not None
    assert (facts.instr.index, facts.selected, facts.output.value) == (14, True, None)


def test_chosen_element_is_kept(session: Session) -> None:
    assert session.timeline is not None
    assert session.program is not None
    index = find(session.program, "conv2d")
    session.timeline.go(index + 1)
    session.select_slot(session.program.instrs[index].output)
    session.select_element((0, 1, 2, 3))
    facts = facts_for(session)
    assert facts is not None
    assert facts.element == (0, 1, 2, 3)


def test_values_from_outside(session: Session) -> None:
    program = session.program
    assert program is not None
    slot = parameter_slots(program)["conv1.bias"][0]
    facts = slot_facts(StateView(program, 0), slot, FactsCache(), (2,), selected=True)
    assert facts.instr is None
    assert facts.title == "conv1.bias"
    assert facts.output.kind is SlotKind.PARAMETER
    assert facts.numbers == f"conv1.bias[2] $=$ ${tex_number(float(program.values[slot][2]))}$"


def test_names_of_updated_weights_and_gradients(program: Program) -> None:
    for name, (before, after) in parameter_slots(program).items():
        assert name_of(program, before) == name
        assert name_of(program, after) == name


# Left sides.


@pytest.mark.parametrize(
    ("name", "formula", "index", "left"),
    [
        ("", "z = x + y", (0, 3), "$z_{0,3} =$"),
        ("", r"y_{n,o} = \sum_i x_i", (1, 2), "$y_{1,2} =$"),
        ("", r"\dfrac{a}{b} = 1", (), "$y =$"),
        ("loss", "L = 1", (), "loss $=$"),
        ("w$x", "", (0,), r"w\$x[0] $=$"),
    ],
)
def test_left_sides(name: str, formula: str, index: tuple[int, ...], left: str) -> None:
    assert left_side(name, formula, index) == left


def test_left_sides_of_gradients() -> None:
    assert gradient_side("fc.weight", "w", (0, 1), 1, 1) == "∂L/∂fc.weight[0,1] $=$"
    assert gradient_side("", "x", (2,), 1, 1) == r"$\dfrac{\partial L}{\partial x_{2}} =$"
    assert gradient_side("a", "x", (), 2, 3) == "term\u00a02\u00a0of ∂L/∂a $=$"
