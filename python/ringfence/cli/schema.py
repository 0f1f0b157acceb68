"""`ringfence schema`: what inputs, events and the configuration look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["schema"]

_TS = {
    "name": "ts",
    "kind": "nanoseconds UTC",
    "required": True,
    "doc": "Time of the input; it never falls from line to line.",
}
FRAMES: dict[str, list[dict[str, Any]]] = {
    "inputs": [
        _TS,
        {"name": "input", "kind": "text", "required": True, "doc": "Name of the input."},
    ],
    "events": [
        {
            "name": "seq",
            "kind": "0 to 18446744073709551615",
            "required": True,
            "doc": "Number of the record, the definitions included.",
        },
        _TS,
        {"name": "event", "kind": "text", "required": True, "doc": "Name of the event."},
        {
            "name": "to",
            "kind": "one of nowhere venue client operator",
            "required": True,
            "doc": "Where its effect goes.",
        },
    ],
}


def schema(
    of: Annotated[Literal["inputs", "events", "config"], typer.Argument(help="What to describe.")],
    form: Annotated[
        Literal["json", "table"], typer.Option("--format", help="JSON, or a table to read.")
    ] = "json",
) -> None:
    """Print what a line of inputs or events, or the configuration, may contain.

    A line is one flat JSON object: the fields of `line`, and those of the record it names.
    Decimals are strings or numbers without an exponent; they are never read as floats.
    """
    from ringfence.cli._output import print_json, show

    if of == "config":
        from ringfence.config import json_schema

        described = json_schema()
        if form == "json":
            print_json(described)
        else:
            show(_config_table(described))
        return
    from ringfence import _core

    records = _core.schema(of)
    if form == "json":
        print_json({"line": FRAMES[of], "records": records})
        return
    frame = {"name": "(every line)", "doc": "", "fields": FRAMES[of]}
    show(_record_table(of, [frame, *records]))


def _record_table(of: str, records: list[dict[str, Any]]) -> Table:
    """Return the table of the fields of each record."""
    from ringfence.cli._output import table

    rows: list[tuple[str | None, ...]] = []
    for record in records:
        rows.append((record["name"], None, None, None, record["doc"]))
        rows.extend(
            (None, field["name"], field["kind"], _needed(field["required"]), field["doc"])
            for field in record["fields"]
        )
    return table(of.capitalize(), ("record", "field", "type", "needed", "meaning"), rows)


def _config_table(described: dict[str, Any]) -> Table:
    """Return the table of the keys of each section of the configuration."""
    from ringfence.cli._output import table

    rows: list[tuple[str | None, ...]] = []
    for name, section in described.get("$defs", {}).items():
        rows.append((name, None, None, None, section.get("description")))
        required = section.get("required", ())
        rows.extend(
            (None, key, _kind(rule), _needed(key in required), rule.get("description"))
            for key, rule in section.get("properties", {}).items()
        )
    return table("Configuration", ("section", "key", "type", "needed", "meaning"), rows)


def _needed(required: bool) -> str:
    """Return how the table says whether a field must be there."""
    return "yes" if required else ""


def _kind(rule: dict[str, Any]) -> str:
    """Return the type of a key in words, from its JSON schema."""
    if "anyOf" in rule:
        return " or ".join(_kind(part) for part in rule["anyOf"])
    if "$ref" in rule:
        return str(rule["$ref"]).rpartition("/")[2]
    if "enum" in rule:
        return " ".join(map(str, rule["enum"]))
    kind = str(rule.get("type", ""))
    if kind == "array":
        return f"list of {_kind(rule.get('items', {}))}"
    if kind == "object" and isinstance(rule.get("additionalProperties"), dict):
        return f"table of {_kind(rule['additionalProperties'])}"
    return kind
