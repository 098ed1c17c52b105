"""Programs and metrics as JSON: rows of short lists, with tables for what repeats."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradviz.engine.program import Binding, Contribution, Instr, Phase, Program, Scope, Site, Slot, SlotKind

from .recording import Metrics
from .storage_json import (
    FormatError,
    Json,
    flag,
    from_json,
    items,
    mapping,
    number,
    number_to_json,
    optional,
    text,
    to_json,
    whole,
)
from .storage_values import DTYPES, Pool, cut

_BIG = 2**62


def program_to_json(program: Program, pool: Pool) -> Json:
    """A program; its values go into the pool."""
    sites: dict[tuple[str, Phase, str, int], int] = {}
    instrs = []
    for instr in program.instrs:
        site = (instr.site.module, instr.site.phase, instr.site.file, instr.site.line)
        place = sites.setdefault(site, len(sites))
        attrs = {key: to_json(value) for key, value in instr.attrs.items()}
        instrs.append([instr.op, list(instr.inputs), attrs, instr.output, place, instr.site.origin])
    return {
        "sites": [[module, phase.value, file, line] for module, phase, file, line in sites],
        "instrs": instrs,
        "slots": [
            [list(s.shape), s.dtype, s.kind.value, s.name, s.requires_grad, pool.add(value)]
            for s, value in zip(program.slots, program.values, strict=True)
        ],
        "bindings": [[row.moment, row.name, row.slot] for row in program.bindings],
        "contributions": [[r.slot, r.instr, r.index, r.grad, r.total] for r in program.contributions],
        "scopes": [[s.path, s.kind, s.title, s.description, s.function] for s in program.scopes.values()],
        "loss": program.loss,
    }


def program_from_json(data: Json, flats: Mapping[str, np.ndarray]) -> Program:
    """The program; FormatError, ProgramError or another error if it is none."""
    data = mapping(data)
    slots, values = [], []
    for row in items(data["slots"]):
        slot, value = _slot(row, flats)
        slots.append(slot)
        values.append(value)
    sites = [_site(row) for row in items(data["sites"])]
    rows = items(data["instrs"])
    instrs = tuple(_instr(row, index, sites) for index, row in enumerate(rows))
    if sum(slot.kind is SlotKind.VALUE for slot in slots) != len(instrs):
        raise FormatError("slots without an instruction that writes them")
    scopes = [Scope(*(text(part) for part in items(row, 5))) for row in items(data["scopes"])]
    program = Program(
        instrs,
        tuple(slots),
        tuple(values),
        tuple(_binding(row, len(instrs), len(slots)) for row in items(data["bindings"])),
        tuple(
            Contribution(*(whole(part, 0, _BIG) for part in items(row, 5)))
            for row in items(data["contributions"])
        ),
        {scope.path: scope for scope in scopes},
        optional(lambda slot: whole(slot, 0, len(slots), "slot"), data["loss"]),
    )
    program.check()
    for row in program.contributions:
        if row.index >= len(program.instrs[row.instr].inputs):
            raise FormatError(f"a contribution points outside of the program: {row}")
        if not slots[row.slot].shape == slots[row.grad].shape == slots[row.total].shape:
            raise FormatError(f"a contribution has another shape than its slot: {row}")
    return program


def _slot(row: Json, flats: Mapping[str, np.ndarray]) -> tuple[Slot, np.ndarray]:
    shape, dtype, kind, name, requires_grad, offset = items(row, 6)
    sizes = tuple(whole(size, 0, _BIG, "size") for size in items(shape))
    if len(sizes) > 32 or text(dtype) not in DTYPES:
        raise FormatError(f"no tensor is {dtype} of shape {sizes}")
    slot = Slot(sizes, dtype, SlotKind(kind), text(name), flag(requires_grad))
    return slot, cut(flats.get(dtype, np.empty(0, dtype)), whole(offset, 0, _BIG, "offset"), sizes)


def _site(row: Json) -> tuple[str, Phase, str, int]:
    module, phase, file, line = items(row, 4)
    return text(module), Phase(phase), text(file), whole(line, 0, _BIG, "line")


def _instr(row: Json, index: int, sites: list[tuple[str, Phase, str, int]]) -> Instr:
    op, inputs, attrs, output, place, origin = items(row, 6)
    site = Site(*sites[whole(place, 0, len(sites), "site")], whole(origin, -1, index, "origin"))
    return Instr(
        text(op),
        tuple(whole(slot, 0, _BIG, "slot") for slot in items(inputs)),
        {key: from_json(value) for key, value in mapping(attrs).items()},
        whole(output, 0, _BIG, "slot"),
        site,
    )


def _binding(row: Json, moments: int, slots: int) -> Binding:
    moment, name, slot = items(row, 3)
    return Binding(
        whole(moment, 0, moments + 1, "moment"),
        text(name),
        optional(lambda value: whole(value, 0, slots, "slot"), slot),
    )


def metrics_to_json(metrics: Metrics) -> Json:
    """The numbers of an iteration."""
    return {
        "iteration": metrics.iteration,
        "loss": number_to_json(metrics.loss),
        "gradient_norms": {name: number_to_json(x) for name, x in metrics.gradient_norms.items()},
        "update_ratios": {name: number_to_json(x) for name, x in metrics.update_ratios.items()},
        "seconds": number_to_json(metrics.seconds),
    }


def metrics_from_json(data: Json) -> Metrics:
    """The numbers of an iteration; FormatError if they are none."""
    data = mapping(data)
    return Metrics(
        whole(data["iteration"], 0, _BIG),
        number(data["loss"]),
        {name: number(x) for name, x in mapping(data["gradient_norms"]).items()},
        {name: number(x) for name, x in mapping(data["update_ratios"]).items()},
        number(data["seconds"]),
    )
