"""Plays a conversation against a server and judges the answers."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.conformance.judge import ANY_TEST_REQ_ID, difference, given_id
from tests.conformance.script import SOH, Kind, ScriptError, Step, read_script
from tests.conformance.wire import WireError, first_message, outgoing

# How long a message, or the end of a connection, is waited for.
ANSWER_SECONDS = 10.0
# How long the server may take to see that we closed, so that the next logon finds no old session.
GOODBYE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and how long it may take."""

    host: str
    port: int
    answer_seconds: float = ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one conversation; `line` and `difference` where it failed."""

    file: str
    line: int | None = None
    difference: str | None = None

    @property
    def passed(self) -> bool:
        """Return whether every answer was the expected one."""
        return self.difference is None


class Failed(Exception):
    """An answer that is not the expected one."""


@dataclass
class _Connection:
    """One socket, what arrived on it and was not judged yet, and the id of a TestRequest."""

    socket: socket.socket
    received: bytes = b""
    test_req_id: bytes | None = None


@dataclass
class _Conversation:
    """Open connections by their number."""

    server: Server
    connections: dict[int, _Connection] = field(default_factory=dict)

    def step(self, step: Step) -> None:
        """Carry one step out.

        Raises:
            Failed: the server's answer is not the expected one.
        """
        if step.kind is Kind.CONNECT:
            self._connect(step.connection)
            return
        connection = self.connections.get(step.connection)
        if connection is None:
            raise Failed(f"connection {step.connection} is not open in the script")
        if step.kind is Kind.SEND:
            self._send(connection, step.message)
        elif step.kind is Kind.EXPECT:
            self._expect(connection, step.message)
        elif step.kind is Kind.EXPECT_DISCONNECT:
            self._expect_disconnect(connection)
            self.close(step.connection)
        else:
            self.close(step.connection)

    def _connect(self, number: int) -> None:
        if number in self.connections:
            self.close(number)
        address = (self.server.host, self.server.port)
        try:
            opened = socket.create_connection(address, self.server.answer_seconds)
        except OSError as error:
            raise Failed(f"expected a connection, found: {error}") from error
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections[number] = _Connection(opened)

    def _send(self, connection: _Connection, message: bytes) -> None:
        if connection.test_req_id is not None:
            open_id = SOH + b"112=" + ANY_TEST_REQ_ID + SOH
            message = message.replace(open_id, SOH + b"112=" + connection.test_req_id + SOH)
        try:
            connection.socket.sendall(outgoing(message, datetime.now(UTC)))
        except OSError as error:
            raise Failed(f"expected an open connection, found: {error}") from error

    def _expect(self, connection: _Connection, expected: bytes) -> None:
        deadline = monotonic() + self.server.answer_seconds
        while (found := _judged(connection)) is None:
            data = _receive(connection, deadline)
            if data is None:
                raise Failed(f"expected {_shown(expected)}, found nothing in time")
            if not data:
                raise Failed(f"expected {_shown(expected)}, found the end of the connection")
            connection.received += data
        connection.received = connection.received[len(found) :]
        why = difference(expected, found)
        if why is not None:
            raise Failed(f"{why} in {_shown(found)}")
        connection.test_req_id = given_id(expected, found) or connection.test_req_id

    def _expect_disconnect(self, connection: _Connection) -> None:
        data: bytes | None = connection.received
        if not data:
            data = _receive(connection, monotonic() + self.server.answer_seconds)
        if data is None:
            raise Failed("expected the end of the connection, found it open")
        if data:
            raise Failed(f"expected the end of the connection, found {_shown(data)}")

    def close(self, number: int) -> None:
        """Close a connection and wait until the server has seen it."""
        connection = self.connections.pop(number)
        deadline = monotonic() + GOODBYE_SECONDS
        with connection.socket:
            try:
                connection.socket.shutdown(socket.SHUT_WR)
            except OSError:
                return  # the server was faster
            while _receive(connection, deadline):
                pass


def _judged(connection: _Connection) -> bytes | None:
    try:
        return first_message(connection.received) if connection.received else None
    except WireError as error:
        raise Failed(f"{error} in {_shown(connection.received)}") from error


def _receive(connection: _Connection, deadline: float) -> bytes | None:
    """Return what arrives: None where nothing does in time, empty where the server closed."""
    connection.socket.settimeout(max(deadline - monotonic(), 0.001))
    try:
        return connection.socket.recv(65_536)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


def _shown(message: bytes) -> str:
    return message[:400].replace(SOH, b"|").decode("ascii", "backslashreplace")


def run(path: Path, server: Server) -> Verdict:
    """Return what comes of the conversation of a file."""
    try:
        return play(read_script(path), server, path.name)
    except ScriptError as error:
        return Verdict(path.name, None, str(error))


def play(steps: list[Step], server: Server, name: str) -> Verdict:
    """Return what comes of a conversation; it ends at the first difference."""
    conversation = _Conversation(server)
    try:
        for step in steps:
            try:
                conversation.step(step)
            except Failed as failure:
                return Verdict(name, step.line, str(failure))
        return Verdict(name)
    finally:
        for number in list(conversation.connections):
            conversation.close(number)
