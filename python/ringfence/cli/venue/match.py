"""`ringfence venue match`: a book and requests in, trades and the book that is left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["match"]


def match(
    book: Annotated[
        Path,
        typer.Option(
            help="Resting orders in the order of their time (CSV).", exists=True, dir_okay=False
        ),
    ],
    orders: Annotated[
        Path,
        typer.Option(help="Requests: new, cancel and replace (CSV).", exists=True, dir_okay=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    engine: Annotated[
        Literal["fast", "plain"],
        typer.Option(help="The book in use, or the plain one that it is compared with."),
    ] = "fast",
) -> None:
    """Match requests against resting orders and print the trades and the book that is left.

    Prints lines `trade,TAKER,MAKER,PRICE,QTY` and then `book,SIDE,PRICE,ORDER_ID,QTY`, buys before
    sells and best first. `--json` adds refusals, cancels and orders outside the book. A bad line
    is one message with file, line and column, and exit code 2; nothing is printed then.
    """
    from ringfence.cli._output import print_json
    from ringfence.ops.order_book import csv_lines, match_files

    found = match_files(book, orders, engine)
    if as_json:
        print_json(found)
    else:
        sys.stdout.writelines(csv_lines(found))
    counted = ", ".join(f"{len(found[name])} {name}" for name in ("trades", "rejected", "canceled"))
    sys.stderr.write(f"{counted}, {len(found['book'])} resting, {len(found['waiting'])} waiting\n")
