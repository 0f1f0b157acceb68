"""Secrets that a configuration only names: read when a process starts, kept in memory, not shown.

Refuses a variable that is not set, a file that others than its owner can read, and what could not
stand in a field of FIX. No message quotes a secret or tells its length.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from ringfence.errors import UsageError

__all__ = ["SECRET_BYTES_MAX", "resolve"]

SECRET_BYTES_MAX = 31
"""Longest secret, in bytes, the end of its line not counted."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def resolve(references: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secret of each reference, `env:NAME` or `file:PATH`, under the same name.

    Raises UsageError with the name of the first whose secret is not to be had.
    """
    return {name: _one(name, reference, environment) for name, reference in references.items()}


def _one(name: str, reference: str, environment: Mapping[str, str]) -> str:
    kind, _, place = reference.partition(":")
    if kind == "env":
        if place not in environment:
            raise UsageError(f"password of {name}: expected the variable {place}, found none")
        secret = environment[place]
    else:
        secret = _from_file(name, Path(place))
    if not 1 <= len(secret.encode()) <= SECRET_BYTES_MAX or not secret.isprintable():
        expected = f"1 to {SECRET_BYTES_MAX} printable bytes"
        raise UsageError(f"password of {name} in {reference}: expected {expected}")
    return secret


def _from_file(name: str, path: Path) -> str:
    """Return the first line of a file that only its owner can read."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(SECRET_BYTES_MAX + 2).decode()
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "not UTF-8"
        raise UsageError(f"password of {name}: cannot read {path}: {reason}") from None
    if mode & OTHERS:
        found = f"mode {mode:04o}"
        raise UsageError(f"password of {name}: expected {path} for its owner alone, found {found}")
    return text.removesuffix("\n").removesuffix("\r")
