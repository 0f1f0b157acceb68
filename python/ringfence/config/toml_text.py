"""TOML text as plain values, with the line of every key and without any float.

Refuses: text beyond `TEXT_BYTES_MAX`, what is not UTF-8, what is not TOML. A TOML float is kept as
its text, so that a message can quote it; nothing accepts it as a number.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringfence.errors import ConfigError, ConfigProblem

__all__ = [
    "TEXT_BYTES_MAX",
    "FloatText",
    "KeyPath",
    "escaped",
    "key_lines",
    "parse",
    "read_text",
    "show_key",
]

TEXT_BYTES_MAX: Final = 64 * 1024 * 1024
"""Largest configuration that is read, in bytes."""

KeyPath = tuple[str | int, ...]
"""Path of a value: keys of tables, and positions in arrays counted from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SIMPLE_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_DOTTED = rf"{_SIMPLE_KEY}(?:[ \t]*\.[ \t]*{_SIMPLE_KEY})*"
_KEY = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]")
_PLAIN_DOTTED = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
# One token of a statement: a string, a comment, a bracket, a newline, or a run of the rest.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!"")|""(?!"))*"{3,5}'
    r"|'''(?:[^']|'(?!'')|''(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[^\"'#\[\]{}\n]+"
    r"|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class FloatText:
    """A TOML float as it was written; `inf` and `nan` too."""

    text: str


def read_text(path: Path) -> str:
    """Return the text of a configuration file.

    Raises ConfigError when the file cannot be read, is too long or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(TEXT_BYTES_MAX + 1)
    except OSError as failure:
        problem = ConfigProblem("", "a file that can be read", failure.strerror or str(failure))
        raise ConfigError(path, (problem,)) from None
    if len(content) > TEXT_BYTES_MAX:
        problem = ConfigProblem("", f"at most {TEXT_BYTES_MAX} bytes", "a longer file")
        raise ConfigError(path, (problem,))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        problem = ConfigProblem("", "UTF-8 text", f"byte 0x{content[failure.start]:02x}", line)
        raise ConfigError(path, (problem,)) from None


def parse(text: str, path: Path | str) -> dict[str, Any]:
    """Return the tables of TOML `text`: text, int, bool, date, `FloatText`, dict and list.

    Raises ConfigError with the line where the text stops being TOML.
    """
    try:
        return tomllib.loads(text, parse_float=FloatText)
    except (ValueError, RecursionError) as failure:
        found, _, place = str(failure).partition(" (at ")
        at_line = re.match(r"line (\d+)", place)
        line = int(at_line[1]) if at_line else None
        problem = ConfigProblem("", "TOML", found, line)
        raise ConfigError(path, (problem,)) from None


def show_key(path: KeyPath) -> str:
    """Return a path as TOML writes it: `accounts."BRK.A".profile`, `opening_positions[0].qty`."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
            continue
        written = part if _BARE.fullmatch(part) else f'"{escaped(part)}"'
        shown += f".{written}" if shown else written
    return shown


def escaped(text: str) -> str:
    """Return `text` as it stands between the quotes of a TOML string, printable throughout."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(
        character if character.isprintable() else f"\\U{ord(character):08x}" for character in plain
    )


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every table header and key of valid TOML `text`, counted from 1.

    Keys inside an inline table or an array are not listed: the key before them stands for them.
    """
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position = 0
    line = 1
    while position < len(text):
        end = _statement_end(text, position)
        statement = text[position:end]
        if header := _HEADER.match(statement):
            table = _header_path(_parts(header[2]), counts, repeated=header[1] == "[[")
            lines.setdefault(table, line)
        elif key := _KEY.match(statement):
            parts = _parts(key[1])
            for length in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:length]), line)
        line += statement.count("\n")
        position = end
    return lines


def _statement_end(text: str, position: int) -> int:
    """Return where the statement at `position` ends: behind the newline outside all brackets."""
    depth = 0
    for token in _TOKEN.finditer(text, position):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth == 0:
            return token.end()
    return len(text)


def _header_path(parts: list[str], counts: dict[KeyPath, int], *, repeated: bool) -> KeyPath:
    """Return the path of a header; `counts` holds how often each array of tables began."""
    path: KeyPath = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path] - 1)
    path = (*path, parts[-1])
    if repeated:
        counts[path] = counts.get(path, 0) + 1
        path = (*path, counts[path] - 1)
    return path


def _parts(dotted: str) -> list[str]:
    """Return the keys of a dotted key."""
    if _PLAIN_DOTTED.fullmatch(dotted):
        return dotted.split(".")
    parts: list[str] = []
    below: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(below, dict):
        ((part, below),) = below.items()
        parts.append(part)
    return parts
