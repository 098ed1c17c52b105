"""The texts that belong to a recording: every file of the user that an instruction came from."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable
from pathlib import Path

from gradviz.engine.program import Program

MOST = 2**20  # bytes of a file that a person may want to read
LARGEST_COUNT = 50


def gather(programs: Iterable[Program], *more: str | None) -> dict[str, str]:
    """File -> text for the files that programs and `more` name, as far as they can be read."""
    files = dict.fromkeys(file for file in more if file)
    files.update(dict.fromkeys(instr.site.file for program in programs for instr in program.instrs))
    texts = ((file, read(file)) for file in list(files)[:LARGEST_COUNT])
    return {file: text for file, text in texts if text is not None}


def read(file: str) -> str | None:
    """The text of a Python file in the encoding that it declares; None for what is no readable file."""
    try:
        path = Path(file)
        if not path.is_file() or path.stat().st_size > MOST:
            return None
        data = path.read_bytes()
    except (OSError, ValueError):
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        encoding = "utf-8"
    return io.IncrementalNewlineDecoder(None, True).decode(data.decode(encoding, "replace"), True)
