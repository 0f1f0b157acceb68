"""Results that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ringfence.ops.input_file import STANDARD

__all__ = ["whole"]


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a result that exists at `path` only once the block has ended without an error.

    A file that was there before is removed first, so that a failed run leaves none that could be
    taken for its own. Standard output, a pipe or a device receives everything at the end.
    """
    if path == STANDARD:
        with tempfile.TemporaryFile("w+b") as spool:
            yield spool
            _copy(spool, sys.stdout.buffer)
    elif path.exists() and not path.is_file():
        with tempfile.TemporaryFile("w+b") as spool:
            yield spool
            with path.open("wb") as target:
                _copy(spool, target)
    else:
        with _renamed(path) as file:
            yield file


def _copy(spool: BinaryIO, target: BinaryIO) -> None:
    """Copy all of `spool` and hand it over to the system."""
    spool.seek(0)
    shutil.copyfileobj(spool, target)
    target.flush()


@contextmanager
def _renamed(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its name at the end, or is removed on an error."""
    path.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
