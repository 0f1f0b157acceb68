"""`ringfence bench gateway`: bytes of FIX in to bytes of FIX out, against the budgets.

A Rust program runs the gateway: first without sockets, then as a host between loopback sockets,
with one thread that plays the client and two venues. Beside it in the same run QuickFIX, from
Python, takes an order to an engine that answers it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from ringfence.bench import conditions as surroundings
from ringfence.bench import driver, peers, stream
from ringfence.bench.codec import QUICKFIX
from ringfence.bench.kernel import SMALL
from ringfence.bench.peers import PeersPlan
from ringfence.bench.report import Budget, Report, Result

__all__ = ["RATES", "GatewayPlan", "bench_gateway", "budgets"]

EXAMPLE, PACKAGE = "gateway_bench", "ringfence-node"
RATES = (1_000, 5_000, 20_000)
"""Orders a second at which latency is measured; the program has the same."""
BUSY = ", busy poll"
"""How cases are called in which the gateway does not sleep between orders."""
WINDOW = 512
"""Orders under way at most when as many as possible are sent; the program has the same."""
P50_NS, P99_NS, ORDERS_PER_S = 40_000, 150_000, 150_000


class GatewayPlan(msgspec.Struct, frozen=True):
    """How much is measured, and where."""

    folder: Path
    """Where the peers' environments are."""
    orders: int = 100_000
    """Most orders of a case."""
    seconds: int = 5
    """Most seconds of a case with a rate."""
    runs: int = 3
    """Runs of each case, of which the middle one counts."""
    journals: Path | None = None
    """Where journals are written, and removed; the system's temporary folder if None."""
    offline: bool = False
    """Whether only environments that are there are used."""
    rust: bool = True
    """Whether the Rust program is used where it can be built."""


class Measured(msgspec.Struct, frozen=True):
    """What the program printed."""

    results: list[Result]
    state_hash: str
    """Digest of the state after every order, New and fill: that of every run without sockets."""
    orders: int
    hosts: list[dict[str, Any]]
    """What each host counted."""
    clock_ns: int


def bench_gateway(plan: GatewayPlan, tell: Callable[[str], None]) -> Report:
    """Measure the gateway and its peer and return the report; `tell` hears of long pieces of work.

    Raises UsageError when the program fails: also when an order is refused or not filled, or two
    runs end in different states.
    """
    found = surroundings.conditions() | {
        "durability": "journal off, process and disk: see the cases",
        "world": f"{SMALL.accounts} client accounts, {SMALL.instruments} instruments, all rules",
        "sessions": "1 client, 2 venues, FIX 4.4 with dictionary, loopback without TLS",
    }
    why_not = driver.missing() if plan.rust else "not asked for"
    about: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ringfence-gateway-", dir=plan.journals) as name:
        folder = Path(name)
        found["journal_on"] = surroundings.filesystem(folder)
        if why_not is None:
            tell("Ringfence")
            measured = _from_rust(plan, folder)
            results = measured.results
            found |= {"rustc": driver.rustc(), "clock_ns": measured.clock_ns}
            found |= {"orders": measured.orders, "runs": plan.runs, "hosts": measured.hosts}
            found["checksum"] = measured.state_hash
        else:
            results = [Result(f"gateway: not measured: {why_not}", "ns", 0)]
        tell(f"{QUICKFIX.name}: {', '.join(QUICKFIX.requirements)}")
        items = folder / "orders.json"
        items.write_text(json.dumps({"orders": min(plan.orders, 5_000)}), encoding="utf-8")
        terms = PeersPlan(plan.folder, offline=plan.offline)
        rows, about[QUICKFIX.name] = peers.measured(QUICKFIX, terms, items)
        results = results + rows
    found |= {"load_after": surroundings.conditions()["load"], "peers": about}
    return Report("gateway", surroundings.commit(), found, results, budgets(results))


def _from_rust(plan: GatewayPlan, folder: Path) -> Measured:
    """Write the inputs and run the example `gateway_bench` of the crate `ringfence-node`."""
    (folder / "world").write_bytes(stream.encoded(stream.world_inputs(SMALL)))
    (folder / "orders").write_bytes(stream.encoded(_orders(plan.orders)))
    numbers = (plan.orders, plan.seconds, plan.runs)
    words = [str(folder), str(folder), *map(str, numbers)]
    printed = driver.run(driver.build(PACKAGE, EXAMPLE), *words)
    return msgspec.json.decode(printed, type=Measured)


def _orders(count: int) -> Iterator[stream.Timed]:
    """Yield the orders of the stream, for the two venues that have a session."""
    for order in stream.orders(count, SMALL):
        fields = stream.new_order(order)
        yield stream.FIRST_TS, "new_order", fields | {"ex_destination": _venue(order.number)}


def _venue(number: int) -> str:
    return ("XNYS", "XNAS")[number % 2]


def budgets(results: Iterable[Result]) -> list[Budget]:
    """Return the gateway's budgets beside what was found: the worst of the rates counts."""
    by_case = {row.case: row for row in results}

    def worst(field: str, polls: str = "") -> int | None:
        cases = (f"wire: order in, child out, {rate}/s, journal process{polls}" for rate in RATES)
        found = [getattr(by_case[case], field) for case in cases if case in by_case]
        return max(found) if len(found) == len(RATES) else None

    def below(name: str, limit: int, value: int | None) -> Budget:
        return Budget(name, limit, value, "ns", value is not None and value < limit)

    flood = by_case.get(f"wire: order, New and fill, {WINDOW} under way, journal process")
    rate = None if flood is None else flood.rate
    met = rate is not None and rate > ORDERS_PER_S
    return [
        below("FIX in to FIX out, median", P50_NS, worst("p50")),
        below("FIX in to FIX out, p99", P99_NS, worst("p99")),
        below("FIX in to FIX out, busy poll, median", P50_NS, worst("p50", BUSY)),
        below("FIX in to FIX out, busy poll, p99", P99_NS, worst("p99", BUSY)),
        Budget("orders with New and fill, sustained", ORDERS_PER_S, rate, "orders/s", met),
    ]
