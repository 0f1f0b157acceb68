"""`ringfence bench book`: the simulated venue's order book, beside books from elsewhere.

One stream in three phases: orders that rest, cancels of every second one, orders that take. A Rust
program times the fast book on it; from Python the whole stream goes through the book once more, as
two files. Each peer runs the same stream in an environment of its own and is timed from Python,
call included, because that is where it can be used.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import msgspec

from ringfence import _core
from ringfence.bench import conditions as surroundings
from ringfence.bench import driver, peers
from ringfence.bench.peers import Peer, PeersPlan
from ringfence.bench.report import Report, Result, rated
from ringfence.errors import UsageError

__all__ = ["BOOKS", "BookPlan", "bench_book", "stream"]

EXAMPLE, PACKAGE = "book_bench", "ringfence-sim"
TICKS_MIDDLE = 10_000
"""Middle of the book, in hundredths."""
LEVELS = 100
"""Prices with resting orders on each side; those near the middle hold more."""
LOTS_MAX = 10
LOT = 100

BOOKS = (
    Peer("lightmatchingengine", "lightmatchingengine_peer", ("lightmatchingengine==2019.1.4",)),
    Peer("orderly-chaos", "orderly_chaos_peer", ("orderly-chaos==0.2.0",)),
)

Call = tuple[str | int, ...]


class BookPlan(msgspec.Struct, frozen=True):
    """How much is measured, and where the peers' environments are."""

    folder: Path
    orders: int = 100_000
    """Orders that rest first; half as many are canceled, and a quarter as many take."""
    offline: bool = False
    """Whether only environments that are there are used."""
    rust: bool = True
    """Whether the Rust program is used where it can be built."""


class Measured(msgspec.Struct, frozen=True):
    """What the Rust program printed."""

    results: list[Result]
    checksum: str
    """Digest of every event and of the orders that are left, the same in every run."""
    trades: int
    traded_qty: int
    orders_left: int
    compared_with_plain: bool
    clock_ns: int


def stream(orders: int, seed: int = 1) -> Iterator[Call]:
    """Yield the calls: (insert, id, side, ticks, quantity), (cancel, id), (match, ...)."""
    draw = random.Random(seed)  # noqa: S311 - a stream has to be the same again
    sides = ("buy", "sell")
    for number in range(1, orders + 1):
        side = draw.choice(sides)
        away = 1 + min(draw.randrange(LEVELS), draw.randrange(LEVELS))
        ticks = TICKS_MIDDLE - away if side == "buy" else TICKS_MIDDLE + away
        yield "insert", number, side, ticks, _quantity(draw)
    for number in draw.sample(range(1, orders + 1), orders // 2):
        yield "cancel", number
    for number in range(orders + 1, orders + 1 + orders // 4):
        side = draw.choice(sides)
        ticks = TICKS_MIDDLE + LEVELS if side == "buy" else TICKS_MIDDLE - LEVELS
        yield "match", number, side, ticks, _quantity(draw)


def _quantity(draw: random.Random) -> int:
    return LOT * draw.randint(1, LOTS_MAX)


def bench_book(plan: BookPlan, tell: Callable[[str], None]) -> Report:
    """Measure the book and its peers and return the report; `tell` hears of long pieces of work.

    Raises UsageError when two runs of the stream by Ringfence end differently.
    """
    found = surroundings.conditions()
    found["stream"] = (
        f"{plan.orders} orders rest at {LEVELS} prices a side, half are canceled, "
        f"{plan.orders // 4} take"
    )
    calls = list(stream(plan.orders))
    about: dict[str, Any] = {}
    tell("Ringfence")
    traded, left, results = _from_python(calls)
    with tempfile.TemporaryDirectory(prefix="ringfence-book-") as name:
        folder = Path(name)
        why_not = driver.missing() if plan.rust else "not asked for"
        if why_not is None:
            measured = _from_rust(calls, folder)
            if (traded, left) != (measured.traded_qty, measured.orders_left):
                raise UsageError("two outcomes of one stream; is the extension built anew?")
            results = measured.results + results
            outcome = msgspec.to_builtins(measured)
            del outcome["results"]
            found |= outcome | {"rustc": driver.rustc()}
        else:
            results.insert(0, Result(f"fast book: not measured: {why_not}", "ns/call", 0))
            found |= {"traded_qty": traded, "orders_left": left}
        (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
        for peer in BOOKS:
            tell(f"{peer.name}: {', '.join(peer.requirements)}")
            rows, about[peer.name] = peers.measured(
                peer, PeersPlan(plan.folder, plan.orders, plan.offline), folder / "calls.json"
            )
            results += [msgspec.structs.replace(row, unit="ns/call") for row in rows]
    found |= {"load_after": surroundings.conditions()["load"], "peers": about}
    return Report("book", surroundings.commit(), found, results, [])


def _from_rust(calls: list[Call], folder: Path) -> Measured:
    """Time the fast book with the example `book_bench` of the crate `ringfence-sim`."""
    lines = folder / "stream.csv"
    lines.write_text("".join(",".join(map(str, call)) + "\n" for call in calls), encoding="utf-8")
    printed = driver.run(driver.build(PACKAGE, EXAMPLE), str(lines))
    return msgspec.json.decode(printed, type=Measured)


def _from_python(calls: list[Call]) -> tuple[int, int, list[Result]]:
    """Run the stream as two files through the extension; return what traded, what is left."""
    book, orders = ["order_id,side,price,qty"], ["action,order_id,side,type,price,qty"]
    for phase, number, *terms in calls:
        if phase == "cancel":
            orders.append(f"cancel,{number},,,,")
            continue
        side, ticks, quantity = terms
        price = f"{int(ticks) // 100}.{int(ticks) % 100:02}"
        if phase == "insert":
            book.append(f"{number},{side},{price},{quantity}")
        else:
            orders.append(f"new,{number},{side},limit,{price},{quantity}")
    files = ["\n".join(lines).encode() + b"\n" for lines in (book, orders)]
    begun = perf_counter_ns()
    found = _core.match_orders(files[0], files[1], "fast")
    taken = perf_counter_ns() - begun
    traded = sum(trade["qty"] for trade in found["trades"])
    row = rated("Python: match_orders, two CSV files", "rows/s", len(calls), taken)
    return traded, len(found["book"]), [row]
