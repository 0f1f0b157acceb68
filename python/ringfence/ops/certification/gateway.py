"""The node under test: started, asked, killed and started again on one journal."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ringfence.errors import RingfenceError
from ringfence.ops.certification.trail import Event, Trail
from ringfence.ops.control import ask
from ringfence.ops.live_lines import requests

__all__ = ["Gateway"]

END_S: Final = 60.0
LISTENS_S: Final = 30.0
MODULE: Final = "ringfence.ops.certification.process"


class Gateway:
    """A node as a process of its own.

    Args:
        settings: what it is told.
        secrets: passwords of its sessions.
        control: its control socket; a short name.

    Attributes:
        trail: its journal.
        alerts: what a person would have been told, in order.
    """

    def __init__(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], control: Path
    ) -> None:
        self.trail = Trail(Path(settings["journal"]) / settings["trade_date"])
        self.alerts: list[str] = []
        self._settings = settings
        self._told = {"settings": settings, "secrets": dict(secrets), "control": str(control)}
        self._control = control
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._error = ""

    @property
    def runs(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, resets_numbers: bool = False) -> None:
        """Start the process; whether it got on is in the journal.

        With `resets_numbers` the numbers of every session begin again (FIX 141).
        """
        told = self._told
        if resets_numbers:
            rows = [{**row, "reset_on_logon": True} for row in self._settings["sessions"]]
            told = {**told, "settings": {**self._settings, "sessions": rows}}
        self._control.unlink(missing_ok=True)
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", MODULE]
        # The program is this interpreter with a module of this package.
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=pipe, stdout=pipe, text=True, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        if self._process.stdin is not None:  # stays open: its end tells that nobody is here
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()

    def send(self, *rows: Mapping[str, object]) -> list[Event]:
        """Give inputs to the node and return the events, once they are in the journal."""
        found: list[Event] = []
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        self.trail.until(self._listens, LISTENS_S)
        for lines in requests(text):
            if not self.runs:
                raise RingfenceError(f"the node has ended: {self._error or 'no reason given'}")
            answer = ask(self._control, {"do": "send", "lines": lines})
            found += map(json.loads, answer["events"].splitlines())
        return found

    def kill(self) -> None:
        """Kill the process at once; nothing of it can be tidied up."""
        if self._process is not None:
            self._process.kill()
            self._ended(self._process)

    def drain(self) -> int:
        """Let the node cancel what is open and end; return its exit code."""
        if self._process is None or not self.runs:
            raise RingfenceError(f"the node has ended: {self._error or 'no reason given'}")
        ask(self._control, {"do": "drain"})
        return self._ended(self._process)

    def end(self) -> None:
        """Leave nothing running and, if it can be helped, nothing open."""
        with contextlib.suppress(RingfenceError):
            if self.runs:
                self.drain()
        self.kill()

    def _listens(self) -> bool | None:
        return True if self._control.is_socket() or not self.runs else None

    def _ended(self, process: subprocess.Popen[str]) -> int:
        try:
            code = process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        self.trail.poll()
        return code

    def _read(self, process: subprocess.Popen[str]) -> None:
        """Keep what the process tells, so that its pipe never fills."""
        for line in process.stdout or ():
            status = json.loads(line)
            self.alerts += (row["text"] for row in status.get("events", ()) if row["alert"])
            self._error = status.get("error") or self._error
