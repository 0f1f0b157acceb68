"""The judge of conversations: right answers pass, each kind of wrong one fails."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.conformance.__main__ import dictionaries, main
from tests.conformance.conversation import Server, Verdict, play
from tests.conformance.judge import difference
from tests.conformance.script import SOH, Kind, ScriptError, parse_script, read_script
from tests.conformance.server import BUILT_IN
from tests.conformance.wire import WireError, checksum, fields_of, first_message, outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ANSWER_SECONDS = 0.4
CLOSE = b"close"
SILENT = b""
LOGON = "8=FIX.4.2|9=5|35=A|34=1|49=ISLD|52=20260105-10:00:00.000|56=TW42|98=0|108=30|10=0|"


def wire(text: str) -> bytes:
    """Return a message as it stands on the wire, its length and sum made right."""
    fields = [field for field in text.split("|") if field and not field.startswith(("9=", "10="))]
    return outgoing("|".join([*fields, ""]).replace("|", "\x01").encode(), datetime.now(UTC))


@contextmanager
def fake_server(answers: Sequence[bytes]) -> Iterator[Server]:
    """Serve one connection: each thing that arrives is answered by the next of `answers`."""

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            for text in answers:
                if not connection.recv(65_536):
                    return
                connection.sendall(text.removesuffix(CLOSE))
                if text.endswith(CLOSE):
                    return
            while connection.recv(65_536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, daemon=True)
        thread.start()
        yield Server("127.0.0.1", listener.getsockname()[1], ANSWER_SECONDS)
        thread.join(10)
        assert not thread.is_alive()


def played(script: str, answers: Sequence[bytes]) -> Verdict:
    """Return what the judge says of a server that gives these answers."""
    with fake_server(answers) as server:
        return play(parse_script(script.encode(), "a.def"), server, "a.def")


SEND = "I8=FIX.4.2|35=A|34=1|49=TW42|52=<TIME>|56=ISLD|98=0|108=30|"
ONE = f"iCONNECT\n{SEND}\nE{LOGON}\n"
LOGGED_OUT = f"{ONE}I8=FIX.4.2|35=5|34=2|49=TW42|52=<TIME>|56=ISLD|\neDISCONNECT\n"


@pytest.mark.parametrize(
    ("script", "answers"),
    [
        (ONE, [wire(LOGON)]),
        (ONE, [wire(LOGON.replace("10:00:00.000", "11:22:33"))]),
        (ONE, [wire(LOGON.replace("|98=0|108=30", "|108=30|98=0|58=welcome"))]),
        (LOGGED_OUT, [wire(LOGON), CLOSE]),
        (f"{ONE}iDISCONNECT\n", [wire(LOGON)]),
        (f"iCONNECT\n{SEND}\nE{LOGON}\nE{LOGON}\n", [wire(LOGON) + wire(LOGON)]),
    ],
)
def test_a_right_answer_passes(script: str, answers: list[bytes]) -> None:
    """Order of fields, times and wording are not judged; what is, is right."""
    assert Verdict("a.def") == played(script, answers)


@pytest.mark.parametrize(
    ("script", "answers", "line", "text"),
    [
        (ONE, [wire(LOGON.replace("108=30", "108=31"))], 3, "expected 108=30, found 108=31"),
        (ONE, [wire(LOGON.replace("98=0|", ""))], 3, "expected 98=0, found nothing more"),
        (ONE, [wire(LOGON + "141=Y|")], 3, "expected nothing more, found 141=Y"),
        (ONE, [wire(LOGON + "98=0|")], 3, "expected nothing more, found 98=0"),
        (ONE, [wire(LOGON.replace("35=A", "35=5"))], 3, "expected 35=A, found 35=5"),
        (ONE, [wire(LOGON)[:-4] + b"000\x01"], 3, "expected 10="),
        (ONE, [wire(LOGON).replace(b"\x019=", b"\x019=1")], 3, "ends, found it before"),
        (ONE, [wire("8=FIX.4.2|34=1|35=A|49=ISLD|")], 3, "expected 8, 9, 35 first"),
        (ONE, [b"HTTP/1.1 200 OK"], 3, "expected 8=... and 9=..."),
        (ONE, [SILENT], 3, "found nothing in time"),
        (ONE, [CLOSE], 3, "found the end of the connection"),
        (LOGGED_OUT, [wire(LOGON), SILENT], 5, "found it open"),
        (LOGGED_OUT, [wire(LOGON), wire(LOGON) + CLOSE], 5, "expected the end"),
        (LOGGED_OUT, [wire(LOGON) + wire(LOGON), CLOSE], 5, "expected the end"),
        ("iCONNECT\ni2,DISCONNECT\n", [], 2, "connection 2 is not open"),
    ],
)
def test_a_wrong_answer_fails(script: str, answers: list[bytes], line: int, text: str) -> None:
    """Each kind of wrong answer is found at its line, and said."""
    verdict = played(script, answers)
    assert (False, line) == (verdict.passed, verdict.line)
    assert text in (verdict.difference or "")


ASKED = "8=FIX.4.2|9=5|35=1|34=2|49=ISLD|52=20260105-10:00:00.000|56=TW42|112=TEST|10=0|"
ECHO = "8=FIX.4.2|9=5|35=0|34=3|49=ISLD|52=20260105-10:00:00.000|56=TW42|112=NOW|10=0|"


@pytest.mark.parametrize(("asked", "passed"), [("112=NOW", True), ("112=", False)])
def test_the_id_of_a_test_request_is_the_servers(asked: str, passed: bool) -> None:
    """`112=TEST` stands for any id, which the script then echoes."""
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(wire(ASKED.replace("112=TEST", asked)))
            heard.append(connection.recv(65_536))

    reply = "I8=FIX.4.2|35=0|34=2|49=TW42|52=<TIME>|56=ISLD|112=TEST|"
    steps = parse_script(f"iCONNECT\nE{ASKED}\n{reply}\n".encode(), "a.def")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        verdict = play(steps, Server("127.0.0.1", port, ANSWER_SECONDS), "a.def")
        thread.join(10)
    assert passed == verdict.passed
    assert passed == (b"\x01112=NOW\x01" in heard[0])


def test_a_server_that_is_not_there_fails() -> None:
    """A connection that is refused is a difference, not an error of the judge."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    verdict = play(parse_script(ONE.encode(), "a.def"), Server("127.0.0.1", port), "a.def")
    assert "expected a connection" in (verdict.difference or "")


