"""Amounts as people write them: `2_000_000 USD`, `10 %`, `500 shares`, `30 s`, `20 count`.

Text goes straight to integers or to its shortest decimal text; nothing passes through a float,
and nothing is rounded: what a unit cannot hold is refused. Every function that reads raises
ValueError, and the text of the error says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

__all__ = [
    "BPS_MAX",
    "LIMIT_MAX",
    "QTY_MAX",
    "UNLIMITED",
    "Unit",
    "example",
    "parse_duration",
    "parse_limit",
    "parse_money",
    "parse_period",
    "parse_price",
    "parse_quantity",
    "parse_share",
    "pattern",
    "period_pattern",
    "show_limit",
    "show_share",
]

UNLIMITED: Final = "UNLIMITED"
"""What is written where no bound is wanted; nothing else, and not nothing, means that."""
LIMIT_MAX: Final = 10**18
"""Largest value of a limit, in its unit."""
QTY_MAX: Final = 10**10
"""Largest quantity of one order, position or volume, in units."""
BPS_MAX: Final = 1_000_000
"""Largest share outside a limit, in basis points."""
PRICE_MAX: Final = 10**9
"""Largest magnitude of a price, in currency units."""
PERIOD_MAX_DAYS: Final = 36_600
"""Longest period, in days: a hundred years."""
DURATION_MAX_NS: Final = 7 * 86_400 * 10**9
"""Longest time outside a limit, in nanoseconds: seven days."""
TEXT_MAX: Final = 60
"""Longest amount that is read, in characters."""
INTEGER_BITS_MAX: Final = 63
"""Largest magnitude of an integer that is read, in bits; TOML promises no more."""
SCALE_DIGITS: Final = 9
"""Fraction digits of prices and money."""


class Unit(StrEnum):
    """Unit in which a limit is compared; the names are the kernel's."""

    UNITS = "units"
    MONEY = "money"
    BPS = "bps"
    COUNT = "count"
    NS = "ns"


