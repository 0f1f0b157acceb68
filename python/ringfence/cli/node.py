"""`ringfence node`: run a gateway, look at it, send to it, drain it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ringfence.cli._process import AsJson, Control, LogFormat, TradeDate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ringfence.ops.control import Handler
    from ringfence.ops.native import NodeProcess

__all__ = ["app", "handlers"]

app = typer.Typer(help="Run a gateway, look at it, send to it, drain it.")


@app.callback(invoke_without_command=True)
def node(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Configuration (TOML) with a table [node].", dir_okay=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Look at files, keys and ports, and start nothing.")
    ] = False,
    trade_date: TradeDate = None,
    as_json: AsJson = False,
    log_format: Annotated[LogFormat, typer.Option(help="Form of the lines of progress.")] = "text",
) -> None:
    """Run a gateway until it is told to end: SIGTERM drains, a second signal stops at once.

    Progress goes to standard error, and the last status to standard output with --json. Exit
    codes: 0 drained, 1 a file, the disk, the journal, a port or the clock failed, 2 the
    configuration is wrong, 3 the kernel halted, 4 orders stay open that it was to cancel.
    """
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise typer.BadParameter("expected a file", param_hint="--config")
    from ringfence.cli._process import alerting

    with alerting("node", log_format, check=check):
        _run(config, trade_date, log_format, check=check, as_json=as_json)


def _run(
    config: Path, trade_date: str | None, form: LogFormat, *, check: bool, as_json: bool
) -> None:
    """Look at everything that a start needs; then, unless that was all, run to the end."""
    from ringfence.cli._drills import Drills, overdue
    from ringfence.cli._process import (
        Report,
        checked,
        print_ready,
        print_status,
        refuse,
        served,
        trade_date_of,
    )
    from ringfence.config import load, secret_references, settings, with_trade_date
    from ringfence.ops import native
    from ringfence.ops.certification.certificate import refusals
    from ringfence.ops.day import begin_of, begun_otherwise, unfit_clock

    report = None if check else Report("node", form, sys.stderr)
    loaded = with_trade_date(load(config), trade_date_of(trade_date))
    refuse(config, refusals(loaded, config), report)
    told = settings(loaded, config)
    references = secret_references(loaded, config)
    begin = begin_of(told, judged=True) if check else None
    others = [*begun_otherwise(loaded, told), *unfit_clock(told)]
    secrets = checked(config, told, references, others, begin, report)
    if begin is not None:
        print_ready(config, told, begin)
        for alert in overdue(loaded, told):
            sys.stdout.write(f"{config}: alert: {alert}\n")
        return
    process = native.node(told, secrets)
    drills = Drills(loaded, told, process)
    offered = {**handlers(process), **drills.handlers()}
    status = served("node", process, told["control"], offered, form, drills.look)
    print_status(status, as_json)


def handlers(process: NodeProcess) -> Mapping[str, Handler]:
    """Return what the control socket of a node offers besides status and draining."""

    def send(request: Mapping[str, Any]) -> dict[str, Any]:
        lines = request.get("lines")
        if not isinstance(lines, str):
            raise ValueError("expected `lines`, inputs as JSON Lines in one text")
        return {"events": process.send(lines.encode()).decode()}

    def state_hash(_request: Mapping[str, Any]) -> dict[str, Any]:
        step, digest = process.state_hash()
        return {"step": step, "state_hash": digest}

    return {"send": send, "state_hash": state_hash}


@app.command()
def status(control: Control, as_json: AsJson = False) -> None:
    """Show the state of a gateway that runs: phase, sessions, orders, journal."""
    from ringfence.cli._process import show_status

    show_status(control, as_json)


@app.command("hash")
def state_hash(control: Control, as_json: AsJson = False) -> None:
    """Print the digest of the whole state of a gateway that runs, and the step it stands after.

    `ringfence journal verify` prints the same digest for its journal (invariant I6). The gateway
    decides nothing while it walks over its state.
    """
    from ringfence.cli._output import print_json
    from ringfence.ops.control import ask

    found = ask(control, {"do": "state_hash"})
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(f"{found['step']} {found['state_hash']}\n")


@app.command()
def send(
    control: Control,
    inputs: Annotated[
        Path, typer.Argument(help="File of inputs, one JSON object a line; `-` is standard input.")
    ] = Path("-"),
) -> None:
    """Give inputs to a gateway that runs and print the events, once they are durable.

    The lines are those of `ringfence schema inputs` without `ts`: the gateway's clock gives the
    time. Signed commands of operators go this way, and facts such as margin requirements.
    """
    from ringfence.ops.control import ask
    from ringfence.ops.input_file import batches, opened
    from ringfence.ops.live_lines import checked_lines, requests

    if inputs != Path("-") and not inputs.is_file():
        raise typer.BadParameter(f"inputs: no file {inputs}")
    with opened(inputs) as file:
        for first, lines in batches(file):
            checked_lines(lines, first)
        file.seek(0)
        for _, lines in batches(file):
            for request in requests(lines):
                answer = ask(control, {"do": "send", "lines": request})
                sys.stdout.write(answer["events"])


@app.command()
def drain(control: Control) -> None:
    """Tell a gateway to take nothing new, settle what is open by its policy, and end."""
    from ringfence.cli._process import ask_to_drain

    ask_to_drain(control)
