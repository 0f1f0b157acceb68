"""The JSON Schema of a configuration says what the reader accepts."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from ringfence.config import EXAMPLE_FACTS, LIMITS, json_schema, loads, starter
from ringfence.errors import ConfigError

from tests.unit.config_sample import SAMPLE, changed

SCHEMA = json_schema()
KEYWORDS = frozenset(
    [
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "default",
        "description",
        "enum",
        "examples",
        "format",
        "items",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "not",
        "pattern",
        "properties",
        "propertyNames",
        "required",
        "title",
        "type",
    ]
)


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Return whether a value satisfies a schema; an unknown keyword is an error of the test."""
    assert schema.keys() <= KEYWORDS
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    kind = kinds.get(schema.get("type", ""), object)
    number = isinstance(value, int) and not isinstance(value, bool)
    return (
        isinstance(value, kind)
        and (kind is not int or number)
        and ("const" not in schema or value == schema["const"])
        and ("enum" not in schema or value in schema["enum"])
        and ("not" not in schema or not fits(value, schema["not"]))
        and ("anyOf" not in schema or any(fits(value, one) for one in schema["anyOf"]))
        and ("pattern" not in schema or re.search(schema["pattern"], str(value)) is not None)
        and schema.get("minLength", 0) <= (len(value) if isinstance(value, str) else 1)
        and (not isinstance(value, str) or len(value) <= schema.get("maxLength", len(value)))
        and (not number or schema.get("minimum", value) <= value <= schema.get("maximum", value))
        and (
            not isinstance(value, list)
            or all(fits(item, schema.get("items", {})) for item in value)
        )
        and (not isinstance(value, dict) or _table_fits(value, schema))
    )


def _items_fit(value: list[Any], schema: dict[str, Any]) -> bool:
    return all(fits(item, schema.get("items", {})) for item in value)


def _table_fits(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", {})
    return set(schema.get("required", ())) <= value.keys() and all(
        fits(key, names)
        and (
            fits(row, properties[key])
            if key in properties
            else others is True or (others is not False and fits(row, others))
        )
        for key, row in value.items()
    )


@pytest.mark.parametrize("text", [SAMPLE, starter(EXAMPLE_FACTS, "2026-01-05")], ids=["a", "b"])
def test_configurations_in_order_fit_the_schema(text: str) -> None:
    """R13: an editor that knows the schema accepts what the reader accepts."""
    loads(text)
    assert fits(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('node = "node1"', "nod = 1"),
        ('node = "node1"\n', ""),
        ('"1_000 shares"', '"1_000 USD"'),
        ('"1_000 shares"', "1000"),
        ('"100_000 USD"', '"100_000 %"'),
        ('"5 %"', '"5"'),
        ('"5 %"', "0.05"),
        ('warn = "50 %"', 'wan = "50 %"'),
        ('value = "500 shares", ', ""),
        ('order_qty = "800 shares"', 'open_order_count = 1\norder_qty = "800 shares"'),
        ("tradable = true", "tradable = 1"),
        ('"deny_incoming"', '"deny"'),
        ("us.continuous]", "us.lunch]"),
        ("[accounts.error]", '[accounts."*"]'),
        ('age_max = "5 s"', 'age_max = "5"'),
        ('tick = "0.01"', "tick = 0.01"),
        ("qty = -100", "qty = -10_000_000_001"),
        ('"' + "1" * 64 + '"', '"11"'),
    ],
    ids=range(18),
)
def test_what_the_reader_refuses_does_not_fit(old: str, new: str) -> None:
    """R39: the schema refuses the same keys, units and floats as the reader."""
    text = changed(old, new)
    with pytest.raises(ConfigError):
        loads(text)
    assert not fits(tomllib.loads(text), SCHEMA)


def test_every_key_is_described() -> None:
    """R13: the schema says of every key and every limit what it is."""
    keys = [
        (name, key, row)
        for name, table in SCHEMA["$defs"].items()
        for key, row in table.get("properties", {}).items()
    ]
    assert [] == [
        (name, key) for name, key, row in keys if "description" not in row and "$ref" not in row
    ]
    assert LIMITS.keys() <= SCHEMA["$defs"]["Profile"]["properties"].keys()
    assert "null" not in str(SCHEMA)
    assert "x-kind" not in str(SCHEMA)
