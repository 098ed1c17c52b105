"""Formulas as plain text, for screen readers and the clipboard: "∂L/∂z_k = p_k − y_k"."""

from __future__ import annotations

import re

_GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "lambda": "λ",
    "mu": "μ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "psi": "ψ",
    "Phi": "Φ",
    "Gamma": "Γ",
}
_SIGNS = {
    "partial": "∂",
    "nabla": "∇",
    "cdot": " · ",
    "times": " × ",
    "odot": " ⊙ ",
    "oplus": " ⊕ ",
    "sum": "Σ",
    "prod": "Π",
    "int": "∫",
    "sqrt": "√",
    "leftarrow": " ← ",
    "to": " → ",
    "approx": " ≈ ",
    "sim": " ~ ",
    "leq": " ≤ ",
    "le": " ≤ ",
    "geq": " ≥ ",
    "ge": " ≥ ",
    "neq": " ≠ ",
    "in": " ∈ ",
    "notin": " ∉ ",
    "infty": "∞",
    "top": "T",
    "ell": "ℓ",
    "ldots": "…",
    "dots": "…",
    "Vert": "‖",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "wedge": " ∧ ",
    "bigwedge": "⋀",
    "vee": " ∨ ",
    "bigvee": "⋁",
    "neg": "¬",
    "quad": " ",
    **_GREEK,
}
_SILENT = ("dfrac", "frac", "mathrm", "mathbf", "text", "left", "right", "overline")  # how it looks
_COMMAND = re.compile(r"\\([A-Za-z]+) ?")
_SIMPLE = re.compile(r"([_^])\{(\w)\}|(?<![_^])\{([\w.∂αβγδεηθλμπρστφψΦΓℓ]+)\}")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_FORMULA = re.compile(r"\$+([^$\n]+)\$+")
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")


def spoken(text: str) -> str:
    """A formula in mathtext, or a text with formulas between dollars, without any commands."""
    plain = re.sub(r"\\[,;! ]", " ", text).replace("$", "").replace("}{", "}/{")
    plain = _COMMAND.sub(_word, plain)
    for _ in range(2):  # from the inside out
        plain = _SIMPLE.sub(lambda match: (match[1] or "") + (match[2] or match[3]), plain)
    plain = plain.replace("{", "(").replace("}", ")").replace("\\", "").replace("-", "−")
    return " ".join(plain.split()).replace(" ,", ",")


def spoken_markdown(markdown: str) -> str:
    """A text in Markdown with formulas, as it is read aloud: no marks, links by their words."""
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(markdown):
        parts += [_words(markdown[end : code.start()]), code[0].strip("`")]
        end = code.end()
    return " ".join("".join([*parts, _words(markdown[end:])]).split())


def _words(text: str) -> str:
    text = (
        _LINK.sub(r"\1", re.sub(r"(?m)^\s*(?:>|#+|[-*])\s+", "", text)).replace("*", "").replace("\u200b", "")
    )
    return _FORMULA.sub(lambda match: spoken(match[1]), text)


def _word(match: re.Match[str]) -> str:
    name = match[1]
    if name in _SILENT:
        return ""
    return _SIGNS.get(name, name + (" " if match[0].endswith(" ") else ""))
