"""Bad input at the client's port of a gateway that runs: each is answered by the book and told.

One gateway serves all of these tests, each with a session of its own; no venue runs.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, House, Running
from tests.fixclient import FixClient, Report, encode, now_text

pytestmark = pytest.mark.timeout(60)

NAMES = (
    *("GARBLED", "REJECTED", "AHEAD", "BEHIND", "TWICE", "CROWDED", "HALFOPEN", "SECRET"),
    *("UNKNOWN", "SLOW", "VENUEDOWN", "MISSING", "CUT", "HURRY"),
)
SESSION = """
[sessions.{name}]
ord_types = ["limit", "market"]
phases = ["continuous"]
accounts = ["client"]
symbols = ["*"]
venues = ["LIT1", "LIT2"]
strategies = ["DMA"]

[sessions.{name}.fix]
{more}
"""
BY_NAME = 'username = "ann"\npassword = "env:RF_SECRET"'
STORM = 300
TRIES = 20
ANSWER_S = 2.0


class Street:
    """A gateway without venues, and what it has told."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        more = {"SECRET": BY_NAME, "HURRY": "message_max = 5"}
        sessions = "".join(SESSION.format(name=one, more=more.get(one, "")) for one in NAMES)
        self.house.change("gateway.toml", {}, sessions)
        self.node: Running = self.house.node(wait=(), environment={"RF_SECRET": "kept"})
        self.node.wait_for("running")
        self.house.tell(FACTS)

    def client(self, name: str, **more: int) -> FixClient:
        """Return a client that is logged on."""
        return self.house.client(name, **more).connect()

    def socket(self) -> socket.socket:
        """Return a plain connection to the port of the clients."""
        return socket.create_connection(("127.0.0.1", self.house.ports["gateway"]), timeout=20)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """Return a gateway that serves all of these tests, and at the end is still in order."""
    with TemporaryDirectory(prefix="rf") as name:
        made = Street(Path(name))
        try:
            yield made
            code, last = made.node.end()
            assert (0, "drained") == (code, last and last["outcome"])
            made.house.verified()
        finally:
            made.house.close()
        made.house.close()


def logon(sender: str, seq: int = 1, extra: tuple[tuple[int, str], ...] = ()) -> bytes:
    """Return a logon as bytes."""
    header: list[tuple[int, object]] = [(35, "A"), (34, seq), (49, sender), (52, now_text())]
    return encode("FIX.4.4", [*header, (56, "GW1"), (98, 0), (108, 30), *extra])


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes the connection."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65_536):
            got += data
    return got


def heartbeat(client: FixClient, text: str = "x") -> bytes:
    """Return a heartbeat under the client's next number, which is not used up."""
    header: list[tuple[int, object]] = [(35, "0"), (34, client.next_out), (49, client.sender)]
    return encode(client.begin_string, [*header, (52, now_text()), (56, "GW1"), (112, text)])


def ask_until_up(client: FixClient, name: str) -> None:
    """Send test requests until one is answered: the first may be lost with what was garbled."""
    for number in range(TRIES):
        wanted = f"{name} {number}"
        client.send("1", [(112, wanted)])
        with contextlib.suppress(AssertionError):
            client.wait_admin("0", seconds=ANSWER_S, t112=wanted)
            return
    raise AssertionError(f"never answered after {name}")


GARBLED: dict[str, Callable[[bytes], bytes]] = {
    "noise": lambda _: b"\x00\xff no FIX at all \x01",
    "wrong checksum": lambda whole: whole[:-4] + b"%03d\x01" % ((int(whole[-4:-1]) + 1) % 256),
    "length too short": lambda whole: re.sub(rb"\x019=\d+", b"\x019=5", whole, count=1),
    "length too long": lambda whole: re.sub(rb"\x019=\d+", b"\x019=99", whole, count=1),
    "length that is none": lambda whole: whole.replace(b"\x019=", b"\x019=x", 1),
    "truncated": lambda whole: whole[:-12],
    "a field without a tag": lambda whole: resummed(whole.replace(b"\x01112=", b"\x01=12=")),
    "too long": lambda _: b"8=FIX.4.4\x019=900000\x0135=0\x01" + b"58=" + b"x" * 70_000,
}


