"""The server that is judged: the engine's acceptor with the echo application, as a process.

Its sessions, all always open, all with our CompID ISLD and validation by dictionary:

* TW42 of FIX.4.2, TW44 of FIX.4.4, TW50SP2 of FIXT.1.1 with DefaultApplVerID 9: numbers begin again
  with every logon;
* TW of each version: numbers go on until a logon under number 1, which begins a conversation anew;
  from FIX.4.4 on logons carry NextExpectedMsgSeqNum (789).
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

HOST = "127.0.0.1"
START_SECONDS = 20.0
BUILT_IN = Path("built-in")
"""Stands for the dictionaries that the engine has itself."""
# Version -> file of a folder of XML dictionaries. Without a folder the built-in ones are used.
DICTIONARIES = {
    "FIX.4.2": "FIX42.xml",
    "FIX.4.4": "FIX44.xml",
    "FIXT.1.1": "FIXT11.xml",
    "FIX.5.0SP2": "FIX50SP2.xml",
}


class ServerError(Exception):
    """The server does not start."""


def dictionaries(folder: Path | None) -> dict[str, str]:
    """Return version -> text of its dictionary, empty for the built-in one."""
    if folder is None:
        return dict.fromkeys(DICTIONARIES, "")
    return {
        version: (folder / file).read_text(encoding="utf-8")
        for version, file in DICTIONARIES.items()
    }


def serve(port: int, folder: Path | None) -> None:
    """Run the server in this process until SIGTERM or SIGINT; the folder of its journal goes then.

    Raises:
        ServerError: the extension is built without the server.
        OSError: the port is taken.
    """
    from ringfence import _core

    found = vars(_core).get("serve_conformance")
    if found is None:
        raise ServerError("expected serve_conformance in ringfence._core, found none")
    serve_conformance = cast("Callable[[int, dict[str, str]], None]", found)
    signal.signal(signal.SIGTERM, _end)
    serve_conformance(port, dictionaries(folder))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@contextmanager
def started(folder: Path | None) -> Iterator[int]:
    """Start the server as a process of its own; give its port, and end it afterwards.

    Raises:
        ServerError: the process ends, or takes no connection in time.
    """
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.conformance", "--serve", str(port)]
    command += ["--dictionaries", str(BUILT_IN if folder is None else folder)]
    process = subprocess.Popen(command)
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = monotonic() + START_SECONDS
    pause = Event()
    while monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"expected a running server, found exit code {process.returncode}")
        try:
            socket.create_connection((HOST, port), 1.0).close()
        except OSError:
            pause.wait(0.05)
        else:
            return
    raise ServerError(f"expected a server at port {port}, found none in {START_SECONDS} s")