def test_a_script_is_read() -> None:
    """Comments, ends of lines of every kind, connection numbers, SOH or `|`."""
    text = b"# c\r\niCONNECT\ri2,CONNECT \nI2,8=FIX.4.2|35=0|\nE8=A|B\x019=1\x01\n\ne2,DISCONNECT"
    steps = parse_script(text, "a.def")
    expected = [
        (2, Kind.CONNECT, 1, b""),
        (3, Kind.CONNECT, 2, b""),
        (4, Kind.SEND, 2, b"8=FIX.4.2\x0135=0\x01"),
        (5, Kind.EXPECT, 1, b"8=A|B\x019=1\x01"),
        (7, Kind.EXPECT_DISCONNECT, 2, b""),
    ]
    assert expected == [(step.line, step.kind, step.connection, step.message) for step in steps]


@pytest.mark.parametrize("text", ["", "# only this", "iCONECT", "CONNECT", "eCONNECT", "I"])
def test_an_unknown_line_is_an_error(text: str) -> None:
    """A line that the format does not know is never skipped."""
    with pytest.raises(ScriptError):
        parse_script(text.encode(), "a.def")


NOW = datetime(2026, 1, 5, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8=X|35=0|52=<TIME>|", "8=X|9=26|35=0|52=20260105-23:59:59|10=154|"),
        ("8=X|35=0|52=<TIME+1>|", "8=X|9=26|35=0|52=20260106-00:00:00|10=122|"),
        ("8=X|35=0|52=<TIME-59>|", "8=X|9=26|35=0|52=20260105-23:59:00|10=140|"),
        ("8=X|9=3|35=0|10=256|", "8=X|9=3|35=0|10=256|"),
        ("8=X|35=0|10=1|", "8=X|9=5|35=0|10=1|"),
    ],
)
def test_messages_are_completed(text: str, expected: str) -> None:
    """Times become UTC; length and sum are added only where they are absent."""
    found = outgoing(text.replace("|", "\x01").encode(), NOW)
    assert expected == found.replace(SOH, b"|").decode()


