"""Recurrent layers: what they record, packed sequences, and their settings."""

import pytest
from gradviz.engine.program import Phase

import gradviz as torch
import gradviz.nn as nn
from gradviz.nn.utils import rnn


def scopes(net: nn.Module, *shape: int) -> dict[str, str]:
    outer = nn.ModuleDict({"rnn": net})
    with torch.record() as recorder:
        output, _ = outer["rnn"](torch.ones(*shape))
        output.sum().backward()
    program = recorder.program()
    assert {
        instr.site.module.split(".")[0] for instr in program.instrs if instr.site.phase is Phase.FORWARD
    } <= {
        "rnn",
        "",
    }
    return {path: scope.title for path, scope in program.scopes.items()}


def test_each_time_step_is_a_box() -> None:
    assert scopes(nn.GRU(2, 3), 2, 1, 2) == {"rnn": "GRU", "rnn.t0": "gru_cell", "rnn.t1": "gru_cell"}


def test_boxes_of_layers_and_directions() -> None:
    found = scopes(nn.LSTM(2, 3, 2, bidirectional=True), 1, 1, 2)
    assert list(found) == [
        "rnn",
        *("rnn.l0", "rnn.l0.t0", "rnn.l0_reverse", "rnn.l0_reverse.t0"),
        *("rnn.l1", "rnn.l1.t0", "rnn.l1_reverse", "rnn.l1_reverse.t0"),
    ]
    assert found["rnn.l1.t0"] == "lstm_cell"


def test_the_step_knows_its_formula() -> None:
    net = nn.RNN(1, 1)
    with torch.record() as recorder:
        net(torch.ones(1, 1, 1))
    (scope,) = recorder.program().scopes.values()
    assert (scope.path, scope.title, scope.function) == ("t0", "rnn_tanh_cell", "rnn_tanh_cell")


def test_dropout_between_layers_is_a_box() -> None:
    outer = nn.ModuleDict({"rnn": nn.GRU(1, 2, 2, dropout=0.5)})
    with torch.record() as recorder:
        outer["rnn"](torch.ones(1, 1, 1))
    scopes = recorder.program().scopes
    assert scopes["rnn"].function == ""
    assert scopes["rnn.dropout1"].title == "dropout1"


def test_names_and_text() -> None:
    net = nn.LSTM(2, 4, 2, bias=False, batch_first=True, bidirectional=True, proj_size=3)
    assert repr(net) == (
        "LSTM(2, 4, proj_size=3, num_layers=2, bias=False, batch_first=True, bidirectional=True)"
    )
    shapes = {name: tuple(p.shape) for name, p in net.named_parameters()}
    assert shapes == {
        "weight_ih_l0": (16, 2),
        "weight_hh_l0": (16, 3),
        "weight_hr_l0": (3, 4),
        "weight_ih_l0_reverse": (16, 2),
        "weight_hh_l0_reverse": (16, 3),
        "weight_hr_l0_reverse": (3, 4),
        "weight_ih_l1": (16, 6),
        "weight_hh_l1": (16, 3),
        "weight_hr_l1": (3, 4),
        "weight_ih_l1_reverse": (16, 6),
        "weight_hh_l1_reverse": (16, 3),
        "weight_hr_l1_reverse": (3, 4),
    }
    assert [len(weights) for weights in net.all_weights] == [3] * 4
    assert net.all_weights[1][0] is net.weight_ih_l0_reverse
    assert net.flatten_parameters() is None
    assert repr(nn.RNNCell(1, 2, bias=False, nonlinearity="relu")) == (
        "RNNCell(1, 2, bias=False, nonlinearity=relu)"
    )


def test_initial_values_lie_within_the_bound() -> None:
    torch.manual_seed(0)
    for net in (nn.GRU(5, 400), nn.LSTMCell(5, 400)):
        for parameter in net.parameters():
            assert 0.04 < float(parameter.abs().max()) <= 0.05  # 1 / √400
            assert float(parameter.mean()) == pytest.approx(0, abs=4e-3)


