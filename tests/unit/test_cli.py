"""The program as a whole: its commands, its exit codes, and what it imports to show them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import typer
from ringfence import _core, cli
from ringfence.cli import main
from ringfence.cli._lazy import lazy_group
from ringfence.errors import InputError, JournalError, KernelHalted, UsageError
from typer.core import TyperGroup
from typer.testing import CliRunner

COMMANDS = [
    "bench",
    "config",
    "demo",
    "gate",
    "journal",
    "node",
    "operator",
    "schema",
    "step",
    "venue",
    "version",
]
TIMEOUT_S = 30


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("wrong", line=3), 2, "line 3: wrong"),
        (UsageError("no such day"), 2, "no such day"),
        (JournalError("at byte 7"), 1, "at byte 7"),
        (_core.JournalError("at byte 7"), 1, "at byte 7"),
        (OSError(28, "No space left on device", "day.jsonl"), 1, "day.jsonl: No space left"),
        (KernelHalted("I1: order 3"), 3, "the kernel halted: I1: order 3"),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    error: Exception,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R13: 2 for bad input or use, 1 for the environment, 3 for a halted kernel."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr()
    assert (code, "") == (caught.value.code, printed.out)
    assert printed.err.startswith(f"ringfence: {message}")
    assert 1 == printed.err.count("\n")


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 20 of STYLE.md: only errors that were raised on purpose are made into a line."""

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(ZeroDivisionError):
        main()


def test_every_command_is_there_with_a_help_text() -> None:
    """Rule 25 of STYLE.md: each command and each of its options says what it is for."""
    group = typer.main.get_group(cli.app)
    assert COMMANDS == sorted(group.commands)
    undocumented = [name for name, command in _every_command(group, "ringfence")
                    if not command.help or not _is_documented(command)]  # fmt: skip
    assert [] == undocumented


def _every_command(group: TyperGroup, name: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for below, command in group.commands.items():
        found.append((f"{name} {below}", command))
        if isinstance(command, TyperGroup):
            found.extend(_every_command(command, f"{name} {below}"))
    return found


def _is_documented(command: Any) -> bool:
    return all(parameter.help for parameter in command.params if parameter.name != "help")


def test_help_imports_neither_bench_nor_the_work() -> None:
    """The list of commands is quick: it imports no table, no key, no reader and no benchmark."""
    code = (
        "import sys\n"
        "from ringfence.cli import main\n"
        "sys.argv = ['ringfence', '--help']\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    heavy = ('ringfence.bench', 'ringfence.ops', 'ringfence.cli.config', 'cryptography')\n"
        "    print(*[name for name in heavy if name in sys.modules], file=sys.stderr, end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=TIMEOUT_S, check=False
    )
    assert (0, b"") == (done.returncode, done.stderr)
    for name in COMMANDS:
        assert name in done.stdout.decode()


def test_a_lazy_group_takes_no_commands_of_its_own() -> None:
    """Rule 8 of STYLE.md: the commands of a group are in one place."""
    group = typer.main.get_group(lazy_group("ringfence.cli.gate", "Show."))
    assert ["demo", "limits", "reasons", "rules"] == sorted(group.commands)
    with pytest.raises(ValueError, match="defined there"):
        group.commands = {"other": next(iter(group.commands.values()))}


@pytest.mark.parametrize("of", ["inputs", "events"])
def test_the_schema_of_lines_is_the_kernel_s(of: str) -> None:
    """R13: what is printed is what is read, for every record; the table has every field too."""
    printed = CliRunner().invoke(cli.app, ["schema", of])
    assert 0 == printed.exit_code
    assert _core.schema(of) == json.loads(printed.stdout)["records"]
    table = CliRunner().invoke(cli.app, ["schema", of, "--format", "table"])
    words = set(table.stdout.split())
    for record in _core.schema(of):
        assert {record["name"], *(field["name"] for field in record["fields"])} <= words


def test_the_schema_of_the_configuration_is_printed() -> None:
    """R13: as JSON Schema, and as a table with every key of every section."""
    printed = json.loads(CliRunner().invoke(cli.app, ["schema", "config"]).stdout)
    table = CliRunner().invoke(cli.app, ["schema", "config", "--format", "table"])
    words = set(table.stdout.split())
    assert {"Gateway", "Account", "Instrument"} <= set(printed["$defs"]) & words
    for section in printed["$defs"].values():
        assert set(section.get("properties", {})) <= words


def test_the_gate_prints_rules_reasons_and_limits() -> None:
    """R29: each as a table and as JSON, from the kernel."""
    for command, rows in (
        ("rules", _core.rules()),
        ("reasons", _core.reasons()),
        ("limits", _core.limit_keys()),
    ):
        printed = CliRunner().invoke(cli.app, ["gate", command, "--json"])
        assert [row["name"] for row in rows] == [row["name"] for row in json.loads(printed.stdout)]
        table = CliRunner().invoke(cli.app, ["gate", command])
        assert 0 == table.exit_code
        assert len(rows) < len(table.stdout.splitlines())
    both = CliRunner().invoke(cli.app, ["gate", "rules", "--json", "--markdown"])
    assert 2 == both.exit_code


def test_the_version_is_printed() -> None:
    """R80: which build this is can be asked of it."""
    printed = CliRunner().invoke(cli.app, ["version"])
    assert 0 == printed.exit_code
    assert printed.stdout.startswith("ringfence ")
