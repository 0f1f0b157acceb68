"""`ringfence step` in real processes: the same answer everywhere, or one error and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ringfence import _core
from ringfence.config import compile as compile_config
from ringfence.config import load
from ringfence.engine import Kernel

from tests.e2e.programs import EXAMPLES, PROGRAM, TIMEOUT_S, forked, ringfence
from tests.golden.regenerate import NAMES, golden_events

CONFIG = EXAMPLES / "ten_denials.toml"
INPUTS = EXAMPLES / "ten_denials.jsonl"
TRADE_DATE = "2026-03-02"
GOOD = b'{"ts":1,"input":"tick"}\n'
ORDER = {
    "ts": 2,
    "input": "new_order",
    "session": "ALICE",
    "cl_ord_id": "one",
    "account": "alice",
    "strategy": "DMA",
    "symbol": "ACME",
    "side": "buy",
    "ord_type": "limit",
    "time_in_force": "day",
    "order_qty": 100,
    "price": "25.00",
    "ex_destination": "LIT1",
}


def order(**changed: object) -> bytes:
    """Return the line of an order, with fields changed or, where None, left out."""
    fields = {name: value for name, value in {**ORDER, **changed}.items() if value is not None}
    return json.dumps(fields).encode()


# What is wrong -> the line, and what the message has to say about it.
BAD_LINES = {
    "unknown input": (b'{"ts":2,"input":"new_orders"}', "new_orders"),
    "unknown key": (order(quantity=5), "quantity"),
    "missing key": (order(order_qty=None), "order_qty"),
    "missing time": (b'{"input":"tick"}', "ts"),
    "missing name": (b'{"ts":2}', "input"),
    "negative time": (b'{"ts":-2,"input":"tick"}', "ts"),
    "time as text": (b'{"ts":"2","input":"tick"}', "ts"),
    "time with a fraction": (b'{"ts":2.5,"input":"tick"}', "ts"),
    "time beyond 64 bits": (b'{"ts":9223372036854775808,"input":"tick"}', "ts"),
    "time that falls": (b'{"ts":0,"input":"tick"}', "before"),
    "wrong unit": (order(order_qty="100 shares"), "order_qty"),
    "price with a currency": (order(price="25.00 USD"), "price"),
    "not a number": (order(price=None)[:-1] + b',"price":NaN}', "JSON"),
    "not a number as text": (order(price="NaN"), "price"),
    "infinity": (order(price=None)[:-1] + b',"price":-Infinity}', "JSON"),
    "infinity as text": (order(price="inf"), "price"),
    "exponent": (order(price=None)[:-1] + b',"price":1e400}', "price"),
    "too many digits": (order(price="25.0000000001"), "price"),
    "price beyond its range": (order(price="99999999999999999999"), "price"),
    "negative quantity": (order(order_qty=-100), "order_qty"),
    "quantity with a fraction": (order(order_qty=1.5), "order_qty"),
    "quantity beyond its range": (order(order_qty=10**11), "order_qty"),
    "boolean for a number": (order(order_qty=True), "order_qty"),
    "number for a boolean": (
        b'{"ts":2,"input":"venue_session","venue":"LIT1","connected":1}',
        "connected",
    ),
    "unknown side": (order(side="long"), "side"),
    "name that is too long": (order(account="a" * 32), "account"),
    "control character": (order(cl_ord_id="one\x01two"), "cl_ord_id"),
    "empty name": (order(account=""), "account"),
    "nested value": (order(price={"px": "25"}), "price"),
    "list": (b"[1,2]", "JSON"),
    "not JSON": (b"ts=2 input=tick", "JSON"),
    "torn line": (order()[:-9], "JSON"),
    "two objects": (GOOD.strip() + GOOD.strip(), "JSON"),
    "deeply nested": (b"[" * 60_000, "JSON"),
    "duplicate key": (order()[:-1] + b',"price":"26.00"}', "price"),
    "invalid UTF-8": (order(cl_ord_id="\xff").replace(rb"\u00ff", b"\xff"), "UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf" + order(), "JSON"),
    "null byte": (b"\x00", "JSON"),
    "oversized": (b" " * 65_537, "65536 bytes"),
}


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_is_one_error_and_nothing_else(kind: str, tmp_path: Path) -> None:
    """R13, R39: exit 2, one message with file and line, no file of events, no journal."""
    line, said = BAD_LINES[kind]
    inputs, events, journal = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "journal"))
    inputs.write_bytes(GOOD + b"\n" + GOOD + line + b"\n" + GOOD)
    events.write_bytes(b"of an earlier run")
    options = ("--inputs", inputs, "--events", events, "--journal", journal)
    done = forked("step", "--config", CONFIG, *options)
    message = done.stderr.decode()
    assert (2, b"") == (done.returncode, done.stdout)
    assert message.startswith(f"ringfence: {inputs}:4: ")
    assert 1 == message.count("\n")
    assert said in message
    assert not events.exists()
    assert not journal.exists()


def test_the_line_is_counted_through_every_batch(tmp_path: Path) -> None:
    """R39: a bad line far into a large file is named by its place in the file."""
    inputs, events = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    count = 100_000
    inputs.write_bytes(GOOD * count + b"{}\n")
    done = forked("step", "--config", CONFIG, "--inputs", inputs, "--events", events)
    assert 2 == done.returncode
    assert done.stderr.decode().startswith(f"ringfence: {inputs}:{count + 1}: ")
    assert not events.exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('node = "node1"', 'node = "node1"\ncolor = "red"', "color"),
        ('"1_500 shares"', '"1_500 USD"', "order_qty"),
        ('"1_500 shares"', "1500.5", "order_qty"),
        ('above = "carla"', 'above = "nobody"', "nobody"),
        ('loss = "50_000 USD"', "", "loss"),
        ("[gateway]", "[gateway", ""),
    ],
)
def test_a_bad_configuration_is_one_error(old: str, new: str, said: str, tmp_path: Path) -> None:
    """R13: unknown key, wrong unit, float, unknown name, missing limit: exit 2, no events."""
    config, events = tmp_path / "broker.toml", tmp_path / "out.jsonl"
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")
    done = forked("step", "--config", config, "--inputs", INPUTS, "--events", events)
    assert (2, b"") == (done.returncode, done.stdout)
    assert done.stderr.decode().startswith(f"ringfence: {config}:")
    assert said in done.stderr.decode()
    assert not events.exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_the_golden_events(name: str, tmp_path: Path) -> None:
    """R29, R59: `python -m tests.golden.regenerate` writes the golden file again."""
    events = tmp_path / "out.jsonl"
    config, inputs = EXAMPLES / f"{name}.toml", EXAMPLES / f"{name}.jsonl"
    done = ringfence("step", "--config", config, "--inputs", inputs, "--events", events)
    assert 0 == done.returncode, done.stderr
    assert golden_events(name).read_text() == events.read_text()


def test_standard_input_and_output(tmp_path: Path) -> None:
    """R59: the same inputs by pipes give the same events, and nothing else on standard output."""
    options = ("--inputs", "-", "--events", "-")
    done = ringfence("step", "--config", CONFIG, *options, stdin=INPUTS.read_bytes(), cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    assert golden_events("ten_denials").read_bytes() == done.stdout
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("bad", [b"{}\n", GOOD + b"x" * 70_000])
def test_a_bad_pipe_prints_no_event(bad: bytes) -> None:
    """R39: with standard output as well, nothing of a bad input is answered."""
    options = ("--inputs", "-", "--events", "-")
    done = ringfence("step", "--config", CONFIG, *options, stdin=bad)
    assert (2, b"") == (done.returncode, done.stdout)
    assert done.stderr.startswith(b"ringfence: standard input:")


@pytest.mark.parametrize(
    "options",
    [
        ("--inputs", "absent.jsonl", "--events", "out.jsonl"),
        ("--inputs", ".", "--events", "out.jsonl"),
        ("--inputs", "in.jsonl", "--events", "in.jsonl"),
        ("--inputs", "in.jsonl", "--events", "absent/out.jsonl"),
        ("--inputs", "in.jsonl", "--events", "-", "--state-hash"),
        ("--inputs", "in.jsonl", "--events", "out.jsonl", "--durability", "memory"),
        ("--inputs", "in.jsonl"),
    ],
)
def test_wrong_use_changes_nothing(options: tuple[str, ...], tmp_path: Path) -> None:
    """R13: options that contradict each other or the files are exit 2, before anything is done."""
    (tmp_path / "in.jsonl").write_bytes(GOOD)
    done = forked("step", "--config", CONFIG, *options, cwd=tmp_path)
    assert (2, b"") == (done.returncode, done.stdout)
    assert {"in.jsonl": GOOD} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_two_processes_write_the_same_journal(tmp_path: Path) -> None:
    """R59, I6: other process, other hash seed, same bytes; the fold has the printed digest."""
    journals, printed = [], []
    for seed in ("0", "12345"):
        folder = tmp_path / seed
        options = ("--events", tmp_path / "out.jsonl", "--journal", folder, "--state-hash")
        done = ringfence(
            "step",
            "--config",
            CONFIG,
            "--inputs",
            INPUTS,
            *options,
            environment={"PYTHONHASHSEED": seed},
        )
        assert 0 == done.returncode, done.stderr
        day = folder / TRADE_DATE
        journals.append([path.read_bytes() for path in sorted(day.iterdir())])
        printed.append(done.stdout.decode().strip())
        assert printed[-1] == _core.replay(day).state_hash()
    assert journals[0] == journals[1]
    assert printed[0] == printed[1]


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_journal_goes_on(durability: str, tmp_path: Path) -> None:
    """R51, R59: a day in two runs is the day in one run, and the definitions stand once."""
    lines = INPUTS.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    whole = forked(
        "step",
        *("--config", CONFIG, "--inputs", INPUTS, "--events", tmp_path / "all", "--state-hash"),
    )
    events = b""
    hashes = []
    for part in (lines[:half], lines[half:]):
        inputs, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        inputs.write_bytes(b"".join(part))
        done = forked(
            "step",
            *("--config", CONFIG, "--inputs", inputs, "--events", out, "--state-hash"),
            *("--journal", tmp_path / "journal", "--durability", durability),
        )
        assert 0 == done.returncode, done.stderr
        events += out.read_bytes()
        hashes.append(done.stdout)
    assert (tmp_path / "all").read_bytes() == events
    assert whole.stdout == hashes[-1]
    definitions = compile_config(load(CONFIG))
    assert len(definitions) + len(lines) == _core.replay(tmp_path / "journal" / TRADE_DATE).seq


def test_a_journal_that_broke_off_among_the_definitions_goes_on(tmp_path: Path) -> None:
    """R59: a restart defines what is missing, and the state is that of an unbroken day."""
    kernel = Kernel(journal=tmp_path / "journal", trade_date=TRADE_DATE, durability="process")
    for name, fields in compile_config(load(CONFIG))[:10]:
        kernel.define(name, fields)
    kernel.close()
    hashes = [
        forked(
            "step",
            *("--config", CONFIG, "--inputs", INPUTS, "--events", tmp_path / "out.jsonl"),
            *("--state-hash", *journal),
        ).stdout
        for journal in ((), ("--journal", str(tmp_path / "journal")))
    ]
    assert hashes[0] == hashes[1] != b""


def test_a_journal_of_another_configuration_is_refused(tmp_path: Path) -> None:
    """R13, R87: a changed limit does not slip into a day that began with another one."""
    config, events = tmp_path / "broker.toml", tmp_path / "out.jsonl"
    text = CONFIG.read_text(encoding="utf-8")
    journal = ("--journal", tmp_path / "journal", "--inputs", INPUTS, "--events", events)
    config.write_text(text, encoding="utf-8")
    assert 0 == forked("step", "--config", config, *journal).returncode
    before = _core.journal_stats(tmp_path / "journal" / TRADE_DATE)
    config.write_text(text.replace('"1_500 shares"', '"2_500 shares"'), encoding="utf-8")
    done = forked("step", "--config", config, *journal)
    assert 2 == done.returncode
    assert b"another configuration" in done.stderr
    assert before == _core.journal_stats(tmp_path / "journal" / TRADE_DATE)
    assert not events.exists()


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_shown_on_a_terminal_alone(terminal: bool, tmp_path: Path) -> None:
    """Rule 21 of STYLE.md: a bar never gets between the lines of a log."""
    inputs = tmp_path / "in.jsonl"
    inputs.write_bytes(GOOD * 1000)
    reader, writer = os.openpty() if terminal else os.pipe()
    command: list[str | Path] = [
        PROGRAM,
        "step",
        "--config",
        CONFIG,
        "--inputs",
        inputs,
        "--events",
        "-",
    ]
    with os.fdopen(reader, "rb", buffering=0) as shown:
        done = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=writer,
            env={**os.environ, "TERM": "xterm"},
            timeout=TIMEOUT_S,
            check=False,
        )
        message = shown.read(100_000)
        os.close(writer)
    assert 0 == done.returncode
    assert terminal == (b"Stepping" in message)
    assert b"1000 inputs" in message
