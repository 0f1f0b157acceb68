"""QuickFIX, somebody else's engine, as a client of Ringfence and as a venue for it.

The engine runs in a process of its own, `tests.interop.bridge`, so that it can be killed and
started again with its sequence numbers; what a client or a venue does with it is here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tests.tidy.tree import ROOT

WAIT_S = 30.0
# An order to buy at this price or better is filled by the venue at once.
MARKETABLE = Decimal("13.75")
UNLUCKY_QTY = 13
Body = list[tuple[int, object]]
Fields = dict[int, str]


def stamp() -> str:
    """Return the present time as FIX writes it."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


class QuickFix:
    """One session of QuickFIX: what it received, and whether it is logged on.

    Attributes:
        received: every message in the order of arrival, those of the session included.
        refused: rejects (FIX 35=3, 35=j) of our messages by QuickFIX, and of its by us.
    """

    kind = "initiator"

    def __init__(self, folder: Path, begin: str) -> None:
        self.folder, self.begin = folder, begin
        self.received: list[Fields] = []
        self.refused: list[Fields] = []
        self.logged_on = False
        self.changed = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def run(self, port: int) -> None:
        """Start the process of the engine."""
        arguments = [self.kind, self.folder, self.begin, port]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.interop.bridge", *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """End the process without a word; its numbers stay in its files."""
        if self._process is not None and self._reader is not None:
            self._process.kill()
            self._reader.join()
            self._process.communicate()
            self._process = None
        self.logged_on = False

    def send(self, msg_type: str, body: Body) -> None:
        """Send a message by the session."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([msg_type, body], default=str) + "\n")
        self._process.stdin.flush()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            event, told = json.loads(line)
            found = {int(tag): value for tag, value in told.items()}
            with self.changed:
                self._take(event, found)
                self.changed.notify_all()
            if event == "received":
                self.answer(found)

    def _take(self, event: str, found: Fields) -> None:
        if event in ("logon", "logout"):
            self.logged_on = event == "logon"
        elif event == "received":
            self.received.append(found)
        if found.get(35) in ("3", "j"):
            self.refused.append(found)

    def answer(self, message: Fields) -> None:
        """Answer a message; a client does not."""

    def wait_for(self, what: Callable[[], object], name: str) -> None:
        """Wait until `what` holds; a test that waits in vain says for what."""
        end = time.monotonic() + WAIT_S
        with self.changed:
            while not what():
                if time.monotonic() > end:
                    raise AssertionError(f"waited in vain for {name}; last: {self.received[-3:]}")
                self.changed.wait(0.2)

    def of_type(self, msg_type: str) -> list[Fields]:
        """Return the messages of a type in the order of arrival."""
        with self.changed:
            return [message for message in self.received if message[35] == msg_type]

    def numbers(self) -> list[int]:
        """Return the MsgSeqNum of all that did not come again, in the order of arrival."""
        with self.changed:
            return [int(message[34]) for message in self.received if message.get(43) != "Y"]


class QuickFixClient(QuickFix):
    """QuickFIX as the client of a gateway; every order is one to buy BAC."""

    def start(self, port: int) -> QuickFixClient:
        """Connect and wait until the session is up."""
        self.run(port)
        self.wait_for(lambda: self.logged_on, "a logon")
        return self

    def _handling(self) -> Body:
        return [(21, 1)] if self.begin == "FIX.4.2" else []

    def order(self, cl_ord_id: str, qty: int, px: str) -> None:
        """Enter a limit order for LIT1."""
        terms: Body = [(55, "BAC"), (54, 1), (60, stamp()), (38, qty)]
        price: Body = [(40, 2), (44, px), (59, 0), (100, "LIT1")]
        self.send("D", [(11, cl_ord_id), (1, "client"), *self._handling(), *terms, *price])

    def cancel(self, cl_ord_id: str, orig: str, qty: int) -> None:
        """Cancel an order."""
        terms: Body = [(55, "BAC"), (54, 1), (60, stamp()), (38, qty)]
        self.send("F", [(41, orig), (11, cl_ord_id), *terms])

    def replace(self, cl_ord_id: str, orig: str, qty: int, px: str) -> None:
        """Change an order."""
        terms: Body = [(55, "BAC"), (54, 1), (60, stamp()), (38, qty), (40, 2), (44, px)]
        self.send("G", [(41, orig), (11, cl_ord_id), *self._handling(), *terms])

    def ask_status(self, cl_ord_id: str) -> None:
        """Ask about an order (FIX 35=H)."""
        self.send("H", [(11, cl_ord_id), (55, "BAC"), (54, 1)])

    def wait_report(self, cl_ord_id: str, count: int = 1, **wanted: str) -> Fields:
        """Wait for `count` reports about an identifier with wanted values: `f39="2"`."""
        values = {int(tag[1:]): value for tag, value in wanted.items()}

        def found() -> list[Fields]:
            mine = [m for m in self.received if m.get(11) == cl_ord_id and m[35] in ("8", "9")]
            return [m for m in mine if all(m.get(tag) == v for tag, v in values.items())]

        self.wait_for(lambda: len(found()) >= count, f"{cl_ord_id}: {count} with {wanted}")
        return found()[-1]


