"""Messages between the window and the layout worker: four bytes with the length, then that much JSON."""

from __future__ import annotations

import json
import struct
from typing import Any

HEADER = struct.Struct("!I")
LIMIT = 64 * 2**20  # bytes; nobody sends more, so a greater length means that the stream is broken


def pack(message: Any) -> bytes:
    """One message as bytes."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return HEADER.pack(len(body)) + body


class Unpacker:
    """Collects bytes and gives whole messages; ValueError for what cannot be one."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """The messages that are complete now."""
        self._bytes += data
        messages = []
        while len(self._bytes) >= HEADER.size:
            (length,) = HEADER.unpack_from(self._bytes)
            if length > LIMIT:
                raise ValueError(f"a message of {length} bytes")
            end = HEADER.size + length
            if len(self._bytes) < end:
                break
            body = bytes(self._bytes[HEADER.size : end])
            del self._bytes[:end]
            messages.append(json.loads(body))
        return messages
