"""What stands against a day: its journal, that of the day before, wrong inputs, an unfit clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.config import Config
from ringfence.config import compile as definitions_of
from ringfence.engine import must_have_begun_with
from ringfence.errors import InputError, JournalError
from ringfence.ops.input_file import batches
from ringfence.ops.journal_records import DAY_GLOB
from ringfence.ops.live_lines import checked_lines

__all__ = ["begun_otherwise", "unended_day", "unfit_clock"]

UNCLOSED = "unclosed"


def begun_otherwise(config: Config, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the day of `settings` cannot be begun, or gone on with: journal, first inputs.

    Raises UsageError when the day began with another configuration: then the configuration is
    wrong, and not the machine.
    """
    try:
        day = Path(settings["journal"]) / settings["trade_date"]
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


def unended_day(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the day of `settings` cannot follow the day before it, if it is yet to begin.

    The day before is verified; it must have been closed in good order.
    """
    root, trade_date = Path(settings["journal"]), settings["trade_date"]
    days = sorted(path.name for path in root.glob(DAY_GLOB) if any(path.glob("*.rfj")))
    if not days or trade_date in days:
        return
    latest = root / days[-1]
    if latest.name > trade_date:
        yield f"trade_date: expected a day after {latest.name}, found {trade_date}"
        return
    try:
        ending = _core.journal_stats(latest)["ending"]
    except _core.JournalError as failure:
        yield str(failure)
    else:
        if ending == UNCLOSED:
            hint = f"go on with it (--trade-date {latest.name}) and drain it"
            yield f"{latest}: expected a day that was closed in good order: {hint}"


def _wrong_inputs(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            for first, lines in batches(file):
                checked_lines(lines, first, path)
    except InputError as refusal:
        yield str(refusal)
