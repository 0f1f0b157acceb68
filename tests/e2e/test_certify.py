"""Certification of both example venues by real processes, and a node that asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import ringfence

from tests.e2e.certificates import Authority
from tests.e2e.processes import House
from tests.e2e.programs import ringfence as ringfence_command

pytestmark = pytest.mark.timeout(600)

ROUND_THE_CLOCK = 'start = 00:00:00\nend = 00:00:00\ntime_zone = "America/New_York"'
TAPE = """
[tape]
source = "reconstruction"
venue = "XNYS"
symbols = ["BAC"]
start = "10:00"
speed = 5
"""
CERTIFY_S = 280.0
SECRET = {"PASSWORD_OF_GW1": "known-to-both-sides"}
LOGON = '\nusername = "gw1"\npassword = "env:PASSWORD_OF_GW1"\n'
WAIVED = 'certification = "waived"'


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose processes are killed at the end; nothing runs yet."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.close()


def follow_a_tape(house: House, venue: str) -> None:
    """Let a venue open now, at ten in the morning of its tape."""
    now = datetime.now(UTC)
    begins = f'start = {now:%H:%M:%S}\nend = {now:%H:%M:%S}\ntime_zone = "UTC"'
    house.change(f"venues/{venue.lower()}.toml", {ROUND_THE_CLOCK: begins}, TAPE)


def encrypt(house: House, venue: str) -> None:
    """Let a venue speak TLS under the name of its host, and ask for a password."""
    authority = Authority(house.folder, "authority")
    server = authority.identity("localhost")
    tls = f'tls = {{ certificate = "{server.certificate}", key = "{server.key}" }}'
    change = {
        'control = "run': f'{tls}\ncontrol = "run',
        "[sessions.GW1]\n": f"[sessions.GW1]{LOGON}",
    }
    house.change(f"venues/{venue.lower()}.toml", change)
    port = house.ports[venue]
    dial = f'address = "localhost:{port}"\ntls = {{ ca = "{authority.file}" }}{LOGON}'
    house.change("gateway.toml", {f'address = "127.0.0.1:{port}"': dial})


def certify(
    house: House, venue: str, *more: str, cancels: str = "yes"
) -> tuple[int, dict[str, Any]]:
    """Certify a venue that runs; return the exit code and the certificate."""
    done = ringfence_command(
        "venue", "certify", venue, "--config", house.folder / "gateway.toml",
        "--venue-control", house.control(venue), "--cancel-on-disconnect", cancels,
        "--out", house.folder / f"{venue}.json", "--journal", house.folder / f"proof-{venue}",
        "--trade-date", "today", "--symbol", "BAC", "--json", "--wait", "60", *more,
        seconds=CERTIFY_S, environment=SECRET,
    )  # fmt: skip
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    text = (house.folder / f"{venue}.json").read_text(encoding="utf-8")
    assert found == json.loads(text)
    assert SECRET["PASSWORD_OF_GW1"] not in text
    return done.returncode, found


def states(certificate: dict[str, Any]) -> dict[str, str]:
    """Return the state of each check that has not passed, with its reason."""
    rows = (row for row in certificate["checks"] if row["state"] != "passed")
    return {row["name"]: f"{row['state']}: {row['reason']}" for row in rows}


def evidence(certificate: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the evidence of a check."""
    (row,) = (row for row in certificate["checks"] if row["name"] == name)
    found: dict[str, Any] = row["evidence"]
    return found


def start(house: House) -> tuple[int, str]:
    """Look at what a start of the gateway needs; return the exit code and what was said."""
    config = house.folder / "gateway.toml"
    done = ringfence_command("node", "--config", config, "--trade-date", "today", "--check")
    return done.returncode, done.stdout.decode()


