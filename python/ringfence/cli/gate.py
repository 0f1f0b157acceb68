"""`ringfence gate`: the rules, reasons and limits, from the kernel itself."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ringfence.cli.gate_demo import demo

__all__ = ["app"]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    help="Show rules, reasons and limits of the gate, and a morning of its decisions.",
    no_args_is_help=True,
)
app.command()(demo)


@app.command()
def rules(
    as_json: AsJson = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page of the documentation.")
    ] = False,
) -> None:
    """Print every rule in the order in which they run, from the rules' own docstrings."""
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops import rule_table

    if as_json and as_markdown:
        raise typer.BadParameter("expected --json or --markdown, found both")
    if as_markdown:
        sys.stdout.write(rule_table.markdown())
        return
    shown = rule_table.rules()
    if as_json:
        print_json([rule_table.described(rule) for rule in shown])
        return
    rows = [
        (
            rule.number,
            rule.title,
            "yes" if rule.latches else "",
            rule.checks,
            " ".join(rule.denies_with),
        )
        for rule in shown
    ]
    columns = ("rule", "about", "latches", "what it checks", "denies with")
    show(table("Rules of the gate", columns, rows))


@app.command()
def reasons(as_json: AsJson = False) -> None:
    """Print every reason of a refusal; rule 0 is the order book itself."""
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops.rule_table import reason_rows

    shown = reason_rows()
    if as_json:
        print_json(shown)
        return
    rows = [(row["code"], row["name"], row["rule"], row["doc"]) for row in shown]
    show(table("Reasons", ("code", "reason", "rule", "meaning"), rows))


@app.command()
def limits(as_json: AsJson = False) -> None:
    """Print every limit with its unit; an account needs all of them."""
    from ringfence import _core
    from ringfence.cli._output import print_json, show, table

    shown = _core.limit_keys()
    if as_json:
        print_json(shown)
        return
    rows = [
        (row["name"], row["unit"], "yes" if row["per_instrument"] else "", row["doc"])
        for row in shown
    ]
    show(table("Limits", ("limit", "unit", "per instrument", "meaning"), rows))
