"""`ringfence operator` in real processes: keys made and commands signed as a person would do it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import EXAMPLES, forked, ringfence
from tests.golden.regenerate import NOBODY, OPERATORS, golden_events

CONFIG = EXAMPLES / "runaway.toml"
INPUTS = EXAMPLES / "runaway.jsonl"
LATER_NS = 3_600_000_000_000


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the configuration of the runaway example with keys that were made just now."""
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    for name in OPERATORS:
        done = forked("operator", "keygen", "--output", tmp_path / f"{name}.pem")
        assert 0 == done.returncode, done.stderr
        public = done.stdout.decode().strip()
        lines[lines.index(f"[operators.{name}]") + 1] = f'public_key = "{public}"'
    path = tmp_path / "runaway.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def signed(folder: Path, command: dict[str, Any], person: str, *options: str) -> dict[str, Any]:
    """Return the command as `ringfence operator sign` prints it, signed by the person."""
    path = folder / "command.json"
    path.write_text(json.dumps(command), encoding="utf-8")
    key = folder / f"{person}.pem"
    done = forked("operator", "sign", path, "--key", key, *options)
    assert (0, b"") == (done.returncode, done.stderr)
    assert 1 == done.stdout.count(b"\n")
    return dict(json.loads(done.stdout))


def step(config: Path, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of the inputs."""
    text = "".join(json.dumps(line) + "\n" for line in inputs)
    options = ("--inputs", "-", "--events", "-")
    done = ringfence("step", "--config", config, *options, stdin=text.encode())
    assert 0 == done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def example(folder: Path) -> list[dict[str, Any]]:
    """Return the inputs of the runaway example with every command signed anew."""
    inputs = []
    for line in INPUTS.read_text(encoding="utf-8").splitlines():
        command = json.loads(line)
        if command.get("signature") not in {None, NOBODY}:
            del command["signature"]
            command = signed(folder, command, command["operator"])
        inputs.append(command)
    return inputs


def test_commands_signed_today_lead_to_the_golden_events(config: Path, tmp_path: Path) -> None:
    """R7, R28, R95: a latch stays until a person re-arms it, at most as often as configured."""
    events = step(config, example(tmp_path))
    golden = golden_events("runaway").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in golden] == events
    told = [event["event"] for event in events]
    assert told.count("latch_tripped") > told.count("latch_rearmed") > 0
    reasons = {event["reason"] for event in events if event["event"] == "denied"}
    assert {"SIGNATURE_INVALID", "REARM_LIMIT", "SECOND_PERSON_REQUIRED"} <= reasons


def test_two_persons_open_what_one_may_not(config: Path, tmp_path: Path) -> None:
    """R97, R99: loosening a halt counts only with a second signature by another key."""
    inputs = example(tmp_path)
    loosen = {
        "ts": inputs[-1]["ts"] + LATER_NS,
        "input": "trading_state_command",
        "scope_kind": "account",
        "scope": "firm",
        "state": "active",
        "cancel_open": False,
        "cause": "the loop is out of the strategy",
        "operator": "omar",
        "nonce": 100,
        "second_operator": "olga",
    }
    once = signed(tmp_path, loosen, "omar")
    twice = signed(tmp_path, once, "olga", "--second")
    forged = signed(tmp_path, once, "omar", "--second")
    endings = [step(config, [*inputs, command])[-1] for command in (once, forged, twice)]
    assert ["denied", "denied", "trading_state_set"] == [event["event"] for event in endings]
    assert "SIGNATURE_INVALID" == endings[1]["reason"]
    assert "active" == endings[2]["state"]


def test_a_key_is_kept_from_others_and_never_replaced(config: Path, tmp_path: Path) -> None:
    """R28: mode 0600, no private half in what is printed, and no second key in its place."""
    path = tmp_path / "olga.pem"
    before = path.read_bytes()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    done = forked("operator", "keygen", "--output", path)
    assert (2, b"") == (done.returncode, done.stdout)
    assert before == path.read_bytes()
    assert b"PRIVATE" not in config.read_bytes()


def test_a_command_that_nobody_can_sign_is_refused(config: Path, tmp_path: Path) -> None:
    """R13, R28: an order of a client, or a file that is no command, is exit 2 with one message."""
    assert config.exists()
    key = ("--key", tmp_path / "olga.pem")
    for text in ('{"input": "tick"}', "[]", "{"):
        done = ringfence("operator", "sign", "-", *key, stdin=text.encode())
        assert (2, b"") == (done.returncode, done.stdout)
        assert 1 == done.stderr.count(b"\n")
    assert 2 == forked("operator", "sign", tmp_path / "absent.json", *key).returncode
