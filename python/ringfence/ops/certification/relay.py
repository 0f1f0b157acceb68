"""A relay in front of the venue: it breaks a connection, and loses what is on its way before that.

It stands on loopback between the node and the venue and looks at no byte, so that TLS passes as it
is. It repeats and changes nothing: TCP would not let a network do that.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, Self

__all__ = ["CONNECTIONS_MAX", "Relay"]

CONNECTIONS_MAX: Final = 8
"""Connections at once; the next one is closed."""
CONNECT_S: Final = 10.0
CHUNK_BYTES: Final = 65_536


class Relay:
    """Forwards connections to `address` while its `with` block runs.

    Attributes:
        address: Where the node connects to.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._venue = (host.strip("[]"), int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._loses_orders = self._loses_answers = False
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # not listening any more
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()

    def lose_orders(self) -> None:
        """Lose what the node sends, until the connections are cut."""
        self._loses_orders = True

    def lose_answers(self) -> None:
        """Lose what the venue sends, until the connections are cut."""
        self._loses_answers = True

    def heal(self) -> None:
        """Be whole again; a connection of which something was lost is broken."""
        if self._loses_orders or self._loses_answers:
            self.cut()

    def cut(self) -> None:
        """Break every connection; new ones are whole again."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
            for pair in pairs:
                _end(pair)
            self._loses_orders = self._loses_answers = False

    def _accept(self) -> None:
        while True:
            try:
                node, _ = self._listener.accept()
            except OSError:
                return
            try:
                venue = socket.create_connection(self._venue, CONNECT_S)
            except OSError:
                node.close()
                continue
            venue.settimeout(None)
            pair = (node, venue)
            with self._lock:
                if len(self._pairs) >= CONNECTIONS_MAX:
                    _end(pair)
                    continue
                self._pairs.append(pair)
            for outward in (True, False):
                threading.Thread(target=self._pump, args=(pair, outward), daemon=True).start()

    def _pump(self, pair: tuple[socket.socket, socket.socket], outward: bool) -> None:
        """Forward one direction until the end of either side, which ends both."""
        source, target = pair if outward else reversed(pair)
        with contextlib.suppress(OSError):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while chunk := source.recv(CHUNK_BYTES):
                if not (self._loses_orders if outward else self._loses_answers):
                    target.sendall(chunk)
        with self._lock:
            if pair in self._pairs:
                self._pairs.remove(pair)
                _end(pair)


def _end(pair: tuple[socket.socket, socket.socket]) -> None:
    for side in pair:
        with contextlib.suppress(OSError):  # ended by its peer
            side.shutdown(socket.SHUT_RDWR)
        side.close()
