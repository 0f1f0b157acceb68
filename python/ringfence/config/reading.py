"""Plain values of a TOML file into the records of `model`, with every problem on the way.

Reading goes on behind a problem, so that one run lists all of them. An unknown key is a problem;
so is a value of another type or unit, a float wherever an exact number is meant, and a name that
the kernel could not hold.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from msgspec import Struct, inspect

from ringfence.config import units, wire_scalars
from ringfence.config.limits import LIMITS, Bound, account_limits, instrument_limits
from ringfence.config.model import Config
from ringfence.config.scalars import (
    CURRENCY,
    READERS,
    SECRETIVE,
    read_boolean,
    read_choice,
    read_limit_value,
    shown,
)
from ringfence.config.toml_text import KeyPath
from ringfence.config.units import UNLIMITED, Unit

__all__ = ["Trouble", "read", "read_as"]

Record = TypeVar("Record", bound=Struct)

CHOICES_SHOWN_MAX = 16

_LIMIT_NAMES: Mapping[str, tuple[str, ...]] = {
    "account_limits": account_limits(),
    "instrument_limits": instrument_limits(),
}
_LIMIT_KEYS = ("value", "warn", "restrict")
_READERS: Final = {**READERS, **wire_scalars.READERS}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem of the configuration whose key has no line yet."""

    path: KeyPath
    expected: str
    found: str


def read(raw: Mapping[str, Any]) -> tuple[Config | None, list[Trouble]]:
    """Return the configuration of plain values, and every problem in the order of the file.

    The configuration is None exactly if there is a problem.
    """
    gateway = raw.get("gateway")
    currency = gateway.get("base_currency") if isinstance(gateway, dict) else None
    return read_as(Config, raw, currency)


def read_as(
    record: type[Record], raw: Mapping[str, Any], currency: object
) -> tuple[Record | None, list[Trouble]]:
    """Return the record of plain values, and every problem in the order of the file.

    Limits on money are read in `currency`. The record is None exactly if there is a problem.
    """
    known = currency if isinstance(currency, str) and CURRENCY.fullmatch(currency) else None
    reader = _Reader(known)
    found = reader.value(inspect.type_info(record), raw, ())
    if isinstance(found, record) and not reader.troubles:
        return found, []
    return None, reader.troubles


