"""`ringfence venue`: the simulated venue, and drills of real ones; a module for each command."""

from __future__ import annotations

import typer

from ringfence.cli.venue.books import orders, statement, trades
from ringfence.cli.venue.certify import certify
from ringfence.cli.venue.drill import drill, drills
from ringfence.cli.venue.match import match
from ringfence.cli.venue.process import drain, fault, status, venue
from ringfence.cli.venue.redial import redial
from ringfence.cli.venue.tape import tape

__all__ = ["app"]

app = typer.Typer(
    help="Run a simulated venue, look at it, disturb it; certify, drill, redial a real one."
)
app.callback(invoke_without_command=True)(venue)
app.command()(status)
app.command()(fault)
app.command()(statement)
app.command()(orders)
app.command()(trades)
app.command()(drain)
app.command()(certify)
app.command()(drill)
app.command()(drills)
app.command()(redial)
app.command()(match)
app.command()(tape)
