"""The command line, `ringfence COMMAND`: options in, the work of a layer below, tables out.

Data go to standard output, messages to standard error. The exit code is 0 when the command did
what it was asked, 1 when a file, a disk or a journal failed, 2 for input or options that are
wrong, 3 when the kernel halted because an invariant did not hold, and 4 when a gateway ended as it
was told to with orders open that a drain would have canceled. Nothing is decided here.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from ringfence.cli._lazy import lazy_group
from ringfence.cli.demo import demo
from ringfence.cli.gate import app as gate
from ringfence.cli.journal import app as journal
from ringfence.cli.node import app as node
from ringfence.cli.operators import app as operators
from ringfence.cli.schema import schema
from ringfence.cli.step import step
from ringfence.cli.venue import app as venue
from ringfence.cli.version import version

__all__ = ["app", "main"]

app = typer.Typer(
    name="ringfence",
    help="A broker's order gateway that cannot send more than it was asked to.",
    epilog="Exit codes: 0 done, 1 file, disk or journal failed, 2 bad input or options, "
    "3 kernel halted, 4 orders stay open.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(demo)
app.command()(step)
app.command()(schema)
app.add_typer(gate, name="gate")
app.add_typer(journal, name="journal")
app.add_typer(node, name="node")
app.add_typer(operators, name="operator")
app.add_typer(venue, name="venue")
app.add_typer(
    lazy_group("ringfence.cli.config", "Check, explain and start a configuration."), name="config"
)
app.add_typer(
    lazy_group("ringfence.bench.cli", "Measure the kernel against its budgets."), name="bench"
)
app.command()(version)


def main() -> NoReturn:
    """Run the command that the arguments name, and exit with its code.

    This is the outermost loop: an error that was raised on purpose becomes one line on standard
    error here. Any other is a bug, and keeps its traceback.
    """
    from ringfence.cli._leaving import leaving
    from ringfence.errors import RingfenceError

    try:
        app()
    except (RingfenceError, OSError) as error:
        code, text = leaving(error)
        sys.stderr.write(f"ringfence: {text}\n")
        sys.exit(code)
    sys.exit(0)
