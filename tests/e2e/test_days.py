"""From one trading day to the next with real processes: numbers go on, and nothing is forgotten."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, JOURNAL, House, Running
from tests.e2e.programs import ringfence
from tests.fixclient import FixClient

# Around today there, so that a window of the venues is open now on each of them.
_TODAY = datetime.now(ZoneInfo("America/New_York")).date()
DAYS = [(_TODAY + timedelta(days=offset)).isoformat() for offset in (-1, 0, 1)]
HEADER_BYTES = 80
POSITIONS = re.compile(r"\[\[opening_positions\]\]\n(?:\w+ = .*\n)+")


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house with a seller and a buyer; its processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        built.add_client("alice", held=10_000)
        built.add_client("bob")
        yield built
        built.close()


def begin(house: House, day: str) -> tuple[list[Running], Running]:
    """Start both venues and the gateway for a trading day, and let orders in."""
    venues = [house.venue(name, trade_date=day) for name in ("LIT1", "LIT2")]
    node = house.node(trade_date=day)
    house.tell(FACTS)
    return venues, node


def end(*processes: Running) -> None:
    """Drain processes in order; each must end in good order."""
    for running in processes:
        code, last = running.end()
        assert (0, "drained") == (code, last and last["outcome"]), running.lines[-5:]


def check(house: House, day: str, who: str = "node", file: str = "gateway.toml") -> tuple[int, str]:
    """Return what `--check` says of starting a day: exit code and lines."""
    done = ringfence(who, "--config", house.folder / file, "--trade-date", day, "--check")
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def carry_positions(house: House) -> None:
    """Open the next day with the positions that the newest one closed with."""
    done = ringfence("journal", "positions", house.folder / JOURNAL, "--toml")
    assert 0 == done.returncode, done.stderr
    path = house.folder / "gateway.toml"
    text = POSITIONS.sub("", path.read_text(encoding="utf-8"))
    path.write_text(text + "\n" + done.stdout.decode(), encoding="utf-8")


def trade(seller: FixClient, buyer: FixClient, name: str) -> None:
    """Let one client sell 100 to the other at LIT1."""
    seller.order(f"s{name}", account="alice", side=2, px="13.80", venue="LIT1")
    seller.wait_status(f"s{name}", "0")
    buyer.order(f"b{name}", account="bob", side=1, px="13.80", venue="LIT1")
    buyer.wait_status(f"b{name}", "2")
    seller.wait_status(f"s{name}", "2")


def again(house: House, before: FixClient) -> FixClient:
    """Return the client of the day before, logged on with the numbers that it had."""
    before.drop()
    client = house.client(before.sender, next_out=before.next_out, next_in=before.next_in)
    return client.connect()


def nothing_is_open(house: House) -> bool:
    """Return whether the gateway has no open order."""
    status = ask(house.control("node"), {"do": "status"})["status"]
    return bool(status["open_orders"] == 0)


@pytest.mark.timeout(300)
def test_three_trading_days(house: House) -> None:
    """Section 8: a node and its venues trade on three days; numbers go on, messages do not.

    A resend that reaches into the day before is gap-filled up to today's first message; positions
    open as they closed, or the day does not begin; an earlier day is over.
    """
    clients: list[FixClient] = []
    resent: list[int] = []
    for number, day in enumerate(DAYS):
        venues, node = begin(house, day)
        assert [] == house.rows("LIT1", "orders")
        if clients:
            clients = [again(house, client) for client in clients]
        else:
            clients = [house.client(name).connect() for name in ("ALICE", "BOB")]
        seller, buyer = clients
        first_today = buyer.next_in
        trade(seller, buyer, f"{number}")
        seen = buyer.resends
        buyer.send("2", [(7, 1), (16, 0)])
        buyer.ask_whether_up(f"asked {number}")
        resent.append(buyer.resends - seen)
        fills = [row for row in buyer.admin if row.kind == "4" and row[34] == "1"]
        assert first_today == int(fills[-1][36])
        end(node, *venues)
        if day != DAYS[-1]:
            next_day = DAYS[number + 1]
            code, text = check(house, next_day)
            assert (1, True) == (code, f"no day can follow {day} yet" in text), text
            sold = 10_000 - 100 * number
            assert f"alice BAC: closed {sold - 100} at 13.81, opens {sold} at 13.81" in text
            carry_positions(house)
            sentence = f"begins {next_day} after {day} (closed, to be sealed)"
            for who, file in (("node", "gateway.toml"), ("venue", "venues/lit1.toml")):
                code, text = check(house, next_day, who, file)
                assert (0, True) == (code, sentence in text), text
    for client in clients:
        client.drop()
    assert resent == [resent[0]] * len(DAYS)  # of today alone, as on the first day
    days = house.verified()["days"]
    assert DAYS == [row["trade_date"] for row in days]
    code, text = check(house, DAYS[0])
    assert (1, True) == (code, f"{DAYS[0]} is over, {DAYS[2]} has begun" in text), text
    done = ringfence("journal", "stats", house.folder / "venues/journal/lit1", "--json")
    endings = [row["ending"] for row in json.loads(done.stdout)["days"]]
    assert ["sealed", "sealed", "closed"] == endings


@pytest.mark.timeout(240)
def test_a_report_that_found_nobody_is_told_on_the_next_day(house: House) -> None:
    """R52, FIX 97: a client that left before its order was canceled learns of it, once.

    Its reset of the numbers, or the next day, took the number by which it could have asked.
    """
    venues, node = begin(house, DAYS[0])
    own = house.client("ALICE").connect()
    other = house.client("BOB").connect()
    for client, account, name in ((own, "alice", "left"), (other, "bob", "reset")):
        side, px = (2, "13.90") if client is own else (1, "13.70")
        client.order(name, account=account, side=side, px=px, venue="LIT1")
        client.wait_status(name, "0")
        client.ask_whether_up("what came is told")
        client.drop()
        own.wait_for(lambda: nothing_is_open(house), "the order to be canceled")
    other = house.client("BOB").connect(reset=True)
    assert "Y" == other.wait_status("reset", "4")[97]
    other.ask_whether_up("what came anew is told")
    end(node, *venues)
    carry_positions(house)
    venues, node = begin(house, DAYS[1])
    own, other = again(house, own), again(house, other)
    assert "Y" == own.wait_status("left", "4")[97]
    own.ask_whether_up("all is told")
    other.ask_whether_up("nothing is told again")
    assert (1, 0) == (len(own.of("left")), len(other.of("reset")))
    end(node, *venues)


@pytest.mark.timeout(240)
def test_an_open_order_keeps_the_next_day_away(house: House) -> None:
    """Fail closed: killed with an open order, the day is settled first, on its own date."""
    venues, node = begin(house, DAYS[0])
    own = house.client("ALICE").connect()
    own.order("rests", account="alice", side=2, px="13.90", venue="LIT1")
    own.wait_status("rests", "0")
    assert -signal.SIGKILL == node.end(signal.SIGKILL)[0]
    own.drop()
    code, text = check(house, DAYS[1])
    named = "order rests of ALICE (sell 100 BAC for alice): 100 left"
    assert (1, True, True) == (code, "open or in doubt" in text, named in text), text
    refused = house.start("node", "--config", "gateway.toml", trade_date=DAYS[1])
    assert 1 == refused.ended()[0]
    assert any(named in text for text in refused.alerts()), refused.alerts()
    unclosed = ringfence("journal", "positions", house.folder / JOURNAL)
    assert (1, True) == (unclosed.returncode, b"closed or sealed" in unclosed.stderr)
    settled = house.node(trade_date=DAYS[0])
    end(settled)
    later = house.node(trade_date=DAYS[1])
    assert any(f"{DAYS[0]} ends after" in line["text"] for line in later.lines)
    end(later, *venues)
    assert 2 == len(house.verified()["days"])


@pytest.mark.timeout(240)
def test_a_roll_that_died_is_made_up_for(house: House) -> None:
    """I5: killed between the seal and the first record of a day, the next start finishes."""
    venues, node = begin(house, DAYS[0])
    own = house.client("ALICE").connect()
    own.order("rests", account="alice", side=2, px="13.90", venue="LIT1")
    own.wait_status("rests", "0")
    end(node)
    rolled = house.node(trade_date=DAYS[1])
    assert -signal.SIGKILL == rolled.end(signal.SIGKILL)[0]
    (segment,) = (house.folder / JOURNAL / DAYS[1]).glob("*.rfj")
    segment.write_bytes(segment.read_bytes()[:HEADER_BYTES])
    sentence = f"begins {DAYS[1]} after {DAYS[0]} (sealed)"
    code, text = check(house, DAYS[1])
    assert (0, True) == (code, sentence in text), text
    finished = house.node(trade_date=DAYS[1], wait=())
    finished.wait_for("listening")
    own = again(house, own)
    own.ask_whether_up("on the second day")
    end(finished)
    own.drop()
    end(*venues)
    assert DAYS[:2] == [row["trade_date"] for row in house.verified()["days"]]
