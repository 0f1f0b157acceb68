"""`ringfence journal`: verify, read, export, count; what a day leaves to the next; end old days."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from ringfence.ops.journal_records import Selection

__all__ = ["app"]

Item = TypeVar("Item")
Directory = Annotated[
    Path, typer.Argument(help="Folder of one day's journal, or of journals with a single day.")
]
Days = Annotated[Path, typer.Argument(help="Folder of one day's journal, or of several days.")]
First = Annotated[int, typer.Option("--from", help="First record, by number.", min=1)]
Last = Annotated[int | None, typer.Option("--to", help="Last record, by number.", min=1)]
Inputs = Annotated[
    list[str] | None, typer.Option("--input", help="Only records of this input; may be repeated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(help="Verify, read, export and expire journals.", no_args_is_help=True)


@app.command()
def verify(directory: Days, as_json: AsJson = False) -> None:
    """Decide every record again, demand the same bytes, and print the digest of the state.

    Checks checksums and the hash chain first; of several days also that each follows the one
    before. Damage, a day that is missing in between, or a decision that differs is one message with
    its place, and exit code 1.
    """
    from ringfence.cli._output import print_json
    from ringfence.engine import verify as decide_again

    rows = [
        {
            "trade_date": checked["trade_date"],
            "records": checked["records"],
            "chain_tip": checked["chain_tip"],
            "state_hash": decide_again(day).state_hash(),
        }
        for day, checked in _checked_days(directory)
    ]
    if as_json:
        print_json(rows[0] if len(rows) == 1 else {"days": rows})
    else:
        _print_days("Verified", rows)


@app.command()
def cat(directory: Directory, first: First = 1, last: Last = None, only: Inputs = None) -> None:
    """Print records as JSON Lines: number, time, input and events."""
    from ringfence.ops.journal_records import day_folder, lines

    for line in lines(day_folder(directory), _selection(first, last, only)):
        sys.stdout.write(line + "\n")


@app.command()
def export(
    directory: Directory,
    output: Annotated[Path, typer.Option(help="File to write.", dir_okay=False)],
    form: Annotated[
        Literal["jsonl", "parquet"],
        typer.Option("--format", help="One line a record, or one row an event (needs pyarrow)."),
    ] = "jsonl",
    first: First = 1,
    last: Last = None,
    only: Inputs = None,
) -> None:
    """Write records to a file that appears whole or not at all."""
    from ringfence import _core
    from ringfence.cli._output import progress
    from ringfence.ops import journal_parquet
    from ringfence.ops.event_file import whole
    from ringfence.ops.journal_records import day_folder, lines, records

    day, wanted = day_folder(directory), _selection(first, last, only)
    with whole(output) as file:
        record_count = _core.journal_stats(day)["records"]
        with progress("Exporting", record_count) as advance:
            if form == "parquet":
                journal_parquet.write(_counted(records(day, wanted), advance), file)
            else:
                for line in _counted(lines(day, wanted), advance):
                    file.write(line.encode() + b"\n")


@app.command()
def stats(directory: Days, as_json: AsJson = False) -> None:
    """Print what a journal holds, after every byte of it and the chain of its days was checked."""
    from ringfence.cli._output import print_json

    rows = [checked for _, checked in _checked_days(directory)]
    if as_json:
        print_json(rows[0] if len(rows) == 1 else {"days": rows})
    else:
        _print_days("Journal", rows)


@app.command()
def positions(
    directory: Days,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print [[opening_positions]] of the next day.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what every account of a gateway holds at the end of a day, the newest of several.

    The next day opens with these positions, or says in its configuration that it does not.
    Average prices are rounded towards zero at 1e-9. A day that was not closed in good order is
    refused, exit code 1: start its process again with its trade date, and drain it.
    """
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops.closing import closed_day, opening_tables

    found = closed_day(directory)
    for line in found["open"]:
        sys.stderr.write(f"ringfence: warning: still open: {line}\n")
    rows = found["positions"]
    if as_json:
        print_json(rows)
    elif as_toml:
        sys.stdout.write(opening_tables(rows))
    else:
        columns = ("account", "symbol", "qty", "average_px")
        cells = [tuple(row[column] for column in columns) for row in rows]
        show(table("Closing positions", columns, cells))


