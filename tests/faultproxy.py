"""A TCP proxy on loopback that does to a connection what a bad network does.

Each direction has faults of its own: it delays, throttles, cuts the connection after so many bytes
(in the middle of a message if need be), or falls silent without closing anything. It changes and
repeats no byte: TCP would not let a network do that. The proxy ends after a named time at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
SECONDS_MAX = 60.0
CHUNK_BYTES = 4096
_RESET = struct.pack("ii", 1, 0)  # a close throws away what is queued, and resets the peer


@dataclass(frozen=True, slots=True)
class Faults:
    """What happens to the bytes of one direction."""

    delay_s: float = 0.0
    bytes_per_s: int | None = None
    cut_after: int | None = None  # so many bytes arrive, then both sides are reset
    silent_after: int | None = None  # so many bytes arrive, then nothing, and nothing is closed

    def bytes_max(self) -> int | None:
        """Return how many bytes get through, None without an end."""
        ends = [end for end in (self.cut_after, self.silent_after) if end is not None]
        return min(ends, default=None)


@dataclass(slots=True)
class FaultProxy:
    """Stands in front of a server at `server_port` of loopback, from `with` to its end.

    `port` is where clients connect to. The proxy runs on a thread of its own.
    """

    server_port: int
    to_server: Faults = field(default_factory=Faults)
    to_client: Faults = field(default_factory=Faults)
    seconds_max: float = SECONDS_MAX
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(init=False, default_factory=asyncio.new_event_loop)
    _thread: threading.Thread = field(init=False)
    _listener: socket.socket = field(init=False)
    _over: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _connections: set[asyncio.Task[None]] = field(init=False, default_factory=set)

    def __enter__(self) -> Self:
        """Listen, and forward from now on."""
        self._listener = socket.create_server((HOST, self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything."""
        with contextlib.suppress(RuntimeError):  # its time was over already
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, sock=self._listener)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self.seconds_max)
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed says so in the next round of the loop

    async def _connected(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        ends = [to_client]
        try:
            from_server, to_server = await asyncio.open_connection(HOST, self.server_port)
            ends.append(to_server)
            await asyncio.gather(
                _pipe(from_client, to_server, self.to_server),
                _pipe(from_server, to_client, self.to_client),
            )
        except (OSError, asyncio.CancelledError):
            for end in ends:
                _reset(end)
        finally:
            for end in ends:
                end.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faults: Faults) -> None:
    """Forward one direction until its end or its fault; ConnectionResetError is a cut."""
    left = faults.bytes_max()
    while left is None or left > 0:
        chunk = await reader.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
        if not chunk:
            writer.write_eof()
            return
        if left is not None:
            left -= len(chunk)
        pause = len(chunk) / faults.bytes_per_s if faults.bytes_per_s else 0.0
        await asyncio.sleep(faults.delay_s + pause)
        writer.write(chunk)
        await writer.drain()
    if faults.cut_after == faults.bytes_max():
        raise ConnectionResetError
    while await reader.read(CHUNK_BYTES):
        pass  # taken from one side, never seen by the other
    await asyncio.Event().wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a machine does that knows nothing of it."""
    plain = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