def resummed(whole: bytes) -> bytes:
    """Return a message with the checksum of its bytes."""
    body = whole[:-7]
    return body + b"10=%03d\x01" % (sum(body) % 256)


def test_garbled_messages_are_skipped(street: Street) -> None:
    """R62, FIX 4.4 vol. 2: what is garbled uses up no number and gets no answer; it is told.

    A message with an end that is missing takes the beginning of the next one with it, which is
    then asked for again.
    """
    client = street.client("GARBLED")
    for name, garble in GARBLED.items():
        client.write_raw(garble(heartbeat(client)))
        ask_until_up(client, name)
    assert {"A", "0", "2"} >= {report.kind for report in client.admin}
    assert client.logged_on
    street.node.wait_for("GARBLED", "a garbled message was skipped")
    client.logout()


REJECTED: dict[str, tuple[str, list[tuple[int, object]], str, dict[int, str]]] = {
    "a tag that no version has": ("0", [(99999, "x")], "3", {373: "0", 371: "99999"}),
    "a tag of another message": ("0", [(38, 100)], "3", {373: "2", 371: "38"}),
    "a tag without a value": ("0", [(112, "")], "3", {373: "4", 371: "112"}),
    "a tag twice": ("0", [(112, "a"), (112, "b")], "3", {373: "13", 371: "112"}),
    "a required tag is missing": ("1", [], "3", {373: "1", 371: "112"}),
    "a number that is none": ("2", [(7, "one"), (16, 0)], "3", {373: "6", 371: "7"}),
    "a message type that is none": ("ZZ", [(58, "x")], "3", {373: "11"}),
    "a message that nobody takes": ("B", [(148, "x"), (33, 1), (58, "x")], "j", {380: "3"}),
    "an order without an instrument": (
        "D",
        [(11, "n1"), (1, "client"), (54, 1), (60, now_text()), (38, 1), (40, 1)],
        "8",
        {39: "8", 150: "8", 11: "n1", 58: "field 55: absent"},
    ),
    "an order without a side": (
        "D",
        [(11, "n1"), (1, "client"), (55, "BAC"), (60, now_text()), (38, 1), (40, 1)],
        "3",
        {373: "1", 371: "54"},
    ),
    "a side that is none": (
        "D",
        [(11, "n2"), (1, "client"), (55, "BAC"), (54, "Q"), (60, now_text()), (38, 1), (40, 1)],
        "3",
        {373: "5", 371: "54"},
    ),
    "a quantity in parts": (
        "D",
        [(11, "n3"), (1, "client"), (55, "BAC"), (54, 1), (60, now_text()), (38, "1.5"), (40, 1)],
        "8",
        {39: "8", 150: "8", 11: "n3"},
    ),
}


def test_wrong_messages_are_rejected_by_the_book(street: Street) -> None:
    """R62, R70: a session reject names reason and tag; the session goes on with the next number."""
    client = street.client("REJECTED")
    for name, (kind, fields, answer, expected) in REJECTED.items():
        seq = client.send(kind, fields)
        client.ask_whether_up(name)
        if answer == "3":
            found: Report = client.wait_admin("3", t45=seq)
        else:
            found = client.reports[-1]
        assert (answer, expected) == (
            found.kind,
            {tag: found.get(tag) for tag in expected},
        ), (name, dict(found))
    client.logout()


