"""A journal as a Parquet file: one row for each event, its record's number, time and input beside.

Prices and money are exact decimals, quantities and identifiers whole numbers, times of records
timestamps in UTC. Needs pyarrow, which is not installed by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO

from ringfence.columns import arrow_schema
from ringfence.errors import UsageError

__all__ = ["ROWS_PER_GROUP", "write"]

ROWS_PER_GROUP = 50_000
"""Rows that are held in memory at a time."""


def write(records: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    """Write every event of `records` to an open file and return the number of rows.

    Raises UsageError when pyarrow is not installed.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        message = "Parquet needs pyarrow: install it, or export as jsonl"
        raise UsageError(message) from error
    schema = arrow_schema(arrow)
    decimals = [field.name for field in schema if arrow.types.is_decimal(field.type)]
    rows, count = _rows(records), 0
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, ROWS_PER_GROUP)):
            for row in group:
                row.update({name: Decimal(row[name]) for name in decimals if name in row})
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def _rows(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one row for each event; `place` is its position within the record, from 0."""
    for record in records:
        for place, event in enumerate(record["events"]):
            frame = {"seq": record["seq"], "ts": record["ts"], "input": record["input"]}
            yield {**frame, "place": place, **event}
