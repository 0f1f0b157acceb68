"""`ringfence config`: write a first configuration, check one, explain its limits."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ringfence.config import ExplainedLevel, ExplainedLimit

__all__ = ["app"]

DEFAULT_FILE = Path("ringfence.toml")
REFUSED = 2

app = typer.Typer(help="Check, explain and start a configuration.", no_args_is_help=True)


@app.command()
def init(
    output: Annotated[
        Path, typer.Option(help="File to write; - is standard output.")
    ] = DEFAULT_FILE,
    prices: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="CSV with symbol, price, average_volume, shares_outstanding; "
            "three made-up instruments without it.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented first configuration, its limits worked out from prices and volumes."""
    from ringfence.config import EXAMPLE_FACTS, read_facts, starter
    from ringfence.errors import UsageError

    facts = EXAMPLE_FACTS if prices is None else read_facts(prices)
    text = starter(facts, datetime.now(UTC).date().isoformat())
    if output == Path("-"):
        sys.stdout.write(text)
        return
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        message = f"{output}: expected no file, found one; --force overwrites it"
        raise UsageError(message) from None
    sys.stderr.write(
        f"ringfence: wrote {output}; next: ringfence config check {output}\n",
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Configuration to check.")],
    volume_share: Annotated[
        str,
        typer.Option(help="Share of the average volume above which an order limit is reported."),
    ] = "10 %",
) -> None:
    """List everything that is wrong or odd in a configuration; exit with 2 if it is wrong.

    The file of a simulated venue is read as one; what it needs to start is for `ringfence venue
    --check`.
    """
    from ringfence.config import digest, examine
    from ringfence.config.units import parse_share
    from ringfence.config.venue import is_venue_file, load_venue

    if is_venue_file(file):
        venue = load_venue(file)
        sys.stdout.write(
            f"{file}: venue {venue.venue.name}, {len(venue.instruments)} instruments, "
            f"{len(venue.sessions)} sessions; ringfence venue --check --config {file} "
            "looks at what it needs to start\n"
        )
        return

    try:
        share = parse_share(volume_share)
    except ValueError as refusal:
        raise typer.BadParameter(f"expected {refusal}", param_hint="--volume-share") from None
    found = examine(file, share)
    for problem in found.problems:
        sys.stdout.write(f"{_place(file, problem.line)}: error: {problem}\n")
    for oddity in found.oddities:
        sys.stdout.write(f"{_place(file, oddity.line)}: warning: {oddity}\n")
    if found.config is None:
        sys.stderr.write(f"ringfence: {file} must not be used: {len(found.problems)} errors\n")
        raise typer.Exit(REFUSED)
    sys.stdout.write(
        f"{file}: {len(found.config.accounts)} accounts, {len(found.config.instruments)} "
        f"instruments, digest {digest(found.config)}\n"
    )


@app.command()
def explain(
    account: Annotated[str, typer.Argument(help="Account of the orders.")],
    symbol: Annotated[str, typer.Argument(help="Instrument of the orders.")],
    config: Annotated[Path, typer.Option(help="Configuration to explain.")] = DEFAULT_FILE,
    limit: Annotated[str | None, typer.Option(help="Only this limit.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show each limit that an order meets: its value at every level, and where it is written."""
    import msgspec

    from ringfence import config as configuration
    from ringfence.cli._output import print_json, show, table

    loaded = configuration.load(config)
    if limit is not None and limit not in configuration.LIMITS:
        message = f'expected the name of a limit, found "{limit}"'
        raise typer.BadParameter(message, param_hint="--limit")
    limits = [
        row for row in configuration.explain(loaded, account, symbol) if limit in (None, row.limit)
    ]
    if as_json:
        print_json(msgspec.to_builtins(limits))
        return
    base = loaded.gateway.base_currency
    rows = [_row(row, level, base) for row in limits for level in row.levels]
    columns = ("limit", "level", "value", "warn", "restrict", "binds", "where it is written")
    show(
        table(f"Limits of {account} in {symbol}", columns, rows),
        "Each level is asked; `binds` marks the smallest value of a limit, and for windows and "
        "reserves every level, since each measures with its own.",
    )


def _row(explained: ExplainedLimit, level: ExplainedLevel, base: str) -> tuple[str, ...]:
    """Return one row of the table; the limit is named only beside its first level."""
    from ringfence.config.units import show_limit, show_share

    first = level is explained.levels[0]
    return (
        explained.limit if first else "",
        f"{level.scope_kind} {level.scope}",
        show_limit(level.value, explained.unit, base),
        show_share(level.warn),
        show_share(level.restrict),
        "yes" if level.binds else "",
        level.origin,
    )


def _place(file: Path, line: int | None) -> str:
    return str(file) if line is None else f"{file}:{line}"