@dataclass(slots=True)
class _Reader:
    """Reads one file; what a method returns after a problem is never used."""

    base_currency: str | None
    troubles: list[Trouble] = field(default_factory=list)

    def value(self, kind: inspect.Type, raw: object, path: KeyPath) -> object:
        """Return the meaning of any value."""
        name, bare = _kind_name(kind), _bare(kind)
        if name is not None and name in _LIMIT_NAMES:
            return self.limit_table(raw, path, _LIMIT_NAMES[name])
        if name == "money":
            reader = partial(units.parse_money, base_currency=self.base_currency or "USD")
            return self.scalar(reader, raw, path)
        if name is not None:
            return self.scalar(_READERS[name], raw, path, secretive=name in SECRETIVE)
        match bare:
            case inspect.StructType():
                return self.record(bare, raw, path)
            case inspect.DictType():
                return self.table(bare, raw, path)
            case inspect.VarTupleType():
                return self.array(bare, raw, path)
            case _:
                return self.scalar(_plain_reader(bare), raw, path)

    def scalar(
        self,
        read_one: Callable[[object], object],
        raw: object,
        path: KeyPath,
        *,
        secretive: bool = False,
    ) -> object:
        """Return the meaning of a value that is no table and no array."""
        try:
            return read_one(raw)
        except ValueError as refusal:
            length = f"{len(raw)} characters" if isinstance(raw, str) else "what is no text"
            found = length if secretive else shown(raw)
            self.troubles.append(Trouble(path, str(refusal), found))
            return None

    def record(self, kind: inspect.StructType, raw: object, path: KeyPath) -> object:
        """Return the record of a table with fixed keys."""
        if not isinstance(raw, dict):
            return self.refuse(path, "a table", raw)
        fields = {item.name: item for item in kind.fields}
        values: dict[str, object] = {}
        names: tuple[str, ...] = ()
        if "limits" in fields:  # the limits of a profile stand among its other keys
            names = _LIMIT_NAMES[_kind_name(fields.pop("limits").type) or ""]
            rows = {key: row for key, row in raw.items() if key in names}
            values["limits"] = self.limit_table(rows, path, names)
        self.unknown_keys(raw, (*fields, *names), path)
        for name, item in fields.items():
            if name in raw:
                values[name] = self.value(item.type, raw[name], (*path, name))
            elif item.required:
                values[name] = self.refuse((*path, name), _expected(item.type), None)
        return kind.cls(**values)

    def table(self, kind: inspect.DictType, raw: object, path: KeyPath) -> object:
        """Return the values of a table whose keys are names."""
        if not isinstance(raw, dict):
            return self.refuse(path, "a table", raw)
        rows = {}
        for key, row in raw.items():
            below = (*path, key)
            if self.value(kind.key_type, key, below) is not None:
                rows[key] = self.value(kind.value_type, row, below)
        return rows

    def array(self, kind: inspect.VarTupleType, raw: object, path: KeyPath) -> object:
        """Return the values of an array."""
        if not isinstance(raw, list):
            return self.refuse(path, "an array", raw)
        return tuple(
            self.value(kind.item_type, item, (*path, index)) for index, item in enumerate(raw)
        )

    def limit_table(
        self, raw: object, path: KeyPath, names: tuple[str, ...]
    ) -> Mapping[str, Bound]:
        """Return the limits of a table whose keys are among `names`."""
        if not isinstance(raw, dict):
            self.refuse(path, "a table", raw)
            return {}
        self.unknown_keys(raw, names, path)
        return {name: self.bound(name, raw[name], (*path, name)) for name in names if name in raw}

    def bound(self, name: str, raw: object, path: KeyPath) -> Bound:
        """Return one limit, written as its value or as a table with levels."""
        spec = LIMITS[name]
        if self.base_currency is None and spec.unit is Unit.MONEY:
            return Bound(UNLIMITED)  # the missing currency is the problem, not each amount
        read_value = partial(read_limit_value, spec=spec, base_currency=self.base_currency or "")
        if not isinstance(raw, dict):
            return Bound(str(self.scalar(read_value, raw, path)))
        self.unknown_keys(raw, _LIMIT_KEYS, path)
        value = self.scalar(read_value, raw.get("value"), (*path, "value"))
        levels: dict[str, Any] = {
            level: self.scalar(READERS["share"], raw[level], (*path, level))
            for level in ("warn", "restrict")
            if level in raw
        }
        return Bound(str(value), **levels)

    def unknown_keys(self, raw: Iterable[str], known: tuple[str, ...], path: KeyPath) -> None:
        """Note each key that a table must not have."""
        for key in raw:
            if key in known:
                continue
            choices = tuple(difflib.get_close_matches(key, known, cutoff=0.7))
            if not choices and len(known) <= CHOICES_SHOWN_MAX:
                choices = known
            expected = f"one of {', '.join(choices)}" if choices else "a known key"
            self.troubles.append(Trouble((*path, key), expected, "an unknown key"))

    def refuse(self, path: KeyPath, expected: str, raw: object) -> object:
        """Note a value that is not what was expected, and return what stands for it."""
        self.troubles.append(Trouble(path, expected, shown(raw)))
        return None


def _kind_name(kind: inspect.Type) -> str | None:
    """Return how a value is read if that is a way of its own."""
    kind = _without_none(kind)
    if isinstance(kind, inspect.Metadata) and kind.extra_json_schema is not None:
        return kind.extra_json_schema.get("x-kind") or _kind_name(kind.type)
    return None


def _bare(kind: inspect.Type) -> inspect.Type:
    """Return a type without descriptions and without None, which TOML cannot write."""
    kind = _without_none(kind)
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _plain_reader(kind: inspect.Type) -> Callable[[object], object]:
    match kind:
        case inspect.BoolType():
            return read_boolean
        case inspect.LiteralType(values=values):
            return partial(read_choice, choices=tuple(str(value) for value in values))
        case _:
            raise TypeError(f"the model has a type that cannot be read: {kind}")


def _expected(kind: inspect.Type) -> str:
    """Return what a missing value should have been."""
    name, bare = _kind_name(kind), _bare(kind)
    if name is None and isinstance(bare, inspect.StructType | inspect.DictType):
        return "a table"
    if name is None and isinstance(bare, inspect.VarTupleType):
        return "an array"
    try:
        (_READERS[name] if name else _plain_reader(bare))(None)
    except ValueError as refusal:
        return str(refusal)
    raise TypeError(f"nothing is read as {kind}")
