"""QuickFIX, a FIX engine in C++, from Python: its codec, and an order and its report on loopback.

The engine that answers is a process of its own, started with this file as its script.
"""

from __future__ import annotations

import importlib.metadata
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]
PATIENCE_SECONDS = 20
DICTIONARY = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
HEADER = {"8", "9", "35", "34", "49", "52", "56", "10"}


def measure(items: dict[str, Any], timed: Timed) -> dict[str, Any]:
    """Time the codec on `messages`, or the engine on as many orders as `orders` says."""
    said: dict[str, Any] = {"version": importlib.metadata.version("quickfix-py")}
    if "messages" in items:
        _codec(items["messages"], timed)
        return said | {"leaves_out": "the dictionary is in a case of its own"}
    _loopback(items["orders"], timed)
    return said | {
        "path": "order out, report back: two engines, two processes, callbacks in Python, messages "
        "in files, dictionary on; no order is checked or kept",
        "leaves_out": "controls, venue, books; files are not synced",
    }


def _codec(kinds: dict[str, list[str]], timed: Timed) -> None:
    fix = import_module("quickfix")
    dictionary = fix.DataDictionary(str(DICTIONARY))

    def read(text: str) -> bool:
        return bool(fix.Message(text, False).isSetField(11))

    def checked(text: str) -> bool:
        message = fix.Message(text, dictionary, True)
        dictionary.validate(message)
        return bool(message.isSetField(11))

    def write(fields: tuple[list[tuple[int, str]], list[tuple[int, str]]]) -> bool:
        message = fix.Message()
        header = message.getHeader()
        for tag, value in fields[0]:
            header.setField(tag, value)
        for tag, value in fields[1]:
            message.setField(tag, value)
        return len(message.toString()) > 0

    for kind, messages in kinds.items():
        timed(f"{kind}: read", read, messages)
        timed(f"{kind}: read, dictionary", checked, messages)
        timed(f"{kind}: written", write, [_fields(text) for text in messages])


def _fields(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return header and body of a message without those fields that the writer adds."""
    pairs = [field.split("=", 1) for field in text.split("\x01") if field]
    header = [(int(tag), value) for tag, value in pairs if tag in HEADER - {"9", "10"}]
    return header, [(int(tag), value) for tag, value in pairs if tag not in HEADER]


def _loopback(count: int, timed: Timed) -> None:
    fix = import_module("quickfix")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="quickfix-") as folder:
        command = [sys.executable, __file__, folder, str(port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
            application = _client(fix)
            settings = _settings(fix, folder, port, "initiator")
            engine = fix.SocketInitiator(application, fix.FileStoreFactory(settings), settings)
            engine.start()
            if not application.up.wait(PATIENCE_SECONDS):
                raise SystemExit("QuickFIX did not log on")

            def round_trip(number: int) -> bool:
                application.answered.clear()
                fix.Session.sendToTarget(_order(fix, number), application.session)
                return bool(application.answered.wait(PATIENCE_SECONDS))

            timed("order out, report back, one at a time", round_trip, range(count))
            engine.stop(True)
            if other.stdin is not None:
                other.stdin.close()


def _client(fix: Any) -> Any:
    class Client(fix.Application):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.up, self.answered = threading.Event(), threading.Event()
            self.session: Any = None

        def onLogon(self, session: Any) -> None:  # noqa: N802 - named by QuickFIX
            self.session = session
            self.up.set()

        def fromApp(self, _message: Any, _session: Any) -> None:  # noqa: N802
            self.answered.set()

    return _with_rest(Client)()


def _venue(fix: Any) -> Any:
    class Venue(fix.Application):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.count = 0

        def onLogon(self, _session: Any) -> None:  # noqa: N802
            pass

        def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802
            self.count += 1
            report = fix.Message()
            report.getHeader().setField(35, "8")
            given = ((37, self.count), (17, self.count), (150, "0"), (39, "0"), (14, 0), (6, 0))
            for tag, value in given:
                report.setField(tag, str(value))
            for tag in (11, 55, 54, 38):
                report.setField(tag, message.getField(tag))
            report.setField(151, message.getField(38))
            fix.Session.sendToTarget(report, session)

    return _with_rest(Venue)()


def _with_rest(kind: Any) -> Any:
    """Return the class with the callbacks that do nothing."""
    for name in ("onCreate", "onLogout", "toAdmin", "fromAdmin", "toApp"):
        setattr(kind, name, lambda *_arguments: None)
    return kind


def _order(fix: Any, number: int) -> Any:
    order = fix.Message()
    order.getHeader().setField(35, "D")
    fields = ((11, f"ORD{number:08d}"), (1, "ACCT01"), (55, "AAPL"), (54, "1"))
    for tag, value in (*fields, (38, "100"), (40, "2"), (44, "100.01"), (59, "0")):
        order.setField(tag, value)
    order.setField(fix.TransactTime())
    return order


def _settings(fix: Any, folder: str, port: int, kind: str) -> Any:
    own, other = ("CLIENT", "VENUE") if kind == "initiator" else ("VENUE", "CLIENT")
    rows = {
        "ConnectionType": kind,
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "HeartBtInt": 30,
        "ReconnectInterval": 1,
        "ResetOnLogon": "Y",
        "SocketNodelay": "Y",
        "FileStorePath": f"{folder}/{kind}",
        "SocketAcceptPort": port,
        "SocketConnectHost": "127.0.0.1",
        "SocketConnectPort": port,
        "UseDataDictionary": "Y",
        "DataDictionary": DICTIONARY,
    }
    session = {"BeginString": "FIX.4.4", "SenderCompID": own, "TargetCompID": other}
    text = "[DEFAULT]\n" + "".join(f"{name}={value}\n" for name, value in rows.items())
    text += "[SESSION]\n" + "".join(f"{name}={value}\n" for name, value in session.items())
    path = Path(folder) / f"{kind}.cfg"
    path.write_text(text, encoding="utf-8")
    return fix.SessionSettings(str(path))


def _serve(folder: str, port: str) -> None:
    """Answer orders until standard input ends."""
    fix = import_module("quickfix")
    settings = _settings(fix, folder, int(port), "acceptor")
    engine = fix.SocketAcceptor(_venue(fix), fix.FileStoreFactory(settings), settings)
    engine.start()
    sys.stdin.read()
    engine.stop(True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
