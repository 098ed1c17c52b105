"""What an instruction does and where it comes from, in the current language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gradviz.engine.composite import COMPOSITES
from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.program import Phase, Program, Scope

from .i18n import language
from .numerals import number

_MISSING = object()
_DULL: Mapping[str, object] = MappingProxyType(
    {
        "dilation": (1, 1),
        "groups": 1,
        "ceil_mode": False,
        "ignore_index": -100,
        "keepdim": False,
        "count_include_pad": True,
    }
)


@dataclass(frozen=True, eq=False)
class FunctionFacts:
    """The composed function that an instruction is a part of."""

    name: str
    sentence: str
    formula: str
    derivative: str


@dataclass(frozen=True, eq=False)
class InstrFacts:
    """What an instruction does and where it comes from; texts are "" where nothing is known."""

    index: int
    op: str
    phase: Phase
    sentence: str
    formula: str
    derivatives: tuple[tuple[str, str], ...]  # (input's name, formula in mathtext)
    attributes: tuple[tuple[str, str], ...]
    module: str
    module_title: str
    module_description: str
    file: str
    line: int
    function: FunctionFacts | None = None

    @property
    def title(self) -> str:
        """ "conv1 · conv2d", or the op alone outside of modules."""
        return f"{self.module} · {self.op}" if self.module and self.module != self.op else self.op


def instr_facts(program: Program, index: int, registry: Mapping[str, Op] = REGISTRY) -> InstrFacts:
    """What instruction `index` does, in the current language."""
    instr = program.instrs[index]
    op = registry.get(instr.op)
    scope = program.scopes.get(instr.site.module)
    derivatives: tuple[tuple[str, str], ...] = ()
    if op is not None:
        labels = input_labels(op, len(op.derivatives))
        derivatives = tuple((label, tex) for label, tex in zip(labels, op.derivatives, strict=True) if tex)
    return InstrFacts(
        index=index,
        op=instr.op,
        phase=instr.site.phase,
        sentence=_spoken(op.says) if op is not None else "",
        formula=op.formula if op is not None else "",
        derivatives=derivatives,
        attributes=_attributes(program, index),
        module=instr.site.module,
        module_title=scope.title if scope is not None else "",
        module_description=scope.description if scope is not None else "",
        file=instr.site.file,
        line=instr.site.line,
        function=_function(scope),
    )


def input_labels(op: Op | None, count: int) -> tuple[str, ...]:
    """The names of `count` inputs of an op; those of a "*tensors" are numbered from 1."""
    names = list(op.inputs) if op is not None else []
    labels: list[str] = []
    for i in range(count):
        if i < len(names) and not names[i].startswith("*"):
            labels.append(names[i])
        elif names and names[-1].startswith("*"):
            alone = count == len(names)  # such as a bias that may be left out
            labels.append(names[-1][1:] + ("" if alone else str(i - len(names) + 2)))
        else:
            labels.append(f"x{i + 1}")
    return tuple(labels)


def _spoken(says: Mapping[str, str]) -> str:
    return says.get("zh" if language().startswith("zh") else "en", says["en"])


def _function(scope: Scope | None) -> FunctionFacts | None:
    entry = COMPOSITES.get(scope.function) if scope is not None else None
    if entry is None:
        return None
    return FunctionFacts(entry.name, _spoken(entry.says), entry.formula, entry.derivative)


def _attributes(program: Program, index: int) -> tuple[tuple[str, str], ...]:
    """The attributes that tell something: not the output's shape again, no defaults that few people know."""
    instr = program.instrs[index]
    shape = program.slots[instr.output].shape
    return tuple(
        (key, _attribute(value))
        for key, value in instr.attrs.items()
        if not (key == "shape" and tuple(value) == shape) and _DULL.get(key, _MISSING) != value
    )


def _attribute(value: Any) -> str:
    if isinstance(value, float):
        return number(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_attribute, value))})"
    return str(value)
