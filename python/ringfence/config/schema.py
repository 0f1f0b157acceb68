"""The JSON Schema of a configuration file, for editors and for `ringfence schema config`.

It describes what stands in the file, so an amount is text with its unit. What only a look at the
whole file can tell (names that exist, a tree without cycles) is checked by `check`.
"""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec

from ringfence.config import units, wire_scalars
from ringfence.config.limits import LIMITS, LimitSpec, account_limits, instrument_limits
from ringfence.config.model import Config, Phase
from ringfence.config.scalars import (
    ALL,
    COUNT_MAX,
    CURRENCY,
    NAME_BYTES_MAX,
    NODE_BYTES_MAX,
)
from ringfence.config.units import UNLIMITED, Unit

__all__ = ["json_schema", "schema_of"]

_Schema = dict[str, Any]


def json_schema() -> _Schema:
    """Return the JSON Schema (2020-12) of a configuration as it is written in TOML."""
    schema = schema_of(Config)
    for name, names in (
        ("Profile", account_limits()),
        ("InstrumentProfile", instrument_limits()),
    ):
        profile = schema["$defs"][name]
        del profile["properties"]["limits"]
        profile["properties"].update(_limit_table(names)["properties"])
        profile["required"] = [key for key in profile.get("required", ()) if key != "limits"]
    plans = schema["$defs"]["Config"]["properties"]["phase_plans"]
    plans["additionalProperties"]["propertyNames"] = {"enum": list(get_args(Phase))}
    del schema["$defs"]["Bound"]
    return schema


def schema_of(record: type[msgspec.Struct]) -> _Schema:
    """Return the JSON Schema (2020-12) of a record as it is written in TOML."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **_written(msgspec.json.schema(record))}


def _written(node: Any) -> Any:
    """Return a schema of meanings as one of what is written; only plain defaults are kept."""
    if isinstance(node, list):
        return [_written(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-kind" in node:
        kept = {
            key: item
            for key, item in node.items()
            if key == "description" or (key == "default" and isinstance(item, int))
        }
        if node["x-kind"] == "duration" and "default" in kept:
            kept["default"] = units.show_limit(str(kept["default"]), Unit.NS, "")
        return kept | _KINDS[node["x-kind"]]
    choices = [item for item in node.get("anyOf", ()) if item != {"type": "null"}]
    if len(choices) == 1:
        rest = {key: item for key, item in node.items() if key not in ("anyOf", "default")}
        return _written(choices[0]) | rest
    return {
        key: _written(item)
        for key, item in node.items()
        if key != "default" or isinstance(item, int | str)
    }


def _text(pattern: str) -> _Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _limit_table(names: tuple[str, ...]) -> _Schema:
    properties = {name: _limit(LIMITS[name]) for name in names}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _limit(spec: LimitSpec) -> _Schema:
    spellings: list[_Schema] = [_text(units.pattern(spec.unit)), {"const": UNLIMITED}]
    if spec.unit is Unit.COUNT:
        spellings.append({"type": "integer", "minimum": 0, "maximum": units.LIMIT_MAX})
    table = {
        "type": "object",
        "properties": {
            "value": {"anyOf": spellings},
            "warn": _text(units.pattern(Unit.BPS)),
            "restrict": _text(units.pattern(Unit.BPS)),
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    written: _Schema = {"anyOf": [*spellings, table]}
    return {"description": spec.doc, **written, "examples": [_EXAMPLES[spec.unit], UNLIMITED]}


def _integer_or_text(minimum: int, maximum: int, pattern: str) -> _Schema:
    integer = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return {"anyOf": [integer, _text(pattern)]}


def _name(bytes_max: int) -> _Schema:
    return {"type": "string", "minLength": 1, "maxLength": bytes_max, "not": {"const": ALL}}


def _as_in(example: str | int, *others: str | int, **schema: Any) -> _Schema:
    return {**schema, "examples": [example, *others]}


_EXAMPLES: Final = {
    Unit.UNITS: "500 shares",
    Unit.MONEY: "2_000_000 USD",
    Unit.BPS: "10 %",
    Unit.COUNT: "20 count",
    Unit.NS: "30 s",
}
_QUANTITY = units.pattern(Unit.UNITS)
_PRICE = r"-?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?"
_FILE_NAME: Final = _text(wire_scalars.FILE_NAME.pattern)
_KINDS: Final[dict[str, _Schema]] = {
    "name": _as_in("NAME", **_name(NAME_BYTES_MAX)),
    "node_name": _as_in("node1", **_name(NODE_BYTES_MAX)),
    "entitled": _as_in("NAME", ALL, type="string", minLength=1, maxLength=NAME_BYTES_MAX),
    "currency": _as_in("USD", **_text(CURRENCY.pattern)),
    "date": _as_in("2026-01-05", type="string", format="date"),
    "public_key": _text("[0-9a-fA-F]{64}"),
    "price": _as_in("42.50", anyOf=[{"type": "integer"}, _text(_PRICE)]),
    "quantity": _as_in(100, "100 shares", **_integer_or_text(0, units.QTY_MAX, _QUANTITY)),
    "signed_quantity": _as_in(
        -100,
        "-100 shares",
        **_integer_or_text(-units.QTY_MAX, units.QTY_MAX, f"-?{_QUANTITY}"),
    ),
    "count": _as_in(20, "20 count", **_integer_or_text(0, COUNT_MAX, units.pattern(Unit.COUNT))),
    "share": _as_in("10 %", "25 bps", **_text(units.pattern(Unit.BPS))),
    "duration": _as_in("30 s", "250 ms", **_text(units.pattern(Unit.NS))),
    "period": _as_in("5 y", "1826 d", **_text(units.period_pattern())),
    "address": _as_in("127.0.0.1:7001", **_text(wire_scalars.ADDRESS.pattern)),
    "comp_id": _as_in("CLIENT", **_text(wire_scalars.COMP_ID.pattern)),
    "dictionary": _as_in(
        wire_scalars.COMPACT,
        anyOf=[{"const": wire_scalars.COMPACT}, {"type": "array", "items": _FILE_NAME}],
    ),
    "file_name": _as_in("FILE", **_FILE_NAME),
    "host_name": _as_in("fix.venue.example", **_text(wire_scalars.HOST_NAME.pattern)),
    "money": _as_in("5_000_000 USD", **_text(units.pattern(Unit.MONEY))),
    "secret_reference": _as_in("env:NAME", **_text(wire_scalars.SECRET_REFERENCE.pattern)),
    "tape_source": _as_in("reconstruction", **_text(wire_scalars.TAPE_SOURCE.pattern)),
    "time_of_day": _as_in("09:30", **_text(wire_scalars.TIME_OF_DAY.pattern)),
    "time_zone": _as_in("America/New_York", type="string"),
    "user_name": _as_in("NAME", **_text(wire_scalars.USER_NAME.pattern)),
    "account_limits": _limit_table(account_limits()),
    "instrument_limits": _limit_table(instrument_limits()),
}
