"""The conformance server as a process: it answers, survives a bad network, and ends when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.faultproxy import HOST, FaultProxy, Faults
from tests.tidy.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 20.0


@contextmanager
def serving(*, ends_with: signal.Signals | None = None) -> Iterator[int]:
    """Run the server at a free port; give the port, and demand its end at the signal."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    program = f"from ringfence import _core; _core.serve_conformance({port}, {{}})"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, encoding="utf-8"
    )
    try:
        wait_for(port, process)
        yield port
        if ends_with is not None:
            process.send_signal(ends_with)
            _, log = process.communicate(timeout=PATIENCE_S)
            assert "ringfence: ended after record" in log
            assert "KeyboardInterrupt" in log
    finally:
        process.kill()
        process.communicate()


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    """Return when the server takes connections."""
    pause = Event()
    for _ in range(400):
        assert process.poll() is None
        try:
            socket.create_connection((HOST, port), 1.0).close()
        except OSError:
            pause.wait(0.05)
        else:
            return
    pytest.fail("expected a server, found none")


def message(msg_type: str, seq: int, fields: str = "") -> bytes:
    """Return a FIX 4.2 message of TW42; fields end with a bar."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S")
    body = f"35={msg_type}|34={seq}|49=TW42|52={now}|56=ISLD|{fields}".replace("|", "\x01")
    head = f"8=FIX.4.2\x019={len(body)}\x01{body}".encode()
    return head + f"10={sum(head) % 256:03}\x01".encode()


LOGON = "98=0|108=30|"
ORDER = "11=one|21=1|40=1|54=1|55=MSFT|38=100|60={time}|"


def order(seq: int) -> bytes:
    """Return an order that the echo sends back."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S")
    return message("D", seq, ORDER.format(time=now))


def read_until(client: socket.socket, wanted: bytes) -> bytes:
    """Return everything up to `wanted`, or up to the end of the connection."""
    found = b""
    while wanted not in found and (chunk := client.recv(4096)):
        found += chunk
    return found


def connect(port: int) -> socket.socket:
    """Return a connection whose reads end."""
    return socket.create_connection((HOST, port), PATIENCE_S)


def test_the_server_answers_and_ends_when_interrupted() -> None:
    """FIX session layer: a logon, an order; SIGINT logs the session out and ends it all."""
    with serving(ends_with=signal.SIGINT) as port, connect(port) as client:
        client.sendall(message("A", 1, LOGON) + order(2))
        assert b"\x0111=one\x01" in read_until(client, b"\x0111=one\x01")


def test_a_message_in_pieces_and_late_is_one_message() -> None:
    """FIX session layer: a slow network changes nothing but the time."""
    with (
        serving() as port,
        FaultProxy(port, to_server=Faults(bytes_per_s=2000, delay_s=0.01)) as proxy,
        connect(proxy.port) as client,
    ):
        client.sendall(message("A", 1, LOGON))
        assert b"\x0135=A\x01" in read_until(client, b"\x0110=")
        for piece in order(2).split(b"\x01"):
            client.sendall(piece + b"\x01" if piece else b"")
        assert b"\x0111=one\x01" in read_until(client, b"\x0111=one\x01")


def test_a_connection_cut_in_a_message_harms_nobody_else() -> None:
    """FIX session layer: half a message is no message; the session can log on again at once."""
    logon = message("A", 1, LOGON)
    cut = Faults(cut_after=len(logon) + 20)
    with serving() as port:
        with FaultProxy(port, to_server=cut) as proxy, connect(proxy.port) as client:
            client.sendall(logon)
            assert b"\x0135=A\x01" in read_until(client, b"\x0110=")
            client.sendall(order(2))
            with pytest.raises(ConnectionResetError):
                read_until(client, b"\x0111=one\x01")
        with connect(port) as client:
            client.sendall(message("A", 1, LOGON) + order(2))
            assert b"\x0111=one\x01" in read_until(client, b"\x0111=one\x01")


def test_a_peer_that_falls_silent_is_closed() -> None:
    """R61: a half-open connection is found by the heartbeat; the session is free again."""
    logon = message("A", 1, "98=0|108=1|")
    silent = Faults(silent_after=len(logon))
    with serving() as port:
        with FaultProxy(port, to_server=silent) as proxy, connect(proxy.port) as client:
            client.sendall(logon)
            told = read_until(client, b"never")
            assert b"\x0135=1\x01" in told
        with connect(port) as client:
            client.sendall(message("A", 1, LOGON))
            assert b"\x0135=A\x01" in read_until(client, b"\x0110=")


def command(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    """Return the command of the conformance tests, with a temporary folder of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.conformance", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM ends the server in good order as SIGINT does: the folder of its journal goes."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    process = command("--serve", str(port), folder=tmp_path)
    wait_for(port, process)
    assert 1 == len(list(tmp_path.iterdir()))
    process.send_signal(number)
    _, log = process.communicate(timeout=PATIENCE_S)
    assert "ringfence: ended after record" in log
    assert [] == list(tmp_path.iterdir())
    if number == signal.SIGTERM:
        assert (0, False) == (process.returncode, "Traceback" in log)


def test_a_port_that_is_none_is_refused_in_a_line(tmp_path: Path) -> None:
    """R13: what does not fit is named, with what was expected, in one line."""
    process = command("--serve", "99999", folder=tmp_path)
    _, log = process.communicate(timeout=PATIENCE_S)
    assert (2, "--serve: expected a port from 0 to 65535, found 99999\n") == (
        process.returncode,
        log,
    )
