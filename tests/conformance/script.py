"""Reads conversations: the format of the QuickFIX acceptance definitions.

A line is `iCONNECT`, `iDISCONNECT`, `eDISCONNECT`, `I<message>` or `E<message>`, with a connection
number behind the letter where there are several: `i2,CONNECT`. `#` begins a comment. Fields of a
message are separated by SOH; in a line without SOH by `|`, so that our own files can be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SOH = b"\x01"
_LINE = re.compile(rb"(?P<who>[iIeE])(?:(?P<connection>\d{1,3}),)?(?P<what>.+)", re.DOTALL)


class Kind(Enum):
    """What a line of a conversation asks for."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"
    EXPECT_DISCONNECT = "expect disconnect"
    SEND = "send"
    EXPECT = "expect"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a conversation."""

    line: int
    kind: Kind
    connection: int
    message: bytes = b""


class ScriptError(Exception):
    """A line that the format does not know."""


def read_script(path: Path) -> list[Step]:
    """Return the steps of a file.

    Raises:
        ScriptError: a line is none of the format's, or there is no step at all.
    """
    return parse_script(path.read_bytes(), path.name)


def parse_script(text: bytes, name: str) -> list[Step]:
    """Return the steps of a text; `name` is for the error.

    Raises:
        ScriptError: a line is none of the format's, or there is no step at all.
    """
    steps = []
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", text), 1):
        if line.strip() and not line.startswith(b"#"):
            steps.append(_step(number, line, name))
    if not steps:
        raise ScriptError(f"{name}: expected a step, found none")
    return steps


def _step(number: int, line: bytes, name: str) -> Step:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ScriptError(f"{name}:{number}: expected a step, found {line[:40]!r}")
    connection = int(match["connection"] or 1)
    who, what = match["who"], match["what"]
    if who in b"IE":
        kind = Kind.SEND if who == b"I" else Kind.EXPECT
        message = what if SOH in what else what.replace(b"|", SOH)
        return Step(number, kind, connection, message)
    kinds = {
        (b"i", b"CONNECT"): Kind.CONNECT,
        (b"i", b"DISCONNECT"): Kind.DISCONNECT,
        (b"e", b"DISCONNECT"): Kind.EXPECT_DISCONNECT,
    }
    found = kinds.get((who, what.strip()))
    if found is None:
        raise ScriptError(f"{name}:{number}: expected a step, found {line[:40]!r}")
    return Step(number, found, connection)
