"""Configurations from files and text: used whole, or refused with every problem listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from msgspec import structs

from ringfence.config.calibration import VOLUME_SHARE_DEFAULT, remarks_on
from ringfence.config.checking import troubles_of
from ringfence.config.model import Config
from ringfence.config.reading import Trouble, read
from ringfence.config.toml_text import KeyPath, key_lines, parse, read_text, show_key
from ringfence.errors import ConfigError, ConfigProblem

__all__ = [
    "TEXT_NAME",
    "Findings",
    "Oddity",
    "examine",
    "load",
    "loads",
    "problems",
    "with_trade_date",
]

TEXT_NAME = "<text>"
"""What stands for the name of a file where there is only text."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that is allowed and should be looked at, such as a limit that can never act.

    Attributes:
        key: Path of the key as TOML writes it.
        text: What is odd, with the numbers.
        line: Line of the key, from 1; None where it has none.
    """

    key: str
    text: str
    line: int | None

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


@dataclass(frozen=True, slots=True)
class Findings:
    """What an examination found.

    Attributes:
        config: The configuration, or None exactly if there is a problem.
        problems: Everything that must be mended. What depends on tables of the wrong shape is
            looked at once they are mended.
        oddities: What should be looked at; empty while there are problems.
    """

    config: Config | None
    problems: tuple[ConfigProblem, ...]
    oddities: tuple[Oddity, ...]


def load(path: str | PathLike[str]) -> Config:
    """Return the configuration of a file.

    Raises ConfigError with every problem: a file that cannot be read, is beyond 64 MiB or is not
    UTF-8; text that is not TOML; unknown keys, wrong units, floats, names that do not exist,
    limits that are missing.
    """
    return loads(read_text(Path(path)), path)


def loads(text: str, path: str | PathLike[str] = TEXT_NAME) -> Config:
    """Return the configuration of TOML `text`; `path` is what messages call it.

    Raises ConfigError as `load` does.
    """
    config, troubles = _checked(text, Path(path))
    if config is None:
        raise ConfigError(Path(path), problems(text, troubles))
    return config


def with_trade_date(config: Config, trade_date: str | None) -> Config:
    """Return a configuration for another trading day; None keeps that of the file."""
    if trade_date is None:
        return config
    gateway = structs.replace(config.gateway, trade_date=trade_date)
    return structs.replace(config, gateway=gateway)


def examine(path: str | PathLike[str], volume_share: int = VOLUME_SHARE_DEFAULT) -> Findings:
    """Return everything that is wrong or odd in a file.

    An order limit above `volume_share` basis points of the average daily volume is odd. Raises
    ConfigError only for what is no TOML file.
    """
    text = read_text(Path(path))
    config, troubles = _checked(text, Path(path))
    if config is None:
        return Findings(None, problems(text, troubles), ())
    remarks = remarks_on(config, volume_share)
    lines = key_lines(text) if remarks else {}
    oddities = (
        Oddity(show_key(remark.path), remark.text, _line(lines, remark.path)) for remark in remarks
    )
    return Findings(config, (), tuple(oddities))


def _checked(text: str, path: Path) -> tuple[Config | None, list[Trouble]]:
    config, troubles = read(parse(text, path))
    if config is not None:
        troubles = troubles_of(config)
    return (None, troubles) if troubles else (config, [])


def problems(text: str, troubles: list[Trouble]) -> tuple[ConfigProblem, ...]:
    """Return the problems with the lines of their keys, in the order of the file."""
    lines = key_lines(text)
    found = [
        ConfigProblem(
            show_key(trouble.path), trouble.expected, trouble.found, _line(lines, trouble.path)
        )
        for trouble in troubles
    ]
    return tuple(sorted(found, key=lambda problem: problem.line or 0))


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of a key, or of the nearest one around it that has a line."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None
