"""What stands against a day: the day before, its own journal, wrong inputs, an unfit clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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

__all__ = ["Begin", "begin_of", "begun_otherwise", "unfit_clock"]


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


def unfit_clock(
    settings: Mapping[str, Any], judge: Callable[[int, int], str | None] = _core.unfit_clock
) -> Iterator[str]:
    """Yield why the day of `settings` must not begin with the clock of this machine.

    `judge` takes the bounds of its offset and of its maximum error, nanoseconds. A day that was
    begun goes on in any case, because orders of it may be open; the node tells it then.
    """
    begun = Path(settings["journal"]) / settings["trade_date"]
    if settings["clock_unfit"] == "refuse" and not begun.is_dir():
        found = judge(settings["clock_offset_max_ns"], settings["clock_error_max_ns"])
        if found is not None:
            yield f"clock_unfit: {found}"


def _wrong_inputs(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            for first, lines in batches(file):
                checked_lines(lines, first, path)
    except InputError as refusal:
        yield str(refusal)
