"""What a recorded iteration says about training by the compiled executor."""

from __future__ import annotations

import os

from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.compiled.names import usual
from gradviz.engine.program import Phase, Program

THREADS = 2 if (os.cpu_count() or 1) > 1 else 1


def compile_training(program: Program, threads: int = THREADS) -> Compiled:
    """An executor for whole iterations that keeps what training wants to see."""
    output = output_of(program)
    return compile_program(program, usual(program) | (set() if output is None else {output}), threads=threads)


def output_of(program: Program) -> int | None:
    """The slot of what the model made of the batch: the first value of forward that the loss reads."""
    for instr in program.instrs:
        if instr.site.phase is Phase.LOSS:
            for slot in instr.inputs:
                maker = program.producers[slot]
                if maker >= 0 and program.instrs[maker].site.phase is Phase.FORWARD:
                    return slot
    return None
