"""`ringfence node` and `ringfence venue`: what they look at, what they print, how they end."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence import cli
from ringfence.cli import main
from ringfence.cli._process import served
from ringfence.errors import UsageError
from ringfence.ops import native
from ringfence.ops.control import ask
from typer.testing import CliRunner, Result

from tests.tidy.tree import ROOT
from tests.unit.fake_process import FakeProcess, told

NODE, VENUE = ROOT / "examples/gateway.toml", ROOT / "examples/venues/lit1.toml"
EXAMPLES = {"node": NODE, "venue": VENUE}
TIMEOUT_S = 20.0
DRAINED = told("ended", outcome="drained", last_seq=7)
Run = Callable[..., Result]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder whose name is short enough for a socket in it."""
    with TemporaryDirectory(prefix="rf") as name:
        yield Path(name)


@pytest.fixture(params=["node", "venue"])
def command(request: pytest.FixtureRequest) -> str:
    """Return each of the two commands."""
    return str(request.param)


@pytest.fixture
def config(command: str, folder: Path) -> Path:
    """Return a copy of the command's example, on a port that is free."""
    return copied(command, folder)


def copied(command: str, folder: Path) -> Path:
    """Copy an example and what it needs, and give it a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = EXAMPLES[command].read_text(encoding="utf-8")
    old = {"node": "127.0.0.1:7001", "venue": "127.0.0.1:7101"}[command]
    path = folder / "c.toml"
    path.write_text(text.replace(old, f"127.0.0.1:{port}"), encoding="utf-8")
    inputs = ROOT / "examples/gateway.jsonl"
    (folder / inputs.name).write_text(inputs.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def control_of(command: str, folder: Path) -> Path:
    """Return the control socket of a copied example."""
    return folder / "run" / {"node": "gateway.sock", "venue": "lit1.sock"}[command]


def made_of(process: FakeProcess, seen: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have both commands run `process`, and note what they give it."""

    def make(settings: Any, secrets: Any) -> FakeProcess:
        seen.append((settings, secrets))
        return process

    monkeypatch.setattr(native, "node", make)
    monkeypatch.setattr(native, "venue", make)


