"""One element written out: the right numbers, signs and brackets, folded where it would be too long."""

import math
import re
from collections.abc import Iterator

import gradviz.engine.ops  # noqa: F401  (fills the registry)
import numpy as np
import pytest
from gradviz.engine.element import SCALAR_FUNCTIONS, Call, Expr, Ref, evaluate
from gradviz.engine.op import REGISTRY, Op, Sample

from gradviz.app.element_names import in_names
from gradviz.app.element_numbers import TERMS, written_out
from gradviz.app.i18n import set_language

X = np.array([0.5, -2.0, 3.0, 0.0, 1e-7])
W = np.array([4.0, 0.25, -1.0, 8.0, 2.0])


def ref(i: int, which: int = 0) -> Ref:
    return Ref(which, (i,))


def write(expr: Expr, strong: frozenset[int] = frozenset()) -> str:
    """The line without its left side."""
    return written_out("$y =$", expr, [X, W], evaluate(expr, [X, W]), strong).removeprefix("$y =$ ")


@pytest.mark.parametrize(
    ("expr", "tex"),
    [
        (Call("mul", (ref(0), ref(1))), r"$0.5 \cdot (-2)$ $= -1$"),
        (Call("mul", (ref(1), ref(0))), r"$-2 \cdot 0.5$ $= -1$"),
        (Call("sub", (ref(0), ref(1))), r"$0.5$ $+\,2$ $= 2.5$"),
        (Call("sub", (ref(0), Call("add", (ref(1), ref(2))))), r"$0.5$ $+\,2$ $-\,3$ $= -0.5$"),
        (Call("mul", (ref(0), Call("sub", (1.0, ref(2))))), r"$0.5 \cdot (1 -\,3)$ $= -1$"),
        (Call("neg", (ref(1),)), r"$-(-2)$ $= 2$"),
        (Call("neg", (Call("mul", (ref(0), ref(2))),)), r"$-(0.5 \cdot 3)$ $= -1.5$"),
        (Call("pow", (ref(1), 2.0)), r"$(-2)^{2}$ $= 4$"),
        (Call("div", (ref(1), ref(2))), r"$\dfrac{-2}{3}$ $= -0.6667$"),
        (Call("exp", (Call("neg", (ref(0),)),)), r"$e^{-0.5}$ $= 0.6065$"),
        (Call("sqrt", (ref(2),)), r"$\sqrt{3}$ $= 1.732$"),
        (Call("relu", (ref(1),)), r"$\max(0,\,-2)$ $= 0$"),
        (Call("tanh", (ref(0),)), r"$\tanh(0.5)$ $= 0.4621$"),
        (Call("id", (ref(2),)), "$3$"),
        (Call("gt", (ref(0), 0.0)), r"$[\,0.5 > 0\,]$ $= 1$"),
        (Call("where", (Call("gt", (ref(0), 0.0)), ref(2), 0.0)), r"$3\;\;(0.5 > 0)$ $= 3$"),
        (Call("where", (Call("gt", (ref(1), 0.0)), ref(2), 0.0)), r"$0\;\;(-2 \leq 0)$ $= 0$"),
        (Call("mul", (2.0, ref(4))), r"$2 \cdot 1\times 10^{-7}$ $= 2\times 10^{-7}$"),
        (
            Call("argmax", (ref(0), 7.0, ref(2), 9.0)),
            r"$\arg\max\,\{9: 3,\;7: 0.5\}$ $= 9$",
        ),
    ],
)
def test_examples(expr: Expr, tex: str) -> None:
    assert write(expr) == tex


def test_upstream_gradients_are_bold_and_keep_their_sign_outside() -> None:
    product = Call("mul", (ref(1), ref(0, 1)))
    assert write(product, frozenset({0})) == r"$-\mathbf{2} \cdot 4$ $= -8$"
    assert write(Call("add", (ref(0, 1), product)), frozenset({0})) == (r"$4$ $-\,\mathbf{2} \cdot 4$ $= -4$")


def long_sum(values: list[float]) -> str:
    array = np.array(values)
    expr = Call("add", tuple(Ref(0, (i,)) for i in range(len(values))))
    return written_out("$y =$", expr, [array], float(array.sum()))


