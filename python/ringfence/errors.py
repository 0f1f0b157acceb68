"""Every error that Ringfence raises on purpose: one tree.

    RingfenceError
    ├── ConfigError        the configuration is wrong; lists every problem found
    ├── InputError         a line or field from outside is wrong; nothing of it was applied
    ├── JournalError       the journal cannot be opened, written, read or believed
    ├── KernelHalted  an invariant of the kernel broke; nothing is sent any more
    ├── UnsettledError     a process ended as it was told to, with orders open
    └── UsageError         a command or call asked for what does not exist or must not be done

A denial is none of these: it is an event with a reason code. Whatever else is raised is a bug of
Ringfence. A message says what was expected, what was found and where; it never quotes a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ConfigError",
    "ConfigProblem",
    "InputError",
    "JournalError",
    "KernelHalted",
    "RingfenceError",
    "UnsettledError",
    "UsageError",
]


class RingfenceError(Exception):
    """Base of every error that Ringfence raises on purpose."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in a configuration.

    Attributes:
        key: Path of the key as TOML writes it, such as `profiles.client.order_qty`; empty for
            the text as a whole.
        expected: What should have stood there.
        found: What stood there, shortened.
        line: Line of the key in the file, from 1; None where there is no text.
    """

    key: str
    expected: str
    found: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.key}: " if self.key else ""
        return f"{place}expected {self.expected}; found {self.found}"


class ConfigError(RingfenceError):
    """A configuration that must not be used, with every problem that was found in it.

    Attributes:
        path: Name of the file, or what stands for it.
        problems: All problems, at least one. `key`, `expected`, `found` and `line` are those of
            the first.
    """

    def __init__(self, path: Path | str, problems: tuple[ConfigProblem, ...]) -> None:
        first = problems[0]
        place = f"{path}:{first.line}" if first.line is not None else str(path)
        more = len(problems) - 1
        others = f" (and {more} more; `ringfence config check` lists them)" if more else ""
        super().__init__(f"{place}: {first}{others}")
        self.path = str(path)
        self.problems = problems
        self.key = first.key
        self.expected = first.expected
        self.found = first.found
        self.line = first.line


class InputError(RingfenceError):
    """Something from outside that cannot be read; nothing of its batch was applied.

    Attributes:
        line: Line of the file or of the batch, from 1; None for a single input.
        field: Name of the field or column; None where the whole line is meant.
        row: Row of a batch of columns, from 0; None where there is none.
        path: Name of the file; None where there is none.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        field: str | None = None,
        path: Path | str | None = None,
        row: int | None = None,
    ) -> None:
        in_file = "" if path is None else f"{path}:" if line is None else f"{path}:{line}:"
        in_batch = "" if line is None or path is not None else f"line {line}:"
        super().__init__(" ".join(part for part in (in_file, in_batch, message) if part))
        self.line = line
        self.field = field
        self.row = row
        self.path = None if path is None else str(path)


class JournalError(RingfenceError):
    """A journal that cannot be opened, written, read or believed."""


class KernelHalted(RingfenceError):
    """A broken invariant: the kernel has stopped for good, and its journal is kept."""


class UnsettledError(RingfenceError):
    """An end that was asked for while orders were open that a drain would have ended."""


class UsageError(RingfenceError):
    """A command or call that asks for what does not exist or must not be done."""
