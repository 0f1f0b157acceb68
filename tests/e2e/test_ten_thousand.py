"""Ten thousand orders over two venues, through fifty kills, and what must hold after.

The gateway is killed fifty times and drained once; each venue is drained once and killed once.
RINGFENCE_E2E_ORDERS and RINGFENCE_E2E_KILLS make it another size, RINGFENCE_E2E_SEED another run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import ringfence
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, JOURNAL, House, Running
from tests.e2e.programs import ringfence as ringfence_command
from tests.e2e.trader import Order, Trader

ORDERS = int(os.environ.get("RINGFENCE_E2E_ORDERS", "10000"))
KILLS = int(os.environ.get("RINGFENCE_E2E_KILLS", "50"))
SEED = int(os.environ.get("RINGFENCE_E2E_SEED", "20131008"))
VENUES = ("LIT1", "LIT2")
CLIENTS = {"c1": "FIX.4.4", "c2": "FIX.4.4", "c3": "FIX.4.2", "c4": "FIX.4.2"}
HELD = 500_000
ENDS = (signal.SIGTERM, signal.SIGKILL)
END_S = 120.0
DIGEST_TRIES = 5

WIDE = {
    "duplicate_count": '"10_000 count"',
    "message_count": '"100_000 count"',
    "message_disable_count": '"200_000 count"',
    "repeat_count": '"1_000_000 count"',
    "open_order_count": '"100_000 count"',
    "position_long": '"90_000_000 shares"',
    "position_short": '"90_000_000 shares"',
    "gross_notional": '"9_000_000_000 USD"',
    "net_notional": '"9_000_000_000 USD"',
    "daily_notional": '"9_000_000_000 USD"',
    "daily_qty": '"900_000_000 shares"',
    "daily_count": '"1_000_000 count"',
    "loss": '"900_000_000 USD"',
    "loss_rate": '"900_000_000 USD"',
    "flow_qty": '"10_000 %"',
    "flow_notional": '"10_000 %"',
    "flow_count": '"1_000_000 count"',
    "age_max": '"24 h"',
    "message_max": "100_000",
}
pytestmark = pytest.mark.timeout(120 + ORDERS // 50 + 10 * KILLS)


class Day:
    """One day of a house with four clients, and everything that is done to it."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.random = random.Random(SEED)
        self.go = threading.Event()
        self.kills = 0
        self._configure()
        self.venues = {name: self.house.venue(name) for name in VENUES}
        self.gateway = self.house.node()
        self.house.tell(FACTS)
        self.traders = [
            Trader(self.house.client(name.upper(), begin_string=version), name, SEED + at, self.go)
            for at, (name, version) in enumerate(CLIENTS.items())
        ]

    def _configure(self) -> None:
        """Widen the limits, let one venue keep orders over a disconnection, add the clients."""
        house = self.house
        house.widen(WIDE)
        for name, version in CLIENTS.items():
            house.add_client(name, version, held=HELD)
        house.change("gateway.toml", {'control = "run': 'drain = "leave"\ncontrol = "run'})
        house.keep_orders("LIT2")
        for name in VENUES:
            fast = {
                "take_max = 1_000, disconnect_max = 5_000": "take_max = 50_000, "
                "disconnect_max = 60_000"
            }
            house.change(f"venues/{name.lower()}.toml", fast)

    @property
    def accepted(self) -> int:
        """Return the orders that a venue took so far."""
        return sum(trader.accepted for trader in self.traders)

    def wait_for(self, accepted: int) -> None:
        """Wait until so many orders were taken; a trader that stands still fails."""
        end, last = time.monotonic() + END_S, self.accepted
        while self.accepted < accepted:
            self._look()
            if self.accepted > last:
                end, last = time.monotonic() + END_S, self.accepted
            assert time.monotonic() < end, f"{last} orders were taken, and no more"
            with self.traders[0].client.changed:
                self.traders[0].client.changed.wait(0.01)

    def _look(self) -> None:
        faults = [fault for trader in self.traders for fault in trader.faults]
        assert not faults, faults[:5]

    # --- what is done to it -------------------------------------------------------------------

    def kill(self) -> None:
        """Kill the gateway, and sometimes its successor before it has found out what it missed."""
        self.go.clear()
        self.gateway.kill()
        self.kills += 1
        self.gateway = self.house.node(wait=())
        if self.kills < KILLS and self.random.random() < 0.25:
            self.gateway.wait_for("listening")
            self.gateway.kill()
            self.kills += 1
            self.gateway = self.house.node(wait=())
        self._reconciled(self.gateway, *VENUES)

    def restart_node(self) -> None:
        """End the gateway in good order, its orders left where they are, and begin again."""
        self.go.clear()
        code, last = self.gateway.end(signal.SIGTERM)
        assert (0, "drained") == (code, last and last["outcome"])
        self.gateway = self.house.node(wait=())
        self._reconciled(self.gateway, *VENUES)

    def restart_venue(self, name: str, number: signal.Signals) -> None:
        """End a venue, in good order or not, and begin it again."""
        self.go.clear()
        self.gateway.mark()
        code, _ = self.venues[name].end(number)
        assert code == (0 if number == signal.SIGTERM else -number)
        self.venues[name] = self.house.venue(name)
        self._reconciled(self.gateway, name)

    def _reconciled(self, gateway: Running, *venues: str) -> None:
        for _ in venues:
            gateway.wait_for("reconciled, orders may go")
        self.go.set()

    def run(self) -> None:
        """Trade, interrupted at places from the seed, until nothing is open."""
        places = sorted(self.random.randrange(ORDERS) for _ in range(KILLS))
        deeds: list[tuple[int, Callable[[], None]]] = [(place, self.kill) for place in places]
        deeds += [(ORDERS // 3, self.restart_node)]
        for part, (name, number) in enumerate(product(VENUES, ENDS), 1):
            deeds += [(ORDERS * part // 5, partial(self.restart_venue, name, number))]
        self.go.set()
        for trader in self.traders:
            trader.start()
        for place, deed in sorted(deeds, key=lambda row: row[0]):
            self.wait_for(place)
            if deed != self.kill or self.kills < KILLS:
                deed()
        self.wait_for(ORDERS)
        for trader in self.traders:
            trader.stop()
        for trader in self.traders:
            trader.join(END_S)
        self._look()

    # --- what must hold after -----------------------------------------------------------------

    def live_digest(self) -> ringfence.Kernel:
        """Return the fold of the journal, whose digest is that of the gateway when it was killed.

        The gateway decides a tick four times a second: one that came between is waited out.
        """
        for _ in range(DIGEST_TRIES):
            live = ask(self.house.control("node"), {"do": "state_hash"})
            self.gateway.kill()
            folded = ringfence.replay(self.house.day())
            if sum(record["input"] is not None for record in journal(self)) == live["step"]:
                assert live["state_hash"] == folded.state_hash()
                return folded
            self.gateway = self.house.node()
        raise AssertionError("the gateway was never caught between two steps")

    def close(self) -> None:
        """End everything that runs."""
        self.house.close()
        for trader in self.traders:
            trader.client.drop()


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """Return a day that has been traded to its end."""
    with TemporaryDirectory(prefix="rf") as name:
        made = Day(Path(name))
        began = time.monotonic()
        try:
            made.run()
            counts: Counter[str] = sum((trader.counts for trader in made.traders), Counter())
            seconds = time.monotonic() - began
            told = f"{made.accepted} orders taken, {made.kills} kills, {seconds:.0f} s"
            sys.stdout.write(f"{told}: {dict(sorted(counts.items()))}\n")
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def folded(day: Day) -> ringfence.Kernel:
    """Return the fold of the gateway's journal, which is the gateway as it was (I6)."""
    return day.live_digest()


def journal(day: Day) -> Iterator[dict[str, Any]]:
    """Yield the records of the gateway's journal."""
    done = ringfence_command("journal", "cat", day.house.folder / JOURNAL)
    assert 0 == done.returncode, done.stderr
    yield from map(json.loads, done.stdout.splitlines())


def orders_of(day: Day) -> list[tuple[Trader, Order]]:
    """Return every order of every client once."""
    return [
        (trader, order)
        for trader in day.traders
        for order in {id(order): order for order in trader.orders.values()}.values()
    ]


def test_every_order_is_answered_and_ended(day: Day) -> None:
    """R50, R98: through kills and restarts every request has its answer and every order its end."""
    assert day.accepted >= ORDERS
    assert day.kills >= KILLS
    for trader, order in orders_of(day):
        assert order.status in {"2", "4", "8", "C"}, (trader.account, order)
        assert 0 == order.leaves, (trader.account, order)
    assert sum(order.filled for _, order in orders_of(day)) > 0


def test_nothing_is_filled_beyond_what_was_asked(day: Day, folded: ringfence.Kernel) -> None:
    """I1, I8: fills never exceed the largest quantity asked, at client, gateway and venue."""
    for trader, order in orders_of(day):
        assert order.filled <= order.asked, (trader.account, order)
    for row in folded.orders():
        assert row["cum_qty"] <= row["order_qty"], row
        assert 0 == row["leaves_qty"] == row["buckets"]["in_doubt"], row
    for venue in VENUES:
        traded: Counter[int] = Counter()
        for trade in day.house.rows(venue, "trades"):
            for side in ("buyer", "seller"):
                traded[trade[side]["order_id"]] += trade["qty"]
        for child in day.house.rows(venue, "orders"):
            assert child["cum_qty"] <= child["order_qty"], child
            assert traded[child["order_id"]] == child["cum_qty"], child


def test_nothing_is_sent_twice(day: Day, folded: ringfence.Kernel) -> None:
    """R51, I8: every ClOrdID is sent once, entered once, and never refused as used before."""
    del folded  # the gateway has ended
    sent: Counter[str] = Counter()
    for record in journal(day):
        for event in record["events"]:
            if event["event"] in ("child_sent", "child_replace_requested"):
                sent[event["cl_ord_id"]] += 1
            assert "used before" not in str(event.get("text")), event
    assert not {cl_ord_id: count for cl_ord_id, count in sent.items() if count > 1}
    entered = [row["cl_ord_id"] for venue in VENUES for row in day.house.rows(venue, "orders")]
    assert len(set(entered)) == len(entered)
    assert not set(entered) - set(sent)


def test_all_books_agree(day: Day, folded: ringfence.Kernel) -> None:
    """I13: the clients' fills, the gateway's positions and the venues' books are the same."""
    net: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for trader, order in orders_of(day):
        signed = order.filled if order.side == 1 else -order.filled
        net[trader.account] += signed
        told[order.venue] += signed
    for venue in VENUES:
        port = day.house.statement(venue)["ports"]["GW1"]
        assert told[venue] == port["units"].get("BAC", 0), venue
    rows = {row["venue"]: row for row in folded.zero_sum() if row["symbol"] == "BAC"}
    for venue in VENUES:
        assert (told[venue], told[venue], 0) == (
            rows[venue]["venue_net_qty"],
            rows[venue]["booked_net_qty"],
            rows[venue]["difference"],
        )
    held = {row["account"]: row["qty"] for row in folded.positions() if not row["aggregate"]}
    assert {name: HELD + net[name] for name in CLIENTS} == {name: held[name] for name in CLIENTS}
    assert 0 == held.get("error", 0)


def test_the_journal_is_decided_again(day: Day, folded: ringfence.Kernel) -> None:
    """I6, I7: deciding every record again gives the same bytes and the digest of the fold."""
    assert folded.state_hash() == day.house.verified()["state_hash"]