def test_a_gap_is_asked_for_and_filled(street: Street) -> None:
    """R50, FIX 35=2: what is missing is asked for; the orders in it are taken once, in order."""
    client = street.client("AHEAD")
    client.next_out += 2  # two messages that were lost on the way
    client.sent[2] = ("D", order_fields("early"), now_text())
    client.send("1", [(112, "behind the gap")])
    client.wait_status("early", "8")
    client.ask_whether_up("again")
    assert ["2"] == [report.kind for report in client.admin if report.kind == "2"]
    client.logout()


def order_fields(cl_ord_id: str) -> list[tuple[int, str]]:
    """Return an order that no venue is there for."""
    terms = [(11, cl_ord_id), (1, "client"), (55, "BAC"), (54, "1"), (60, now_text())]
    return [*terms, (38, "100"), (40, "2"), (44, "13.81"), (59, "0"), (100, "LIT1")]


def test_a_number_that_was_used_ends_the_session(street: Street) -> None:
    """R62: a number below the expected one without PossDupFlag: told why, logged out, alerted."""
    client = street.client("BEHIND")
    client.next_out = 1
    client.send("0", [])
    client.wait_closed()
    expected = "MsgSeqNum too low, expecting 2 but received 1"
    assert expected == client.admin[-1].get(58)
    assert "5" == client.admin[-1].kind
    street.node.wait_for("BEHIND", expected)
    assert any("BEHIND" in text and expected in text for text in street.node.alerts())


def test_a_second_logon_is_turned_away(street: Street) -> None:
    """R61: who is logged on stays so; the second connection hears nothing, a person is told."""
    client = street.client("TWICE")
    with street.socket() as second:
        second.sendall(logon("TWICE", 2))
        assert b"" == everything(second)
    client.ask_whether_up("still there")
    client.logout()


def test_a_message_without_a_number_cuts(street: Street) -> None:
    """R62: a message without MsgSeqNum ends the session at once, with the reason."""
    client = street.client("MISSING")
    header: list[tuple[int, object]] = [(35, "0"), (49, "MISSING"), (52, now_text()), (56, "GW1")]
    client.write_raw(encode("FIX.4.4", header))
    client.wait_closed()
    assert "Required tag missing: MsgSeqNum" == client.admin[-1].get(58)


@pytest.mark.parametrize(
    "first",
    [
        logon("NOBODY"),
        logon("UNKNOWN").replace(b"56=GW1", b"56=GW2"),
        heartbeat(FixClient(0, "UNKNOWN", "GW1")),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 4,
    ],
    ids=["unknown sender", "unknown target", "no logon", "another protocol"],
)
def test_a_stranger_hears_nothing(street: Street, first: bytes) -> None:
    """R61: who is unknown gets no answer and no number; the connection is closed."""
    with street.socket() as stranger:
        stranger.sendall(resummed(first) if first.startswith(b"8=FIX") else first)
        assert b"" == everything(stranger)


@pytest.mark.parametrize("shown", [(), ((553, "ann"),), ((553, "ann"), (554, "wrong"))])
def test_a_wrong_password_hears_nothing(street: Street, shown: tuple[tuple[int, str], ...]) -> None:
    """R61, R109: without the right name and password no logon, and no secret in what is told."""
    with street.socket() as stranger:
        stranger.sendall(logon("SECRET", extra=shown))
        assert b"" == everything(stranger)
    assert not any("kept" in line["text"] for line in street.node.lines)


def test_the_right_password_is_let_in(street: Street) -> None:
    """R61: name and password of the configuration, the password from the environment."""
    client = street.house.client("SECRET", logon_fields=((553, "ann"), (554, "kept")))
    client.connect()
    client.logout()


