"""`ringfence venue` itself, and its commands for a venue that runs: look at it, disturb it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ringfence.cli._process import AsJson, Control, LogFormat, TradeDate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ringfence.ops.control import Handler
    from ringfence.ops.native import VenueProcess

__all__ = ["drain", "fault", "handlers", "status", "tell_tape", "venue"]

NS = 1_000_000_000


def venue(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="File of the venue (TOML).", dir_okay=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Look at files, keys and ports, and start nothing.")
    ] = False,
    trade_date: TradeDate = None,
    as_json: AsJson = False,
    log_format: Annotated[LogFormat, typer.Option(help="Form of the lines of progress.")] = "text",
) -> None:
    """Run a simulated venue until it is told to end: SIGTERM drains, a second signal stops.

    Progress goes to standard error, and the last status to standard output with --json. Exit
    codes: 0 drained, 1 a file, the disk, the journal or a port failed, 2 the file is wrong, 3 an
    invariant did not hold.
    """
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise typer.BadParameter("expected a file", param_hint="--config")
    from ringfence.cli._process import alerting

    with alerting("venue", log_format, check=check):
        _run(config, trade_date, log_format, check=check, as_json=as_json)


def _run(
    config: Path, trade_date: str | None, form: LogFormat, *, check: bool, as_json: bool
) -> None:
    """Look at everything that a start needs; then, unless that was all, run to the end."""
    from ringfence.cli._process import (
        Report,
        checked,
        print_ready,
        print_status,
        served,
        trade_date_of,
    )
    from ringfence.config.venue import (
        load_venue,
        venue_secret_references,
        venue_settings,
        with_venue_trade_date,
    )
    from ringfence.ops import native
    from ringfence.ops.day import begin_of

    report = None if check else Report("venue", form, sys.stderr)
    loaded = with_venue_trade_date(load_venue(config), trade_date_of(trade_date))
    told = venue_settings(loaded, config)
    begin = begin_of(told, judged=False) if check else None
    secrets = checked(config, told, venue_secret_references(loaded, config), [], begin, report)
    # The script of faults, the rules and the tape are read here, before anything begins.
    process = native.venue(told, secrets)
    if begin is not None:
        print_ready(config, told, begin)
        return
    tell_tape(process.tape_times(), form)
    status = served("venue", process, told["control"], handlers(process), form)
    print_status(status, as_json)


def tell_tape(times: tuple[int, int | None] | None, form: LogFormat) -> None:
    """Write when the tape begins and when its first data comes, where there is one."""
    if times is None:
        return
    from ringfence.cli._process import Report

    begins, first = (None if ns is None else datetime.fromtimestamp(ns // NS, UTC) for ns in times)
    text = f"the tape begins {begins:%Y-%m-%d %H:%M:%S} UTC"
    if first is None:
        text += " and has no data"
    elif first > datetime.now(UTC):
        text += f"; the book is empty until its first data comes, {first:%Y-%m-%d %H:%M:%S} UTC"
    else:
        text += f", its first data came {first:%Y-%m-%d %H:%M:%S} UTC"
    event = {"name": "tape", "text": text, "alert": False}
    Report("venue", form, sys.stderr)({"phase": "", "events": [event]})


def handlers(process: VenueProcess) -> Mapping[str, Handler]:
    """Return what the control socket of a venue offers besides status and draining."""

    def fault(request: Mapping[str, Any]) -> dict[str, Any]:
        command = request.get("command")
        if not isinstance(command, str):
            raise ValueError("expected `command`, one line of a fault script")
        return {"answer": process.fault(command)}

    def books(request: Mapping[str, Any]) -> dict[str, Any]:
        look, after = request.get("look"), request.get("after", 0)
        if not isinstance(look, str) or type(after) is not int or after < 0:
            raise ValueError("expected `look`, and `after` as a number that is not negative")
        return {"seen": process.books(look, after)}

    return {"fault": fault, "books": books}


def status(control: Control, as_json: AsJson = False) -> None:
    """Show the state of a venue that runs: phase, sessions, books, faults."""
    from ringfence.cli._process import show_status

    show_status(control, as_json)


def fault(
    control: Control,
    command: Annotated[str, typer.Argument(help="One line of a fault script.")],
) -> None:
    """Disturb a venue that runs: lose answers, halt, bust, slow down, break a part of it."""
    from ringfence.ops.control import ask

    answer = ask(control, {"do": "fault", "command": command})["answer"]
    if answer:
        sys.stdout.write(f"{answer}\n")


def drain(control: Control) -> None:
    """Tell a venue to take nothing new, log everybody out, and end."""
    from ringfence.cli._process import ask_to_drain

    ask_to_drain(control)
