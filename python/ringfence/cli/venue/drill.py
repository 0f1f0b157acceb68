"""`ringfence venue drill` and `drills`: a node's backups of a venue, exercised and attested."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ringfence.cli._process import AsJson

__all__ = ["drill", "drills"]

FAILED = 1


def drill(
    name: Annotated[str, typer.Argument(help="Venue, by its name in the node's configuration.")],
    control: Annotated[Path, typer.Option(help="Control socket of the node.", dir_okay=False)],
    timeout: Annotated[
        int, typer.Option(help="Seconds for all of it; each address has an equal share.", min=1)
    ] = 60,
    operator: Annotated[
        str | None, typer.Option(help="Who asks, kept beside the user of the machine.")
    ] = None,
    with_open_orders: Annotated[
        bool, typer.Option("--with-open-orders", help="Begin while orders are open there too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be tried, and touch nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Have a node that runs try each backup of a venue in turn, and come back to the primary.

    At each: logged out in order, dialed, logged on, reconciled, a test request answered. New
    orders to the venue are denied meanwhile. The result is kept in `drills.jsonl` beside the
    journals. Exit codes: 0 all passed, 1 an address failed, 2 the drill may not begin.
    """
    from ringfence.cli._output import print_json
    from ringfence.ops.control import ask
    from ringfence.ops.drill import ANSWER_MARGIN_S

    request = {
        "venue": name,
        "timeout_s": timeout,
        "operator": operator,
        "with_open_orders": with_open_orders,
        "dry_run": dry_run,
    }
    answer = ask(control, {"do": "drill", **request}, timeout + ANSWER_MARGIN_S)
    found = answer["drill"]
    if as_json:
        print_json(answer)
    else:
        _show_steps(found, dry_run=dry_run)
    if not dry_run and not found["passed"]:
        raise typer.Exit(FAILED)


def drills(
    name: Annotated[str | None, typer.Argument(help="Venue; all of them when absent.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration of the node (TOML).", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the drills that are on record, the oldest first; the node need not run."""
    from ringfence.cli._output import print_json, show, table
    from ringfence.config import load, settings
    from ringfence.ops.drill_file import drill_file

    if config is None:
        raise typer.BadParameter("expected a file", param_hint="--config")
    loaded = load(config)
    if name is not None and name not in loaded.venues:
        raise typer.BadParameter(f"no venue is called {name}", param_hint="NAME")
    file = drill_file(settings(loaded, config))
    records = file.read()
    for number in records.unreadable:
        sys.stderr.write(f"ringfence: {file.path}, line {number}: not the record of a drill\n")
    found = [drill for drill in records.drills if name in (None, drill.venue)]
    if as_json:
        print_json([{**_builtins(drill), "result": drill.result} for drill in found])
        return
    columns = ("began", "venue", "result", "asked by", "operator", "why")
    rows = [
        (
            drill.drill.partition(" ")[0],
            drill.venue,
            drill.result,
            drill.asked_by,
            drill.operator,
            "; ".join(_reasons(_builtins(drill))),
        )
        for drill in found
    ]
    show(table(f"Drills in {file.path}", columns, rows))


def _builtins(drill: Any) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(drill)
    return plain


def _reasons(drill: dict[str, Any]) -> list[str]:
    """Return why a drill did not pass, where its end is known."""
    if drill["event"] == "began":
        return ["no end is on record"]
    steps = [step for session in drill["sessions"] for step in session["steps"]]
    reasons = [f"{step['route']}: {step['reason']}" for step in steps if step["reason"]]
    return [*reasons, *([drill["error"]] if drill["error"] else [])]


def _show_steps(drill: dict[str, Any], *, dry_run: bool) -> None:
    from ringfence.cli._output import show, table

    rows = [
        (
            session["session"],
            step["route"],
            step["address"],
            "would be tried" if dry_run else step["result"].replace("_", " "),
            None if dry_run else step["reason"],
        )
        for session in drill["sessions"]
        for step in session["steps"]
    ]
    columns = ("session", "route", "address", "result", "reason")
    show(table(f"Drill of {drill['venue']}", columns, rows))
    if drill["error"]:
        sys.stderr.write(f"ringfence: {drill['error']}\n")
