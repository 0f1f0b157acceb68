"""`ringfence venue`: the simulated venue. Each command has a module of its own."""

from __future__ import annotations

import typer

from ringfence.cli.venue.match import match

__all__ = ["app"]

app = typer.Typer(help="Drive the simulated venue and its order book.", no_args_is_help=True)


@app.callback()
def venue() -> None:
    """Drive the simulated venue and its order book."""


app.command()(match)
