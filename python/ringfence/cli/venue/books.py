"""`ringfence venue statement`, `orders`, `trades`: the books of a venue that runs, read only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ringfence.cli._process import AsJson, Control

__all__ = ["orders", "statement", "trades"]

After = Annotated[int, typer.Option("--after", help="Only rows behind this number.", min=0)]


def statement(control: Control, as_json: AsJson = False) -> None:
    """Show what each port holds by the trades that stand: units, cash, fees.

    The port without a name is the anonymous participant. Over all ports units and cash sum to 0.
    """
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops.control import ask

    found = ask(control, {"do": "books", "look": "statement"})["seen"]
    if as_json:
        print_json(found)
        return
    plain = [(key, row) for key, row in found.items() if key != "ports"]
    rows = [
        (port["port"], symbol, units, port["cash"], port["fees"])
        for port in found["ports"]
        for symbol, units in port["units"].items()
    ]
    columns = ("port", "symbol", "units", "cash of the port", "fees of the port")
    show(table("Venue", ("", ""), plain), table("Ports", columns, rows))


def orders(control: Control, after: After = 0) -> None:
    """Print every order, closed ones included, as JSON Lines in the order of their numbers."""
    _print("orders", "order_id", control, after)


def trades(control: Control, after: After = 0) -> None:
    """Print every trade, void ones included, as JSON Lines in the order of their numbers."""
    _print("trades", "trade_id", control, after)


def _print(look: str, number: str, control: Path, after: int) -> None:
    for row in _pages(look, number, control, after):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _pages(look: str, number: str, control: Path, after: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of all pages behind `after`; a row that came in between is among them."""
    from ringfence.ops.control import ask

    while page := ask(control, {"do": "books", "look": look, "after": after})["seen"]:
        yield from page
        after = page[-1][number]