class QuickFixVenue(QuickFix):
    """QuickFIX as a venue: accepts, fills, cancels, changes, rejects, and can lose an order.

    An order at `MARKETABLE` or better is filled at once; another rests until it is canceled or
    changed; one for `UNLUCKY_QTY` shares is rejected.

    Attributes:
        deaf: orders vanish as if they had never arrived.
        silent: orders are taken and not answered.
    """

    kind = "acceptor"

    def __init__(self, folder: Path, begin: str) -> None:
        super().__init__(folder, begin)
        self.orders: dict[str, Fields] = {}
        self.filled: dict[str, int] = {}
        self.deaf = self.silent = False
        self._reports = 0

    def answer(self, message: Fields) -> None:
        """Answer an order, a cancel, a change or a question."""
        kind = message[35]
        if kind == "D" and not self.deaf:
            self._enter(message)
        elif kind == "F":
            order = self.orders.pop(message[41])
            self.report({**order, 11: message[11]}, "4", "4", [(41, message[41])])
        elif kind == "G":
            order = {**self.orders.pop(message[41]), **message}
            self.orders[message[11]] = order
            self.report(order, "5", "0", [(41, message[41])])
        elif kind == "H":
            self._status(message)

    def _enter(self, order: Fields) -> None:
        if int(order[38]) == UNLUCKY_QTY:
            self.report(order, "8", "8", [(103, 0), (58, "unlucky")])
            return
        with self.changed:
            self.orders[order[11]] = order
            self.changed.notify_all()
        if self.silent:
            return
        self.report(order, "0", "0")
        if Decimal(order[44]) >= MARKETABLE:
            qty = self.filled[order[11]] = int(order[38])
            kind = "2" if self.begin == "FIX.4.2" else "F"
            self.report(order, kind, "2", [(32, qty), (31, MARKETABLE)])

    def _status(self, message: Fields) -> None:
        order = self.orders.get(message[11])
        if order is None:
            self.report(message, "I", "8", [(103, 5)])
        else:
            self.report(order, "I", "2" if message[11] in self.filled else "0")

    def report(self, order: Fields, exec_type: str, status: str, more: Body | None = None) -> None:
        """Send an execution report."""
        self._reports += 1
        qty, filled = int(order.get(38, "0")), self.filled.get(order[11], 0)
        trans: Body = []
        if self.begin == "FIX.4.2":
            trans = [(20, 3 if exec_type == "I" else 0)]
            exec_type = status if exec_type == "I" else exec_type
        names: Body = [(37, f"Q{order[11]}"), (11, order[11]), (17, f"E{self._reports}")]
        kind: Body = [*trans, (150, exec_type), (39, status)]
        terms: Body = [(55, order[55]), (54, order[54]), (38, qty)]
        left: Body = [(151, qty - filled if status == "0" else 0), (14, filled)]
        average: Body = [(6, MARKETABLE if filled else 0)]
        self.send("8", [*names, *kind, *terms, *left, *average, *(more or [])])
