"""`ringfence journal`: verify, read, export and count records; what a day leaves to the next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
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

app = typer.Typer(help="Verify, read and export journals.", no_args_is_help=True)


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
