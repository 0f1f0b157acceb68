"""One FIX session of the demo as its initiator: plain sockets, a few hundred messages.

It keeps what it sent and sends it again when it is asked to, asks for what it missed, and takes
each message once. It can also do wrong on purpose: lose a message on its way, or garble one.

Refuses: whatever a client in production needs beyond a demo, such as going on after a lost
connection; a message beyond `MESSAGE_BYTES_MAX`, and more than `MESSAGES_MAX` messages.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from ringfence.errors import RingfenceError

__all__ = ["MESSAGES_MAX", "MESSAGE_BYTES_MAX", "Fields", "Message", "Session", "now_text"]

MESSAGE_BYTES_MAX: Final = 1_048_576
MESSAGES_MAX: Final = 100_000
HEARTBEAT_S: Final = 30
CONNECT_S: Final = 10.0
RECEIVE_BYTES: Final = 65_536
SOH: Final = b"\x01"
ADMIN: Final = frozenset("012345A")

Fields = list[tuple[int, object]]


def now_text() -> str:
    """Return the present time as FIX writes it, UTC to the millisecond."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


class Message:
    """A message that was received: its fields in order.

    Attributes:
        fields: Tags and values as they came.
        kind: MsgType (FIX 35).
    """

    def __init__(self, data: bytes) -> None:
        parts = (part.partition("=") for part in data.decode("latin-1").split("\x01") if part)
        self.fields = [(int(tag), value) for tag, _, value in parts]
        self._first = dict(reversed(self.fields))
        self.kind = self._first.get(35, "")

    def get(self, tag: int, default: str = "") -> str:
        """Return the first value of a tag."""
        return self._first.get(tag, default)

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first value of a tag as a whole number."""
        return int(self._first.get(tag, default))


class Session:
    """One session.

    Args:
        begin_string: `FIX.4.2` or `FIX.4.4`.
        comp_ids: SenderCompID and TargetCompID (FIX 49, 56).
        take: is given each application message and each session reject once, in order.
    """

    def __init__(
        self, begin_string: str, comp_ids: tuple[str, str], take: Callable[[Message], None]
    ) -> None:
        self.begin_string = begin_string
        self.name, self._target = comp_ids
        self.is_up = False
        self.is_over = False
        self._take = take
        self._next_out = self._next_in = 1
        self._sent: dict[int, tuple[str, Fields, str]] = {}
        self._buffer = b""
        self._socket: socket.socket | None = None

    # --- connection ---------------------------------------------------------------------------

    def connect(self, port: int) -> socket.socket:
        """Open the connection, ask to be logged on, and return the socket."""
        opened = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_S)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = opened
        self.send("A", [(98, 0), (108, HEARTBEAT_S)])
        return opened

    def logout(self) -> None:
        """Ask to be logged out; the other side closes the connection."""
        self.send("5", [])

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
        self.is_up, self.is_over = False, True

    def read(self) -> None:
        """Take what has arrived; the end of the connection ends the session."""
        data = b"" if self._socket is None else self._socket.recv(RECEIVE_BYTES)
        if not data:
            self.close()
            return
        self._buffer += data
        for message in self._messages():
            self._in_turn(message)

    # --- sending ------------------------------------------------------------------------------

    def send(self, kind: str, fields: Fields) -> int:
        """Send a message and return its number (FIX 34)."""
        seq, data = self._numbered(kind, fields)
        self._write(data)
        return seq

    def send_garbled(self, kind: str, fields: Fields) -> int:
        """Send a message whose checksum is wrong, as a bad line would; return its number."""
        seq, data = self._numbered(kind, fields)
        wrong = (int(data[-4:-1]) + 1) % 256
        self._write(data[:-4] + b"%03d" % wrong + SOH)
        return seq

    def lose(self, kind: str, fields: Fields) -> int:
        """Number a message and let it get lost on its way; return its number."""
        return self._numbered(kind, fields)[0]

    def _numbered(self, kind: str, fields: Fields) -> tuple[int, bytes]:
        seq, sent_at = self._next_out, now_text()
        if seq > MESSAGES_MAX:
            message = f"{self.name}: expected at most {MESSAGES_MAX} messages"
            raise RingfenceError(message)
        self._next_out += 1
        if kind not in ADMIN:
            self._sent[seq] = (kind, fields, sent_at)
        return seq, self._framed(kind, seq, sent_at, fields)

    def _framed(self, kind: str, seq: int, at: str, fields: Fields, first: str = "") -> bytes:
        header: Fields = [(35, kind), (34, seq), (49, self.name), (52, at), (56, self._target)]
        if first:
            header += [(43, "Y"), (122, first)]
        body = b"".join(f"{tag}={value}".encode() + SOH for tag, value in (*header, *fields))
        head = f"8={self.begin_string}\x019={len(body)}\x01".encode() + body
        return head + b"10=%03d\x01" % (sum(head) % 256)

    def _write(self, data: bytes) -> None:
        if self._socket is None:
            message = f"{self.name}: not connected"
            raise RingfenceError(message)
        try:
            self._socket.sendall(data)
        except OSError as failure:
            message = f"{self.name}: the connection is lost: {failure}"
            raise RingfenceError(message) from failure

    # --- receiving ----------------------------------------------------------------------------

    def _messages(self) -> Iterator[Message]:
        """Yield the whole messages of the buffer; a local peer does not garble."""
        while (at := self._buffer.find(b"\x0110=")) >= 0:
            end = self._buffer.find(SOH, at + 4) + 1
            if end == 0:
                break
            data, self._buffer = self._buffer[:end], self._buffer[end:]
            yield Message(data)
        if len(self._buffer) > MESSAGE_BYTES_MAX:
            message = f"{self.name}: expected at most {MESSAGE_BYTES_MAX} bytes in a message"
            raise RingfenceError(message)

    def _in_turn(self, message: Message) -> None:
        """Take a message if it is the next one; ask again for what is missing before it."""
        seq = message.number(34)
        if message.kind == "2":
            self._resend(message.number(7), message.number(16))
        if message.kind == "4" and message.get(123) != "Y":
            self._next_in = message.number(36)
        elif seq > self._next_in:
            self.send("2", [(7, self._next_in), (16, 0)])
        elif seq == self._next_in:
            self._next_in = message.number(36) if message.kind == "4" else seq + 1
            self._act(message)

    def _act(self, message: Message) -> None:
        if message.kind == "A":
            self.is_up = True
        elif message.kind == "1":
            self.send("0", [(112, message.get(112))])
        elif message.kind == "5":
            self.is_up = False
            if not self.is_over:
                self.is_over = True
                self.send("5", [])
        elif message.kind == "3" or message.kind not in ADMIN:
            self._take(message)

    def _resend(self, first: int, last: int) -> None:
        """Send application messages again under their numbers, and skip the others' numbers."""
        end = self._next_out - 1 if last == 0 else min(last, self._next_out - 1)
        gap = first
        for seq in (seq for seq in range(first, end + 1) if seq in self._sent):
            self._skip(gap, seq)
            kind, fields, sent_at = self._sent[seq]
            self._write(self._framed(kind, seq, now_text(), fields, first=sent_at))
            gap = seq + 1
        self._skip(gap, end + 1)

    def _skip(self, seq: int, to: int) -> None:
        if seq < to:
            fields: Fields = [(123, "Y"), (36, to)]
            self._write(self._framed("4", seq, now_text(), fields, first=now_text()))


def pairs(fields: Iterable[tuple[int, object]]) -> Fields:
    """Return fields without those that are None."""
    return [(tag, value) for tag, value in fields if value is not None]
