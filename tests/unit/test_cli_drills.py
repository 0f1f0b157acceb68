"""`ringfence venue drill` and `drills`: what they ask, what they print, how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ringfence import cli
from ringfence.errors import UsageError
from ringfence.ops.control import ControlServer
from ringfence.ops.drill import DrillDesk
from ringfence.ops.drill_file import DrillFile
from ringfence.ops.drill_file import drill_file as file_of
from typer.testing import CliRunner, Result

from tests.tidy.tree import ROOT
from tests.unit.drill_sample import BACKUP, DrillingProcess, drill, node_settings


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with the example, whose name is short enough for a socket in it."""
    with TemporaryDirectory(prefix="rf") as name:
        text = (ROOT / "examples/gateway.toml").read_text(encoding="utf-8")
        (Path(name) / "gateway.toml").write_text(text, encoding="utf-8")
        yield Path(name)


@pytest.fixture
def file(folder: Path) -> DrillFile:
    """Return the file of the example's drills."""
    return file_of({"journal": str(folder / "journal/gateway")})


def invoke(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, ["venue", *(str(argument) for argument in arguments)])


def asked(folder: Path, process: DrillingProcess, *arguments: object) -> Result:
    """Ask a node for a drill of its first venue."""
    told = node_settings(str(folder), LIT1=[BACKUP])
    desk = DrillDesk(told, process, file_of(told))
    control = folder / "s.sock"
    with ControlServer(control, {"drill": desk.drill}):
        return invoke("drill", "LIT1", "--control", control, *arguments)


def words(done: Result) -> str:
    """Return what was printed with single blanks."""
    return " ".join(done.stdout.split())


def test_a_drill_that_passed_is_zero(folder: Path) -> None:
    """R67: each address with its result, and exit code 0."""
    process = DrillingProcess()
    done = asked(folder, process, "--timeout", 30, "--with-open-orders")
    assert 0 == done.exit_code
    assert f"LIT1 backup 1 {BACKUP} passed" in words(done)
    assert [("LIT1", 30_000, True)] == [(name, round(ms, -2), w) for name, ms, w in process.drills]


def test_a_backup_that_failed_is_one(folder: Path) -> None:
    """R67: the reason is printed, and the exit code is 1; so it is in JSON."""
    process = DrillingProcess()
    process.fails["LIT1"] = ("backup 1", "connection refused")
    done = asked(folder, process)
    assert 1 == done.exit_code
    assert f"{BACKUP} failed connection refused" in words(done)
    done = asked(folder, process, "--json")
    assert (1, False) == (done.exit_code, json.loads(done.stdout)["drill"]["passed"])


def test_a_venue_that_is_not_back_is_told(folder: Path) -> None:
    """R67: why a drill ended before all was tried goes to standard error."""
    process = DrillingProcess()
    process.fails["LIT1"] = ("primary", "refused")
    done = asked(folder, process)
    assert (1, True) == (done.exit_code, "not back at its primary" in done.stderr)


def test_a_drill_that_may_not_begin_is_refused(folder: Path) -> None:
    """R67: what the node refuses is an error of who asked, exit code 2 of the program."""
    process = DrillingProcess()
    process.refuses = "expected no open orders there, found 3"
    assert isinstance(asked(folder, process).exception, UsageError)
    assert 2 == asked(folder, process, "--timeout", 0).exit_code
    assert 2 == invoke("drill", "LIT1").exit_code


def test_a_dry_run_is_a_plan(folder: Path) -> None:
    """R67: what would be tried is printed, and nothing else happens."""
    process = DrillingProcess()
    done = asked(folder, process, "--dry-run")
    assert (0, []) == (done.exit_code, process.drills)
    assert f"LIT1 backup 1 {BACKUP} would be tried" in words(done)


def test_the_record_is_listed(folder: Path, file: DrillFile) -> None:
    """R67: every drill with its result; one without an end, and a line that is none, are told."""
    config = folder / "gateway.toml"
    file.append(drill("2026-01-01T10:00:00+00:00"))
    with file.path.open("ab") as raw:
        raw.write(b"garbage")
    file.append(drill("2026-02-01T10:00:00+00:00", event="began", passed=False))
    file.append(drill("2026-02-02T10:00:00+00:00", "LIT2"))
    done = invoke("drills", "--config", config)
    assert 0 == done.exit_code
    assert "LIT1 passed ringfence Ann" in words(done)
    assert "LIT1 unfinished ringfence Ann no end is on record" in words(done)
    assert "line 2: not the record of a drill" in done.stderr
    found = json.loads(invoke("drills", "LIT2", "--config", config, "--json").stdout)
    assert [("LIT2", "passed")] == [(row["venue"], row["result"]) for row in found]


def test_a_list_needs_a_configuration_and_a_venue_of_it(folder: Path) -> None:
    """R13: without its file, or for a venue that is none, nothing is listed."""
    assert 2 == invoke("drills").exit_code
    assert 2 == invoke("drills", "NONE", "--config", folder / "gateway.toml").exit_code
    assert 0 == invoke("drills", "--config", folder / "gateway.toml").exit_code