def _checked_days(directory: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return each day's folder and what it holds; several are checked for following each other."""
    from ringfence import _core
    from ringfence.ops.journal_records import day_folders

    days = day_folders(directory)
    if len(days) == 1:
        return [(days[0], _core.journal_stats(days[0]))]
    return [(directory / row["trade_date"], row) for row in _core.journal_days(directory)]


@app.command()
def seal(directory: Directory) -> None:
    """End a day for good: nothing is appended any more, and a copy of it is whole.

    A day that was not closed in good order is refused, exit code 1. The next day's start seals the
    day before by itself.
    """
    from ringfence import _core
    from ringfence.errors import JournalError
    from ringfence.ops.journal_records import day_folder

    try:
        _core.seal_day(day_folder(directory).resolve())
    except _core.JournalError as failure:
        raise JournalError(str(failure)) from None


@app.command()
def expire(
    directory: Annotated[Path, typer.Argument(help="Folder with the journals of days.")],
    config: Annotated[
        Path | None,
        typer.Option(help="Configuration whose `node.retention` holds.", dir_okay=False),
    ] = None,
    retention: Annotated[
        str | None, typer.Option(help='How long days are kept, such as "5 y" or "1826 d".')
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, show what would.")] = (
        False
    ),
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Remove damaged days as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the days that are older than the retention, oldest first, and keep a log of them.

    Never the newest day, one that a process writes to, or one with files that are no segments. A
    damaged day is kept and is exit code 1, unless --damaged says otherwise. `expired.jsonl` beside
    the days has a line about each that went, written before its files go.
    """
    from dataclasses import asdict

    from ringfence.cli._output import print_json, show, table
    from ringfence.errors import JournalError
    from ringfence.ops.journal_expiry import expire as remove

    kept_days = _retention(config, retention)
    today = datetime.now().astimezone().date()
    found = list(remove(directory, kept_days, today, dry_run=dry_run, damaged=damaged))
    if as_json:
        print_json({"retention_days": kept_days, "days": [asdict(day) for day in found]})
    else:
        columns = ("trade_date", "outcome", "files", "bytes", "records", "chain_tip", "reason")
        rows = [tuple(getattr(day, column) for column in columns) for day in found]
        show(table(f"Older than {kept_days} days", columns, rows))
    broken = [day.trade_date for day in found if day.damage is not None and day.outcome == "kept"]
    if broken:
        raise JournalError(f"{directory}: damaged days were kept: {', '.join(broken)}")


def _retention(config: Path | None, written: str | None) -> int:
    """Return for how many days journals are kept, by the option or by the configuration."""
    from ringfence.config import load
    from ringfence.config.units import parse_period

    if (config is None) == (written is None):
        raise typer.BadParameter("expected one of --config and --retention")
    if written is not None:
        try:
            return parse_period(written)
        except ValueError as refusal:
            raise typer.BadParameter(f"expected {refusal}", param_hint="--retention") from None
    node = load(config).node if config is not None else None
    if node is None or node.retention is None:
        raise typer.BadParameter(f"{config}: expected `retention` in [node], found none")
    return node.retention


def _selection(first: int, last: int | None, only: list[str] | None) -> Selection:
    """Return the wanted records; an input that does not exist is refused."""
    from ringfence import _core
    from ringfence.ops.journal_records import Selection

    inputs = frozenset(only or ())
    for name in sorted(inputs - {row["name"] for row in _core.schema("inputs")}):
        raise typer.BadParameter(f"expected an input of `ringfence schema inputs`, found {name}")
    return Selection(first, last, inputs)


def _counted(items: Iterable[Item], advance: Callable[[int], object]) -> Iterator[Item]:
    """Yield the items and tell `advance` of each."""
    for item in items:
        yield item
        advance(1)


def _print_days(title: str, rows: list[dict[str, Any]]) -> None:
    """Print names and values as a table, with a column for each day."""
    from ringfence.cli._output import show, table

    cells = [(key, *(row[key] for row in rows)) for key in rows[0]]
    show(table(title, ("",) * (1 + len(rows)), cells))
