"""Where a formula that is too wide may be broken: before relations and signs that no bracket encloses."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\(?:left|right)?[{}()\[\]|]|\\[A-Za-z]+|\\.|.", re.DOTALL)
_OPENING = ("{", "(", "[")
_CLOSING = ("}", ")", "]")
_SIGNS = ("+", "-", r"\pm", r"\mp")
_RELATIONS = ("=", r"\leftarrow", r"\rightarrow", r"\Rightarrow", r"\approx", r"\leq", r"\geq")


def pieces(tex: str) -> list[str]:
    """The formula in parts that look the same one after another; a single one where it cannot be broken."""
    found: list[str] = []
    current = ""
    depth = 0
    in_bars = False
    before = ""
    for token in _TOKEN.findall(tex):
        last = token[-1]
        if last in _CLOSING and not token.startswith("\\}"):
            depth -= 1
        may_break = depth == 0 and not in_bars and bool(current.strip())
        if may_break and (token in _RELATIONS or (token in _SIGNS and _is_binary(before))):
            found.append(current.strip())
            current = ""
        leading_sign = not current and token in _SIGNS
        current += f"{{}}{token}" if leading_sign else token  # {} keeps the space after the sign
        if last in _OPENING and not token.startswith("\\{"):
            depth += 1
        in_bars ^= token == "|"
        if not token.isspace():
            before = token
    return [*found, current.strip()] if current.strip() else found


def _is_binary(before: str) -> bool:
    return before not in (*_OPENING, *_RELATIONS, "^", "_", ",", "", r"\cdot", r"\times", r"\,")