def test_a_storm_of_logons_leaves_room_for_who_belongs(street: Street) -> None:
    """R30, rule 7: hundreds of connections are bounded; a client who belongs still gets in."""
    before = ask(street.house.control("node"), {"do": "status"})["status"]["accepted"]
    with contextlib.ExitStack() as held:
        storm = [held.enter_context(street.socket()) for _ in range(STORM)]
        for at, connection in enumerate(storm):
            with contextlib.suppress(OSError):
                connection.sendall(logon(f"STORM{at}") if at % 2 else b"8=FIX.4.4\x01")
        for connection in storm[1::2]:
            everything(connection)
        client = street.house.client("CROWDED")
        for _ in range(TRIES):  # places are free again a while after strangers were sent away
            with contextlib.suppress(AssertionError, OSError):
                client.connect()
                break
            client.drop()
            threading.Event().wait(1.0)
        client.ask_whether_up("in the storm")
        client.logout()
    status = ask(street.house.control("node"), {"do": "status"})["status"]
    assert status["accepted"] + status["turned_away"] >= before + STORM
    assert any("connection refused" in text for text in street.node.alerts())


def test_a_silent_peer_is_asked_then_cut(street: Street) -> None:
    """R62: a half-open connection: test request, then the end, and a logon that goes on."""
    with street.socket() as silent:
        silent.sendall(logon("HALFOPEN").replace(b"108=30", b"108=01"))
    with street.socket() as silent:
        silent.sendall(resummed(logon("HALFOPEN", 2).replace(b"\x01108=30", b"\x01108=01")))
        got = everything(silent)
    assert b"\x0135=A\x01" in got
    assert b"\x0135=1\x01" in got
    client = street.house.client("HALFOPEN", next_out=3).connect()
    client.ask_whether_up("again")
    client.logout()


def test_a_reader_who_sleeps_is_cut_and_told_about(street: Street) -> None:
    """R30, rule 7: what waits for a peer is bounded; past it the peer is cut, and a person told."""
    request = [(35, "1"), (49, "SLOW"), (52, now_text()), (56, "GW1"), (112, "x" * 60_000)]
    with street.socket() as sleeper:
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sleeper.sendall(logon("SLOW"))
        with contextlib.suppress(OSError):  # we are cut
            for seq in range(2, 1_000):
                head: list[tuple[int, object]] = [request[0], (34, seq), *request[1:]]
                sleeper.sendall(encode("FIX.4.4", head))
        told = street.node.wait_for("slow reader: expected at most")
    assert told["alert"]


def test_without_a_venue_nothing_is_taken_for_it(street: Street) -> None:
    """R50, I9: a venue that was never reached takes no orders: denied at once, with the reason."""
    client = street.client("VENUEDOWN")
    street.house.tell(FACTS)
    client.order("o1", account="client", px="13.81", venue="LIT1")
    report = client.wait_status("o1", "8")
    assert "VENUE_DOWN" in report[58]
    assert "0" == report[14]
    client.logout()


def test_who_is_in_a_hurry_is_refused_by_name(street: Street) -> None:
    """R30: beyond its messages in one second a session is refused (380=0); its cancels pass."""
    client = street.client("HURRY")
    for number in range(8):
        client.order(f"o{number}", account="client", px="13.81", qty=number + 1, venue="LIT1")
    client.cancel("x", "o0")
    client.wait_for(lambda: [r for r in client.reports if r.kind == "9"], "a cancel reject")
    rejects = [report for report in client.reports if report.kind == "j"]
    assert {("D", "0")} == {(report[372], report[380]) for report in rejects}
    assert all("in one second" in report[58] for report in rejects)
    assert 3 == len(rejects)
    client.logout()


def test_what_was_missed_comes_after_the_next_logon(street: Street) -> None:
    """R50: a report to a client who is gone is kept, and resent with PossDupFlag."""
    client = street.client("CUT")
    client.order("o1", account="client", px="13.81", venue="LIT1")
    client.wait_status("o1", "8")
    client.drop()
    later = street.house.client("CUT", next_out=client.next_out, next_in=2).connect()
    again = later.wait_status("o1", "8")
    assert "Y" == again.get(43)
    assert client.of("o1")[-1][17] == again[17]
    later.logout()
