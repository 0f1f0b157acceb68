"""Inputs for a gateway that runs: JSON Lines without a time, because its clock gives that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ringfence.errors import InputError

__all__ = ["REQUEST_TEXT_BYTES_MAX", "checked_lines", "requests"]

REQUEST_TEXT_BYTES_MAX = 262_144
"""How many bytes of lines go into one request, unless one line is longer."""


def checked_lines(lines: bytes, first: int, path: Path | None = None) -> None:
    """Raise InputError at the first line that is no JSON object with `input`, or has a `ts`.

    `first` is the number of the first line. What else a line says is judged by the kernel.
    """
    for number, line in enumerate(lines.split(b"\n"), first):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as refusal:
            raise InputError(f"expected one JSON object: {refusal}", number, path=path) from None
        if not isinstance(row, dict) or not isinstance(row.get("input"), str):
            raise InputError("expected one JSON object with `input`", number, path=path)
        if "ts" in row:
            message = "expected no `ts`: the clock of the gateway gives the time"
            raise InputError(message, number, "ts", path=path)


def requests(lines: bytes) -> Iterator[str]:
    """Yield the lines as texts that fit into a request each."""
    text: list[str] = []
    size = 0
    for line in lines.splitlines():
        if text and size + len(line) > REQUEST_TEXT_BYTES_MAX:
            yield "\n".join(text) + "\n"
            text, size = [], 0
        if line.strip():
            text.append(line.decode())
            size += len(line) + 1
    if text:
        yield "\n".join(text) + "\n"
