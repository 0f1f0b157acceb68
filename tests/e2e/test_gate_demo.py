"""`ringfence gate demo` in real processes, and the examples behind it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.programs import forked, ringfence
from tests.golden.regenerate import golden_events

RULES_MIN = 10


def golden_denials() -> list[dict[str, object]]:
    """Return the denials of the example day."""
    lines = golden_events("ten_denials").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "denied"]


def test_the_example_day_shows_ten_rules_and_more() -> None:
    """R29: at least ten different rules deny, each naming what it looked at and whose it is."""
    denials = golden_denials()
    rules = {denial["rule"] for denial in denials} - {0}
    assert len(rules) >= RULES_MIN
    assert len(denials) == len({denial["reason"] for denial in denials})
    assert all(denial["scope_kind"] and denial["scope"] for denial in denials)


def test_the_table_shows_every_denial(tmp_path: Path) -> None:
    """R29: reason, value and scope of each denial can be read; nothing is written."""
    done = ringfence("gate", "demo", cwd=tmp_path)
    assert (0, b"") == (done.returncode, done.stderr)
    rows = done.stdout.decode().splitlines()
    for denial in golden_denials():
        (row,) = [row for row in rows if f" {denial['reason']} " in row]
        scope = f"{denial['scope_kind']} {denial['scope']}"
        assert scope in row
        assert str(denial.get("value", "")) in row
    assert [] == list(tmp_path.iterdir())


def test_json_has_every_event() -> None:
    """R59: the demo decides what `ringfence step` decides on the same files."""
    done = forked("gate", "demo", "--json")
    assert (0, b"") == (done.returncode, done.stderr)
    printed = json.loads(done.stdout)
    events = [event for decision in printed["decisions"] for event in decision["events"]]
    golden = map(json.loads, golden_events("ten_denials").read_text().splitlines())
    own = [{key: event[key] for key in event if key not in {"seq", "ts"}} for event in golden]
    assert own == events
    assert len(golden_denials()) == printed["denials"]


def test_the_files_can_be_taken_and_stepped(tmp_path: Path) -> None:
    """R59: what --directory writes leads to the golden events; files are never replaced."""
    folder = tmp_path / "example"
    assert 0 == forked("gate", "demo", "--directory", folder).returncode
    config, inputs = folder / "ten_denials.toml", folder / "ten_denials.jsonl"
    options = ("--inputs", inputs, "--events", folder / "out.jsonl")
    assert 0 == forked("step", "--config", config, *options).returncode
    assert golden_events("ten_denials").read_bytes() == (folder / "out.jsonl").read_bytes()
    config.write_text("mine")
    done = forked("gate", "demo", "--directory", folder)
    assert (2, b"") == (done.returncode, done.stdout)
    assert "mine" == config.read_text()
