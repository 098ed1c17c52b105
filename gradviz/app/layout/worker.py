"""The layout process: `python -m gradviz.app.layout.worker` answers jobs on standard input until its end.

A request is {"token": …, "job": …}, the answer {"token": …, "placed": …} or {"token": …, "error": "…"}.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

from .job import Job
from .wire import HEADER, LIMIT, pack


def serve(source: BinaryIO, sink: BinaryIO) -> int:
    """Answer one request after another; 0 at the end of the input, 1 if it is not made of messages."""
    while True:
        header = source.read(HEADER.size)
        if len(header) < HEADER.size:
            return 0
        (length,) = HEADER.unpack(header)
        if length > LIMIT:
            _send(sink, {"token": None, "error": f"a message of {length} bytes"})
            return 1
        body = source.read(length)
        if len(body) < length:
            return 0
        _send(sink, answer(body))


def _send(sink: BinaryIO, message: Any) -> None:
    sink.write(pack(message))
    sink.flush()


def answer(body: bytes) -> dict[str, Any]:
    """The answer to one request, whatever it is."""
    token = None
    try:
        request = json.loads(body)
        token = request["token"]
        job = Job.from_json(request["job"])
        from .library import dot_layout  # loads Graphviz, which takes longer than all the rest of the start

        return {"token": token, "placed": dot_layout(job).to_json()}
    except Exception as error:  # a request that cannot be served must not end the process
        return {"token": token, "error": f"{type(error).__name__}: {error}"[:1000]}


def main() -> int:
    """Serve on standard input and output; what libraries print goes to standard error instead."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        with sink:
            return serve(sys.stdin.buffer, sink)
    except (BrokenPipeError, KeyboardInterrupt):  # the window has gone
        return 0


if __name__ == "__main__":
    sys.exit(main())