def test_few_terms_keep_the_order_of_the_formula() -> None:
    assert long_sum([1.0, -3.0, 2.0]) == r"$y =$ $1$ $-\,3$ $+\,2$ $= 0$"


def test_of_many_terms_the_largest_come_first_and_the_rest_is_summed() -> None:
    line = long_sum([1, 2, 3, -40, 5, 6, 7, 8, 9])
    assert line == (
        r"$y =$ $-40$ $+\,9$ $+\,8$ $+\,7$ $+\,6$ $+\,5$ "
        "$+\\,6$ (…\u00a03\u00a0more\u00a0terms) $= 1$"
    )
    assert line.count(r"$+\,") + line.count(r"$-4") == TERMS + 1


def test_a_nan_is_never_folded_away() -> None:
    assert r"\mathrm{NaN}" in long_sum([*([100.0] * 20), math.nan]).split("(…")[0]


def test_folded_terms_are_counted_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("zh_CN")
    try:
        assert "(…" in long_sum([1.0] * 9)
    finally:
        set_language("en")


def test_a_small_change_of_a_large_number_stays_visible() -> None:
    line = written_out(
        "$w =$",
        Call("sub", (Ref(0, ()), Ref(1, ()))),
        [np.array(-0.198904648), np.array(-4.611e-7)],
        -0.198904187,
    )
    assert line == r"$w =$ $-0.198904648$ $+\,4.611\times 10^{-7}$ $= -0.198904187$"


def test_a_chain_of_100000_terms() -> None:
    expr: Expr = Ref(0, (0,))
    values = np.ones(3)
    for _ in range(100_000):
        expr = Call("add", (expr, Ref(0, (1,)))) if not isinstance(expr, float) else expr
    flat = Call("add", tuple(Ref(0, (i % 3,)) for i in range(100_000)))
    assert "99994" in written_out("$y =$", flat, [values], 100_000.0).replace("\u00a0", " ")


def samples() -> Iterator[tuple[Op, Sample]]:
    rng = np.random.default_rng(3)
    for op in REGISTRY.values():
        for sample in op.samples(rng):
            yield op, sample


def test_every_scalar_function_can_be_written() -> None:
    for name, function in SCALAR_FUNCTIONS.items():
        count = function.__code__.co_argcount if hasattr(function, "__code__") else 1
        expr = Call(name, tuple(Ref(0, (i,)) for i in range(count or 2)))
        text = written_out("$y =$", expr, [np.array([0.25, 0.5, 0.75])], 1.0)
        assert text.count("$") % 2 == 0, name
        assert "{" not in re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", re.sub(r"\\[{}]", "", text))), (
            name
        )


def test_every_op_writes_the_result_that_its_kernel_computed() -> None:
    written = set()
    for op, sample in samples():
        out = run(op, sample)
        if not out.size:
            continue
        index = tuple(int(i) for i in np.unravel_index(out.size // 2, out.shape))
        expr = op.element(index, *sample.inputs, **sample.attrs)
        line = written_out("$y =$", expr, list(sample.inputs), float(out[index]))
        assert line.startswith("$y =$ $")
        assert line.count("$") % 2 == 0
        assert line.count("{") == line.count("}")
        written.add(op.name)
    assert written >= set(REGISTRY) - {"dropout_mask"}


def run(op: Op, sample: Sample) -> np.ndarray:
    from gradviz.engine.dtypes import dtype_named  # after the ops, which the module needs
    from gradviz.engine.op import Spec

    specs = [Spec(x.shape, dtype_named(x.dtype.name)) for x in sample.inputs]
    return op.kernel(op.spec(*specs, **sample.attrs), *sample.inputs, **sample.attrs)


def test_names_take_the_place_of_numbers_and_constants_stay_numbers() -> None:
    inputs = [np.array(5.0), np.array(2.0)]
    square = Call("pow", (Ref(0, ()), Ref(1, ())))
    assert in_names(square, inputs, ["v", None]) == "$v^{2}$"
    total = Call("add", (Ref(0, ()), Ref(1, ())))
    assert in_names(total, inputs, ["w_1", "u"]) == r"$\mathrm{w\_1} +\,u$"
