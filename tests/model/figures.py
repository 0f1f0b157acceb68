"""Exact numbers of the naive model: decimals, and the two roundings that the kernel declares."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_UP, Context, Decimal

EXACT = Context(prec=100)
"""Wide enough for every sum and product here; only a quotient is ever cut, far behind its end."""
NANO = Decimal("1e-9")
BPS = 10_000
ZERO = Decimal(0)


def exact(number: object) -> Decimal:
    """Return decimal text, or an integer, as the number that it says."""
    return Decimal(str(number))


def towards_zero(number: Decimal) -> Decimal:
    """Return `number` cut to nine fraction digits."""
    return number.quantize(NANO, ROUND_DOWN)


def away_from_zero(number: Decimal) -> Decimal:
    """Return `number` to nine fraction digits, never smaller in magnitude."""
    return number.quantize(NANO, ROUND_UP)


def rounded_up(number: Decimal) -> int:
    """Return the smallest integer that is not below `number`."""
    return int(number.to_integral_value(ROUND_CEILING))


def share(amount: Decimal, bps: int) -> Decimal:
    """Return `bps` basis points of an amount, rounded against us."""
    return away_from_zero(amount * bps / BPS)


def distance(price: Decimal, other: Decimal) -> int | None:
    """Return how far `price` is from `other` in basis points of `other`, rounded up."""
    return rounded_up(abs(price - other) * BPS / abs(other)) if other else None