def test_both_venues_are_certified_and_only_then_the_node_starts(house: House) -> None:
    """R106, RTS 7 Art. 9, RTS 6 Art. 6: every item of the list, then the gateway may go."""
    house.change("gateway.toml", {WAIVED: ""})
    code, said = start(house)
    assert (2, 2) == (code, said.count("expected `certificate`"))
    follow_a_tape(house, "LIT1")
    house.keep_orders("LIT2")
    for venue, cancels, more in (("LIT1", "yes", ()), ("LIT2", "no", ("--price", "13.81"))):
        house.venue(venue)
        code, certificate = certify(house, venue, *more, cancels=cancels)
        assert ({}, 0) == (states(certificate), code)
        proof = house.folder / f"proof-{venue}"
        (day,) = (path for path in proof.iterdir() if path.is_dir())
        checked = json.loads(ringfence_command("journal", "verify", day, "--json").stdout)
        assert checked["chain_tip"] == certificate["journal"]["chain_tip"]
        assert [] == ringfence.replay(day).orders(open_only=True)
        assert 1 == evidence(certificate, "submission")["at_venue"]
        assert "NO_REFERENCE" == evidence(certificate, "market_data_loss")["reason"]
        assert ["VENUE_RATE"] == evidence(certificate, "throttles")["reasons"]
        numbers = evidence(certificate, "intraday_resumption")
        assert numbers["last_seq_before"] + 1 == numbers["first_seq_after"]
        place = f"[venues.{venue}.fix]\n"
        house.change("gateway.toml", {place: f'{place}certificate = "{venue}.json"\n'})
    code, said = start(house)
    assert 0 == code, said
    gateway = house.start("node", "--config", "gateway.toml")
    gateway.wait_for("listening")
    gateway.kill()
    place = "[venues.LIT2.fix]\n"
    house.change("gateway.toml", {place: f'{place}heartbeat = "29 s"\n'})
    code, said = start(house)
    assert 2 == code
    assert "venue LIT2" in said
    assert "the adapter's settings was" in said
    assert "venue LIT1" not in said


def test_what_failed_or_was_not_exercised_is_no_certificate(house: House) -> None:
    """R106, rule 17 of STYLE.md: an order that is swallowed fails; nobody to ask is no pass."""
    encrypt(house, "LIT1")
    house.venue("LIT1", environment=SECRET)
    line = "symbols_down symbol=BAC side=buy count=1"
    done = ringfence_command("venue", "fault", "--control", house.control("LIT1"), line)
    assert 0 == done.returncode, done.stderr
    code, certificate = certify(house, "LIT1", "--price", "13.81")
    assert 1 == code
    assert ["submission"] == list(states(certificate))
    assert states(certificate)["submission"].startswith("failed: ")
    place = "[venues.LIT1.fix]\n"
    named = f'{place}certificate = "LIT1.json"\n'
    house.change("gateway.toml", {WAIVED: "", place: named})
    code, said = start(house)
    assert 2 == code
    assert "check submission is failed, expected passed" in said
    done = ringfence_command(
        "venue", "certify", "LIT1", "--config", house.folder / "gateway.toml", "--json",
        "--price", "13.81", "--symbol", "BAC", "--trade-date", "today", "--wait", "60",
        "--reset-numbers", seconds=CERTIFY_S, environment=SECRET,
    )  # fmt: skip
    assert 1 == done.returncode, done.stderr
    found = states(json.loads(done.stdout))
    expected = {
        "rejection", "cancel_on_disconnect", "market_data_loss", "non_updated_data",
        "suspended_instrument",
    }  # fmt: skip
    assert expected == found.keys()
    assert all(why.startswith("not_exercised: ") for why in found.values())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("NOWHERE",), "no venue NOWHERE; there are LIT1, LIT2"),
        (("LIT1", "--symbol", "ZZZZ"), "no instrument ZZZZ"),
    ],
)
def test_what_cannot_be_certified_is_refused(
    house: House, arguments: tuple[str, ...], why: str
) -> None:
    """R106: bad input is exit code 2, before anything is begun."""
    config = house.folder / "gateway.toml"
    done = ringfence_command("venue", "certify", *arguments, "--config", config)
    assert 2 == done.returncode
    assert why in done.stderr.decode()
