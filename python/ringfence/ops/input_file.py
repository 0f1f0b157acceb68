"""Inputs as JSON Lines, read in bounded pieces.

Refuses: a line longer than `LINE_BYTES_MAX`, and more than `SPOOL_BYTES_MAX` from a pipe. What a
line says is judged by the kernel's own reader and nowhere else.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ringfence.errors import InputError

__all__ = [
    "BATCH_BYTES",
    "LINE_BYTES_MAX",
    "SPOOL_BYTES_MAX",
    "STANDARD",
    "batches",
    "opened",
]

LINE_BYTES_MAX = 65_536
"""Longest line that is read, in bytes, its end not counted."""
BATCH_BYTES = 1_048_576
"""How much is read at a time, in bytes; a batch may be one line longer."""
SPOOL_BYTES_MAX = 64 * 1024**3
"""Most that is taken from a pipe, in bytes: it is kept on disk until it is decided."""
STANDARD = Path("-")
"""The name that stands for standard input or output."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open inputs such that they can be read more than once.

    What is no regular file (standard input, a pipe) is first read to its end into a temporary
    file, because nothing is applied before everything was read.
    """
    if path != STANDARD and path.is_file():
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile("w+b") as spool:
        if path == STANDARD:
            _copy(sys.stdin.buffer, spool)
        else:
            with path.open("rb") as pipe:
                _copy(pipe, spool)
        spool.seek(0)
        yield spool


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    """Copy all of `source`; more than `SPOOL_BYTES_MAX` is an error."""
    copied = 0
    while block := source.read(BATCH_BYTES):
        copied += len(block)
        if copied > SPOOL_BYTES_MAX:
            message = f"expected at most {SPOOL_BYTES_MAX} bytes from a pipe, found more"
            raise InputError(message)
        target.write(block)


def batches(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines of `file` in order, each batch with the number of its first line.

    The last line needs no end. Raises InputError at the first line that is too long, after the
    lines before it were yielded.
    """
    number, rest = 1, b""
    while block := file.read(BATCH_BYTES):
        whole, end, rest = (rest + block).rpartition(b"\n")
        if end:
            yield from _short_enough(whole + end, number)
            number += whole.count(b"\n") + 1
        if len(rest) > LINE_BYTES_MAX:
            raise _too_long(len(rest), number)
    if rest:
        yield number, rest


def _short_enough(lines: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield `lines` up to the first that is too long, and raise at that one."""
    start = 0
    for index, line in enumerate(lines.split(b"\n")):
        if len(line) > LINE_BYTES_MAX:
            if start:
                yield first, lines[:start]
            raise _too_long(len(line), first + index)
        start += len(line) + 1
    yield first, lines


def _too_long(found: int, line: int) -> InputError:
    """Return the error of a line of at least `found` bytes."""
    message = f"expected a line of at most {LINE_BYTES_MAX} bytes, found {found} or more"
    return InputError(message, line=line)
