"""The parts of the demo that need no process: plan, client, session, tape, tables."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from ringfence.cli._demo_tables import tables
from ringfence.errors import InputError, RingfenceError, UsageError
from ringfence.ops.demo import Check, Outcome, recorded_ticks
from ringfence.ops.demo.orders import Order, Refusal, refusal_of
from ringfence.ops.demo.plan import MINUTES, ODDITIES, plan
from ringfence.ops.demo.wire import Message, Session
from ringfence.ops.venue_tape import venue_tape

COLUMNS = 100
FOLLOWED = {"kind": "recorded", "symbols": ["BAC"], "seed": 1}


def message(*fields: tuple[int, object]) -> Message:
    """Return a message of fields."""
    return Message("".join(f"{tag}={value}\x01" for tag, value in fields).encode())


def order(**more: object) -> Order:
    """Return an order that was sent."""
    terms = {
        "number": 1,
        "client": "CLIENT",
        "cl_ord_id": "client-1",
        "symbol": "BAC",
        "side": "1",
        "qty": 500,
        "price": "13.9",
        "time_in_force": "0",
        "venue": "LIT1",
    }
    return Order(**{**terms, **more})  # type: ignore[arg-type]  # terms of any order


@pytest.fixture
def pair() -> Iterator[tuple[Session, socket.socket, list[Message]]]:
    """Return a session, the socket of its peer, and what the session was given."""
    taken: list[Message] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session("FIX.4.4", ("CLIENT", "GW1"), taken.append)
        session.connect(server.getsockname()[1])
        peer, _ = server.accept()
    with peer:
        peer.recv(4_096)
        yield session, peer, taken
        session.close()


def told(seq: int, kind: str, *fields: tuple[int, object]) -> bytes:
    """Return a message of the peer; the session does not look at its frame."""
    body = ((35, kind), (34, seq), *fields)
    return "".join(f"{tag}={value}\x01" for tag, value in body).encode() + b"10=000\x01"


def test_the_plan_is_drawn_from_its_seed_and_does_every_wrong() -> None:
    """R102: the same seed plans the same day; one order in eight is wrong, in each way in turn."""
    drawn = plan(8 * len(ODDITIES), 1)
    assert drawn == plan(8 * len(ODDITIES), 1)
    assert drawn != plan(8 * len(ODDITIES), 2)
    assert list(ODDITIES) == [intent.oddity for intent in drawn if intent.oddity]
    assert sorted(drawn, key=lambda intent: intent.at_s) == drawn
    assert all(0 <= intent.at_s < MINUTES * 60 for intent in drawn)


def test_an_order_counts_each_execution_once() -> None:
    """R52: a report that comes twice counts once; the quantities are those of the last report."""
    found = order()
    fill = message((150, "F"), (39, 1), (17, "E1"), (32, 200), (31, "13.88"), (30, "LIT1"),
                   (14, 200), (151, 300), (6, "13.88"), (38, 500))  # fmt: skip
    found.report(fill)
    found.report(fill)
    assert (1, 200, 300) == (len(found.fills), found.cum_qty, found.leaves_qty)
    assert ("LIT1",) == found.venues
    assert found.is_live


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("8", "MAX_ORDER_QTY rule 6: 2 units against 1 units (order_qty) at account a",
         Refusal("MAX_ORDER_QTY", 6, "2 units against 1 units (order_qty) at account a")),
        ("8", "UNKNOWN_INSTRUMENT at symbol ZZZZ",
         Refusal("UNKNOWN_INSTRUMENT", 0, "at symbol ZZZZ")),
        ("8", "field 59: none that is taken",
         Refusal("UNREADABLE_FIELD", 0, "field 59: none that is taken")),
        ("3", "Required tag missing", Refusal("REJECT", 0, "Required tag missing")),
        ("j", "DUE", Refusal("BUSINESS_REJECT", 0, "DUE")),
    ],
)  # fmt: skip
def test_a_refusal_is_read_from_its_sentence(kind: str, text: str, expected: Refusal) -> None:
    """R29: rule, reason and what was compared can be read from the answer alone."""
    assert expected == refusal_of(message((35, kind), (58, text)))


def test_a_session_sends_again_what_was_lost_and_skips_the_rest(
    pair: tuple[Session, socket.socket, list[Message]],
) -> None:
    """R98: a ResendRequest is answered with the message under its number, others are skipped."""
    session, peer, taken = pair
    assert 2 == session.lose("D", [(11, "a")])
    session.send("0", [])
    peer.recv(4_096)
    peer.sendall(told(1, "A") + told(2, "2", (7, 2), (16, 0)) + told(3, "8", (11, "a")))
    while not taken:
        session.read()
    again = peer.recv(4_096)
    assert b"\x0135=D\x0134=2\x01" in again
    assert b"\x0143=Y\x01" in again
    assert b"\x0135=4\x0134=3\x01" in again
    assert b"\x0136=4\x01" in again
    assert session.is_up


def test_a_session_asks_for_what_it_missed_and_takes_nothing_twice(
    pair: tuple[Session, socket.socket, list[Message]],
) -> None:
    """R98: a gap is asked for; what came before is not taken again."""
    session, peer, taken = pair
    peer.sendall(told(1, "A") + told(3, "8", (11, "b")))
    while not session.is_up:
        session.read()
    assert b"\x0135=2\x0134=2\x01" in peer.recv(4_096)
    peer.sendall(told(2, "8", (11, "a")) + told(3, "8", (11, "b")) + told(3, "8", (11, "b")))
    while len(taken) < 2:
        session.read()
    assert ["a", "b"] == [one.get(11) for one in taken]


def test_a_garbled_message_has_a_wrong_checksum(
    pair: tuple[Session, socket.socket, list[Message]],
) -> None:
    """R98: the garbled message differs from the good one in its checksum alone."""
    session, peer, _ = pair
    session.send_garbled("D", [(11, "a")])
    data = peer.recv(4_096)
    head, _, checksum = data.rpartition(b"10=")
    assert int(checksum[:3]) == (sum(head) + 1) % 256


def test_a_session_that_is_not_connected_sends_nothing() -> None:
    """R13: a message without a connection is an error, not a loss."""
    with pytest.raises(RingfenceError, match="not connected"):
        Session("FIX.4.4", ("CLIENT", "GW1"), lambda _message: None).send("0", [])


def test_ticks_are_found_where_they_are(tmp_path: Path) -> None:
    """R13: the folder or the one above it; one that lacks a symbol is refused."""
    assert recorded_ticks(None, {}) is None
    with pytest.raises(UsageError, match="expected ticks of BAC and IBM"):
        recorded_ticks(tmp_path, {})
    ticks = tmp_path / "ticks"
    ticks.mkdir()
    (ticks / "BAC_20131008_trade.csv").touch()
    with pytest.raises(UsageError, match="expected a recording IBM"):
        recorded_ticks(None, {"RINGFENCE_DATA": str(tmp_path)})
    (ticks / "IBM_20131008_trade.csv").touch()
    assert ticks == recorded_ticks(None, {"RINGFENCE_DATA": str(tmp_path)})
    assert ticks == recorded_ticks(ticks, {})


def test_the_tape_of_a_venue_is_opened_or_refused(tmp_path: Path) -> None:
    """R105: trades without quotes imply them; a missing or a second recording is refused."""
    followed = {**FOLLOWED, "place": str(tmp_path)}
    with pytest.raises(UsageError, match="expected a recording BAC"):
        venue_tape(followed)
    header = "ms_since_midnight_et,price,size,exchange,sale_condition,suspicious\n"
    (tmp_path / "BAC_20131008_trade.csv").write_text(header + "36000000,13.80,100,N,0,0\n")
    rows = venue_tape(followed).rows(10)
    assert {"trade", "quote"} == {row["event"] for row in rows}
    (tmp_path / "BAC_20131009_trade.csv").touch()
    with pytest.raises(UsageError, match="expected one file"):
        venue_tape(followed)
    with pytest.raises(InputError):
        venue_tape({**FOLLOWED, "kind": "reconstruction", "symbols": ["ZZZZ"]})


def test_the_tables_say_what_became_of_each_order() -> None:
    """R29: filled, denied and replaced orders are told apart, in a hundred columns."""
    filled = order(status="filled", cum_qty=500, asked_qty=500, average_px=Decimal("13.885"))
    denied = order(cl_ord_id="client-2", status="denied", oddity="too large",
                   refusal=Refusal("MAX_ORDER_QTY", 6, "2 units against 1 units"))  # fmt: skip
    changed = order(cl_ord_id="client-3", status="canceled", replaced=1, cum_qty=100, asked_qty=250,
                    asked_px="13.91", average_px=Decimal("13.9"))  # fmt: skip
    found = Outcome(
        orders=[filled, denied, changed], outcomes={"filled": 1, "canceled": 1, "denied": 1},
        refusals={(6, "MAX_ORDER_QTY"): 1}, replaced=1, children=2, fills=2, venues=[],
        checks=[Check("nothing is in doubt", holds=False, found="7 shares")],
        journal={"records": 9, "chain_tip": "00", "state_hash": "ab" * 32}, alerts=[],
    )  # fmt: skip
    assert not found.holds
    console = Console(width=COLUMNS, highlight=False)
    facts = {"tape": "reconstruction", "speed": 20, "seconds": 20.5, "kept": None}
    with console.capture() as capture:
        for table in tables(found, facts):
            console.print(table)
    shown = capture.get()
    assert "filled 500 at 13.8850" in shown
    assert "too large: DENIED by rule 6 MAX_ORDER_QTY, 2 units" in shown
    assert "replaced to 250 13.91, filled 100 of 250 at 13.90," in shown
    (row,) = [line.split() for line in shown.splitlines() if "nothing is in doubt" in line]
    assert ["NO", *["nothing", "is", "in", "doubt", "7", "shares"]] == row
    assert all(len(line) <= COLUMNS for line in shown.splitlines())
