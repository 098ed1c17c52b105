"""Clipping, vectors of parameters, packed sequences and initial values agree with PyTorch."""

import math
import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import rng_for  # noqa: E402
from tests.oracle.same import array_of, close  # noqa: E402

pytestmark = pytest.mark.oracle


def with_gradients(library: Any, arrays: list[np.ndarray]) -> list[Any]:
    parameters = []
    for number, array in enumerate(arrays):
        parameter = library.nn.Parameter(library.tensor(array * 0))
        if number != 1:
            parameter.grad = library.tensor(np.array(array))
        parameters.append(parameter)
    return parameters


@pytest.mark.parametrize("order", [2, 2.0, 1, 0, 3, 0.5, math.inf, -math.inf, "inf", -1])
def test_clipping(order: Any) -> None:
    for n in range(6):
        rng = rng_for(order, n)
        shapes = [tuple(rng.integers(1, 4, int(rng.integers(3)))) for _ in range(4)]
        dtype = rng.choice(["float32", "float64"])
        arrays = [np.asarray(rng.normal(size=shape)).astype(dtype) for shape in shapes]
        if n == 5:
            arrays[0] = arrays[0] * np.nan
        limit = float(rng.choice([0.1, 1, 1000]))
        for call in (
            lambda utils, given, limit=limit: utils.clip_grad_norm_(given, limit, order),
            lambda utils, given, limit=limit: utils.clip_grad_value_(iter(given), limit),
            lambda utils, given: utils.clip_grad_norm_(given[0], 0.5, order, error_if_nonfinite=True),
            lambda utils, given: utils.get_total_norm([each.data + 1 for each in given], order),
        ):
            found, expected = (with_gradients(library, arrays) for library in (gradviz, torch))
            try:
                norm = call(torch.nn.utils, expected)
            except RuntimeError as error:
                with pytest.raises(RuntimeError, match="is non-finite, so it cannot be clipped"):
                    call(gradviz.nn.utils, found)
                assert "non-finite" in str(error)
                continue
            mine = call(gradviz.nn.utils, found)
            if norm is None:
                assert mine is None
            else:
                close(mine, norm)
            for p, q in zip(found, expected, strict=True):
                assert (p.grad is None) == (q.grad is None)
                if q.grad is not None:
                    close(p.grad, q.grad)


def test_vectors_of_parameters() -> None:
    for library in (gradviz, torch):
        net = library.nn.Linear(2, 3)
        vector = library.nn.utils.parameters_to_vector(net.parameters())
        assert vector.requires_grad
        assert vector.tolist() == [*net.weight.flatten().tolist(), *net.bias.tolist()]
        news = library.arange(9.0)
        library.nn.utils.vector_to_parameters(news, net.parameters())
        assert net.weight.tolist() == [[0, 1], [2, 3], [4, 5]]
        assert net.weight.requires_grad
        news.add_(1)
        assert net.bias.tolist() == [7, 8, 9]
        with pytest.raises(TypeError, match="expected torch.Tensor, but got: list"):
            library.nn.utils.vector_to_parameters([1], net.parameters())


def test_sequences() -> None:
    for n in range(40):
        rng = rng_for("sequences", n)
        lengths = [int(k) for k in rng.integers(1, 5, int(rng.integers(1, 5)))]
        tail = tuple(int(k) for k in rng.integers(1, 3, int(rng.integers(3))))
        arrays = [rng.normal(size=(length, *tail)) for length in lengths]
        first, ordered = bool(rng.integers(2)), bool(rng.integers(2))
        side, value = str(rng.choice(["left", "right"])), float(rng.normal())
        total = int(rng.choice([0, 3, 6])) or None

        def padded(t, *xs, first=first, value=value, side=side):
            return t.nn.utils.rnn.pad_sequence(list(xs), first, value, side)

        def packed(t, *xs, ordered=ordered):
            return t.nn.utils.rnn.pack_sequence(list(xs), ordered)

        def unpacked(t, *xs, ordered=ordered, first=first, value=value, total=total):
            rnn = t.nn.utils.rnn
            return rnn.pad_packed_sequence(rnn.pack_sequence(list(xs), ordered), first, value, total)

        def there_and_back(t, *xs, ordered=ordered):
            return t.nn.utils.rnn.unpack_sequence(t.nn.utils.rnn.pack_sequence(list(xs), ordered))

        for call in (padded, packed, unpacked, there_and_back):
            agree(call, *arrays, names=False)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_packed_sequences_through_layers(kind: str) -> None:
    for n in range(6):
        rng = rng_for(kind, n)
        arrays = [rng.normal(size=(int(rng.integers(1, 5)), 2)) for _ in range(int(rng.integers(1, 5)))]
        options = {"num_layers": int(rng.integers(1, 3)), "bidirectional": bool(rng.integers(2))}
        real = getattr(torch.nn, kind)(2, 3, **options).double()
        mine = getattr(gradviz.nn, kind)(2, 3, **options).double()
        mine.load_state_dict({k: gradviz.tensor(array_of(v)) for k, v in real.state_dict().items()})
        rows = options["num_layers"] * (1 + options["bidirectional"])
        state = rng.normal(size=(rows, len(arrays), 3)) if n % 2 else None

        def call(t, *xs, mine=mine, real=real):
            net = real if t is torch else mine
            *xs, h = xs
            packed = t.nn.utils.rnn.pack_sequence(xs, enforce_sorted=False)
            if h is None:
                return net(packed)
            return net(packed, (h, h) if isinstance(net, (torch.nn.LSTM, gradviz.nn.LSTM)) else h)

        agree(call, *arrays, state, names=False)


