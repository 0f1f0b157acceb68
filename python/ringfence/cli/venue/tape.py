"""`ringfence venue tape`: events of a recorded or reconstructed day, or what they add up to."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ringfence.ops.tape_files import Wanted

__all__ = ["tape"]

CLOCK = re.compile(r"(\d\d):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?")
CLOCK_METAVAR = "HH:MM[:SS[.FRACTION]]"


def tape(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Recordings by file (`_trade.csv`, `_quote.csv`, `_message.csv` with its "
            "`_orderbook.csv`, `.ITCH50`, each also with `.gz`), or `reconstruction`.",
        ),
    ],
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", help="Only this symbol; may be repeated.")
    ] = None,
    venues: Annotated[
        list[str] | None,
        typer.Option("--venue", help="Only this venue, such as XNYS; may be repeated."),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", metavar=CLOCK_METAVAR, help="First time in New York.")
    ] = "00:00",
    end: Annotated[
        str, typer.Option("--to", metavar=CLOCK_METAVAR, help="End in New York, left out itself.")
    ] = "24:00",
    seed: Annotated[int, typer.Option(help="Draws the path of a reconstruction.", min=0)] = 1,
    imply_quotes: Annotated[
        bool, typer.Option("--imply-quotes", help="Add quotes that recorded trades imply.")
    ] = False,
    limit: Annotated[int | None, typer.Option(help="Most events to print.", min=1)] = None,
    as_summary: Annotated[
        bool, typer.Option("--summary", help="Print totals instead of events.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, events line by line.")
    ] = False,
) -> None:
    """Print the events of a market tape in order of time, or its totals with `--summary`.

    Totals are volume, mean price by volume, venues and half hours of what is chosen, and the mean
    spread and size of the best quotes from 09:30 to 16:00.
    """
    from ringfence.cli._output import print_json
    from ringfence.ops import tape_files

    if as_summary and limit is not None:
        raise typer.BadParameter("expected --summary or --limit, found both")
    wanted = tape_files.Wanted(
        symbols or (), venues or (), _time_ns(start), _time_ns(end), seed, imply_quotes
    )
    opened = tape_files.opened(sources, _checked(wanted))
    if not as_summary:
        for row in tape_files.events(opened, limit):
            sys.stdout.write((json.dumps(row) if as_json else _line(row)) + "\n")
        return
    totals = tape_files.summary(opened)
    if as_json:
        print_json(totals)
    else:
        _show(totals)


def _checked(wanted: Wanted) -> Wanted:
    """Return what is wanted; a window that ends before it begins is refused."""
    if wanted.end_ns < wanted.start_ns:
        raise typer.BadParameter("expected --to not before --from")
    return wanted


def _time_ns(text: str) -> int:
    """Return a time of the day in nanoseconds since midnight."""
    found = CLOCK.fullmatch(text)
    if found is not None:
        hours, minutes, seconds, fraction = found.groups()
        whole = int(hours) * 3_600 + int(minutes) * 60 + int(seconds or 0)
        nanos = whole * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))
        if nanos <= 86_400_000_000_000:
            return nanos
    message = f"expected a time as {CLOCK_METAVAR} up to 24:00, found {text}"
    raise typer.BadParameter(message)


def _line(row: dict[str, Any]) -> str:
    """Return an event as one line of words."""
    from ringfence.ops.tape_files import EVENT_FIELDS

    head = " ".join(str(row[name]) for name in EVENT_FIELDS)
    more = (
        f"{name}={','.join(value) if isinstance(value, list) else value}"
        for name, value in row.items()
        if name not in EVENT_FIELDS and value not in (None, [])
    )
    return " ".join((head, *more))


def _show(totals: list[dict[str, Any]]) -> None:
    """Print the totals of each symbol as tables."""
    from ringfence.cli._output import show, table

    names = ("events", "quotes", "trades", "qty", "vwap")
    prices = ("first", "high", "low", "last", "spread", "bid_qty", "ask_qty")
    whole = [
        (row["symbol"], *(row["all"][name] for name in names), *(row[name] for name in prices))
        for row in totals
    ]
    show(table("Totals", ("symbol", *names, *prices), whole))
    for row in totals:
        volume = row["all"]["qty"]
        venues = sorted(row["venues"], key=lambda venue: -venue["qty"])
        by_venue = [
            (venue["venue"], *(venue[name] for name in names), _percent(venue["qty"], volume))
            for venue in venues
        ]
        by_time = [
            (half["start"][:5], half["qty"], _percent(half["qty"], volume))
            for half in row["half_hours"]
        ]
        show(
            table(f"{row['symbol']} by venue", ("venue", *names, "% of volume"), by_venue),
            table(f"{row['symbol']} by half hour", ("from", "qty", "% of volume"), by_time),
        )


def _percent(part: int, whole: int) -> str:
    """Return a share with two decimals, rounded down."""
    share = part * 10_000 // whole if whole else 0
    return f"{share // 100}.{share % 100:02}"
