"""Names of places and values lead to the moments and slots that they mean."""

import pytest
from gradviz.engine.program import Phase

from gradviz.app.anchors import AnchorError, Anchors
from tests.programs import lenet_like, neuron, resnet_like

LENET = lenet_like()
ANCHORS = Anchors([LENET, lenet_like(seed=1)])


def test_start_end_and_phases() -> None:
    assert ANCHORS.moment("start") == 0
    assert ANCHORS.moment("end") == len(LENET)
    assert ANCHORS.moment("end", 1) == 2 * len(LENET)
    assert ANCHORS.moment("start", 1) == ANCHORS.start_of(1) == len(LENET)
    last = max(i for i, instr in enumerate(LENET.instrs) if instr.site.phase is Phase.FORWARD)
    assert ANCHORS.moment("forward") == last + 1
    assert ANCHORS.moment("before backward") == ANCHORS.moment("loss")


def test_modules_and_ops() -> None:
    first = next(i for i, instr in enumerate(LENET.instrs) if instr.op == "conv2d")
    assert ANCHORS.moment("forward:conv1") == ANCHORS.moment("forward:conv1/conv2d") == first + 1
    assert ANCHORS.moment("before forward:conv1") == first
    relus = [i for i, instr in enumerate(LENET.instrs) if instr.op == "relu"]
    for number, index in enumerate(relus):
        assert ANCHORS.moment(f"forward:/relu#{number}") == index + 1
    assert ANCHORS.instructions("forward:/relu") == relus
    backward = ANCHORS.instructions("backward:conv1")
    assert {LENET.instrs[i].site.phase for i in backward} == {Phase.BACKWARD}
    assert "conv2d_weight_grad" in {LENET.instrs[i].op for i in backward}
    update = ANCHORS.instructions("update:conv1")
    assert [LENET.instrs[i].op for i in update] == ["mul", "sub"] * 2


def test_modules_within_modules() -> None:
    program = resnet_like()
    anchors = Anchors([program])
    inner = anchors.instructions("forward:layer1.0.conv1")
    outer = anchors.instructions("forward:layer1")
    assert set(inner) < set(outer)
    assert not set(outer) & set(anchors.instructions("forward:layer2"))


def test_values_and_gradients() -> None:
    program = neuron()
    anchors = Anchors([program])
    n = anchors.slot("n")
    assert program.slots[n].name == "n"
    assert anchors.moment("write n") == program.producers[n] + 1
    gradient = program.gradient_slot(n)
    assert gradient is not None
    assert anchors.moment("grad n") == program.producers[gradient] + 1
    assert anchors.grad("n") is program.values[gradient]
    assert anchors.grad("o") == 1
    assert anchors.shape("n") == ()


def test_before_a_gradient_nothing_shows_it_not_even_on_its_way_to_grad() -> None:
    program = neuron()
    anchors = Anchors([program])
    flowing = program.gradient_slot(anchors.slot("w1", 0, "start"))
    assert flowing is not None
    assert program.instrs[anchors.moment("grad w1") - 1].op == "accumulate_grad"
    assert anchors.moment("before grad w1") == program.producers[flowing] < anchors.moment("grad w1") - 1


def test_a_parameter_before_and_after_its_update() -> None:
    before, after = (ANCHORS.value("conv1.weight", when=when) for when in ("start", "end"))
    assert (before != after).any()
    assert ANCHORS.value("conv1.weight", when="backward") is before
    assert ANCHORS.value("conv1.weight", iteration=1, when="start") is not before
    with pytest.raises(AnchorError, match="empty"):
        ANCHORS.grad("conv1.weight", when="forward")
    assert ANCHORS.grad("conv1.weight").shape == (6, 1, 5, 5)


def test_the_outputs_of_ops_are_values_too() -> None:
    assert ANCHORS.shape("conv1/conv2d") == (1, 6, 28, 28)
    assert ANCHORS.shape("forward:/max_pool2d#1") == (1, 16, 5, 5)
    assert ANCHORS.shape("backward:conv2/conv2d_weight_grad") == (16, 6, 5, 5)
    assert ANCHORS.slot("loss") == LENET.loss


@pytest.mark.parametrize(
    "place",
    [
        "",
        "nowhere",
        "sideways:conv1",
        "forward:conv9",
        "forward:/relu#9",
        "forward:conv1#0#1",
        "write x",
        "write nobody",
        "grad x",
        "grad nobody",
        "before start",
        "zero_grad",
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(place: str) -> None:
    with pytest.raises(AnchorError):
        ANCHORS.moment(place)


@pytest.mark.parametrize("iteration", [-1, 2])
def test_an_iteration_that_is_not_there(iteration: int) -> None:
    for look in (ANCHORS.moment, ANCHORS.value, ANCHORS.grad):
        with pytest.raises(AnchorError, match=f"no iteration {iteration}; 2 are recorded"):
            look("loss", iteration)


def test_nothing_recorded() -> None:
    with pytest.raises(AnchorError, match="no iteration"):
        Anchors([]).moment("start")