INITS = {
    "uniform_": (-1.0, 2.0),
    "normal_": (1.0, 0.5),
    "trunc_normal_": (0.5, 1.0, -1.0, 1.0),
    "trunc_normal_ of the tail": (0.0, 1.0, 1.5, 4.0),
    "xavier_uniform_": (1.5,),
    "xavier_normal_": (1.5,),
    "kaiming_uniform_": (0.3, "fan_out"),
    "kaiming_normal_": (0.0, "fan_in", "relu"),
    "orthogonal_": (2.0,),
    "sparse_": (0.33, 0.5),
}


@pytest.mark.parametrize("name", INITS)
def test_initial_values_have_pytorchs_moments(name: str) -> None:
    shape = (400, 300) if name in ("orthogonal_", "sparse_") else (80, 60, 5, 5)
    arrays = []
    for library in (gradviz, torch):
        library.manual_seed(0)
        tensor = library.zeros(*shape, dtype=library.float64)
        result = getattr(library.nn.init, name.split()[0])(tensor, *INITS[name])
        assert result is tensor
        arrays.append(array_of(tensor))
    for measure in (np.mean, np.std, lambda x: np.quantile(x, [0.1, 0.4, 0.9]), lambda x: (x == 0).mean()):
        np.testing.assert_allclose(measure(arrays[0]), measure(arrays[1]), rtol=0.02, atol=0.01)
    if "uniform" in name or "trunc" in name:
        for measure in (np.min, np.max):
            np.testing.assert_allclose(measure(arrays[0]), measure(arrays[1]), rtol=2e-3)


def attempts(library: Any) -> list[Any]:
    init, zeros = library.nn.init, library.zeros
    return [
        *(lambda n=n: init.calculate_gain(n) for n in ("linear", "conv_transpose3d", "tanh", "selu", "elu")),
        *(lambda p=p: init.calculate_gain("leaky_relu", p) for p in (None, 2, 0.5, True, "x")),
        lambda: init.eye_(zeros(2, 3)).tolist(),
        lambda: init.eye_(zeros(2)),
        lambda: init.ones_(zeros(2)).tolist(),
        lambda: init.constant_(zeros(2).long(), 3).tolist(),
        *(lambda s=s, g=g: init.dirac_(zeros(*s) + 1, g).tolist()
          for s in ((4, 2, 3), (3, 4, 2, 3), (2, 2, 3, 1, 2), (3, 2), (4, 2, 2)) for g in (1, 2)),
        lambda: init.orthogonal_(zeros(3)),
        lambda: init.orthogonal_(zeros(0, 3)).tolist(),
        lambda: init.sparse_(zeros(3), 0.5),
        lambda: init.kaiming_uniform_(zeros(0, 3)).tolist(),
        lambda: init.kaiming_normal_(zeros(3)),
        lambda: init.kaiming_normal_(zeros(3, 3), mode="sideways"),
        lambda: init.xavier_normal_(zeros(3)),
        lambda: init.uniform_(zeros(3), 1, 0),
        lambda: init.normal_(zeros(3), 1, -1),
        lambda: init.trunc_normal_(zeros(3), 9, 1, -1, 1).shape,
        lambda: init.zeros_(library.ones(2)).tolist(),
    ]  # fmt: skip


def test_settings_of_initial_values() -> None:
    for mine, real in zip(attempts(gradviz), attempts(torch), strict=True):
        outcomes = []
        for call in (mine, real):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    outcome = repr(call())
                except (ValueError, RuntimeError) as error:
                    outcome = f"{type(error).__name__}: {error}"
            outcomes.append((outcome, [str(each.message) for each in caught]))
        assert outcomes[0] == outcomes[1]
