"""The canonical form of a configuration, and the digest that nodes attest to.

Two files that mean the same have the same digest: order of keys, comments, spelling of amounts
and defaults that are written out make no difference. Anything else does.
"""

from __future__ import annotations

import hashlib
import json
from itertools import product
from typing import Any, Final

import msgspec

from ringfence.config.model import Config

__all__ = ["FORMAT", "canonical_json", "digest"]

FORMAT: Final = 1
"""Version of the canonical form; part of what is hashed."""
INTEGER_MAX: Final = 2**53 - 1
"""Largest magnitude of an integer that every reader of JSON holds exactly."""
LATER_TABLES: Final = ("node", "fix")


def canonical_json(value: object) -> bytes:
    """Return `value` as canonical JSON (RFC 8785): one spelling, keys by UTF-16 code units.

    Takes None, bool, int, str, and lists and dicts of them. Raises ValueError for a float or an
    integer beyond 2**53 - 1, which would not be exact, and for anything else.
    """
    return _text(value).encode("utf-8")


def digest(config: Config) -> str:
    """Return the SHA-256 digest of the canonical form, 64 hexadecimal digits."""
    meaning = {"format": FORMAT, "config": _meaning(config)}
    return hashlib.sha256(canonical_json(meaning)).hexdigest()


def _meaning(config: Config) -> dict[str, Any]:
    """Return a configuration as plain values.

    `node` and `fix` came after the first release: a file without them keeps its digest.
    """
    meaning: dict[str, Any] = msgspec.to_builtins(config)
    rows = (meaning, *meaning["sessions"].values(), *meaning["venues"].values())
    for row, key in product(rows, LATER_TABLES):
        if key in row and row[key] is None:
            del row[key]
    return meaning


def _text(value: object) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() if abs(value) <= INTEGER_MAX:
            return str(value)
        case list() | tuple():
            return f"[{','.join(map(_text, value))}]"
        case dict():
            rows = sorted(value.items(), key=lambda row: _utf16(row[0]))
            return f"{{{','.join(f'{_text(key)}:{_text(row)}' for key, row in rows)}}}"
        case _:
            raise ValueError(f"expected an exact value, found {value!r}")


def _utf16(key: object) -> bytes:
    if not isinstance(key, str):
        raise ValueError(f"expected text as a key, found {key!r}")
    return key.encode("utf-16-be")
