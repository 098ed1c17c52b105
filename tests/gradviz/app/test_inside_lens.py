"""The lens without a screen: lit cells and factors are the ops' local derivatives, both ways."""

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.rerun import AbandonedError

import gradviz as torch
import gradviz.nn.functional as F
from gradviz.app.inside.lens import made_from, reached, summary
from gradviz.app.inside.receptive import depends, receptive_field
from gradviz.models import resnet18
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def instr_of(program: Program, op: str, nth: int = 0) -> int:
    return [i for i, instr in enumerate(program.instrs) if instr.op == op][nth]


def test_a_cell_of_a_convolution_reads_a_patch_with_the_weights_as_factors(program: Program) -> None:
    index = instr_of(program, "conv2d")
    x, weight = (program.values[slot] for slot in program.instrs[index].inputs[:2])
    pixels, weights, bias = made_from(program, index, (0, 3, 5, 11))
    assert pixels == {(0, 0, 5 + i, 11 + j): float(weight[3, 0, i, j]) for i in range(5) for j in range(5)}
    assert weights == {(3, 0, i, j): float(x[0, 0, 5 + i, 11 + j]) for i in range(5) for j in range(5)}
    assert bias == {(3,): 1.0}
    told = summary(pixels)
    assert (told.cells, told.counting) == (25, 25)
    assert told.factor == weight[3, 0].ravel()[np.abs(weight[3, 0]).argmax()]


def test_a_pixel_reaches_the_outputs_whose_kernel_lies_over_it(program: Program) -> None:
    index = instr_of(program, "conv2d")
    weight = program.values[program.instrs[index].inputs[1]]
    factors = reached(program, index, 0, (0, 0, 7, 9))
    expected = {
        (0, c, 7 - i, 9 - j): float(weight[c, 0, i, j]) for c in range(6) for i in range(5) for j in range(5)
    }
    assert factors == pytest.approx(expected)


@pytest.mark.parametrize(
    "op", ["conv2d_input_grad", "conv2d_weight_grad", "mm", "max_pool2d_backward", "sum"]
)
def test_upstream_gradients_reach_gradients(program: Program, op: str) -> None:
    """The two directions agree: what a cell reaches is made from that cell, by the same factor."""
    rng, index = np.random.default_rng(1), instr_of(program, op)
    instr = program.instrs[index]
    shape = program.slots[instr.inputs[0]].shape
    cell = tuple(int(rng.integers(n)) for n in shape)
    factors = reached(program, index, 0, cell)
    for place, factor in list(factors.items())[:5]:
        assert made_from(program, index, place)[0][cell] == pytest.approx(factor, rel=1e-5)


CALLS = {
    "strided": lambda x: F.conv2d(x, torch.ones(2, 3, 2, 2), stride=2, padding=1, dilation=2),
    "avg_pool": lambda x: F.avg_pool2d(x, 3, stride=2, padding=1),
    "max_pool": lambda x: F.max_pool2d(x, 2),
    "broadcast": lambda x: x[:, :1] * torch.arange(3.0).reshape(1, 3, 1, 1),
    "reduce": lambda x: x.mean((0, 2)),
    "softmax": lambda x: F.softmax(x, 1),
    "norm": lambda x: F.layer_norm(x, (4,)),
    "indexing": lambda x: x[:, [2, 0], 1:],
    "matmul": lambda x: x @ torch.ones(4, 2),
    "var": lambda x: x.var(1),
    "square": lambda x: x * x,
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_both_directions_agree(name: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    with record() as recorder:
        CALLS[name](x)
    made, rng = recorder.program(), np.random.default_rng(0)
    compared = 0
    for index, instr in enumerate(made.instrs):
        for position, slot in enumerate(instr.inputs):
            if made.values[slot].dtype.kind != "f" or not made.slots[slot].requires_grad:
                continue
            cell = tuple(int(rng.integers(n)) for n in made.slots[slot].shape)
            factors = reached(made, index, position, cell)
            for place in np.ndindex(made.slots[instr.output].shape):
                back = made_from(made, index, place)
                both = sum(back[i].get(cell, 0.0) for i, each in enumerate(instr.inputs) if each == slot)
                assert factors.get(place, 0.0) == pytest.approx(both, rel=1e-4, abs=1e-5)
                compared += 1
    assert compared


def test_the_receptive_field_of_a_late_feature(program: Program) -> None:
    """conv 5×5, pool 2×2, conv 5×5: a cell sees 14 × 14 pixels; after the second pool 16 × 16."""
    pixel = program.instrs[0].inputs[0]
    second = program.instrs[instr_of(program, "conv2d", 1)].output
    field = receptive_field(program, second, (0, 4, 3, 2), pixel)
    assert not field.whole
    expected = np.zeros((32, 32), bool)
    expected[6:20, 4:18] = True
    assert np.array_equal(field.cells[0, 0], expected)
    assert field.size == 14 * 14
    assert not (field.slopes[0, 0][~expected]).any()  # what is not seen does not count
    pooled = program.instrs[instr_of(program, "max_pool2d", 1)].output
    assert receptive_field(program, pooled, (0, 1, 0, 0), pixel).size == 16 * 16


def test_its_slopes_are_what_backward_computes() -> None:
    torch.manual_seed(0)
    x, w = torch.randn(1, 2, 6, 6, requires_grad=True), torch.randn(3, 2, 3, 3)
    with record() as recorder:
        out = torch.tanh(F.conv2d(x, w))
        F.max_pool2d(out, 2)[0, 1, 0, 1].backward()
    made = recorder.program()
    pixel = next(slot for slot, row in enumerate(made.slots) if row.shape == (1, 2, 6, 6))
    pooled = next(i.output for i in made.instrs if i.op == "max_pool2d")
    field = receptive_field(made, pooled, (0, 1, 0, 1), pixel)
    assert x.grad is not None
    np.testing.assert_allclose(field.slopes, x.grad.numpy(), rtol=1e-5, atol=1e-7)
    assert field.size == 2 * 4 * 4
    assert depends(made, pooled, pixel)
    assert not depends(made, pixel, pooled)


def test_it_is_the_same_without_following_each_read(program: Program) -> None:
    """A layer with many reads is looked at as a whole, at random numbers."""
    pixel = program.instrs[0].inputs[0]
    second = program.instrs[instr_of(program, "conv2d", 1)].output
    slow, quick = (receptive_field(program, second, (0, 4, 3, 2), pixel, most=n) for n in (10**6, 700))
    assert np.array_equal(slow.cells, quick.cells)
    logits = program.instrs[instr_of(program, "linear", 2)].output
    field = receptive_field(program, logits, (0, 1), pixel)
    assert not field.whole
    assert field.size == 32 * 32
    with pytest.raises(AbandonedError):
        receptive_field(program, logits, (0, 1), pixel, progress=lambda done, of: False)


@pytest.mark.slow
def test_the_first_block_of_resnet18_sees_a_patch() -> None:
    torch.manual_seed(0)
    net, x = resnet18(num_classes=10), torch.randn(1, 3, 64, 64)
    net.eval()  # the means of a batch would look at the whole image
    with record() as recorder:
        net(x)
    made = recorder.program()
    convs = [instr for instr in made.instrs if instr.op == "conv2d"]
    pixels = convs[0].inputs[0]
    field = receptive_field(made, convs[2].output, (0, 5, 8, 8), pixels)
    # 7×7 with stride 2, pool 3×3 with stride 2, two convolutions 3×3: 7 + 2·2 + 2·2·4 = 27
    assert field.size == 3 * 27 * 27
    assert not field.whole
