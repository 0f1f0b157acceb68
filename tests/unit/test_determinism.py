"""Determinism: the same inputs give the same bytes, whatever process and whatever seed of maps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from ringfence import Kernel
from ringfence.ops import journal_parquet
from ringfence.ops.journal_records import Selection, records

from tests.property.walk import walk

DAY = "2013-08-01"
SEEDS = (7, 8)
STEPS = 120
WRITER = """
import sys
from ringfence import Kernel
kernel = Kernel(journal=sys.argv[2], trade_date=sys.argv[3], durability="process")
for line in open(sys.argv[1], "rb"):
    kernel.step_lines(line)
kernel.close()
print(kernel.state_hash())
"""


@pytest.fixture(scope="module", params=SEEDS)
def lines(request: pytest.FixtureRequest) -> bytes:
    """Return the inputs of a random day as JSON Lines."""
    inputs = walk(request.param, STEPS).kernel.inputs
    rows = ({"ts": ts, "input": name} | dict(fields) for ts, name, fields in inputs)
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def written(journal: Path, source: Path, environment: Sequence[tuple[str, str]]) -> str:
    """Return the state hash of another process that takes the lines on a journal."""
    command = [sys.executable, "-c", WRITER, str(source), str(journal), DAY]
    done = subprocess.run(
        command, env=os.environ | dict(environment), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def content(journal: Path) -> dict[str, bytes]:
    """Return every file of a journal."""
    files = sorted(file for file in journal.rglob("*.rfj"))
    return {str(file.relative_to(journal)): file.read_bytes() for file in files}


def test_another_process_with_another_hash_seed_writes_the_same_journal(
    lines: bytes, tmp_path: Path
) -> None:
    """R59, I6, rule 34 of STYLE.md: byte for byte, with different seeds of Python's own hashes."""
    source = tmp_path / "inputs.jsonl"
    source.write_bytes(lines)
    seeds = ("0", "1", "4294967295")
    hashes = {seed: written(tmp_path / seed, source, [("PYTHONHASHSEED", seed)]) for seed in seeds}
    assert 1 == len(set(hashes.values()))
    first, *others = (content(tmp_path / seed) for seed in seeds)
    assert max(map(len, first.values())) > len(lines) // 4, "the journal holds the inputs"
    assert [first, first] == others


def test_the_order_of_maps_leaves_no_trace(lines: bytes) -> None:
    """R59, I6: kernels whose maps are seeded differently say and become the same."""
    kernels = [Kernel(map_seed=seed) for seed in (None, 0, 1, 2**64 - 1)]
    first, *others = (kernel.step_lines(lines) for kernel in kernels)
    assert first.count(b"\n") > lines.count(b"\n") // 2, "the inputs have events"
    assert [first] * 3 == others
    assert 1 == len({kernel.state_hash() for kernel in kernels})


def test_one_batch_says_what_single_steps_say(lines: bytes) -> None:
    """I6: lines, single steps, encoded inputs and columns are four ways to the same decisions."""
    batch, single, buffered, columnar = Kernel(), Kernel(), Kernel(), Kernel()
    shown = [json.loads(line) for line in batch.step_lines(lines).splitlines()]
    stepped, encoded = [], []
    for row in map(json.loads, lines.splitlines()):
        ts, name = row.pop("ts"), row.pop("input")
        encoded.append(Kernel.encode(name, ts=ts, **row))
        for event in single.step(name, ts=ts, **row):
            about = {"seq": single.seq, "ts": ts, "event": event.name, "to": event.to}
            stepped.append(about | dict(event.fields))
    assert shown == stepped
    assert len(shown) == buffered.step_buffer(b"".join(encoded))
    assert shown == [event for name, rows in runs(lines) for event in told(columnar, name, rows)]
    assert 1 == len({kernel.state_hash() for kernel in (batch, single, buffered, columnar)})


def runs(lines: bytes) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield inputs of one kind that follow each other, as the kind and its rows."""
    for name, rows in groupby(map(json.loads, lines.splitlines()), lambda row: row["input"]):
        yield name, [{key: row[key] for key in row if key != "input"} for row in rows]


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as columns, None where a row lacks a field."""
    fields = sorted({field for row in rows for field in row})
    return {field: [row.get(field) for row in rows] for field in fields}


def told(kernel: Kernel, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of rows that are stepped as columns, as `step_lines` writes them."""
    fields = sorted({field for row in rows for field in row})
    events = kernel.step_columns(
        name, {field: [row.get(field) for row in rows] for field in fields}
    )
    found = []
    for event in events.counts:
        columns = events.lists(event)
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(columns, values, strict=True)) | {"event": event}
            found.append({key: value for key, value in row.items() if value is not None})
    found.sort(key=lambda row: (row["seq"], row["place"]))
    return [{key: row[key] for key in row if key not in {"row", "place"}} for row in found]


def test_a_journal_exports_the_table_that_the_batches_told(lines: bytes, tmp_path: Path) -> None:
    """R39, R111: one mapping of events to columns, for batches and for Parquet files."""
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    kernel = Kernel(journal=tmp_path, trade_date=DAY, durability="process")
    tables = []
    for name, rows in runs(lines):
        tables.append(kernel.step_columns(name, columns_of(rows)).arrow())
    kernel.close()
    with (tmp_path / "day.parquet").open("wb") as file:
        journal_parquet.write(records(tmp_path / DAY, Selection()), file)
    whole = arrow.concat_tables(tables)
    assert whole.num_rows > lines.count(b"\n") // 2
    assert parquet.read_table(tmp_path / "day.parquet").equals(whole)