_DIGITS = "[0-9]+(?:_[0-9]+)*"
_AMOUNT = re.compile(
    rf"(?P<whole>{_DIGITS})(?:\.(?P<fraction>{_DIGITS}))? *(?P<unit>%|[A-Za-z][A-Za-z0-9]*)?"
)
_PRICE = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+(?:_[0-9]+)*)(?:\.(?P<fraction>[0-9]+))?")
# Written unit -> how many of the unit of comparison it is.
_FACTORS: Mapping[Unit, Mapping[str, int]] = {
    Unit.UNITS: {"shares": 1, "contracts": 1, "units": 1},
    Unit.BPS: {"%": 100, "bps": 1},
    Unit.COUNT: {"count": 1},
    Unit.NS: {
        "ns": 1,
        "us": 10**3,
        "ms": 10**6,
        "s": 10**9,
        "min": 60 * 10**9,
        "h": 3_600 * 10**9,
    },
}
_EXAMPLES: Mapping[Unit, str] = {
    Unit.UNITS: 'a quantity such as "500 shares"',
    Unit.BPS: 'a share such as "10 %" or "25 bps"',
    Unit.COUNT: 'a number such as 20 or "20 count"',
    Unit.NS: 'a time such as "30 s" or "250 ms"',
}
# A year counts its longest, so that nothing of it ends early.
_PERIOD_DAYS: Mapping[str, int] = {"d": 1, "y": 366}
_PERIOD = 'a number of days or years such as "1826 d" or "5 y"'
# Largest first, for showing.
_NS_NAMES = (("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9), ("ms", 10**6), ("us", 10**3))


def example(unit: Unit, base_currency: str) -> str:
    """Return what an amount in `unit` looks like, with an example."""
    if unit is Unit.MONEY:
        return f'an amount in the base currency such as "2_000_000 {base_currency}"'
    return _EXAMPLES[unit]


def pattern(unit: Unit) -> str:
    """Return a regular expression for the text of an amount in `unit`, in any currency."""
    written = "|".join(_FACTORS[unit]) if unit in _FACTORS else "[A-Z][A-Z0-9]{2,9}"
    return rf"{_DIGITS}(?:\.{_DIGITS})? *(?:{written}){'?' if unit is Unit.COUNT else ''}"


def period_pattern() -> str:
    """Return a regular expression for the text of a period."""
    return rf"{_DIGITS} *(?:{'|'.join(_PERIOD_DAYS)})"


def parse_limit(raw: object, unit: Unit, base_currency: str) -> str:
    """Return the value of a limit as the kernel takes it.

    Args:
        raw: Text with its unit, or `UNLIMITED`; counts may be plain integers.
        unit: Unit of the limit.
        base_currency: The only currency in which money is accepted.

    Returns:
        `UNLIMITED`, or the shortest plain decimal in the unit of the limit, 0 to `LIMIT_MAX`:
        currency units, basis points, nanoseconds, units or a number of things.
    """
    if raw == UNLIMITED:
        return UNLIMITED
    expected = f'{example(unit, base_currency)}, or "{UNLIMITED}"'
    if unit is Unit.MONEY:
        return _parse_money(raw, base_currency, expected)
    plain = unit is Unit.COUNT
    return str(_parse_whole(raw, unit, expected, LIMIT_MAX, plain=plain))


def parse_money(raw: object, base_currency: str) -> str:
    """Return an amount in `base_currency` as its shortest plain decimal, at most `LIMIT_MAX`."""
    return _parse_money(raw, base_currency, example(Unit.MONEY, base_currency))


def parse_quantity(raw: object) -> int:
    """Return a quantity in units, 0 to `QTY_MAX`; a plain integer needs no unit."""
    return _parse_whole(raw, Unit.UNITS, _EXAMPLES[Unit.UNITS], QTY_MAX, plain=True)


def parse_share(raw: object) -> int:
    """Return a share in basis points, 0 to `BPS_MAX`."""
    return _parse_whole(raw, Unit.BPS, _EXAMPLES[Unit.BPS], BPS_MAX, plain=False)


def parse_duration(raw: object) -> int:
    """Return a time in nanoseconds, 0 to seven days."""
    return _parse_whole(raw, Unit.NS, _EXAMPLES[Unit.NS], DURATION_MAX_NS, plain=False)


def parse_period(raw: object) -> int:
    """Return a time in days, 1 to a hundred years; a year counts 366 of them."""
    match = _matched(_AMOUNT, raw, plain=False)
    if match is None or match["fraction"] or match["unit"] not in _PERIOD_DAYS:
        raise ValueError(_PERIOD)
    days = int(match["whole"]) * _PERIOD_DAYS[match["unit"]]
    if not 1 <= days <= PERIOD_MAX_DAYS:
        raise ValueError(f"{_PERIOD}, from 1 to {PERIOD_MAX_DAYS} days")
    return days


def parse_price(raw: object) -> str:
    """Return a price as its shortest plain decimal, at most 1e9 in magnitude, exact to 1e-9."""
    expected = 'a price as text such as "42.50"'
    match = _matched(_PRICE, raw, plain=True)
    if match is None:
        raise ValueError(expected)
    text = _shortest(match["whole"], match["fraction"] or "", expected)
    if Decimal(text) > PRICE_MAX:
        raise ValueError(f"{expected}, at most {PRICE_MAX}")
    return text if text == "0" else match["sign"] + text


def show_limit(value: str, unit: Unit, base_currency: str) -> str:
    """Return the value of a limit as a person would write it; `parse_limit` reads it back."""
    if value == UNLIMITED:
        return UNLIMITED
    if unit is Unit.MONEY:
        whole, point, fraction = value.partition(".")
        return f"{int(whole):_}{point}{fraction} {base_currency}"
    number = int(value)
    if unit is Unit.BPS:
        return show_share(number)
    if unit is Unit.NS:
        for name, factor in _NS_NAMES:
            if number and number % factor == 0:
                return f"{number // factor:_} {name}"
        return f"{number:_} ns"
    return f"{number:_} units" if unit is Unit.UNITS else f"{number:_} count"


def show_share(bps: int) -> str:
    """Return basis points as a percentage."""
    whole, rest = divmod(bps, 100)
    fraction = f".{rest:02}".rstrip("0") if rest else ""
    return f"{whole:_}{fraction} %"


def _parse_money(raw: object, base_currency: str, expected: str) -> str:
    match = _matched(_AMOUNT, raw, plain=False)
    if match is None or match["unit"] != base_currency:
        raise ValueError(expected)
    text = _shortest(match["whole"], match["fraction"] or "", expected)
    if Decimal(text) > LIMIT_MAX:
        raise ValueError(f"{expected}, at most {LIMIT_MAX}")
    return text


def _parse_whole(raw: object, unit: Unit, expected: str, maximum: int, *, plain: bool) -> int:
    """Return a whole number in `unit`; `plain` says whether it may stand without its unit."""
    match = _matched(_AMOUNT, raw, plain=plain)
    if match is None or (match["unit"] is None and not plain):
        raise ValueError(expected)
    factor = 1 if match["unit"] is None else _FACTORS[unit].get(match["unit"])
    if factor is None:
        raise ValueError(expected)
    fraction = (match["fraction"] or "").replace("_", "")
    number = int(match["whole"] + fraction) * factor
    value, rest = divmod(number, int("1" + "0" * len(fraction)))
    if rest:
        raise ValueError(f"{expected}, in whole {unit}")
    if value > maximum:
        raise ValueError(f"{expected}, at most {maximum} {unit}")
    return value


def _matched(pattern: re.Pattern[str], raw: object, *, plain: bool) -> re.Match[str] | None:
    """Return the match of text, or of a plain integer where `plain` admits one."""
    match raw:
        case bool():
            return None
        case int() if plain and raw.bit_length() <= INTEGER_BITS_MAX:
            return pattern.fullmatch(str(raw))
        case str() if len(raw) <= TEXT_MAX:
            return pattern.fullmatch(raw)
        case _:
            return None


def _shortest(whole: str, fraction: str, expected: str) -> str:
    """Return the shortest plain decimal of what was written; too many digits are refused."""
    fraction = fraction.replace("_", "").rstrip("0")
    if len(fraction) > SCALE_DIGITS:
        raise ValueError(f"{expected}, with at most {SCALE_DIGITS} fraction digits")
    digits = whole.replace("_", "").lstrip("0") or "0"
    return f"{digits}.{fraction}" if fraction else digits
