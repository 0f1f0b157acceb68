"""The reference of the configuration describes every key as the program does."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from ringfence.config import LIMITS, explain, json_schema, loads
from ringfence.config.reading import read
from ringfence.config.units import show_limit
from ringfence.config.venue import venue_json_schema

from tests.tidy.tree import ROOT
from tests.unit.config_sample import SAMPLE

SCHEMA = json_schema()["$defs"]
VENUE_SCHEMA = venue_json_schema()["$defs"]
REFERENCE = (ROOT / "docs/reference/config.md").read_text(encoding="utf-8")
VENUE_REFERENCE = (ROOT / "docs/reference/venue.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/guides/configuration.md").read_text(encoding="utf-8")
# Heading of the page -> record of the schema.
SECTIONS = {
    "[gateway]": "Gateway",
    "[node]": "Node",
    "[node.tls]": "ServerTls",
    "[node.day_end]": "DayEnd",
    "[node.new_day]": "NewDay",
    "[profiles.NAME]": "Profile",
    "[instrument_profiles.NAME]": "InstrumentProfile",
    "[accounts.NAME]": "Account",
    "[phase_plans.NAME.PHASE]": "PhaseRules",
    "[tick_ladders.NAME]": "TickLadder",
    "[instruments.SYMBOL]": "Instrument",
    "[venues.NAME]": "Venue",
    "[venues.NAME.fix]": "FixVenue",
    "[venues.NAME.fix.tls]": "ClientTls",
    "[venues.NAME.fix.reconnect]": "Reconnect",
    "[venues.NAME.fix.drop_copy]": "FixDropCopy",
    "[sessions.NAME]": "Session",
    "[sessions.NAME.fix]": "FixSession",
    "[[sessions.NAME.fix.schedule]]": "Window",
    "[strategies.NAME]": "Strategy",
    "[operators.NAME]": "Operator",
    "[[opening_positions]]": "OpeningPosition",
}


VENUE_SECTIONS = {
    "[venue]": "VenueProcess",
    "[venue.tls]": "ServerTls",
    "[book]": "Book",
    "[sessions.NAME]": "VenueSession",
    "[sessions.NAME.throttle]": "Throttle",
    "[[sessions.NAME.schedule]]": "Window",
    "[[windows]]": "VenueWindow",
    "[tick_ladders.NAME]": "TickLadder",
    "[instruments.SYMBOL]": "Instrument",
    "[limit_band]": "LimitBand",
    "[fees]": "Fees",
    "[retail]": "Retail",
    "[tape]": "Tape",
}


def written_as(rule: dict[str, Any], schema: dict[str, Any] = SCHEMA) -> str:
    """Return how a value is written, from its schema; a table of its own section is only named."""
    if "examples" in rule:
        return f"`{json.dumps(rule['examples'][0])}`"
    if "enum" in rule:
        return " ".join(f"`{name}`" for name in rule["enum"])
    if "$ref" in rule:
        name = rule["$ref"].removeprefix("#/$defs/")
        if name in {*SECTIONS.values(), *VENUE_SECTIONS.values()}:
            return "table"
        row = schema[name]["properties"]
        cells = [f"{key} = {written_as(item, schema).strip('`')}" for key, item in row.items()]
        return f"`{{ {', '.join(cells)} }}`"
    if rule["type"] == "array":
        return f"list of {written_as(rule['items'], schema)}"
    return {"boolean": "`true` `false`", "object": "limits"}.get(rule["type"], "text")


def rows(record: str, schema: dict[str, Any] = SCHEMA) -> list[str]:
    """Return the rows of the table of a record, its limits left out."""
    needed = schema[record].get("required", [])
    found = []
    for key, rule in schema[record]["properties"].items():
        if key in LIMITS:
            continue
        default = json.dumps(rule["default"]) if "default" in rule else ""
        absent = "needed" if key in needed else f"`{default}`" if default else ""
        found.append(f"| `{key}` | {written_as(rule, schema)} | {absent} | {rule['description']} |")
    return found


def limit_rows() -> list[str]:
    """Return the rows of the table of limits."""
    return [
        f"| `{name}` | `{json.dumps(SCHEMA['Profile']['properties'][name]['examples'][0])}` | "
        f"{'yes' if spec.per_instrument else ''} | {'account' if spec.account_only else 'every'} | "
        f"{'100 % / 100 %' if spec.full_levels else '70 % / 90 %'} | {spec.doc} |"
        for name, spec in LIMITS.items()
    ]


def table_under(heading: str, page: str = REFERENCE) -> list[str]:
    """Return the rows of the first table behind a heading, without its head."""
    _, _, behind = page.partition(f"\n## `{heading}`\n")
    lines = behind.partition("\n## ")[0].splitlines()
    return [line for line in lines if line.startswith("| `")]


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_reference_describes_each_table(heading: str) -> None:
    """R13: every key that the reader knows is in the reference, described as in the schema."""
    assert rows(SECTIONS[heading]) == table_under(heading)


@pytest.mark.parametrize("heading", VENUE_SECTIONS)
def test_the_reference_describes_each_table_of_a_venue(heading: str) -> None:
    """R13: every key of the file of a simulated venue is in its reference."""
    expected = rows(VENUE_SECTIONS[heading], VENUE_SCHEMA)
    assert expected == table_under(heading, VENUE_REFERENCE)


def test_the_reference_of_a_venue_has_every_table() -> None:
    """R13: no table of the file of a venue is missing in its reference."""
    for key in VENUE_SCHEMA["VenueConfig"]["properties"]:
        assert re.search(rf"^## `\[+{key}[.\]]", VENUE_REFERENCE, re.MULTILINE), key


def test_the_reference_has_every_table() -> None:
    """R13: no table of the file is missing in the reference."""
    for key, rule in SCHEMA["Config"]["properties"].items():
        assert re.search(rf"^## `\[+{key}[.\]]", REFERENCE, re.MULTILINE), key
        assert "$ref" in rule or rule["description"]


def test_the_reference_describes_each_limit() -> None:
    """R13: every limit that must be given is in the reference, with its unit and its levels."""
    assert limit_rows() == table_under("Limits")


def test_each_example_is_read() -> None:
    """R39: what the schema and the reference show as examples is what the reader accepts."""
    raw = tomllib.loads(SAMPLE)
    for name, rule in SCHEMA["Profile"]["properties"].items():
        for value in rule["examples"] if name in LIMITS else ():
            limits = {**raw["profiles"]["firm"], name: value}
            _, troubles = read({**raw, "profiles": {**raw["profiles"], "firm": limits}})
            reserve = name == "cancel_reserve_count" and value == "UNLIMITED"
            assert bool(troubles) is reserve


def test_the_example_of_the_guide_is_in_order() -> None:
    """R13: the pieces of TOML in the guide fit together into a configuration."""
    pieces = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert pieces
    config = loads("\n".join([SAMPLE, *pieces]))
    assert {"pension_fund", "trader"} <= config.accounts.keys()


def test_the_guide_explains_what_explain_prints() -> None:
    """R14: the effective limits that the guide claims are those of its own example."""
    pieces = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    config = loads("\n".join([SAMPLE, *pieces]))
    claimed = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+?) \| (.+?) \|$", GUIDE, re.MULTILINE)
    assert len(claimed) > 5
    limits = {row.limit: row for row in explain(config, "pension_fund", "ALDR")}
    for limit, scope, value, origin in claimed:
        row = limits[limit]
        (level,) = (level for level in row.levels if level.scope == scope)
        assert value == show_limit(level.value, row.unit, "USD")
        assert origin == level.origin