def test_dropout_works_between_layers_only() -> None:
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last recurrent layer"):
        nn.GRU(1, 1, dropout=0.5)
    torch.manual_seed(0)
    net, x = nn.RNN(1, 50, 2, dropout=0.5), torch.ones(1, 1, 1)
    assert net(x)[0].tolist() != net(x)[0].tolist()
    net.eval()
    assert net(x)[0].tolist() == net(x)[0].tolist()


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_packed_sequences_give_what_each_gives_alone(kind, bidirectional: bool) -> None:
    net = kind(2, 3, 2, bidirectional=bidirectional).double()
    sequences = [torch.rand(length, 2).double() for length in (2, 4, 1, 4)]
    packed = rnn.pack_sequence(sequences, enforce_sorted=False)
    output, last = net(packed)
    padded, lengths = rnn.pad_packed_sequence(output)
    assert lengths.tolist() == [2, 4, 1, 4]
    for number, sequence in enumerate(sequences):
        alone, end = net(sequence)
        assert torch.allclose(padded[: len(sequence), number], alone)
        assert not padded[len(sequence) :, number].any()
        for mine, theirs in zip(last, end, strict=True) if kind is nn.LSTM else [(last, end)]:
            assert torch.allclose(mine[:, number], theirs)


def test_padding_and_packing() -> None:
    a, b = torch.tensor([1.0, 2, 3]), torch.tensor([4.0])
    padded = rnn.pad_sequence([a, b], batch_first=True, padding_value=-1)
    assert padded.tolist() == [[1, 2, 3], [4, -1, -1]]
    assert rnn.pad_sequence([a, b], padding_side="left").tolist() == [[1, 0], [2, 0], [3, 4]]
    packed = rnn.pack_padded_sequence(padded, [3, 1], batch_first=True)
    assert packed.data.tolist() == [1, 4, 2, 3]
    assert packed.batch_sizes.tolist() == [2, 1, 1]
    assert packed.sorted_indices is None
    back, lengths = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=9.0, total_length=4)
    assert back.tolist() == [[1, 2, 3, 9], [4, 9, 9, 9]]
    assert lengths.tolist() == [3, 1]
    assert [each.tolist() for each in rnn.unpack_sequence(packed)] == [[1, 2, 3], [4]]
    turned = rnn.pack_sequence([b, a], enforce_sorted=False)
    assert turned.data.tolist() == [1, 4, 2, 3]
    assert turned.sorted_indices.tolist() == turned.unsorted_indices.tolist() == [1, 0]
    assert turned.double().data.dtype is torch.float64
    assert turned.double().float().cpu().data.dtype is torch.float32


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda x: rnn.pack_padded_sequence(x, [1, 3]), RuntimeError, "must be sorted in decreasing order"),
        (lambda x: rnn.pack_padded_sequence(x, [3]), RuntimeError, r"got 1 \(batch_size=2\)"),
        (lambda x: rnn.pack_padded_sequence(x, [3, 0]), RuntimeError, "greater than 0"),
        (lambda x: rnn.pack_padded_sequence(x, [4, 1]), RuntimeError, "at most 3, but got 4"),
        (lambda x: rnn.pack_padded_sequence(x[:0], [0, 0]), RuntimeError, "Cannot pack empty tensors"),
        (lambda x: rnn.pad_sequence([x], padding_side="up"), RuntimeError, "left or right, but got up"),
        (lambda x: rnn.pad_sequence([]), RuntimeError, "received an empty list of sequences"),
        (
            lambda x: rnn.pad_sequence([1]),
            TypeError,
            "expected Tensor as element 0 in argument 0",
        ),
        (lambda x: rnn.pad_sequence(1), RuntimeError, "Expected iterable for input sequences, but got arg"),
        (lambda x: rnn.PackedSequence(x), ValueError, "batch_sizes is required"),
        (
            lambda x: rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [3, 1]), total_length=2),
            ValueError,
            "got total_length=2 and max sequence length being 3",
        ),
        (lambda x: nn.GRU(2, 1)(x), ValueError, "GRU: Expected input to be 2D or 3D, got 4D instead"),
    ],
)
def test_mistakes(act, error, message) -> None:
    x = torch.ones(3, 2, 2)
    with pytest.raises(error, match=message):
        act(x if "GRU" not in message else x[None])
