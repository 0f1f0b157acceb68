"""`ringfence journal` in real processes: what it believes, what it refuses, what it prints."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ringfence import _core

from tests.e2e.programs import EXAMPLES, forked

CONFIG = EXAMPLES / "ten_denials.toml"
INPUTS = EXAMPLES / "ten_denials.jsonl"
TRADE_DATE = "2026-03-02"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the journal of the example day, which no test changes."""
    folder = tmp_path_factory.mktemp("written")
    options = ("--inputs", INPUTS, "--events", folder / "out.jsonl", "--journal", folder / "days")
    assert 0 == forked("step", "--config", CONFIG, *options).returncode
    return folder / "days"


@pytest.fixture
def journal(written: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder that a test may damage."""
    return Path(shutil.copytree(written, tmp_path / "days"))


def segment(journal: Path) -> Path:
    """Return the only segment of the day."""
    (found,) = (journal / TRADE_DATE).iterdir()
    return found


def printed(*arguments: str | Path) -> Any:
    """Run `ringfence journal`, which must succeed, and return the JSON that it printed."""
    done = forked("journal", *arguments)
    assert (0, b"") == (done.returncode, done.stderr)
    return json.loads(done.stdout)


def test_verify_prints_the_digest_of_the_state(written: Path) -> None:
    """R59, I6: deciding every record again gives the bytes and the digest of the fold."""
    kernel = _core.replay(written / TRADE_DATE)
    for folder in (written, written / TRADE_DATE):
        found = printed("verify", folder, "--json")
        assert (kernel.seq, kernel.state_hash()) == (found["records"], found["state_hash"])
    assert kernel.state_hash() in forked("journal", "verify", written).stdout.decode()


def test_damage_is_named_with_its_place(journal: Path) -> None:
    """R59, R111: a changed byte is exit 1, with offset and sequence number."""
    file = segment(journal)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    for command in ("verify", "stats", "cat"):
        done = forked("journal", command, journal)
        message = done.stderr.decode()
        assert 1 == done.returncode
        assert message.startswith("ringfence: ")
        assert 1 == message.count("\n")
        assert re.search(r" at byte \d+, seq \d+: ", message)


def test_a_torn_tail_is_told_and_forgiven(journal: Path) -> None:
    """R59: a last batch that was cut off is reported, and all before it stands."""
    file = segment(journal)
    whole = printed("stats", journal, "--json")
    file.write_bytes(file.read_bytes()[:-70])
    torn = printed("stats", journal, "--json")
    assert 0 == whole["torn_bytes"] < torn["torn_bytes"]
    assert torn["records"] < whole["records"]
    assert torn["records"] == printed("verify", journal, "--json")["records"]


def test_cat_prints_every_record(written: Path) -> None:
    """R111: number, time, input and events of each record, in order."""
    lines = forked("journal", "cat", written).stdout.decode().splitlines()
    records = [json.loads(line) for line in lines]
    assert list(range(1, _core.replay(written / TRADE_DATE).seq + 1)) == [
        record["seq"] for record in records
    ]
    inputs = [json.loads(line) for line in INPUTS.read_text().splitlines()]
    own = [
        {name: value for name, value in record.items() if name not in {"seq", "events"}}
        for record in records[-len(inputs) :]
    ]
    assert [row["ts"] for row in inputs] == [row["ts"] for row in own]
    assert [row["input"] for row in inputs] == [row["input"] for row in own]
    assert all(record["events"] for record in records)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--from", "3", "--to", "5"), [3, 4, 5]),
        (("--from", "1", "--to", "1"), [1]),
        (("--to", "2"), [1, 2]),
        (("--from", "9999"), []),
        (("--from", "5", "--to", "4"), []),
        (("--input", "gateway_definition", "--input", "venue_definition"), None),
    ],
)
def test_cat_selects(options: tuple[str, ...], expected: list[int] | None, written: Path) -> None:
    """R111: both ends of a range are included, and inputs are chosen by name."""
    lines = forked("journal", "cat", written, *options).stdout.decode().splitlines()
    records = [json.loads(line) for line in lines]
    if expected is None:
        names = ["gateway_definition", "venue_definition"]
        assert names == [record["input"] for record in records]
    else:
        assert expected == [record["seq"] for record in records]


@pytest.mark.parametrize(
    "arguments",
    [
        ("cat", "--input", "no_such_input"),
        ("cat", "--from", "0"),
        ("cat", "--to", "x"),
        ("export",),
    ],
)
def test_wrong_use_is_refused(arguments: tuple[str, ...], written: Path) -> None:
    """R13: options that make no sense are exit 2."""
    command, *options = arguments
    done = forked("journal", command, written, *options)
    assert (2, b"") == (done.returncode, done.stdout)


def test_a_folder_without_a_day_or_with_several_is_refused(journal: Path, tmp_path: Path) -> None:
    """R13: which day is meant is never guessed; a copy of a day under another date is none."""
    shutil.copytree(journal / TRADE_DATE, journal / "2026-03-03")
    several = forked("journal", "cat", journal)
    assert 2 == several.returncode
    assert b"2026-03-02, 2026-03-03" in several.stderr
    copied = forked("journal", "stats", journal)
    assert (1, True) == (copied.returncode, b"expected 2026-03-03, found" in copied.stderr)
    for folder in (tmp_path / "absent", tmp_path / "empty"):
        done = forked("journal", "stats", folder)
        assert 2 == done.returncode
        assert str(folder) in done.stderr.decode()
        (tmp_path / "empty").mkdir(exist_ok=True)


def test_lines_are_exported_whole(written: Path, tmp_path: Path) -> None:
    """R111: the exported file holds what `cat` prints, byte for byte."""
    output = tmp_path / "day.jsonl"
    done = forked("journal", "export", written, "--output", output, "--input", "new_order")
    assert 0 == done.returncode, done.stderr
    assert forked("journal", "cat", written, "--input", "new_order").stdout == output.read_bytes()


def test_events_are_exported_as_exact_columns(written: Path, tmp_path: Path) -> None:
    """R39, R111: a Parquet file has one row an event; prices stay exact decimals."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    output = tmp_path / "day.parquet"
    arguments = ("export", written, "--output", output, "--format", "parquet")
    done = forked("journal", *arguments)
    assert 0 == done.returncode, done.stderr
    rows = parquet.read_table(output).to_pylist()
    lines = forked("journal", "cat", written).stdout.decode().splitlines()
    events = [
        (record["seq"], place, event)
        for record in map(json.loads, lines)
        for place, event in enumerate(record["events"])
    ]
    assert [(seq, place) for seq, place, _ in events] == [
        (row["seq"], row["place"]) for row in rows
    ]
    for row, (_, _, event) in zip(rows, events, strict=True):
        for name, value in event.items():
            shown = Decimal(value) if isinstance(row[name], Decimal) else value
            assert shown == row[name], name


def test_a_failed_export_leaves_no_file(journal: Path, tmp_path: Path) -> None:
    """R13: damage found on the way leaves neither half a file nor an old one."""
    output = tmp_path / "day.jsonl"
    output.write_text("of an earlier run")
    file = segment(journal)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert 1 == forked("journal", "export", journal, "--output", output).returncode
    assert [journal] == list(tmp_path.iterdir())
