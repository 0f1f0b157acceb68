"""The certificate of a venue's adapter: what it is about, and every reason to refuse it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from ringfence import cli
from ringfence.config import canonical_json, load
from ringfence.ops.certification.certificate import CHECKS, adapter, refusals, written
from typer.testing import CliRunner

from tests.unit.wire_sample import rewired

CERTIFICATE = "certificates/SIM.json"
NAMED = f'market_data = false\ncertificate = "{CERTIFICATE}"'
FILES = {
    "FIXT11.xml": "<fix/>",
    "FIX50SP2.xml": "<fix/>",
    "sim.txt": "drop 100\n",
    "client.toml": "",
}
DIALECT = 'dictionary = ["FIXT11.xml", "FIX50SP2.xml"]'
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a configuration with a venue that has a dialect and a certificate, which is good."""
    text = rewired("market_data = false", NAMED)
    text = text.replace(DIALECT, f'{DIALECT}\ndialect = "sim.txt"')
    path = tmp_path / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "certificates").mkdir()
    certify(path)
    return path


def certify(file: Path, change: Change = lambda _row: None) -> None:
    """Write a certificate of the venue as it is now, changed by `change`."""
    config = load(file)
    row: dict[str, Any] = {
        "format": 1,
        "venue": "SIM",
        "ringfence": version("ringfence"),
        "build": config.gateway.build,
        "adapter": adapter(config, "SIM", file),
        "checks": [{"name": name, "state": "passed"} for name in CHECKS],
    }
    change(row)
    (file.parent / CERTIFICATE).write_bytes(written(row))


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text of the configuration, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def found(file: Path) -> list[str]:
    """Return why the configuration must not be started with."""
    return refusals(load(file), file)


def test_a_good_certificate_lets_the_node_start(file: Path) -> None:
    """R106: the adapter, the build and all checks are those of the certificate."""
    assert [] == found(file)


def test_without_a_certificate_nothing_starts(file: Path) -> None:
    """R106, rule 17 of STYLE.md: fail closed where nothing is said."""
    edit(file, f'certificate = "{CERTIFICATE}"', "")
    (why,) = found(file)
    assert why.startswith("venue SIM: expected `certificate`")
    edit(file, "[node]\nlisten", '[node]\ncertification = "waived"\nlisten')
    assert [] == found(file)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read the certificate"),
        (b"no JSON", "no certificate"),
        (b'{"format": 1}', "no certificate"),
        (b" " * 1_048_577, "expected a certificate of format 1"),
    ],
)
def test_what_is_no_certificate_is_refused(file: Path, content: bytes | None, why: str) -> None:
    """R106, rule 18 of STYLE.md: a file from outside is read once into a type or refused."""
    path = file.parent / CERTIFICATE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    (line,) = found(file)
    assert why in line
    assert "venue SIM: " in line


def state(name: str, state: str) -> Change:
    """Return the change that gives a check a state."""

    def change(row: dict[str, Any]) -> None:
        (check,) = (check for check in row["checks"] if check["name"] == name)
        check["state"] = state

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda row: row.update(format=2), "expected a certificate of format 1"),
        (lambda row: row.update(venue="OTHER"), "a certificate of venue OTHER"),
        (lambda row: row.update(build="older"), "certified with build older"),
        (lambda row: row.update(ringfence="0.0.1"), "certified with ringfence 0.0.1"),
        (state("recovery", "failed"), "check recovery is failed, expected passed"),
        (state("throttles", "not_exercised"), "check throttles is not_exercised"),
        (lambda row: row["checks"].pop(), "check closing is missing"),
        (lambda row: row["adapter"].pop("dialect"), "the adapter's dialect was None"),
    ],
)
def test_a_certificate_of_something_else_is_refused(file: Path, change: Change, why: str) -> None:
    """R106: another venue, build or format, and a check that did not pass, each refused."""
    certify(file, change)
    (line,) = found(file)
    assert why in line


def test_what_a_venue_does_not_offer_is_no_reason(file: Path) -> None:
    """R106: a check that does not apply is as good as one that passed."""
    certify(file, state("market_data_loss", "not_applicable"))
    assert [] == found(file)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('heartbeat = "10 s"', 'heartbeat = "11 s"', "settings"),
        ('target_comp_id = "SIMX"', 'target_comp_id = "SIMY"', "settings"),
        ('sender_comp_id = "NODEDC"', 'sender_comp_id = "NODED2"', "settings"),
        ('begin_string = "FIXT.1.1"\n', 'begin_string = "FIXT.1.1"\nreset_on_logon = true\n',
         "settings"),
        ('"FIX50SP2.xml"]', '"FIXT11.xml"]', "dictionary"),
        ('dialect = "sim.txt"', 'dialect = "client.toml"', "dialect"),
    ],
)  # fmt: skip
def test_an_adapter_that_changed_is_refused(file: Path, old: str, new: str, part: str) -> None:
    """R106: what the adapter does is part of the certificate, and what differs is named."""
    if part == "dictionary":
        (file.parent / "FIXT11.xml").write_text("<fix major='5'/>", encoding="utf-8")
    edit(file, old, new)
    (line,) = found(file)
    assert f"the adapter's {part} was" in line
    assert "certify again" in line


def test_the_content_of_the_files_counts(file: Path) -> None:
    """R106: a dictionary or dialect that was edited under its name is another adapter."""
    for name, part in (("FIX50SP2.xml", "dictionary"), ("sim.txt", "dialect")):
        (file.parent / name).write_text("<fix minor='9'/>", encoding="utf-8")
        (line,) = found(file)
        assert f"the adapter's {part} was" in line
        certify(file)
    (file.parent / "sim.txt").unlink()
    (line,) = found(file)
    assert "cannot read" in line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('address = "venue.example:7100"', 'address = "certification.example:7100"'),
        ('address = "venue.example:7101"', 'address = "certification.example:7101"'),
        ('password = "file:secrets/sim"', 'password = "env:SIM"'),
        ('ca = "tls/venues.pem"', 'ca = "tls/others.pem"'),
    ],
)
def test_places_and_secrets_do_not_count(file: Path, old: str, new: str) -> None:
    """R106: the certification environment is elsewhere, and passwords are renewed."""
    edit(file, old, new)
    assert [] == found(file)


def test_a_certificate_is_canonical_and_holds_no_secret(file: Path) -> None:
    """RFC 8785: one spelling, so that it can be compared byte by byte."""
    text = (file.parent / CERTIFICATE).read_bytes()
    assert text == canonical_json(json.loads(text)) + b"\n"
    assert b"secret" not in text


@pytest.mark.parametrize("more", [(), ("--check",)])
def test_the_node_says_which_venue_and_opens_nothing(file: Path, more: tuple[str, ...]) -> None:
    """R106, RTS 6 Art. 6: exit code 2, a line for each venue, before anything is opened.

    A start tells it as an alert of its log, a check as its answer.
    """
    certify(file, state("cancel", "failed"))
    done = CliRunner().invoke(cli.app, ["node", "--config", str(file), *more])
    assert 2 == done.exit_code
    lines, others = done.stdout.splitlines(), done.stderr.splitlines()
    begins = f"{file}: error: venue SIM: "
    if not more:
        lines, others = others, lines
        begins = f"ringfence node: ALERT {file}: venue SIM: "
    (line,) = lines
    assert line.startswith(begins)
    assert [] == others
    assert not (file.parent / "journal").exists()
