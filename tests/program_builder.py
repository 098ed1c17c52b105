"""Writes programs of the form that the recorder gives, without the engine; see tests/programs.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gradviz.engine.program import Binding, Contribution, Instr, Phase, Program, Scope, Site, Slot, SlotKind

Shape = tuple[int, ...]

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "mul": np.multiply,
    "sub": np.subtract,
    "tanh": np.tanh,
    "neg": np.negative,
    "ones_like": np.ones_like,
    "zeros_like": np.zeros_like,
}


class Builder:
    """Writes a program instruction by instruction, and its backward pass by a few rules about shapes."""

    def __init__(self, file: str = "model.py", seed: int = 0) -> None:
        self.file = file
        self.line = 1
        self.module = ""
        self.phase = Phase.FORWARD
        self.instrs: list[Instr] = []
        self.slots: list[Slot] = []
        self.values: list[np.ndarray | None] = []
        self.bindings: list[Binding] = []
        self.contributions: list[Contribution] = []
        self.scopes: dict[str, Scope] = {}
        self.loss: int | None = None
        self.grads: dict[int, int] = {}
        self.stored: dict[int, int] = {}  # .grad of leaves
        self._reads: Counter[int] = Counter()
        self._rng = np.random.default_rng(seed)

    def leaf(
        self,
        shape: Shape,
        name: str = "",
        kind: SlotKind = SlotKind.INPUT,
        requires_grad: bool | None = None,
        dtype: str = "float32",
        value: object = None,
    ) -> int:
        """A slot from outside of the program; parameters and named inputs are bound at this moment."""
        wants = kind is SlotKind.PARAMETER if requires_grad is None else requires_grad
        self.slots.append(Slot(shape, dtype, kind, name, wants))
        self.values.append(None if value is None else np.array(value, dtype=dtype).reshape(shape))
        if name:
            self.bindings.append(Binding(len(self.instrs), name, len(self.slots) - 1))
        return len(self.slots) - 1

    def number(self, value: float) -> int:
        """A Python number in an expression."""
        return self.leaf((), kind=SlotKind.CONSTANT, dtype="float64", value=value)

    def op(
        self,
        name: str,
        inputs: Sequence[int],
        shape: Shape,
        /,
        origin: int = -1,
        called: str = "",
        **attrs: Any,
    ) -> int:
        """An instruction at the current module, phase and line; returns the slot of its output."""
        module = self.instrs[origin].site.module if origin >= 0 else self.module
        line = self.instrs[origin].site.line if origin >= 0 else self.line
        site = Site(module, self.phase, self.file, line, origin)
        wants = self.phase in (Phase.FORWARD, Phase.LOSS) and any(self.slots[s].requires_grad for s in inputs)
        self.slots.append(Slot(shape, "float32", SlotKind.VALUE, called, wants))
        known = [self.values[s] for s in inputs]
        rule = _ARITHMETIC.get(name)
        if rule is not None and shape == () and all(v is not None for v in known):
            self.values.append(np.array(rule(*known), dtype="float32"))
        else:
            self.values.append(None)
        self.instrs.append(Instr(name, tuple(inputs), attrs, len(self.slots) - 1, site))
        return len(self.slots) - 1

    def enter(self, name: str, kind: str = "module", title: str = "", description: str = "") -> str:
        """Go into a module or function; returns the path outside, for `leave`."""
        outside = self.module
        path = base = f"{outside}.{name}" if outside else name
        count = 1
        while path in self.scopes:
            count += 1
            path = f"{base}#{count}"
        self.scopes[path] = Scope(path, kind, title or name, description)
        self.module = path
        self.line += 1
        return outside

    def leave(self, outside: str) -> None:
        self.module = outside

    def call(
        self, scope: tuple[str, str, str], op: str, inputs: Sequence[int], shape: Shape, **attrs: Any
    ) -> int:
        """One op inside of a module (name, title, description)."""
        outside = self.enter(scope[0], "module", scope[1], scope[2])
        out = self.op(op, inputs, shape, **attrs)
        self.leave(outside)
        return out

    def function(self, op: str, inputs: Sequence[int], shape: Shape, called: str = "", **attrs: Any) -> int:
        """One op outside of modules, on a new line of the source."""
        self.line += 1
        return self.op(op, inputs, shape, called=called, **attrs)

    def cross_entropy(self, logits: int, target: int) -> int:
        """The composed function, in the loss phase."""
        self.phase = Phase.LOSS
        outside = self.enter("cross_entropy", "function", "cross_entropy")
        rows = self.op("log_softmax", [logits], self.slots[logits].shape, dim=1)
        loss = self.op("nll_loss", [rows, target], (), called="loss", reduction="mean")
        self.leave(outside)
        self.phase = Phase.FORWARD
        return loss

    def backward(self, loss: int) -> None:
        """Differentiate all that has been written so far, as the engine does: last op first."""
        self.loss = loss
        self.phase = Phase.BACKWARD
        producer = {instr.output: index for index, instr in enumerate(self.instrs)}
        self._reads = Counter(slot for instr in self.instrs for slot in instr.inputs)
        self.grads[loss] = self.op("ones_like", [loss], self.slots[loss].shape, origin=producer[loss])
        for index in range(len(self.instrs) - 1, -1, -1):
            instr = self.instrs[index]
            if instr.output in self.grads and instr.site.phase is not Phase.BACKWARD:
                self._vjp(index, instr, self.grads[instr.output])
        self.phase = Phase.FORWARD

    def _give(self, index: int, position: int, grad: int) -> None:
        target = self.instrs[index].inputs[position]
        total = grad
        if target in self.grads:
            total = self.op("add", [self.grads[target], grad], self.slots[target].shape, origin=index)
        self.grads[target] = total
        self.contributions.append(Contribution(target, index, position, grad, total))
        self._reads[target] -= 1
        leaf = self.slots[target]
        if leaf.kind is not SlotKind.VALUE and not self._reads[target]:
            self.stored[target] = self.op("accumulate_grad", [total], leaf.shape)
            self.bindings.append(Binding(len(self.instrs), f"{leaf.name}.grad", self.stored[target]))

    def _vjp(self, index: int, instr: Instr, g: int) -> None:
        for position, slot in enumerate(instr.inputs):
            if self.slots[slot].requires_grad:
                grad = self._pull(index, instr, position, g)
                if self.slots[grad].shape != self.slots[slot].shape:
                    grad = self.op("sum_to", [grad], self.slots[slot].shape, origin=index)
                self._give(index, position, grad)

    def _pull(self, index: int, instr: Instr, position: int, g: int) -> int:
        shape = self.slots[instr.inputs[position]].shape
        inputs, out = instr.inputs, instr.output
        result = self.slots[out].shape

        def op(name: str, *slots: int, to: Shape = shape, **attrs: Any) -> int:
            return self.op(name, slots, to, origin=index, **attrs)

        match instr.op, position:
            case ("conv2d", 0):
                return op("conv2d_input_grad", g, inputs[1])
            case ("conv2d", 1):
                return op("conv2d_weight_grad", g, inputs[0])
            case ("conv2d" | "linear", 2):
                return op("sum", g, dim=(0, 2, 3) if instr.op == "conv2d" else 0)
            case ("linear", 0):
                return op("matmul", g, inputs[1])
            case ("linear", 1):
                return op("matmul", op("t", g, to=result[::-1]), inputs[0])
            case ("mul", _):
                return op("mul", g, inputs[1 - position], to=result)
            case ("add", _):
                return g
            case ("tanh", _):
                one = op("sub", self.number(1.0), op("mul", out, out, to=result), to=result)
                return op("mul", g, one, to=result)
            case ("log_softmax", _):
                soft = op("mul", op("exp", out), op("sum", g, dim=1, to=(*result[:-1], 1)))
                return op("sub", g, soft)
            case ("batch_norm", 0):
                centred = op("sub", inputs[0], op("mean", inputs[0], to=(1, result[1], 1, 1)))
                return op("mul", op("mul", g, inputs[1]), centred)
            case ("batch_norm", 1):
                return op("sum", op("mul", g, inputs[0], to=result))
            case ("flatten", _):
                return op("reshape", g, shape=shape)
            case ("nll_loss", _):
                return op("nll_loss_grad", g, inputs[1])
        return op(f"{instr.op}_grad", g, inputs[0])

    def sgd(self, lr: float = 0.01) -> None:
        """w <- w - lr g for every parameter that has a gradient."""
        self.phase = Phase.UPDATE
        rate = self.leaf((), "lr", dtype="float64", value=lr)
        for slot, info in enumerate(list(self.slots)):
            if slot in self.stored:
                step = self.op("mul", [self.stored[slot], rate], info.shape)
                weight = self.op("sub", [slot, step], info.shape)
                self.bindings.append(Binding(len(self.instrs), info.name, weight))
        self.phase = Phase.FORWARD

    def program(self) -> Program:
        """Freeze it, with random numbers where nothing was computed, and check it."""
        values = _filled(self.slots, self.values, self._rng)
        program = Program(
            tuple(self.instrs),
            tuple(self.slots),
            tuple(values),
            tuple(self.bindings),
            tuple(self.contributions),
            dict(self.scopes),
            self.loss,
        )
        program.check()
        return program

    def finish(self, loss: int, backward: bool, update: bool) -> Program:
        """Backward and update, if wanted; then the program."""
        if backward:
            self.backward(loss)
            if update:
                self.sgd()
        return self.program()


def _filled(
    slots: Sequence[Slot], values: Sequence[np.ndarray | None], rng: np.random.Generator
) -> list[np.ndarray]:
    """The values, with small random numbers for those that are missing; drawn at once, which is quicker."""
    sizes = [int(np.prod(s.shape)) if v is None else 0 for s, v in zip(slots, values, strict=True)]
    noise = rng.standard_normal(sum(sizes)).astype("float32") * np.float32(0.1)
    ends = np.cumsum(sizes).tolist()
    found = []
    for slot, value, size, end in zip(slots, values, sizes, ends, strict=True):
        if value is None:
            value = noise[end - size : end].reshape(slot.shape)
            value = np.asarray(np.abs(value)) if slot.name == "loss" else value
            value = value if slot.dtype == "float32" else value.astype(slot.dtype)
        value.flags.writeable = False
        found.append(value)
    return found
