"""The control socket: one line in, one line back, for its owner alone, within its bounds."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence.errors import InputError, UsageError
from ringfence.ops import control
from ringfence.ops.control import CONNECTIONS_MAX, REQUEST_BYTES_MAX, ControlServer, ask

TIMEOUT_S = 20.0


def echo(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request."""
    return {"request": dict(request)}


def refuse(_request: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse on purpose."""
    raise InputError("expected another day", 7)


def too_much(_request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer more than is sent."""
    return {"text": "x" * control.ANSWER_BYTES_MAX}


@pytest.fixture
def path() -> Iterator[Path]:
    """Return a name that is short enough for a socket, in a folder that is not there yet."""
    with TemporaryDirectory(prefix="rf") as folder:
        yield Path(folder) / "run" / "c.sock"


@pytest.fixture
def server(path: Path) -> Iterator[ControlServer]:
    """Return a server that echoes and refuses."""
    handlers = {"echo": echo, "refuse": refuse, "too_much": too_much}
    with ControlServer(path, handlers) as running:
        yield running


def raw(path: Path, text: bytes) -> bytes:
    """Send bytes and return all that comes back until the other side ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT_S)
        connection.connect(str(path))
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as lines:
            return lines.read()


@pytest.mark.usefixtures("server")
def test_a_request_has_its_answer(path: Path) -> None:
    """R93: a person reaches the process without a network."""
    request = {"do": "echo", "lines": 'é "\n'}
    assert {"request": request} == ask(path, request)


@pytest.mark.usefixtures("server")
def test_the_socket_is_its_owner_s(path: Path) -> None:
    """R28: whoever may send commands is who may write to the socket, and that is the owner."""
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("server")
def test_a_refusal_is_an_answer(path: Path) -> None:
    """R29: what was refused says what was expected, and the process goes on."""
    with pytest.raises(UsageError, match="line 7: expected another day"):
        ask(path, {"do": "refuse"})
    assert {"request": {"do": "echo"}} == ask(path, {"do": "echo"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"not JSON\n", "one JSON object on a line"),
        (b"[" * 20_000 + b"\n", "one JSON object on a line"),
        (b"[1]\n", "one JSON object with `do`"),
        (b'{"do": 1}\n', "one JSON object with `do`"),
        (b'{"do": "fly"}\n', "`do` to be one of echo, refuse, too_much"),
        (b'{"do": "echo"}', "a line of at most"),
    ],
    ids=range(6),
)
@pytest.mark.usefixtures("server")
def test_what_is_no_request_is_refused(path: Path, text: bytes, expected: str) -> None:
    """R13: whatever comes over the socket is read once, or refused with a reason."""
    answer = json.loads(raw(path, text).splitlines()[0])
    assert answer["ok"] is False
    assert expected in answer["error"]


@pytest.mark.usefixtures("server")
def test_many_requests_on_one_connection_have_many_answers(path: Path) -> None:
    """R93: one line is one request, however many come at once."""
    answers = raw(path, b'{"do": "echo", "n": 1}\n{"do": "echo", "n": 2}\n').splitlines()
    assert [1, 2] == [json.loads(line)["request"]["n"] for line in answers]


@pytest.mark.usefixtures("server")
def test_a_line_is_bounded(path: Path) -> None:
    """Rule 7 of STYLE.md: a request beyond the maximum is refused, and then nothing is read."""
    answers = raw(path, b'"' + b"x" * REQUEST_BYTES_MAX + b'"\n{"do": "echo"}\n').splitlines()
    assert 1 == len(answers)
    assert f"at most {REQUEST_BYTES_MAX} bytes" in json.loads(answers[0])["error"]
    with pytest.raises(UsageError, match="expected a request of at most"):
        ask(path, {"do": "echo", "text": "x" * REQUEST_BYTES_MAX})


@pytest.mark.usefixtures("server")
def test_an_answer_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 7 of STYLE.md: an answer beyond the maximum becomes a refusal that is short enough."""
    monkeypatch.setattr(control, "ANSWER_BYTES_MAX", 1_000)
    with pytest.raises(UsageError, match="an answer of at most 1000 bytes"):
        ask(path, {"do": "too_much"})


@pytest.mark.usefixtures("server")
def test_connections_are_bounded(path: Path) -> None:
    """Rule 7 of STYLE.md: one connection too many is told so, and the others are served."""
    held = []
    for number in range(CONNECTIONS_MAX):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(TIMEOUT_S)
        connection.connect(str(path))
        connection.sendall(json.dumps({"do": "echo", "n": number}).encode() + b"\n")
        assert b'"ok": true' in connection.recv(1_024)  # it is being served
        held.append(connection)
    with pytest.raises(UsageError, match="connections at once"):
        ask(path, {"do": "echo"})
    for connection in held:
        connection.close()


@pytest.mark.usefixtures("server")
def test_two_processes_do_not_share_a_socket(path: Path) -> None:
    """R98: a second process on the same configuration finds the first and does not begin."""
    with pytest.raises(UsageError, match="another process answers"):
        ControlServer(path, {})
    assert {"request": {"do": "echo"}} == ask(path, {"do": "echo"})


def test_a_socket_that_was_left_is_replaced(path: Path) -> None:
    """R93: a process that was killed does not keep the next one from starting."""
    path.parent.mkdir()
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(path))
    left.close()
    with ControlServer(path, {"echo": echo}):
        assert {"request": {"do": "echo"}} == ask(path, {"do": "echo"})
    assert not path.exists()


def test_another_file_is_never_replaced(path: Path) -> None:
    """R93: a name that is a file by mistake keeps its content."""
    path.parent.mkdir()
    path.write_text("kept", encoding="utf-8")
    with pytest.raises(UsageError, match="found another file"):
        ControlServer(path, {})
    assert "kept" == path.read_text(encoding="utf-8")


def test_nobody_answers_where_nobody_is(path: Path) -> None:
    """R93: a command to a process that is not there says so."""
    with pytest.raises(UsageError, match="nobody answers on this socket"):
        ask(path, {"do": "status"})


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """R13: the bound of the system is told before the system refuses."""
    with pytest.raises(UsageError, match="at most 107 bytes"):
        ControlServer(tmp_path / ("x" * 108), {})
    with pytest.raises(UsageError, match="at most 107 bytes"):
        ask(tmp_path / ("x" * 108), {"do": "status"})
