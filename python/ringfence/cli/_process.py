"""What the commands of a node and of a venue share: progress, the control socket, its client."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

if TYPE_CHECKING:
    from rich.status import Status

    from ringfence.ops.control import Handler
    from ringfence.ops.day import Begin
    from ringfence.ops.running import Look, Process

LogFormat = Literal["text", "json"]
Control = Annotated[Path, typer.Option(help="Control socket of the process.", dir_okay=False)]
TradeDate = Annotated[
    str | None,
    typer.Option(help="Trading day instead of the file's, YYYY-MM-DD, or `today` of this machine."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

FAILED, REFUSED = 1, 2
PROGRESS = "folding"


class Report:
    """Writes what a process tells: a line each on standard error, a spinner while it folds.

    On a terminal the progress of the recovery is one line that changes; elsewhere only its end is
    a line.
    """

    def __init__(self, who: str, form: LogFormat, stream: TextIO) -> None:
        self._who, self._form, self._stream = who, form, stream
        self._phase = ""
        self._spinner: Status | None = None

    def __call__(self, status: Mapping[str, Any]) -> None:
        """Write what is new in `status`."""
        for event in status.get("events", ()):
            if event["name"] == PROGRESS:
                self._progress(str(event["text"]))
            else:
                self._line(str(event["name"]), str(event["text"]), bool(event["alert"]))
        phase = str(status["phase"])
        if phase != self._phase:
            self._phase = phase
            self._line("phase", phase, alert=False)

    def alert(self, name: str, text: str) -> None:
        """Write a line that a person should act on."""
        self._line(name, text, alert=True)

    def close(self) -> None:
        """Take the spinner away."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _line(self, name: str, text: str, alert: bool) -> None:
        self.close()
        if self._form == "json":
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            row = {"ts": now, "process": self._who, "event": name, "text": text, "alert": alert}
            self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            mark = "ALERT " if alert else ""
            self._stream.write(f"ringfence {self._who}: {mark}{text}\n")
        self._stream.flush()

    def _progress(self, text: str) -> None:
        if self._form == "json" or not self._stream.isatty():
            return
        if self._spinner is None:
            from rich.console import Console

            self._spinner = Console(file=self._stream).status(text)
            self._spinner.start()
        self._spinner.update(text)


@contextmanager
def alerting(who: str, form: LogFormat, *, check: bool) -> Iterator[None]:
    """Tell what ends a process as the last alert of its log, and leave with its exit code.

    Whoever watches the alerts sees why it is gone. A check is no process: its errors go on.
    """
    from ringfence.cli._leaving import LEFT, leaving
    from ringfence.errors import RingfenceError

    try:
        yield
    except (RingfenceError, OSError) as why:
        if check:
            raise
        code, text = leaving(why)
        Report(who, form, sys.stderr).alert(LEFT[code], text)
        raise typer.Exit(code) from None


@contextmanager
def controlled(path: str | None, handlers: Mapping[str, Handler]) -> Iterator[None]:
    """Answer on the control socket while the block runs, if there is one."""
    from ringfence.ops.control import ControlServer

    if path is None:
        yield
        return
    with ControlServer(Path(path), handlers):
        yield


def served(
    who: str,
    process: Process,
    control: str | None,
    handlers: Mapping[str, Handler],
    form: LogFormat,
    look: Look | None = None,
) -> dict[str, Any]:
    """Run a process with its control socket to its end and return its last status.

    What `look` finds beside it is told as alerts.
    """
    from ringfence.ops.running import run

    def drain(_request: Mapping[str, Any]) -> dict[str, Any]:
        process.drain()
        return {}

    def status(_request: Mapping[str, Any]) -> dict[str, Any]:
        return {"status": process.status()}

    report = Report(who, form, sys.stderr)
    common: dict[str, Handler] = {"status": status, "drain": drain}
    try:
        with controlled(control, {**common, **handlers}):
            return run(process, report) if look is None else run(process, report, look)
    finally:
        report.close()


def trade_date_of(written: str | None) -> str | None:
    """Return the trading day that an option names, or None for that of the file."""
    if written is None:
        return None
    if written == "today":
        return datetime.now().astimezone().date().isoformat()
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        hint = "--trade-date"
        raise typer.BadParameter("expected YYYY-MM-DD or today", param_hint=hint) from None


def refuse(file: Path, refusals: Iterable[str], report: Report | None, code: int = REFUSED) -> None:
    """Say why a file must not be started with, a line each, and leave if there is a reason.

    A start tells it as alerts of its `report`; a check has none and prints its answer.
    """
    found = list(refusals)
    for refusal in found:
        if report is None:
            sys.stdout.write(f"{file}: error: {refusal}\n")
        else:
            report.alert("refused", f"{file}: {refusal}")
    if found:
        raise typer.Exit(code)


def checked(
    file: Path,
    settings: Mapping[str, Any],
    references: Mapping[str, str],
    others: list[str],
    begin: Begin | None,
    report: Report | None,
) -> dict[str, str]:
    """Look at everything that a start needs; return the secrets.

    What is found is told as `refuse` does, and the exit code is 1 then. Secrets that are not to be
    had are among what is found, and so is what stands against beginning the day with `begin`.
    """
    from ringfence.ops.preflight import findings
    from ringfence.ops.secrets import resolve

    found = [*findings(settings, references, os.environ), *others]
    found += [] if begin is None else begin.against
    refuse(file, found, report, FAILED)
    return resolve(references, os.environ)


def print_ready(file: Path, settings: Mapping[str, Any], begin: Begin) -> None:
    """Print what a start would do with the days of its journal; nothing stands against it."""
    sys.stdout.writelines(f"{file}: warning: {text}\n" for text in begin.known)
    sys.stdout.write(f"{file}: {begin.text}\n")
    sys.stdout.write(f"{file}: {len(settings['sessions'])} sessions, ready to start\n")


def print_status(status: Mapping[str, Any], as_json: bool) -> None:
    """Print the last status of a process that has ended, if it is wanted."""
    from ringfence.cli._output import print_json

    if as_json:
        print_json(status)


def show_status(control: Path, as_json: bool) -> None:
    """Print the status of the process behind a control socket."""
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops.control import ask

    status = ask(control, {"do": "status"})["status"]
    if as_json:
        print_json(status)
        return
    plain = [(key, row) for key, row in status.items() if not isinstance(row, list | dict)]
    shown = [table("Process", ("", ""), plain)]
    for title in sorted(key for key, rows in status.items() if isinstance(rows, list) and rows):
        rows = status[title]
        columns = list(rows[0]) if isinstance(rows[0], dict) else [title]
        cells = [
            tuple(row.get(key) for key in columns) if isinstance(row, dict) else (row,)
            for row in rows
        ]
        shown.append(table(title.capitalize(), columns, cells))
    show(*shown)


def ask_to_drain(control: Path) -> None:
    """Tell the process behind a control socket to drain."""
    from ringfence.ops.control import ask

    ask(control, {"do": "drain"})
    sys.stderr.write("ringfence: draining\n")
