"""The fault proxy does what it says to each direction, and nothing else."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.faultproxy import HOST, FaultProxy, Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 20.0
SENT = bytes(range(256)) * 40


@contextmanager
def echo() -> Iterator[int]:
    """Serve one connection that gets back what it sends; give the port."""

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                while chunk := peer.recv(4096):
                    peer.sendall(chunk)
            except ConnectionError:
                pass

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def connect(proxy: FaultProxy, patience_s: float = PATIENCE_S) -> socket.socket:
    """Return a connection whose reads end."""
    return socket.create_connection((HOST, proxy.port), patience_s)


def received(client: socket.socket, count: int) -> bytes:
    """Return `count` bytes, fewer when the connection ends before."""
    found = b""
    try:
        while len(found) < count and (chunk := client.recv(count - len(found))):
            found += chunk
    except ConnectionError:
        pass
    return found


def test_bytes_pass_through() -> None:
    """Without a fault every byte arrives, and so does the end."""
    with echo() as port, FaultProxy(port) as proxy, connect(proxy) as client:
        client.sendall(SENT)
        assert SENT == received(client, len(SENT))
        client.shutdown(socket.SHUT_WR)
        assert b"" == client.recv(1)


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_a_connection_is_cut(count: int) -> None:
    """So many bytes reach the server and come back, and then the connection is gone."""
    faults = Faults(cut_after=count)
    with echo() as port, FaultProxy(port, to_client=faults) as proxy, connect(proxy) as client:
        client.sendall(SENT)
        found = received(client, len(SENT))
        assert len(found) <= count
        assert SENT.startswith(found)
        assert b"" == received(client, 1)


def test_a_connection_falls_silent() -> None:
    """After so many bytes nothing comes, and the connection stays open."""
    faults = Faults(silent_after=100)
    with echo() as port, FaultProxy(port, to_server=faults) as proxy, connect(proxy, 0.3) as client:
        client.sendall(SENT)
        assert SENT[:100] == received(client, 100)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.sendall(b"still open")


@pytest.mark.parametrize("faults", [Faults(delay_s=0.2), Faults(bytes_per_s=500)])
def test_a_connection_is_slow(faults: Faults) -> None:
    """Bytes are late, and all of them come."""
    with echo() as port, FaultProxy(port, to_server=faults) as proxy, connect(proxy) as client:
        begun = monotonic()
        client.sendall(SENT[:100])
        assert SENT[:100] == received(client, 100)
        assert monotonic() - begun >= 0.19


def test_the_proxy_ends_in_time() -> None:
    """A proxy that nobody closes is over after its time."""
    with echo() as port, FaultProxy(port, seconds_max=0.1) as proxy, connect(proxy) as client:
        assert b"" == received(client, 1)
