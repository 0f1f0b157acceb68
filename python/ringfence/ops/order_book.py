"""Order files for the simulated venue's book: read, matched by the native half, shown as lines.

Refuses: a file of more than `FILE_BYTES_MAX`. What a line says is judged in Rust alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.errors import InputError

__all__ = ["FILE_BYTES_MAX", "csv_lines", "match_files"]

FILE_BYTES_MAX = 256 * 1024**2
"""Largest file of orders, in bytes."""


def match_files(book: Path, orders: Path, engine: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the requests of one file do to the resting orders of another.

    Lists of rows: `trades`, `rejected`, `canceled`, `book` and `waiting`. A bad line raises
    InputError with path, line and column.
    """
    files = {"book": book, "orders": orders}
    content = {name: _bytes(path) for name, path in files.items()}
    try:
        return _core.match_orders(content["book"], content["orders"], engine)
    except _core.InputError as refusal:
        message, line, column, _row, file = (*refusal.args, *(None,) * 4)[:5]
        path = None if file is None else files[file]
        raise InputError(str(message), line=line, field=column, path=path) from None


def csv_lines(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield the trades and then the book, one line each, the kind of row first."""
    for trade in found["trades"]:
        yield f"trade,{trade['taker']},{trade['maker']},{trade['price']},{trade['qty']}\n"
    for order in found["book"]:
        yield f"book,{order['side']},{order['price']},{order['order_id']},{order['qty']}\n"


def _bytes(path: Path) -> bytes:
    """Return what the file holds, refused when it is too large."""
    with path.open("rb") as file:
        content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise InputError(f"expected at most {FILE_BYTES_MAX} bytes, found more", path=path)
    return content
