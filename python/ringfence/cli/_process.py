"""What the commands of a node and of a venue share: progress, the control socket, its client."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

if TYPE_CHECKING:
    from rich.status import Status

    from ringfence.ops.control import Handler
    from ringfence.ops.running import Process

LogFormat = Literal["text", "json"]
Control = Annotated[Path, typer.Option(help="Control socket of the process.", dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

PASSING = ("recovering", "asking", "draining")


class Report:
    """Writes what changes in a status: a line each on standard error, a spinner on a terminal."""

    def __init__(self, who: str, form: LogFormat, stream: TextIO) -> None:
        self._who, self._form, self._stream = who, form, stream
        self._phase = ""
        self._sessions: dict[str, str] = {}
        self._spinner: Status | None = None

    def __call__(self, status: Mapping[str, Any]) -> None:
        """Write what is new in `status`."""
        phase = str(status["phase"])
        if phase != self._phase:
            self._phase = phase
            self._line(phase, **_counts(status))
        elif phase in PASSING:
            self._progress(phase, **_counts(status))
        for session in status.get("sessions", ()):
            name, state = str(session["name"]), str(session["state"])
            if self._sessions.get(name) != state:
                self._sessions[name] = state
                self._line("session", name=name, state=state)
        for alert in status.get("alerts", ()):
            self._line("alert", **alert)

    def close(self) -> None:
        """Take the spinner away."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _line(self, event: str, **fields: object) -> None:
        self.close()
        if self._form == "json":
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            row = {"ts": now, "process": self._who, "event": event, **fields}
            self._stream.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            self._stream.write(f"ringfence {self._who}: {_text(event, fields)}\n")
        self._stream.flush()

    def _progress(self, event: str, **fields: object) -> None:
        if self._form == "json" or not self._stream.isatty():
            return
        text = _text(event, fields)
        if self._spinner is None:
            from rich.console import Console

            self._spinner = Console(stderr=True).status(text)
            self._spinner.start()
        self._spinner.update(text)


def _counts(status: Mapping[str, Any]) -> dict[str, object]:
    """Return the plain values of a status that say how far it is."""
    return {
        key: value
        for key, value in status.items()
        if key not in ("phase", "sessions", "alerts") and isinstance(value, int | str)
    }


def _text(event: str, fields: Mapping[str, object]) -> str:
    shown = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in fields.items())
    return f"{event}: {shown}" if shown else event


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
) -> dict[str, Any]:
    """Run a process with its control socket to its end and return its last status."""
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
            return run(process, report)
    finally:
        report.close()


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
