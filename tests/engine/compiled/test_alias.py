"""What views show: the usual ones, which are written out, against what the ops' own kernels say."""

import numpy as np
import pytest
from gradviz.engine.compiled import alias
from gradviz.engine.compiled.alias import view_through
from gradviz.engine.compiled.values import Buffer, View, dense_strides
from gradviz.engine.op import REGISTRY

from tests.engine.compiled.test_samples import recorded, samples


@pytest.mark.parametrize("name", sorted(alias._QUICK))
def test_usual_views_are_those_of_the_kernels(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REGISTRY[name].view
    seen = 0
    for sample in samples(name, 0, np.float32):
        program = recorded(name, sample)
        instr = program.instrs[0]
        shape = program.slots[instr.inputs[0]].shape
        buffer = Buffer(4 * int(np.prod(shape)) + 8)
        source = View(buffer, 2, shape, dense_strides(shape), np.dtype(np.float32))
        quick = view_through(source, instr, program)
        with monkeypatch.context() as patch:
            patch.setattr(alias, "_QUICK", {})
            slow = view_through(source, instr, program)
        assert quick is not None
        assert slow is not None
        assert (quick.buffer, quick.offset, quick.shape) == (slow.buffer, slow.offset, slow.shape)
        assert steps(quick) == steps(slow)
        seen += 1
    assert seen


def test_what_does_not_lie_in_order_is_not_reshaped_quickly() -> None:
    """Its elements would come in another order."""
    turned = View(Buffer(24), 0, (2, 3), (1, 2), np.dtype(np.float32))
    assert alias._QUICK["reshape"](turned, (6,)) is None


def steps(view: View) -> list[int]:
    """The strides that matter: those along which there is more than one element."""
    return [stride for size, stride in zip(view.shape, view.strides, strict=True) if size > 1]
