"""Values that are no tables: how each kind is read from plain TOML values, and how one is quoted.

Each function that reads takes what stands in the file, returns its meaning and raises ValueError
with what was expected.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ringfence.config import units
from ringfence.config.limits import LimitSpec
from ringfence.config.toml_text import FloatText, escaped
from ringfence.config.units import UNLIMITED, Unit

__all__ = [
    "ALL",
    "COUNT_MAX",
    "CURRENCY",
    "NAME_BYTES_MAX",
    "NODE_BYTES_MAX",
    "READERS",
    "SECRETIVE",
    "read_boolean",
    "read_choice",
    "read_limit_value",
    "shown",
]

NAME_BYTES_MAX: Final = 31
"""Longest name, in bytes of UTF-8; the kernel keeps names in place."""
NODE_BYTES_MAX: Final = 12
"""Longest name of a node, which begins every ClOrdID that it sends."""
COUNT_MAX: Final = 2**32 - 1
"""Largest number of things outside a limit."""
ALL: Final = "*"
"""Entitles a session to everything of a kind; no name."""
CURRENCY: Final = re.compile(r"[A-Z][A-Z0-9]{2,9}")
FOUND_CHARS_MAX = 60

_PUBLIC_KEY = re.compile(r"[0-9a-fA-F]{64}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_limit_value(raw: object, spec: LimitSpec, base_currency: str) -> str:
    """Return the value of a limit as the kernel takes it.

    A window of no length and a reserve without end are refused: each would switch its rule off
    without the word that is meant for that.
    """
    value = units.parse_limit(raw, spec.unit, base_currency)
    if spec.unit is Unit.NS and value == "0":
        raise ValueError(f"{units.example(Unit.NS, '')}, above zero")
    if spec.unit is Unit.COUNT and spec.floor and value == UNLIMITED:
        raise ValueError(f"{units.example(Unit.COUNT, '')}, written out")
    return value


def read_boolean(raw: object) -> bool:
    """Return true or false."""
    if not isinstance(raw, bool):
        raise ValueError("true or false")
    return raw


def read_choice(raw: object, choices: tuple[str, ...]) -> str:
    """Return one of `choices`."""
    if not isinstance(raw, str) or raw not in choices:
        raise ValueError(f"one of {', '.join(choices)}")
    return raw


def shown(raw: object) -> str:
    """Return what was found in the words of a message, shortened."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return str(raw).lower()
        case int() if raw.bit_length() > units.INTEGER_BITS_MAX:
            return f"an integer of {raw.bit_length()} bits"
        case int():
            return f"the integer {raw}"
        case FloatText(text):
            return f"the float {text[:FOUND_CHARS_MAX]}"
        case str() if "PRIVATE KEY" in raw.upper():
            return "what looks like a private key, which must never stand here"
        case str():
            cut = "..." if len(raw) > FOUND_CHARS_MAX else ""
            return f'"{escaped(raw[:FOUND_CHARS_MAX])}{cut}"'
        case dict():
            return "a table"
        case list():
            return "an array"
        case _:
            return f"the {type(raw).__name__} {raw}"


def _read_name(raw: object, bytes_max: int = NAME_BYTES_MAX) -> str:
    expected = f"a name of 1 to {bytes_max} bytes, all of them printable"
    if not isinstance(raw, str) or not 1 <= len(raw.encode()) <= bytes_max:
        raise ValueError(expected)
    if not raw.isprintable():  # neither control characters nor what turns the direction of text
        raise ValueError(expected)
    if raw == ALL:
        raise ValueError(f'{expected}, other than "{ALL}"')
    return raw


def _read_entitled(raw: object) -> str:
    return ALL if raw == ALL else _read_name(raw)


def _read_node_name(raw: object) -> str:
    return _read_name(raw, NODE_BYTES_MAX)


def _read_currency(raw: object) -> str:
    if not isinstance(raw, str) or not CURRENCY.fullmatch(raw):
        raise ValueError('a currency such as "USD"')
    return raw


def _read_date(raw: object) -> str:
    if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
        return raw.isoformat()
    try:
        if isinstance(raw, str) and _DATE.fullmatch(raw):
            return datetime.date.fromisoformat(raw).isoformat()
    except ValueError:
        pass
    raise ValueError("a date YYYY-MM-DD")


def _read_public_key(raw: object) -> str:
    if not isinstance(raw, str) or not _PUBLIC_KEY.fullmatch(raw):
        raise ValueError("an Ed25519 public key, 64 hexadecimal digits")
    return raw.lower()


def _read_count(raw: object) -> int:
    value = int(units.parse_limit(raw, Unit.COUNT, "")) if raw != UNLIMITED else -1
    if not 0 <= value <= COUNT_MAX:
        raise ValueError(f"a number from 0 to {COUNT_MAX}")
    return value


def _read_signed_quantity(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) <= units.QTY_MAX:
        return raw
    if isinstance(raw, str) and raw.startswith("-"):
        return -units.parse_quantity(raw[1:])
    return units.parse_quantity(raw)


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "name": _read_name,
    "entitled": _read_entitled,
    "node_name": _read_node_name,
    "currency": _read_currency,
    "date": _read_date,
    "public_key": _read_public_key,
    "price": units.parse_price,
    "quantity": units.parse_quantity,
    "signed_quantity": _read_signed_quantity,
    "count": _read_count,
    "share": units.parse_share,
    "duration": units.parse_duration,
    "period": units.parse_period,
}
"""How each kind of value is read, by the kind's name in `model`."""

SECRETIVE: Final = frozenset({"public_key", "secret_reference"})
"""Kinds whose refused values are never quoted: somebody may have pasted a secret."""