def test_a_stream_is_cut_into_messages() -> None:
    """A message is whole when its length says so; what is behind it stays."""
    message = wire(LOGON)
    assert all(first_message(message[:size]) is None for size in range(1, len(message)))
    assert message == first_message(message + b"8=FI")
    assert b"10=" + checksum(message[:-7]) + SOH == message[-7:]
    with pytest.raises(WireError):
        first_message(b"8=FIX.4.2\x019=9999999\x01")


def test_a_judge_reads_no_nonsense() -> None:
    """A field that is not tag=value is a difference."""
    assert difference(wire(LOGON), b"8=FIX.4.2\x01nonsense\x01") is not None


OURS = Path(__file__).parents[1] / "conformance"


@pytest.mark.parametrize("folder", ["fix44", "fixt11"])
def test_our_conversations_can_be_played(folder: str) -> None:
    """Each says its rule, connects first, ends with a closed connection, and is well formed."""
    paths = sorted((OURS / folder).glob("*.def"))
    assert len(paths) >= 25
    for path in paths:
        assert path.read_bytes().startswith(b"# "), path.name
        steps = read_script(path)
        assert Kind.CONNECT is steps[0].kind, path.name
        assert Kind.EXPECT_DISCONNECT is steps[-1].kind, path.name
        for step in steps:
            if step.kind is Kind.EXPECT:
                tags = [tag for tag, _ in fields_of(step.message)]
                assert [b"8", b"35", b"34"] == tags[:3], f"{path.name}:{step.line}"


@pytest.mark.parametrize(("answer", "code"), [(LOGON, 0), (LOGON + "141=Y|", 1)])
def test_the_exit_code_says_whether_all_passed(
    answer: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a run in which every conversation passed ends with 0; JSON says what came of each."""
    (tmp_path / "a.def").write_text(ONE, encoding="ascii")
    with fake_server([wire(answer)]) as server:
        target = f"{server.host}:{server.port}"
        arguments = ["--begin", "FIX.4.2", str(tmp_path), "--connect", target, "--json"]
        assert code == main(arguments)
    found = json.loads(capsys.readouterr().out)
    assert (1 - code, code) == (found["passed"], found["failed"])
    assert "a.def" == found["files"][0]["file"]


def test_a_folder_without_conversations_is_no_success(tmp_path: Path) -> None:
    """Rule 17 of STYLE.md: nothing played is nothing proven."""
    (tmp_path / "a.def").write_text(ONE, encoding="ascii")
    assert 2 == main(["--begin", "FIX.4.4", str(tmp_path), "--connect", "127.0.0.1:1"])


def test_the_dictionaries_are_those_beside_the_conversations(tmp_path: Path) -> None:
    """Those that are named come first; the built-in ones are had by their name."""
    beside, other = tmp_path / "fix/dictionaries", tmp_path / "data/fix/dictionaries"
    for folder in (beside, other):
        folder.mkdir(parents=True)
    conversations, told = tmp_path / "fix/acceptance", {"RINGFENCE_DATA": str(tmp_path / "data")}
    assert other == dictionaries(other, conversations, {})
    assert beside == dictionaries(None, conversations, told)
    assert other == dictionaries(None, tmp_path / "elsewhere/acceptance", told)
    assert other == dictionaries(None, None, told)
    assert None is dictionaries(BUILT_IN, conversations, told)