def invoke(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_a_process_runs_to_its_end(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13: progress goes to standard error, the last status to standard output."""
    seen: list[Any] = []
    folding = told("recovering", "100 records folded", name="folding")
    running = told("running", "listening at 127.0.0.1:7001")
    alert = told("running", "the clock stepped", alert=True)
    made_of(FakeProcess([folding, running, alert, DRAINED]), seen, monkeypatch)
    done = invoke(command, "--config", config, "--json")
    assert (0, DRAINED) == (done.exit_code, json.loads(done.stdout))
    who = f"ringfence {command}: "
    assert [
        f"{who}recovering",
        f"{who}listening at 127.0.0.1:7001",
        f"{who}running",
        f"{who}ALERT the clock stepped",
        f"{who}ended",
    ] == done.stderr.splitlines()
    ((settings, secrets),) = seen
    assert ("2013-10-08", {}) == (settings["trade_date"], secrets)
    json.dumps(settings)


def test_lines_of_a_log_are_json_if_wanted(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R111: a log that machines read has time, process, event and text on each line."""
    made_of(FakeProcess([told("running", "up"), DRAINED]), [], monkeypatch)
    done = invoke(command, "--config", config, "--log-format", "json")
    rows = [json.loads(line) for line in done.stderr.splitlines()]
    assert [
        ("phase", "recovering"),
        ("note", "up"),
        ("phase", "running"),
        ("phase", "ended"),
    ] == [(row["event"], row["text"]) for row in rows]
    assert {command} == {row["process"] for row in rows}
    assert all(row["ts"].endswith("+00:00") and row["alert"] is False for row in rows)
    assert "" == done.stdout


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("drained", 0),
        ("stopped", 0),
        ("failed", 1),
        ("refused", 2),
        ("halted", 3),
        ("unsettled", 4),
    ],
)
def test_the_exit_code_says_how_it_ended(
    outcome: str,
    code: int,
    command: str,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R13: 0 drained, 1 failed, 2 wrong configuration, 3 halted, 4 orders stay open."""
    made_of(FakeProcess([told("ended", outcome=outcome, error="why")]), [], monkeypatch)
    monkeypatch.setattr("sys.argv", ["ringfence", command, "--config", str(config)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert code == ended.value.code


def test_what_ends_a_process_is_its_last_alert(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R111: whoever watches alerts sees why a process is gone, in both forms of its log."""
    for form in ("json", "text"):
        ended = told("ended", outcome="failed", error="journal failed: cannot sync")
        made_of(FakeProcess([ended]), [], monkeypatch)
        done = invoke(command, "--config", config, "--log-format", form)
        last = done.stderr.splitlines()[-1]
        assert 1 == done.exit_code
        if form == "text":
            assert f"ringfence {command}: ALERT journal failed: cannot sync" == last
        else:
            row = json.loads(last)
            expected = ("failed", "journal failed: cannot sync", True)
            assert expected == (row["event"], row["text"], row["alert"])


def test_a_start_that_finds_a_port_taken_is_an_alert(command: str, config: Path) -> None:
    """R13, R89: a start writes nothing to standard output; what is in its way is an alert."""
    text = config.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        start, _, rest = text.partition('listen = ["127.0.0.1:')
        port = taken.getsockname()[1]
        config.write_text(
            f'{start}listen = ["127.0.0.1:{port}{rest[rest.index(chr(34)) :]}', encoding="utf-8"
        )
        done = invoke(command, "--config", config)
    assert (1, "") == (done.exit_code, done.stdout)
    assert f"ringfence {command}: ALERT {config}: listen" in done.stderr
    assert f"cannot listen at 127.0.0.1:{port}" in done.stderr


def test_a_check_starts_nothing(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R89: what a start needs is looked at before the day, and nothing is begun."""
    process = FakeProcess([])
    made_of(process, [], monkeypatch)
    done = invoke(command, "--config", config, "--check")
    assert 0 == done.exit_code
    assert done.stdout.rstrip().endswith("sessions, ready to start")
    assert [] == process.calls
    assert {"c.toml", "gateway.jsonl"} == {path.name for path in config.parent.iterdir()}


def test_a_port_that_is_taken_is_found(command: str, config: Path) -> None:
    """R89: a second process on the same port is refused, with the address."""
    text = config.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        start, _, rest = text.partition('listen = ["')
        config.write_text(
            f'{start}listen = ["{address}"{rest[rest.index("]") :]}', encoding="utf-8"
        )
        done = invoke(command, "--config", config, "--check")
    assert 1 == done.exit_code
    assert f"cannot listen at {address}: Address already in use" in done.stdout


def test_a_bad_file_is_two(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R13: a configuration that is wrong is exit code 2, with line and key."""
    text = config.read_text(encoding="utf-8").replace('durability = "process"  #', "#")
    config.write_text(text.replace("listen =", "durability = 1\nlisten =", 1), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["ringfence", command, "--config", str(config)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert 2 == ended.value.code
    assert (
        "durability: expected one of disk, process; found the integer 1" in capsys.readouterr().err
    )


@pytest.mark.parametrize("arguments", [[], ["--config", "c.toml", "--trade-date", "tomorrow"]])
def test_options_that_are_wrong_are_two(command: str, arguments: list[str], config: Path) -> None:
    """R13: a command without its file, or with a day that is none, is refused."""
    given = [str(config) if argument == "c.toml" else argument for argument in arguments]
    assert 2 == invoke(command, *given).exit_code


def test_a_node_needs_its_table(folder: Path) -> None:
    """R13: a configuration without a process can be stepped, and not run."""
    path = folder / "ten_denials.toml"
    path.write_text((ROOT / "examples/ten_denials.toml").read_text(encoding="utf-8"), "utf-8")
    done = invoke("node", "--config", path)
    assert 2 == done.exit_code
    assert "node: expected a table [node] with at least `journal`; found none" in done.stderr


def test_the_day_can_be_another_one(
    command: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R80: the day of an option takes the place of the file's, in all that follows from it."""
    seen: list[Any] = []
    made_of(FakeProcess([DRAINED]), seen, monkeypatch)
    assert 0 == invoke(command, "--config", config, "--trade-date", "2024-03-11").exit_code
    ((settings, _),) = seen
    assert "2024-03-11" == settings["trade_date"]
    if command == "node":
        assert "2024-03-11" == settings["definitions"][-1]["trade_date"]
    else:
        assert "2024-03-10" == settings["rules"]["windows"][0]["trade_date"]


def test_a_process_is_reached_by_its_socket(command: str, folder: Path) -> None:
    """R93: status, inputs, faults and draining need no network, only the file of the socket."""
    process = FakeProcess([], after_drain=[DRAINED])
    process.last = told("running", counters=3)
    answers: dict[str, Result] = {}
    control = control_of(command, folder)

    def drive() -> None:
        process.started.wait(TIMEOUT_S)  # the socket is there before that
        answers["status"] = invoke(command, "status", "--control", control, "--json")
        inputs = folder / "in.jsonl"
        inputs.write_text('{"input": "phase_change", "phase": "halted"}\n\n', encoding="utf-8")
        if command == "node":
            answers["act"] = invoke("node", "send", "--control", control, inputs)
        else:
            answers["act"] = invoke("venue", "fault", "--control", control, "drop acks")
        answers["drain"] = invoke(command, "drain", "--control", control)

    driver = threading.Thread(target=drive)
    module = {"node": "ringfence.cli.node", "venue": "ringfence.cli.venue.process"}[command]
    offered = import_module(module).handlers(process)
    driver.start()
    assert DRAINED == served(command, process, str(control), offered, "text")
    driver.join()
    assert {0} == {answer.exit_code for answer in answers.values()}
    assert "running" == json.loads(answers["status"].stdout)["phase"]
    acted = {"node": '{"input": "phase_change", "phase": "halted"}\n', "venue": "did drop acks\n"}
    assert acted[command] == answers["act"].stdout
    assert {"node": "send", "venue": "fault"}[command] in process.calls
    assert not control.exists()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"input": "phase_change", "phase": "halted", "ts": 1}', "expected no `ts`"),
        ("not JSON", "expected one JSON object"),
        ('{"phase": "halted"}', "expected one JSON object with `input`"),
    ],
)
def test_lines_are_looked_at_before_the_first_is_sent(
    line: str, expected: str, folder: Path
) -> None:
    """R13: the first bad line is named, and nothing was sent: there is nobody to send to."""
    path = folder / "in.jsonl"
    path.write_text('{"input": "phase_change", "phase": "closed"}\n' + line + "\n", "utf-8")
    done = invoke("node", "send", "--control", folder / "none.sock", path)
    assert f"line 2: {expected}" in str(done.exception)


def test_a_status_is_shown_as_tables(folder: Path, config: Path, command: str) -> None:
    """R40: what a person asks for is readable: plain values first, then each list."""
    from ringfence.ops.control import ControlServer

    assert config.is_file()
    status = {"phase": "running", "sessions": [{"name": "LIT1", "state": "up"}], "alerts": ["x"]}
    with ControlServer(folder / "s.sock", {"status": lambda _request: {"status": status}}):
        done = invoke(command, "status", "--control", folder / "s.sock")
        assert status == ask(folder / "s.sock", {"do": "status"})["status"]
    assert {"running", "LIT1", "up", "Sessions", "Alerts", "x"} <= set(done.stdout.split())


def test_books_are_read_page_by_page(folder: Path) -> None:
    """R105: the books of a venue are open to auditors: totals, and every order and trade."""
    from ringfence.ops.control import ControlServer

    process, control = FakeProcess([]), folder / "s.sock"
    offered = import_module("ringfence.cli.venue.process").handlers(process)
    with ControlServer(control, offered):
        asked = {
            name: invoke("venue", name, "--control", control)
            for name in ("statement", "orders", "trades")
        }
        with pytest.raises(UsageError, match="expected `look`"):
            ask(control, {"do": "books", "look": "orders", "after": -1})
    assert {"GW1", "BAC", "-100"} <= set(asked["statement"].stdout.split())
    assert [1, 2, 3] == [json.loads(row)["order_id"] for row in asked["orders"].stdout.splitlines()]
    assert [1, 2, 3] == [json.loads(row)["trade_id"] for row in asked["trades"].stdout.splitlines()]


def test_the_digest_of_a_node_that_runs(folder: Path) -> None:
    """I6: the digest of the live state is to be had, beside the one that a journal gives."""
    from ringfence.ops.control import ControlServer

    control = folder / "s.sock"
    offered = import_module("ringfence.cli.node").handlers(FakeProcess([]))
    with ControlServer(control, offered):
        plain = invoke("node", "hash", "--control", control)
        as_json = invoke("node", "hash", "--control", control, "--json")
    assert "7 ab\n" == plain.stdout
    assert {"step": 7, "state_hash": "ab"} == json.loads(as_json.stdout)
