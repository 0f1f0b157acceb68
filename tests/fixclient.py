"""A FIX client for tests: plain sockets, its own few lines of codec, no line shared with the tree.

It keeps its sequence numbers and what it sent over reconnects, answers resend requests with
PossDupFlag, asks for what it missed, and remembers every report once by its ExecID. One thread
reads; everything else is called from the test.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

SOH = b"\x01"
ADMIN = frozenset(["0", "1", "2", "3", "4", "5", "A"])
WAIT_S = 20.0

Fields = list[tuple[int, str]]


def now_text() -> str:
    """Return the present time as FIX writes it."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def encode(begin_string: str, fields: Iterable[tuple[int, object]]) -> bytes:
    """Return a message of fields from 35 on, with its length and checksum."""
    body = b"".join(f"{tag}={value}".encode() + SOH for tag, value in fields)
    head = f"8={begin_string}\x019={len(body)}\x01".encode()
    return head + body + f"10={sum(head + body) % 256:03d}\x01".encode()


class Report(dict[int, str]):
    """The fields of a message, the first of each tag."""

    @property
    def kind(self) -> str:
        """Return the MsgType."""
        return self[35]


@dataclass
class FixClient:
    """One session as an initiator.

    Attributes:
        reports: every application message in the order of arrival, repeats left out.
        admin: every session message in the order of arrival, repeats and early ones too.
        resends: messages that came again with PossDupFlag.
        next_expected: whether logons say what is expected next (FIX 789), and nothing is asked for.
    """

    port: int
    sender: str
    target: str
    begin_string: str = "FIX.4.4"
    heartbeat: int = 30
    logon_fields: tuple[tuple[int, str], ...] = ()
    next_expected: bool = False
    header_fields: tuple[tuple[int, str], ...] = ()
    on_report: Callable[[Report], None] | None = None
    next_out: int = 1
    next_in: int = 1
    reports: list[Report] = field(default_factory=list)
    admin: list[Report] = field(default_factory=list)
    resends: int = 0
    sent: dict[int, tuple[str, Fields, str]] = field(default_factory=dict)
    logged_on: bool = False
    closed_why: str = ""

    def __post_init__(self) -> None:
        """Prepare the locks; nothing is connected."""
        self.changed = threading.Condition()
        self._socket: socket.socket | None = None
        self._reader: threading.Thread | None = None
        self._asked_for = 0  # first number of the gap that was asked for on this connection
        self._early_logon = 0  # number of a logon that came before what it promised
        self._filled_to = 0  # end of the newest gap fill; session messages below are not seen

    # --- connection ---------------------------------------------------------------------------

    def connect(self, *, wait: bool = True, reset: bool = False) -> FixClient:
        """Open the socket and log on; wait for the answer."""
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.logged_on, self.closed_why, self._asked_for = False, "", 0
        self._reader = threading.Thread(target=self._read, args=(self._socket,), daemon=True)
        self._reader.start()
        if reset:
            self.next_in = self.next_out = 1
        logon: Fields = [(98, "0"), (108, str(self.heartbeat)), *self.logon_fields]
        if reset:
            logon.append((141, "Y"))
        if self.next_expected:
            logon.append((789, str(self.next_in)))
        self.send("A", logon)
        if wait:
            name = f"{self.sender}: a logon"
            self.wait_for(lambda: self.logged_on or self.closed_why, name)
            assert self.logged_on, f"waited in vain for {name}; {self.closed_why}"
        return self

    def drop(self) -> None:
        """Close the socket without a word."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # ended by the other side
                self._socket.shutdown(socket.SHUT_RDWR)  # a close alone leaves the reader waiting
            self._socket.close()
        self._join()

    def logout(self) -> None:
        """Log out and wait for the end of the connection."""
        self.send("5", [])
        self.wait_for(lambda: bool(self.closed_why), f"{self.sender}: the end after a logout")
        self.drop()

    def _join(self) -> None:
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join(WAIT_S)

    def wait_for(self, what: Callable[[], object], name: str, seconds: float = WAIT_S) -> None:
        """Wait until `what` holds; a test that waits in vain says for what."""
        end = time.monotonic() + seconds
        with self.changed:
            while not what():
                left = end - time.monotonic()
                if left <= 0 or (not self.changed.wait(min(left, 0.5)) and time.monotonic() > end):
                    recent = [dict(report) for report in self.reports[-3:]]
                    why = self.closed_why or "the connection stands"
                    raise AssertionError(f"waited in vain for {name}; {why}; last: {recent}")

    # --- sending ------------------------------------------------------------------------------

    def send(self, kind: str, fields: Iterable[tuple[int, object]]) -> int:
        """Send a message under the next number; return the number.

        An application message is kept and resent when the other side asks, also when the socket
        is closed at the moment.
        """
        plain = [(tag, str(value)) for tag, value in fields]
        with self.changed:
            seq = self.next_out
            self.next_out += 1
            sent_at = now_text()
            if kind not in ADMIN:
                self.sent[seq] = (kind, plain, sent_at)
            self._write(self._frame(kind, seq, sent_at, plain))
        return seq

    def write_raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self._socket is not None
        self._socket.sendall(data)

    def _frame(
        self, kind: str, seq: int, at: str, fields: Fields, again: str | None = None
    ) -> bytes:
        header: list[tuple[int, object]] = [(35, kind), (34, seq)]
        if again is not None:
            header += [(43, "Y"), (122, again)]
        header += [(49, self.sender), (52, at), (56, self.target)]
        header += self.header_fields
        return encode(self.begin_string, [*header, *fields])

    def _write(self, data: bytes) -> None:
        try:
            if self._socket is not None:
                self._socket.sendall(data)
        except OSError as gone:
            self.closed_why = self.closed_why or f"write failed: {gone}"

    # --- reading ------------------------------------------------------------------------------

    def _read(self, own: socket.socket) -> None:
        buffer = b""
        try:
            while True:
                data = own.recv(65_536)
                if not data:
                    break
                buffer += data
                while (end := self._whole(buffer)) is not None:
                    message, buffer = buffer[:end], buffer[end:]
                    self._take(message)
        except OSError as gone:
            self.closed_why = self.closed_why or f"read failed: {gone}"
        with self.changed:
            self.closed_why = self.closed_why or "closed by the other side"
            self.logged_on = False
            self.changed.notify_all()

    @staticmethod
    def _whole(buffer: bytes) -> int | None:
        """Return where the first message ends, None while it is not whole."""
        at = buffer.find(b"\x0110=")
        end = buffer.find(SOH, at + 4) if at >= 0 else -1
        return end + 1 if end >= 0 else None

    def _take(self, message: bytes) -> None:
        report = Report()
        for part in message.decode().split("\x01"):
            tag, _, value = part.partition("=")
            if tag:
                report.setdefault(int(tag), value)
        with self.changed:
            is_new = self._take_in_turn(report)
            self.changed.notify_all()
        if is_new and self.on_report is not None:
            self.on_report(report)

    def _take_in_turn(self, report: Report) -> bool:
        """Return whether it is an application message that was not there before."""
        seq, kind = int(report[34]), report.kind
        if kind in ADMIN:
            self.admin.append(report)
        if kind == "4" and report.get(123) != "Y":
            self.next_in = int(report[36])
            return False
        if kind == "A":
            self.logged_on = True
            if report.get(141) == "Y":
                self.next_in = seq
        if kind == "2":
            self._resend(int(report[7]), int(report[16]))
        if seq > self.next_in:
            if not self.next_expected:
                self._ask_again()
            elif kind == "A":
                self._early_logon = seq
            return False
        if seq < self.next_in:
            self.resends += report.get(43) == "Y"
            return False
        self.next_in = int(report[36]) if kind == "4" else seq + 1
        self.next_in += self.next_in == self._early_logon
        if kind == "1":
            self.send("0", [(112, report[112])])
        elif kind == "5":
            self.closed_why = report.get(58, "logged out")
        elif kind not in ADMIN:
            self.resends += report.get(43) == "Y"
            self.reports.append(report)
            return True
        return False

    def _ask_again(self) -> None:
        """Ask for all from the first number that is missing, once for each gap."""
        if self._asked_for != self.next_in:
            self._asked_for = self.next_in
            self.send("2", [(7, self.next_in), (16, 0)])

    def _resend(self, first: int, last: int) -> None:
        """Send application messages again, gap-fill the rest."""
        end = self.next_out - 1 if last == 0 else min(last, self.next_out - 1)
        gap = first
        for seq in range(first, end + 1):
            if seq not in self.sent:
                continue
            if gap < seq:
                self._gap_fill(gap, seq)
            kind, fields, sent_at = self.sent[seq]
            self._write(self._frame(kind, seq, now_text(), fields, again=sent_at))
            gap = seq + 1
        if gap <= end:
            self._gap_fill(gap, end + 1)

    def _gap_fill(self, seq: int, to: int) -> None:
        self._filled_to = to
        fields: Fields = [(123, "Y"), (36, str(to))]
        self._write(self._frame("4", seq, now_text(), fields, again=now_text()))

    def wait_admin(self, kind: str, seconds: float = WAIT_S, **fields: object) -> Report:
        """Wait until a session message with these fields came, named as `t112`; return it."""
        wanted = {int(name[1:]): str(value) for name, value in fields.items()}
        self.wait_for(lambda: self._admin(kind, wanted), f"35={kind} with {wanted}", seconds)
        report = self._admin(kind, wanted)
        assert report is not None
        return report

    def _admin(self, kind: str, wanted: dict[int, str]) -> Report | None:
        mine = [r for r in self.admin if r.kind == kind and wanted.items() <= r.items()]
        return mine[-1] if mine else None

    def ask_whether_up(self, name: str) -> None:
        """Send a test request and wait for the heartbeat that answers it.

        A test request whose number went into a gap fill (the other side had missed what was
        before it) is never answered, so it is sent again under a new number.
        """
        wanted = {112: name}
        while self._admin("0", wanted) is None:
            self._filled_to = 0
            self.send("1", [(112, name)])
            self.wait_for(lambda: self._admin("0", wanted) or self._filled_to, f"35=0: {name}")

    def wait_closed(self) -> None:
        """Wait until the other side has closed the connection, then close it too."""
        assert self._reader is not None
        self._reader.join(WAIT_S)
        assert not self._reader.is_alive(), f"{self.sender}: expected the end of the connection"
        self.drop()

    # --- orders -------------------------------------------------------------------------------

    def order(self, cl_ord_id: str, **terms: object) -> None:
        """Enter an order; `terms` by name: account, symbol, side, qty, px, venue, tif, ..."""
        fields: list[tuple[int, object]] = [(11, cl_ord_id), (1, terms.get("account", "alice"))]
        if self.begin_string == "FIX.4.2":
            fields.append((21, 1))
        fields += [
            (55, terms.get("symbol", "BAC")),
            (54, terms.get("side", 1)),
            (60, now_text()),
            (38, terms.get("qty", 100)),
            (40, 2 if "px" in terms else 1),
        ]
        if "px" in terms:
            fields.append((44, terms["px"]))
        fields.append((59, terms.get("tif", 0)))
        if "venue" in terms:
            fields.append((100, terms["venue"]))
        self.send("D", fields)

    def cancel(self, cl_ord_id: str, orig: str, **terms: object) -> None:
        """Cancel an order."""
        self.send(
            "F",
            [
                (41, orig),
                (11, cl_ord_id),
                (55, terms.get("symbol", "BAC")),
                (54, terms.get("side", 1)),
                (60, now_text()),
                (38, terms.get("qty", 100)),
            ],
        )

    def replace(self, cl_ord_id: str, orig: str, **terms: object) -> None:
        """Change quantity and price of an order."""
        fields: list[tuple[int, object]] = [(41, orig), (11, cl_ord_id)]
        if self.begin_string == "FIX.4.2":
            fields.append((21, 1))
        fields += [
            (55, terms.get("symbol", "BAC")),
            (54, terms.get("side", 1)),
            (60, now_text()),
            (38, terms.get("qty", 100)),
            (40, 2),
            (44, terms.get("px", "10.00")),
        ]
        self.send("G", fields)

    def of(self, cl_ord_id: str) -> list[Report]:
        """Return the reports about an identifier in the order of arrival."""
        with self.changed:
            return [report for report in self.reports if report.get(11) == cl_ord_id]

    def wait_status(self, cl_ord_id: str, *statuses: str) -> Report:
        """Wait until an identifier was reported with one of `statuses` (FIX 39)."""

        def found() -> Report | None:
            mine = [r for r in self.reports if r.get(11) == cl_ord_id and r.get(39) in statuses]
            return mine[-1] if mine else None

        self.wait_for(found, f"{cl_ord_id} with 39 in {statuses}")
        report = found()
        assert report is not None
        return report
