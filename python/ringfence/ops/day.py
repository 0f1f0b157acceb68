"""What stands against a day: the day before, a journal that began otherwise, wrong inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ringfence import _core
from ringfence.config import Config
from ringfence.config import compile as definitions_of
from ringfence.engine import must_have_begun_with
from ringfence.errors import InputError, JournalError
from ringfence.ops.input_file import batches
from ringfence.ops.journal_records import DAY_GLOB
from ringfence.ops.live_lines import checked_lines

__all__ = ["Begin", "begin_of", "begun_otherwise"]


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """What a start would do with the days of its journal."""

    text: str
    """Which day it begins or goes on with, and after which."""
    known: tuple[str, ...] = ()
    """What a person should know of the change of days."""
    against: tuple[str, ...] = ()
    """Why it would be refused; empty if nothing stands against it."""


def begin_of(settings: Mapping[str, Any], *, judged: bool) -> Begin:
    """Return what a start with these settings would do; nothing is changed.

    With `judged` the settings are a gateway's, and the day before must be one that may be followed.
    """
    root, date = Path(settings["journal"]), settings["trade_date"]
    try:
        found = _core.start_of_day(root, date, json.dumps(settings) if judged else None)
    except (_core.JournalError, _core.InputError) as refusal:
        return Begin(text="", against=(f"journal: {refusal.args[0]}",))
    against = () if found["against"] is None else (f"journal: {found['against']}",)
    return Begin(text=found["text"], known=tuple(found["known"]), against=against)


def begun_otherwise(config: Config, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the day of `settings` cannot be begun, or gone on with: journal, first inputs.

    Raises UsageError when the day began with another configuration: then the configuration is
    wrong, and not the machine.
    """
    day = Path(settings["journal"]) / settings["trade_date"]
    try:
        # A day that is over is refused for that, whatever it began with.
        if not any(later.name > day.name for later in day.parent.glob(DAY_GLOB)):
            must_have_begun_with(definitions_of(config), day)
    except (InputError, JournalError) as refusal:
        yield str(refusal)
    if settings["inputs"] is not None and Path(settings["inputs"]).is_file():
        yield from _wrong_inputs(Path(settings["inputs"]))


def _wrong_inputs(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            for first, lines in batches(file):
                checked_lines(lines, first, path)
    except InputError as refusal:
        yield str(refusal)
