"""QuickFIX in a process of its own: sends what standard input says, prints what it receives.

`python -m tests.interop.bridge KIND FOLDER BEGIN PORT` runs one session, as an `initiator` or an
`acceptor`, with its numbers in files of the folder. A line of input is a message,
`["D", [[11, "id"], ...]]`; a line of output is `[EVENT, FIELDS]`, where the event is `logon`,
`logout`, `received` or `sent`. It decides nothing, and is ended by a kill: QuickFIX's own stop may
end in a fault of the whole process. Where recorded data is at hand, QuickFIX checks every message
against its data dictionary.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of types that SWIG makes
    import quickfix as fix

DICTIONARIES = {
    "FIX.4.2": {"DataDictionary": "FIX42.xml"},
    "FIX.4.4": {"DataDictionary": "FIX44.xml"},
    "FIXT.1.1": {"TransportDataDictionary": "FIXT11.xml", "AppDataDictionary": "FIX50SP2.xml"},
}
NAMES = {"SenderCompID": "QUICK", "TargetCompID": "GW1"}


def fields(message: Any) -> dict[int, str]:
    """Return the fields of a message, the first of each tag."""
    found: dict[int, str] = {}
    for part in message.toString().split("\x01"):
        tag, _, value = part.partition("=")
        if tag:
            found.setdefault(int(tag), value)
    return found


def tell(event: str, found: dict[int, str]) -> None:
    """Print an event; one write, because several threads print."""
    os.write(1, json.dumps([event, found]).encode() + b"\n")


class Bridge(fix.Application):  # type: ignore[misc]
    """Prints what happens to the session; QuickFIX calls the methods by name."""

    def onCreate(self, _: Any) -> None:  # noqa: N802
        """Ignore that the session exists."""

    def onLogon(self, _: Any) -> None:  # noqa: N802
        """Tell that the session is up."""
        tell("logon", {})

    def onLogout(self, _: Any) -> None:  # noqa: N802
        """Tell that the session is down."""
        tell("logout", {})

    def toAdmin(self, message: Any, _: Any) -> None:  # noqa: N802
        """Tell of a message of the session that goes out."""
        tell("sent", fields(message))

    def toApp(self, message: Any, _: Any) -> None:  # noqa: N802
        """Tell of a message of the application that goes out."""
        tell("sent", fields(message))

    def fromAdmin(self, message: Any, _: Any) -> None:  # noqa: N802
        """Tell of a message of the session."""
        tell("received", fields(message))

    def fromApp(self, message: Any, _: Any) -> None:  # noqa: N802
        """Tell of a message of the application."""
        tell("received", fields(message))


def settings(kind: str, folder: Path, begin: str, port: str) -> Any:
    """Return the settings of the session."""
    found: dict[str, object] = {
        "ConnectionType": kind,
        "SocketAcceptPort" if kind == "acceptor" else "SocketConnectPort": port,
        "SocketConnectHost": "127.0.0.1",
        "BeginString": begin,
        **NAMES,
        "FileStorePath": folder,
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "HeartBtInt": 2,
        "CheckLatency": "N",
    }
    if begin == "FIXT.1.1":
        found["DefaultApplVerID"] = "FIX.5.0SP2"
    data = os.environ.get("RINGFENCE_DATA")
    found["UseDataDictionary"] = "Y" if data else "N"
    if data:
        of_data = Path(data) / "fix" / "dictionaries"
        found |= {key: of_data / file for key, file in DICTIONARIES[begin].items()}
    path = folder / "session.cfg"
    lines = [f"{key}={value}" for key, value in found.items()]
    lines = ["[DEFAULT]", "ReconnectInterval=1", "[SESSION]", *lines, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return fix.SessionSettings(str(path))


def main() -> None:
    """Run the session until the process is killed or its input ends."""
    kind, folder, begin, port = sys.argv[1:]
    told, bridge = settings(kind, Path(folder), begin, port), Bridge()
    store = fix.FileStoreFactory(told)
    sockets = fix.SocketAcceptor if kind == "acceptor" else fix.SocketInitiator
    running = sockets(bridge, store, told)
    running.start()
    session = fix.SessionID(begin, *NAMES.values())
    for line in sys.stdin:
        msg_type, body = json.loads(line)
        message = fix.Message()
        message.getHeader().setField(fix.BeginString(begin))
        message.getHeader().setField(fix.MsgType(msg_type))
        for tag, value in body:
            message.setField(tag, str(value))
        fix.Session.sendToTarget(message, session)
    os._exit(0)


if __name__ == "__main__":
    main()
