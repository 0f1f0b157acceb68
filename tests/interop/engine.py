"""QuickFIX, somebody else's engine, as a client of Ringfence and as a venue for it.

Each class runs one session on QuickFIX's own threads with its own file store, so that it can be
stopped and started again with its sequence numbers. Where recorded data is at hand, QuickFIX checks
every message of ours against its data dictionary.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import quickfix as fix

WAIT_S = 30.0
DICTIONARIES = {"FIX.4.2": "FIX42.xml", "FIX.4.4": "FIX44.xml"}


def stamp() -> str:
    """Return the present time as FIX writes it."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def fields(message: Any) -> dict[int, str]:
    """Return the fields of a message outside its groups, the first of each tag."""
    found: dict[int, str] = {}
    for part in message.toString().split("\x01"):
        tag, _, value = part.partition("=")
        if tag:
            found.setdefault(int(tag), value)
    return found


def message_of(kind: str, begin_string: str, body: list[tuple[int, object]]) -> Any:
    """Return a QuickFIX message of a kind with a body."""
    message = fix.Message()
    header = message.getHeader()
    header.setField(fix.BeginString(begin_string))
    header.setField(fix.MsgType(kind))
    for tag, value in body:
        message.setField(tag, str(value))
    return message


def _settings(connection: Mapping[str, object], session: Mapping[str, object], folder: Path) -> Any:
    begin_string = str(session["BeginString"])
    data = os.environ.get("RINGFENCE_DATA")
    checked: dict[str, object] = {"UseDataDictionary": "N"}
    if data and begin_string in DICTIONARIES:
        path = Path(data) / "fix" / "dictionaries" / DICTIONARIES[begin_string]
        checked = {"UseDataDictionary": "Y", "DataDictionary": path}
    default = {
        "FileStorePath": folder,
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "HeartBtInt": 5,
        "ReconnectInterval": 1,
        "CheckLatency": "N",
        "ValidateUserDefinedFields": "N",
        **connection,
    }
    lines = ["[DEFAULT]", *(f"{key}={value}" for key, value in default.items()), "[SESSION]"]
    lines += [f"{key}={value}" for key, value in {**session, **checked}.items()]
    path = folder / "session.cfg"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return fix.SessionSettings(str(path))


class _Engine(fix.Application):  # type: ignore[misc]
    """One session of QuickFIX: what it received, and whether it is logged on."""

    def __init__(self, sender: str, target: str, begin_string: str) -> None:
        super().__init__()
        self.sender, self.target, self.begin_string = sender, target, begin_string
        self.received: list[dict[int, str]] = []
        self.refused: list[dict[int, str]] = []
        self.logged_on = False
        self.changed = threading.Condition()
        self.session_id: Any = None
        self._runner: Any = None

    # QuickFIX calls these by name, on its own thread.
    def onCreate(self, session_id: Any) -> None:  # noqa: N802
        """Remember the session."""
        self.session_id = session_id

    def onLogon(self, _: Any) -> None:  # noqa: N802
        """The session is up."""
        with self.changed:
            self.logged_on = True
            self.changed.notify_all()

    def onLogout(self, _: Any) -> None:  # noqa: N802
        """The session is down."""
        with self.changed:
            self.logged_on = False
            self.changed.notify_all()

    def toAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Let a message of the session out as it is."""

    def fromAdmin(self, message: Any, _: Any) -> None:  # noqa: N802
        """Remember a reject of ours by the other side (FIX 35=3)."""
        found = fields(message)
        if found.get(35) == "3":
            with self.changed:
                self.refused.append(found)
                self.changed.notify_all()

    def toApp(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Let a message of the application out as it is."""

    def fromApp(self, message: Any, _: Any) -> None:  # noqa: N802
        """Take a message of the application."""
        found = fields(message)
        with self.changed:
            self.received.append(found)
            self.changed.notify_all()
        self.answer(found)

    def answer(self, message: dict[int, str]) -> None:
        """Answer a message; a client does not."""

    def send(self, kind: str, body: list[tuple[int, object]]) -> None:
        """Send a message by the session."""
        message = message_of(kind, self.begin_string, body)
        fix.Session.sendToTarget(message, self.session_id)

    def wait_for(self, what: Callable[[], object], name: str, seconds: float = WAIT_S) -> None:
        """Wait until `what` holds; a test that waits in vain says for what."""
        end = time.monotonic() + seconds
        with self.changed:
            while not what():
                left = end - time.monotonic()
                if left <= 0:
                    last = self.received[-3:]
                    raise AssertionError(f"waited in vain for {name}; last: {last}")
                self.changed.wait(min(left, 0.2))

    def stop(self) -> None:
        """Log out and end the threads of QuickFIX."""
        if self._runner is not None:
            self._runner.stop()
            self._runner = None


