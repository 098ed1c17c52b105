"""Which variables a line of source assigns, read from the text alone: nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """A statement on the lines `first` … `last` that gives `names` ("x", "self.conv1") a value.

    `computed` is whether something is called or calculated for it, rather than copied or written down.
    """

    first: int
    last: int
    names: tuple[str, ...]
    computed: bool


def assignments(source: str) -> dict[int, Assignment]:
    """For each line that an assigning statement covers that statement; nothing for text that is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[int, Assignment] = {}
    for node in ast.walk(tree):
        made = _assignment(node)
        if made is not None and made.names:
            for line in range(made.first, made.last + 1):
                found.setdefault(line, made)
    return found


def _assignment(node: ast.AST) -> Assignment | None:
    targets: list[ast.expr]
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AugAssign(target=target, value=value):
            targets = [target]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case ast.For(target=target, iter=value, lineno=line):
            return Assignment(line, line, tuple(_names(target)), _computed(value))
        case _:
            return None
    names = tuple(dict.fromkeys(name for target in targets for name in _names(target)))
    last = getattr(node, "end_lineno", None) or node.lineno
    return Assignment(node.lineno, last, names, isinstance(node, ast.AugAssign) or _computed(value))


def _names(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _names(part)
        case ast.Name(id=name):
            yield name
        case ast.Attribute():
            yield ast.unparse(target)


def _computed(value: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Call | ast.BinOp | ast.UnaryOp | ast.Subscript) for part in ast.walk(value)
    )
