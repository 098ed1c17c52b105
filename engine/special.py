"""Functions of mathematics that numpy lacks, on arrays in double precision."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray

# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23, 1969, with the
# coefficients of his program CALERF (netlib, specfun/erf): one quotient of polynomials for |x| ≤ 0.46875, one
# up to 4, one beyond.
_A = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2)
_A_LAST = 3.20937758913846947e3
_B = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_C = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_D = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
_P = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_Q = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Horner's scheme, the highest power first."""
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y *= x
        y += coefficient
    return y


def _erf_near_0(x: Array) -> Array:
    z = x * x
    return np.asarray(x * _polynomial((*_A, _A_LAST), z) / _polynomial(_B, z))


def _erfc_from_0(y: Array) -> Array:
    """erfc for y > 0.46875."""
    result = _polynomial(_C, y) / _polynomial(_D, y)
    far = y > 4
    if far.any():
        u = y[far]
        z = 1 / (u * u)
        tail = z * _polynomial(_P, z) / _polynomial(_Q, z)
        result[far] = (1 / math.sqrt(math.pi) - tail) / u
    # e^(−y²) in two factors, as y² is rounded
    coarse = np.trunc(y * 16) / 16
    rest = (y - coarse) * (y + coarse)
    return np.asarray(np.exp(-coarse * coarse) * np.exp(-rest) * result)


def _split(x: Array) -> tuple[Array, Array, Array]:
    """x in double precision, where it is small, and erfc(|x|) where it is not."""
    x = np.asarray(x, np.float64)
    small = np.abs(x) <= 0.46875
    size = np.minimum(np.abs(x[~small]), 30.0)  # beyond, erfc is 0 in double precision
    return x, small, _erfc_from_0(size)


def erf(x: Array) -> Array:
    """2/√π ∫₀ˣ e^(−t²) dt."""
    x, small, rest = _split(x)
    y = np.empty_like(x)
    y[small] = _erf_near_0(x[small])
    y[~small] = np.copysign(1 - rest, x[~small])
    return y


def erfc(x: Array) -> Array:
    """1 − erf(x), exact also where that is tiny."""
    x, small, rest = _split(x)
    y = np.empty_like(x)
    y[small] = 1 - _erf_near_0(x[small])
    y[~small] = np.where(x[~small] < 0, 2 - rest, rest)
    return y


# M. Giles, "Approximating the erfinv function", GPU Computing Gems, 2011: single precision, from which
# Newton's steps lead to double precision.
_CENTRE = (
    2.81022636e-08,
    3.43273939e-07,
    -3.5233877e-06,
    -4.39150654e-06,
    0.00021858087,
    -0.00125372503,
    -0.00417768164,
    0.246640727,
    1.50140941,
)
_TAIL = (
    -0.000200214257,
    0.000100950558,
    0.00134934322,
    -0.00367342844,
    0.00573950773,
    -0.0076224613,
    0.00943887047,
    1.00167406,
    2.83297682,
)


def erfinv(y: Array) -> Array:
    """The x of which erf(x) = y; ±∞ at ±1 and nan beyond."""
    y = np.asarray(y, np.float64)
    size = np.abs(y)
    inside = size < 1
    a = np.where(inside, size, 0.0)
    w = -np.log((1 - a) * (1 + a))
    centre = _polynomial(_CENTRE, w - 2.5)
    tail = _polynomial(_TAIL, np.sqrt(w) - 3)
    x = np.where(w < 5, centre, tail) * a
    for _ in range(4):
        rest = erfc(x)
        # Close to 1 the logarithm of erfc, which is hardly bent, is brought to that of 1 − a.
        error = np.where(a > 0.5, rest * np.log((1 - a) / rest), erf(x) - a)
        x = x - error / (2 / math.sqrt(math.pi) * np.exp(-x * x))
    edge = np.where(size == 1, np.inf, np.nan)
    return np.asarray(np.copysign(np.where(inside, x, edge), y))


# B_2k / (2k)!, the coefficients of the Euler–Maclaurin formula, and B_2k for Stirling's series.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_FAR = 12.0  # from here on the asymptotic series are exact to double precision


def _shifted(x: Array) -> tuple[Array, int]:
    """How many steps of 1 bring every finite element to `_FAR` or beyond."""
    finite = x[np.isfinite(x)]
    low = float(finite.min(initial=_FAR))
    return x, max(0, math.ceil(_FAR - low))


def lgamma(x: Array) -> Array:
    """ln |Γ(x)|; ∞ at 0 and the negative whole numbers."""
    x = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        return np.asarray(np.frompyfunc(_lgamma, 1, 1)(x)).astype(np.float64)


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):  # a pole, or too large
        return math.inf


def digamma(x: Array) -> Array:
    """d/dx ln Γ(x) by reflection, recurrence and the asymptotic series (Abramowitz & Stegun, 6.3)."""
    x = np.asarray(x, np.float64)
    negative = x < 0
    z = np.where(negative, 1 - x, x)
    result = np.zeros_like(z)
    for _ in range(int(_FAR)):
        near = z < _FAR
        result -= np.where(near, 1 / z, 0.0)
        z = np.where(near, z + 1, z)
    inverse = 1 / (z * z)
    series = np.zeros_like(z)
    for k, bernoulli in reversed(list(enumerate(_BERNOULLI, 1))):
        series = (series + bernoulli / (2 * k)) * inverse
    result += np.where(np.isposinf(z), np.inf, np.log(z) - 0.5 / z - series)
    fraction = x - np.trunc(x)
    result -= np.where(negative, math.pi / np.tan(math.pi * np.where(negative, fraction, 0.5)), 0.0)
    result = np.where(x == 0, np.copysign(np.inf, -x), result)
    return np.where((negative & (fraction == 0)) | np.isneginf(x), np.nan, result)


def polygamma(n: int, x: Array) -> Array:
    """The n-th derivative of the digamma function: (−1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹, summed by Euler and
    Maclaurin."""
    if n == 0:
        return digamma(x)
    x = np.asarray(x, np.float64)
    s = n + 1
    far, steps = _shifted(x)
    total = np.zeros_like(x)
    for _ in range(steps):
        near = far < _FAR
        total += np.where(near, far ** -float(s), 0.0)
        far = np.where(near, far + 1, far)
    total += far ** (1.0 - s) / (s - 1) + 0.5 * far ** -float(s)
    factor = float(s)
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        total += bernoulli / math.factorial(2 * k) * factor * far ** (1.0 - s - 2 * k)
        factor *= (s + 2 * k - 1) * (s + 2 * k)
    pole = (x <= 0) & (x == np.floor(x))
    # As in PyTorch: ψ⁽¹⁾(∞) = 0, but no other order is defined at infinity.
    total = np.where(pole, np.inf, total)
    total = np.where(np.isinf(x), np.where((x > 0) & (n == 1), 0.0, np.nan if n == 1 else total), total)
    total = np.where(np.isposinf(x) & (n > 1), np.nan, total)
    return np.asarray((-1.0) ** (n + 1) * math.factorial(n) * total)
