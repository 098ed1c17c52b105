"""The derivatives of element expressions agree with the ops' own gradient rules."""

import numpy as np
import pytest
from gradviz.engine import ops  # noqa: F401  (fills the registry)
from gradviz.engine.autograd import grad
from gradviz.engine.element import SCALAR_FUNCTIONS, Call, Ref, evaluate
from gradviz.engine.element_slopes import PARTIALS, Worked
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY
from gradviz.engine.tensor import Tensor, apply

STEPS = {"argmax", "bitand", "bitnot", "bitor", "bitxor", "ceil", "floor", "round", "trunc", "sign", "place"}
STEPS |= {"and", "or", "not", "lt", "le", "gt", "ge", "eq", "ne"}

# Their elements are written with the other two factors' numbers, which move as well.
PARTIAL = {"svd_left", "svd_right"}


def test_every_scalar_function_that_moves_smoothly_has_derivatives() -> None:
    assert set(SCALAR_FUNCTIONS) - set(PARTIALS) == STEPS


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - PARTIAL))
def test_slopes_agree_with_the_gradient_rules(name: str) -> None:
    op, rng = REGISTRY[name], np.random.default_rng(5)
    for sample in list(op.samples(rng))[:4]:
        if not sample.smooth:
            continue
        inputs = [Tensor._from_node(leaf(np.array(x))) for x in sample.inputs]
        moving = [i for i, x in enumerate(inputs) if x.dtype.is_floating_point and op.differentiable(i)]
        for i in moving:
            inputs[i].requires_grad_()
        out = apply(name, tuple(inputs), sample.attrs)
        if not out.requires_grad or not out.numel():
            continue
        index = tuple(int(rng.integers(n)) for n in out.shape)
        seed = np.zeros(out.shape)
        seed[index] = 1.0
        upstream = Tensor._from_node(leaf(seed.astype(out.dtype.numpy)))
        wanted = grad(out, [inputs[i] for i in moving], upstream, allow_unused=True)
        slopes = Worked(op.element(index, *sample.inputs, **sample.attrs), sample.inputs).slopes()
        for i, rule in zip(moving, wanted, strict=True):
            found = np.zeros(sample.inputs[i].shape)
            for ref, slope in slopes.items():
                if ref.input == i:
                    found[ref.index] = slope
            expected = np.zeros(found.shape) if rule is None else rule.numpy()
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11)


def test_a_shared_part_is_evaluated_once_and_counts_twice() -> None:
    x = np.array([3.0, 1.0])
    off = Call("sub", (Ref(0, (0,)), Ref(0, (1,))))
    worked = Worked(Call("mul", (off, off)), [x])
    assert worked.value == evaluate(worked.expr, [x]) == 4.0
    assert worked.slopes() == {Ref(0, (0,)): 4.0, Ref(0, (1,)): -4.0}


def test_the_branch_that_is_not_taken_does_not_count() -> None:
    x = np.array([0.0])
    ref = Ref(0, (0,))
    chosen = Call("where", (Call("gt", (ref, 0.0)), Call("log", (ref,)), Call("mul", (ref, 2.0))))
    assert Worked(chosen, [x]).slopes() == {ref: 2.0}
