"""What the session knows of a node, for its tooltip."""

from __future__ import annotations

from pathlib import PurePath

from gradviz.app.i18n import ntr
from gradviz.app.session import Session

from .describe import tip
from .scene import Scene

OPS = 4  # named; more are only counted


def tip_of(session: Session, name: str, scene: Scene) -> str:
    """The tooltip of a node with its ops, the user's line, and the overlay's number."""
    node = session.graph.by_id.get(name) if session.graph is not None else None
    program = session.program
    if node is None or program is None:
        return ""
    instrs = [program.instrs[index] for index in node.instrs]
    ops = list(dict.fromkeys(instr.op for instr in instrs))
    text = ", ".join(ops[:OPS])
    if len(ops) > OPS:
        text += ", …"
    if len(instrs) > 1:
        count = ntr("{n} instruction: {ops}", "{n} instructions: {ops}", len(instrs))
        text = count.format(n=len(instrs), ops=text)
    elif text == node.title:
        text = ""
    site = instrs[0].site if instrs else None
    place = _place(session, site.file, site.line) if site is not None else ""
    return tip(node, scene.state_of(name), text, place, scene.note(name))


def _place(session: Session, file: str, line: int) -> str:
    """ "lenet.py:12  x = F.relu(self.conv1(x))"; the text only if the source is known."""
    if not file or line <= 0:
        return ""
    source = session.recording.sources.get(file, "") if session.recording is not None else ""
    lines = source.splitlines()
    text = lines[line - 1].strip() if line <= len(lines) else ""
    return f"{PurePath(file).name}:{line}  {text}".rstrip()
