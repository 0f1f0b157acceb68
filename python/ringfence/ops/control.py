"""The control socket of a process: one line of JSON in, one line of JSON back.

A request is an object with `do`, which names what is wanted, and what belongs to it. An answer is
an object with `ok`; where that is false, `error` says what was expected. The socket belongs to the
owner of the process alone (mode 0600). A line, a connection's silence and the number of
connections are bounded; whoever breaks a bound is told so, and then disconnected.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ringfence.errors import RingfenceError, UsageError

__all__ = [
    "ANSWER_BYTES_MAX",
    "CONNECTIONS_MAX",
    "REQUEST_BYTES_MAX",
    "ControlServer",
    "Handler",
    "Request",
    "ask",
]

REQUEST_BYTES_MAX: Final = 1_048_576
"""Longest request, in bytes."""
ANSWER_BYTES_MAX: Final = 67_108_864
"""Longest answer, in bytes."""
CONNECTIONS_MAX: Final = 8
"""Most connections at once."""
SILENCE_S: Final = 10.0
"""Longest wait for the rest of a request, seconds."""
ANSWER_S: Final = 60.0
"""Longest wait for an answer, seconds."""
OWNER_ONLY: Final = 0o600
MASK: Final = 0o177
PEER: Final = struct.Struct("iII")
SOCKET_NAME_BYTES_MAX: Final = 107


class Request(dict[str, Any]):
    """What was asked, and by whom.

    Attributes:
        asked_by: user of this machine whose process is at the other end, as the system says.
    """

    asked_by: str = ""


Handler = Callable[[Request], dict[str, Any]]
"""Answers one kind of request; an error that was raised on purpose becomes the answer."""


class ControlServer:
    """Answers requests on a Unix socket until it is closed; use it in a `with` block.

    Args:
        path: name of the socket; one that nobody answers any more is replaced.
        handlers: what is done for each value of `do`; several threads may call them at once.

    Raises:
        UsageError: another process answers there, or the name is too long for a socket.
    """

    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = path
        self._handlers = handlers
        self._places = threading.BoundedSemaphore(CONNECTIONS_MAX)
        self._listener = _listening(path)
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering and remove the socket."""
        with suppress(OSError):  # closed twice
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(SILENCE_S)
            if not self._places.acquire(blocking=False):
                with connection:
                    _send(connection, _refusal(f"at most {CONNECTIONS_MAX} connections at once"))
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until it ends, is silent or breaks a bound."""
        try:
            with connection, connection.makefile("rb") as lines:
                while line := lines.readline(REQUEST_BYTES_MAX + 1):
                    if not line.endswith(b"\n"):
                        text = f"a line of at most {REQUEST_BYTES_MAX} bytes with its end"
                        _send(connection, _refusal(text))
                        return
                    if not _send(connection, self._answer(line, _asked_by(connection))):
                        return
        except OSError:
            pass  # the other side is gone, or was silent
        finally:
            self._places.release()

    def _answer(self, line: bytes, asked_by: str) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return _refusal("one JSON object on a line")
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            return _refusal("one JSON object with `do`")
        handler = self._handlers.get(request["do"])
        if handler is None:
            return _refusal(f"`do` to be one of {', '.join(sorted(self._handlers))}")
        asked = Request(request)
        asked.asked_by = asked_by
        try:
            return {"ok": True, **handler(asked)}
        except (RingfenceError, OSError, ValueError, RuntimeError) as failure:
            return {"ok": False, "error": str(failure)}


def ask(path: Path, request: Mapping[str, Any], wait_s: float = ANSWER_S) -> dict[str, Any]:
    """Send one request to the process behind a socket and return its answer.

    Raises UsageError when nobody answers there, or the answer is a refusal.
    """
    text = json.dumps(dict(request), ensure_ascii=False).encode() + b"\n"
    if len(text) > REQUEST_BYTES_MAX:
        raise UsageError(f"expected a request of at most {REQUEST_BYTES_MAX} bytes")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(wait_s)
        try:
            connection.connect(_socket_name(path))
            with suppress(BrokenPipeError, ConnectionResetError):  # the refusal is there already
                connection.sendall(text)
            with connection.makefile("rb") as lines:
                line = lines.readline(ANSWER_BYTES_MAX + 1)
        except OSError as failure:
            reason = failure.strerror or str(failure)
            raise UsageError(f"{path}: nobody answers on this socket: {reason}") from None
    if not line:
        raise UsageError(f"{path}: the process ended before it answered")
    if not line.endswith(b"\n"):
        raise UsageError(f"{path}: expected an answer of at most {ANSWER_BYTES_MAX} bytes")
    answer: dict[str, Any] = json.loads(line)
    if not answer.pop("ok"):
        raise UsageError(f"{path}: {answer['error']}")
    return answer


def _refusal(expected: str) -> dict[str, Any]:
    return {"ok": False, "error": f"expected {expected}"}


def _send(connection: socket.socket, answer: dict[str, Any]) -> bool:
    """Send an answer; return whether it was short enough and its receiver is there."""
    text = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    fits = len(text) <= ANSWER_BYTES_MAX
    if not fits:
        refusal = _refusal(f"an answer of at most {ANSWER_BYTES_MAX} bytes")
        text = json.dumps(refusal).encode() + b"\n"
    try:
        connection.sendall(text)
    except OSError:
        return False
    return fits


def _asked_by(connection: socket.socket) -> str:
    """Return the user at the other end; where the system does not say, only the owner gets here."""
    option = getattr(socket, "SO_PEERCRED", None)
    uid = os.getuid()
    if option is not None:
        _, uid, _ = PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, option, PEER.size))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _socket_name(path: Path) -> str:
    name = str(path)
    if len(os.fsencode(name)) > SOCKET_NAME_BYTES_MAX:
        raise UsageError(f"{path}: expected a name of at most {SOCKET_NAME_BYTES_MAX} bytes")
    return name


def _listening(path: Path) -> socket.socket:
    """Return a socket that listens at `path` and belongs to its owner alone from the start."""
    name = _socket_name(path)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(name)
            except ConnectionRefusedError:
                path.unlink()  # its process is gone
            else:
                raise UsageError(f"{path}: another process answers on this socket")
    elif path.exists():
        raise UsageError(f"{path}: expected a socket or nothing, found another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(MASK)
    try:
        listener.bind(name)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    path.chmod(OWNER_ONLY)
    listener.listen(CONNECTIONS_MAX)
    return listener
