"""What an optimizer computes, written as a learner would: "conv1.weight − 0.01 · conv1.weight.grad"."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.engine.program import Instr, Program, SlotKind

from .numerals import number

_DEPTH = 8
_LONG = 90  # characters

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_INFIX = {
    "add": ("{} + {}", _SUM),
    "sub": ("{} − {}", _SUM),
    "mul": ("{} · {}", _PRODUCT),
    "div": ("{} / {}", _PRODUCT),
    "neg": ("−{}", _PRODUCT),
    "pow": ("{} ^ {}", _POWER),
    "sqrt": ("√{}", _POWER),
}
_STRICT = {"sub", "div", "pow", "neg", "sqrt"}  # their last operand needs brackets at the same rank


class Arithmetic:
    """Writes instructions of the update phase as formulas over names and numbers."""

    def __init__(self, program: Program, names: Mapping[int, str]) -> None:
        self._program = program
        self._names = names

    def text(self, index: int) -> str:
        """The formula of an instruction; unnamed results of the same phase are written out, if short."""
        for depth in range(_DEPTH, 0, -1):
            text, _ = self._call(self._program.instrs[index], depth)
            if len(text) <= _LONG:
                break
        return text

    def _call(self, instr: Instr, depth: int) -> tuple[str, int]:
        pattern, rank = _INFIX.get(instr.op, ("", _ATOM))
        parts = [self._slot(slot, instr, depth - 1) for slot in instr.inputs]
        if not pattern or pattern.count("{}") != len(parts):
            return f"{instr.op}({', '.join(text for text, _ in parts)})", _ATOM
        if instr.op == "mul" and parts[1][0][0].isdigit():  # 0.01 · grad, not grad · 0.01
            parts.reverse()
        operands = []
        for position, (text, inner) in enumerate(parts):
            last = position == len(parts) - 1
            tight = inner < rank or (inner == rank and last and instr.op in _STRICT)
            operands.append(f"({text})" if tight else text)
        return pattern.format(*operands), rank

    def _slot(self, slot: int, reader: Instr, depth: int) -> tuple[str, int]:
        name, producer = self._names.get(slot), self._program.producers[slot]
        info, value = self._program.slots[slot], self._program.values[slot]
        if producer >= 0 and not name:
            instr = self._program.instrs[producer]
            if depth > 0 and instr.site.phase is reader.site.phase:
                return self._call(instr, depth)
        hyper = info.kind is SlotKind.INPUT and not info.requires_grad
        if not value.ndim and (not name or hyper):  # the learning rate says more as a number
            text = number(float(value))
            return text, _PRODUCT if text.startswith("−") else _ATOM
        return name or "…", _ATOM
