"""Recorded days of orders as the liquidity of a venue process: LOBSTER and ITCH 5.0, at speed.

The recordings are not part of the tree; without RINGFENCE_DATA these tests are skipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence.ops.tape_files import Wanted, events, opened

from tests.e2e.processes import Running, ports
from tests.e2e.programs import ringfence
from tests.fixclient import FixClient, Report

DATA = os.environ.get("RINGFENCE_DATA", "")
WITHOUT = "set RINGFENCE_DATA to the folder of recordings"
pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(not DATA, reason=WITHOUT)]

LOBSTER = "lobster/AMZN_2012-06-21_L1_message.csv.gz"
ITCH = "itch/RITCH_ex20101224_simulated.ITCH50.gz"
QTY = 10
MOVES = 20  # best bids, by price or size
LONG = 150  # messages: hours of the recorded day
BUY, SELL = 1, 2
BID, OFFER = "0", "1"
SPEED = 600  # seconds of the tape in one
TAKER_FEE = "0.0030"
BEGIN_S = 2  # time for the process to start before its day begins

VENUE = """
[venue]
name = "TAPE"
trade_date = {day}
listen = ["127.0.0.1:{port}"]
journal = "journal"
control = "tape.sock"

[sessions.MEMBER]

[[windows]]
name = "day"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
start = "{start:%H:%M:%S}"
end = "{end:%H:%M:%S}"
time_zone = "UTC"
trade_date = "start"
phase = "continuous"

[fees]
taker = "{fee}"

[tick_ladders.fine]
steps = [{{ from_px = "0", tick = "0.0001" }}]

[instruments.{symbol}]
ladder = "fine"
reference_px = "{reference}"

[tape]
source = "{source}"
start = "09:30"
speed = {speed}
"""


@dataclass
class Followed:
    """A venue that follows a recording, and a member who watches its best prices.

    Attributes:
        seen: best prices in the order in which they were published, by side of the book.
    """

    folder: Path
    symbol: str
    process: Running
    client: FixClient
    seen: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {BID: [], OFFER: []})

    def note(self, report: Report) -> None:
        """Keep the first entry of a message with market data."""
        if report.kind in ("W", "X") and report.get(269) in self.seen:
            entry = (report.get(270, ""), report.get(271, ""))
            with self.client.changed:
                self.seen[report[269]].append(entry)
                self.client.changed.notify_all()

    def watch(self) -> None:
        """Ask for the best prices and wait until they have moved."""
        self.client.on_report = self.note
        asked = [(262, "md"), (263, 1), (264, 1), (265, 0), (267, 2), (269, 0), (269, 1)]
        self.client.send("V", [*asked, (146, 1), (55, self.symbol)])
        moved = lambda: len(set(self.seen[BID])) >= MOVES  # noqa: E731
        self.client.wait_for(moved, f"{MOVES} best bids of {self.symbol}", 60)

    def filled(self, name: str, side: int, px: str) -> list[Report]:
        """Send an order that crosses the book until it is filled; return its fills."""
        self.client.order(name, symbol=self.symbol, side=side, qty=QTY, px=px, tif=3)
        done = lambda: self.client.of(name) and self.client.of(name)[-1][39] in "248"  # noqa: E731
        self.client.wait_for(done, f"the end of {name}")
        return [report for report in self.client.of(name) if report[150] == "F"]

    def statement(self) -> dict[str, Any]:
        """Return what the member holds."""
        control = self.folder / "tape.sock"
        done = ringfence("venue", "statement", "--control", control, "--json")
        assert 0 == done.returncode, done.stderr
        (row,) = [row for row in json.loads(done.stdout)["ports"] if row["port"] == "MEMBER"]
        found: dict[str, Any] = row
        return found


Follow = Callable[..., Followed]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Return what starts a venue on a recording, whose day begins when it listens."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="rf")))

        def begun(source: str, symbol: str, reference: str) -> Followed:
            start = datetime.now(UTC) + timedelta(seconds=BEGIN_S)
            (port,) = ports(1)
            terms = {"symbol": symbol, "reference": reference, "port": port}
            terms |= {"speed": SPEED, "fee": TAKER_FEE}
            times = {"day": start.date(), "start": start, "end": start - timedelta(minutes=1)}
            (folder / "venue.toml").write_text(
                VENUE.format(source=source, **terms, **times), "utf-8"
            )
            process = Running(
                "venue",
                "--config",
                "venue.toml",
                "--trade-date",
                f"{start:%Y-%m-%d}",
                folder=folder,
            )
            ends.callback(process.kill)
            process.wait_for("listening")
            client = FixClient(port, "MEMBER", "TAPE").connect()
            ends.callback(client.drop)
            return Followed(folder, symbol, process, client)

        yield begun


@pytest.mark.parametrize(
    ("source", "symbol", "reference", "sides"),
    [
        (f"lobster:{DATA}/{LOBSTER}", "AMZN", "223.88", (BUY, SELL, BUY)),
        # The messages are a sample of their day: offers trade with the bids that cross them.
        (f"itch:{DATA}/{ITCH}", "BOB", "5.3333", (SELL, SELL)),
    ],
    ids=["lobster", "itch"],
)
def test_orders_trade_with_a_recorded_day(
    follow: Follow, source: str, symbol: str, reference: str, sides: tuple[int, ...]
) -> None:
    """R105: the book moves as recorded, orders that cross it fill, the statement agrees."""
    tape = follow(source, symbol, reference)
    tape.watch()
    units, cash = 0, Decimal(0)
    for number, side in enumerate(sides):
        px = Decimal(reference) * 2 if side == BUY else Decimal(reference) / 2
        fills = tape.filled(f"order-{number}", side, f"{px:.4f}")
        assert QTY == sum(int(fill[32]) for fill in fills)
        signed = [(int(fill[32]) * (1 if side == BUY else -1), fill[31]) for fill in fills]
        units += sum(qty for qty, _ in signed)
        cash -= sum(qty * Decimal(px) for qty, px in signed)
    row = tape.statement()
    assert units == row["units"].get(symbol, 0)
    assert cash == Decimal(row["cash"])
    assert len(sides) * QTY * Decimal(TAKER_FEE) == Decimal(row["fees"])
    tape.client.logout()
    assert 0 == tape.process.end()[0]
    assert [] == tape.process.alerts()


def test_the_best_prices_are_the_recorded_ones(follow: Follow) -> None:
    """R105: a recording that was cut to its best prices shows them, and nothing that it lost."""
    source = f"{DATA}/{LOBSTER}"
    tape = follow(f"lobster:{source}", "AMZN", "223.88")
    tape.watch()
    tape.client.wait_for(lambda: len(tape.seen[BID]) > LONG, f"{LONG} messages", 60)
    rows = events(opened([source], Wanted(symbols=["AMZN"])))
    bids = {row["px"] for row in rows if row["event"] == "quote" and row["side"] == "bid"}
    recorded = {Decimal(px) for px in bids if px is not None}
    shown = {Decimal(px) for px, qty in tape.seen[BID] if qty != "0"}
    assert set() == shown - recorded
    assert len(shown) > MOVES
    tape.client.logout()
    assert 0 == tape.process.end()[0]
