"""How a command leaves after an error: its exit code and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ringfence.errors import (
    ConfigError,
    InputError,
    KernelHalted,
    RingfenceError,
    UnsettledError,
    UsageError,
)

__all__ = ["LEFT", "leaving"]

FAILED, REFUSED, HALTED, UNSETTLED = 1, 2, 3, 4
LEFT: Final[Mapping[int, str]] = {
    FAILED: "failed",
    REFUSED: "refused",
    HALTED: "halted",
    UNSETTLED: "unsettled",
}
"""Name of the line of a log that tells the end, by exit code."""


def leaving(error: RingfenceError | OSError) -> tuple[int, str]:
    """Return the exit code of an error that was raised on purpose, and its line."""
    if isinstance(error, ConfigError | InputError | UsageError):
        return REFUSED, str(error)
    if isinstance(error, KernelHalted):
        return HALTED, f"the kernel halted: {error}"
    if isinstance(error, UnsettledError):
        return UNSETTLED, str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return FAILED, f"{error.filename}: {error.strerror}"
    return FAILED, str(error)