class QuickFixClient(_Engine):
    """QuickFIX as the client of a gateway."""

    def __init__(self, folder: Path, port: int, sender: str, target: str, begin: str) -> None:
        super().__init__(sender, target, begin)
        connection = {
            "ConnectionType": "initiator",
            "SocketConnectHost": "127.0.0.1",
            "SocketConnectPort": port,
        }
        session = {"BeginString": begin, "SenderCompID": sender, "TargetCompID": target}
        self._settings = _settings(connection, session, folder)

    def start(self) -> QuickFixClient:
        """Connect and wait until the session is up."""
        store = fix.FileStoreFactory(self._settings)
        self._runner = fix.SocketInitiator(self, store, self._settings)
        self._runner.start()
        self.wait_for(lambda: self.logged_on, f"{self.sender}: a logon")
        return self

    def order(self, cl_ord_id: str, venue: str, qty: int, px: str, side: int = 1) -> None:
        """Enter a limit order of alice for BAC."""
        handling: list[tuple[int, object]] = [(21, 1)] if self.begin_string == "FIX.4.2" else []
        terms: list[tuple[int, object]] = [(55, "BAC"), (54, side), (60, stamp()), (38, qty)]
        price: list[tuple[int, object]] = [(40, 2), (44, px), (59, 0), (100, venue)]
        self.send("D", [(11, cl_ord_id), (1, "alice"), *handling, *terms, *price])

    def cancel(self, cl_ord_id: str, orig: str, qty: int, side: int = 1) -> None:
        """Cancel an order."""
        terms: list[tuple[int, object]] = [(55, "BAC"), (54, side), (60, stamp()), (38, qty)]
        self.send("F", [(41, orig), (11, cl_ord_id), *terms])

    def replace(self, cl_ord_id: str, orig: str, qty: int, px: str, side: int = 1) -> None:
        """Change an order."""
        handling: list[tuple[int, object]] = [(21, 1)] if self.begin_string == "FIX.4.2" else []
        terms: list[tuple[int, object]] = [(55, "BAC"), (54, side), (60, stamp()), (38, qty)]
        self.send("G", [(41, orig), (11, cl_ord_id), *handling, *terms, (40, 2), (44, px)])

    def wait_status(self, cl_ord_id: str, *statuses: str) -> dict[int, str]:
        """Wait until an identifier was reported with one of `statuses` (FIX 39)."""

        def found() -> list[dict[int, str]]:
            mine = [m for m in self.received if m.get(11) == cl_ord_id]
            return [m for m in mine if m.get(39) in statuses]

        self.wait_for(found, f"{cl_ord_id} with 39 in {statuses}")
        return found()[-1]


class QuickFixVenue(_Engine):
    """QuickFIX as a venue: accepts, fills what is marketable at 10.00, cancels, replaces.

    An order at 10.00 or better is filled at once; another rests until it is canceled or changed.
    """

    def __init__(self, folder: Path, port: int, sender: str, target: str, begin: str) -> None:
        super().__init__(sender, target, begin)
        connection = {"ConnectionType": "acceptor", "SocketAcceptPort": port}
        session = {"BeginString": begin, "SenderCompID": sender, "TargetCompID": target}
        self._settings = _settings(connection, session, folder)
        self.orders: dict[str, dict[int, str]] = {}
        self.filled: dict[str, int] = {}
        self._exec = 0
        self.silent = False

    def start(self) -> QuickFixVenue:
        """Listen for the gateway."""
        store = fix.FileStoreFactory(self._settings)
        self._runner = fix.SocketAcceptor(self, store, self._settings)
        self._runner.start()
        return self

    def answer(self, message: dict[int, str]) -> None:
        """Answer an order, a cancel, a change or a question."""
        kind = message[35]
        if kind == "D":
            self.orders[message[11]] = message
            if not self.silent:
                self.report(message, "0", "0")
                if float(message.get(44, "10")) >= 10.0 and message[54] == "1":
                    self.fill(message[11])
        elif kind == "F":
            order = self.orders.pop(message[41])
            self.report({**order, 11: message[11]}, "4", "4", orig=message[41])
        elif kind == "G":
            order = {**self.orders.pop(message[41]), **message}
            self.orders[message[11]] = order
            self.report(order, "5", "0", orig=message[41])
        elif kind == "H":
            self.status(message)

    def status(self, message: dict[int, str]) -> None:
        """Answer a status request, by 103=5 where the order is not known."""
        order = self.orders.get(message[11])
        if order is None:
            self.report(message, "I", "8", more=[(103, 5)])
        else:
            filled = self.filled.get(message[11], 0)
            status = "2" if filled >= int(order[38]) else "0"
            self.report(order, "I", status)

    def fill(self, cl_ord_id: str) -> None:
        """Fill the rest of an order at 10.00."""
        order = self.orders[cl_ord_id]
        qty = int(order[38]) - self.filled.get(cl_ord_id, 0)
        self.filled[cl_ord_id] = int(order[38])
        kind = "2" if self.begin_string == "FIX.4.2" else "F"
        self.report(order, kind, "2", more=[(32, qty), (31, "10.00")])

    def report(
        self,
        order: dict[int, str],
        exec_type: str,
        status: str,
        *,
        orig: str | None = None,
        more: list[tuple[int, object]] | None = None,
    ) -> None:
        """Send an execution report."""
        self._exec += 1
        filled = self.filled.get(order[11], 0)
        open_qty = 0 if status in "248" else int(order.get(38, "0")) - filled
        trans: list[tuple[int, object]] = []
        if self.begin_string == "FIX.4.2":
            trans = [(20, 3 if exec_type == "I" else 0)]
            exec_type = status if exec_type == "I" else exec_type
        self.send(
            "8",
            [
                (37, f"Q{order[11]}"),
                (11, order[11]),
                *([(41, orig)] if orig else []),
                (17, f"{self.sender}-{os.getpid()}-{self._exec}-{time.time_ns()}"),
                *trans,
                (150, exec_type),
                (39, status),
                (55, order[55]),
                (54, order[54]),
                (38, order.get(38, "0")),
                (151, open_qty),
                (14, filled),
                (6, "10.00" if filled else "0"),
                *(more or []),
            ],
        )
