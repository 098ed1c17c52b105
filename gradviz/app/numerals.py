"""How numbers are written: few significant digits, a true minus sign, an exponent only where it is needed."""

from __future__ import annotations

import math

MINUS = "−"
DIGITS = 4
_PLAIN_BELOW = 1e6  # larger numbers are written with an exponent
_PLAIN_FROM = 1e-4  # so are smaller ones


def number(x: float, digits: int = DIGITS) -> str:
    """`x` as plain text: "0.0312", "−1.5", "3.1e−7", "∞", "NaN"."""
    mantissa, exponent = _split(x, digits)
    tail = "" if exponent is None else f"e{exponent}"
    return f"{mantissa}{tail}".replace("-", MINUS)


def tex_number(x: float, digits: int = DIGITS) -> str:
    """`x` in mathtext: "0.0312", "-1.5", r"3.1\\times 10^{-7}", r"\\infty"."""
    mantissa, exponent = _split(x, digits)
    if mantissa.endswith("∞"):
        return mantissa.replace("∞", r"\infty")
    if mantissa == "NaN":
        return r"\mathrm{NaN}"
    return mantissa if exponent is None else rf"{mantissa}\times 10^{{{exponent}}}"


def _split(x: float, digits: int) -> tuple[str, int | None]:
    """Mantissa (with an ASCII minus) and decimal exponent, None where the number is written out."""
    if math.isnan(x):
        return "NaN", None
    if math.isinf(x):
        return ("∞" if x > 0 else "-∞"), None
    if x == 0:
        return "0", None
    size = abs(x)
    if size >= 10**digits and (size < _PLAIN_BELOW or (size < 1e9 and x == int(x))):
        return f"{x:.0f}", None
    if _PLAIN_FROM <= size < _PLAIN_BELOW:
        return _shortest(f"{x:.{digits}g}"), None
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    return _shortest(mantissa), int(exponent)


def _shortest(text: str) -> str:
    if "e" in text:  # 9.9999 with few digits rounds up to 1e+01
        return f"{float(text):g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as it is shown everywhere: "1×6×28×28"; "scalar" is left to the caller, for () this is ""."""
    return "×".join(map(str, shape))


def index_text(index: tuple[int, ...]) -> str:
    """An index as a learner would type it: "[0, 3, 5]"; "" for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""
