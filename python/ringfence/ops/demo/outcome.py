"""What the demo came to: totals, and what must hold between three books that were kept apart.

The clients count what they were told, the kernel what its journal says when every record of it is
decided again, and the venues what their drop copies tell. Nothing here is taken from one of them
for another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from ringfence import _core
from ringfence.engine import Kernel, verify
from ringfence.ops.demo.orders import OUTCOMES, Order
from ringfence.ops.demo.processes import Processes
from ringfence.ops.demo.trading import Parties

__all__ = ["Check", "Outcome", "outcome"]

SIX_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, and what was found."""

    name: str
    holds: bool
    found: str


@dataclass(frozen=True, slots=True)
class VenueTotals:
    """What one venue says that it did, by its drop copy; and the children that were sent to it."""

    venue: str
    children: int
    fills: int
    qty: int
    notional: str
    net_qty: dict[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that is shown.

    Attributes:
        orders: Every order in the order of sending.
        outcomes: Number of orders by how they ended.
        refusals: Number of refusals by rule and reason, those of changes included.
        venues: Totals of each venue.
        checks: What must hold.
        journal: Records, state hash and chain tip of the gateway's journal.
        alerts: What the gateway wanted a person to see.
    """

    orders: list[Order]
    outcomes: dict[str, int]
    refusals: dict[tuple[int, str], int]
    replaced: int
    children: int
    fills: int
    venues: list[VenueTotals]
    checks: list[Check]
    journal: dict[str, Any]
    alerts: list[str]

    @property
    def holds(self) -> bool:
        """Return whether everything holds that must."""
        return all(check.holds for check in self.checks)

    def plain(self) -> dict[str, Any]:
        """Return it as values that JSON can carry."""
        refusals = [
            {"rule": rule, "reason": reason, "count": count}
            for (rule, reason), count in self.refusals.items()
        ]
        return {
            "orders": [_order_row(order) for order in self.orders],
            "outcomes": self.outcomes,
            "refusals": refusals,
            "replaced": self.replaced,
            "children": self.children,
            "fills": self.fills,
            "venues": [asdict(venue) for venue in self.venues],
            "checks": [asdict(check) for check in self.checks],
            "journal": self.journal,
            "alerts": self.alerts,
        }


def outcome(parties: Parties, processes: Processes) -> Outcome:
    """Return what a demo that has ended came to; decides every record of its journal again.

    Raises JournalError if that gives other bytes.
    """
    orders = parties.orders
    checked = _core.journal_stats(processes.journal)
    kernel = verify(processes.journal)
    children = _children(kernel)
    sent = Counter(str(child["venue"]) for child in children)
    refused = (r for order in orders for r in (order.refusal, *order.changes_refused) if r)
    counted = Counter((r.rule, r.reason) for r in refused)
    outcomes = Counter(order.status for order in orders)
    return Outcome(
        orders=orders,
        outcomes={name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        refusals=dict(sorted(counted.items(), key=lambda row: (row[0][0] == 0, row[0]))),
        replaced=sum(order.replaced for order in orders),
        children=len(children),
        fills=sum(len(order.fills) for order in orders),
        venues=[
            VenueTotals(
                name, sent[name], drop_copy.fill_count, drop_copy.qty, f"{drop_copy.notional:.2f}",
                dict(sorted(drop_copy.net_qty.items())),
            )
            for name, drop_copy in parties.drop_copies.items()
        ],
        checks=list(_checks(orders, parties, kernel)),
        journal={
            "records": checked["records"],
            "chain_tip": checked["chain_tip"],
            "state_hash": kernel.state_hash(),
        },
        alerts=processes.told,
    )  # fmt: skip


def _children(kernel: Kernel) -> list[dict[str, Any]]:
    """Return every child that was sent; they are numbered from 0 without a gap."""
    found: list[dict[str, Any]] = []
    while (child := kernel.child(len(found))) is not None:
        found.append(dict(child))
    return found


def _checks(orders: list[Order], parties: Parties, kernel: Kernel) -> Iterable[Check]:
    over = [order for order in orders if order.cum_qty > order.asked_qty]
    rows = kernel.orders()
    over_booked = [row for row in rows if row["cum_qty"] > row["order_qty"]]
    found = f"{len(over)} of {len(orders)} sent, {len(over_booked)} of {len(rows)} accepted"
    yield Check("nothing is filled beyond its order", not over and not over_booked, found)
    in_doubt = sum(row["buckets"]["in_doubt"] for row in rows)
    yield Check("nothing is in doubt", in_doubt == 0, f"{in_doubt} shares")
    is_open = [order for order in orders if order.status in {"open", "sent"}]
    yield Check("every order has an end", not is_open, f"{len(is_open)} without one")
    differing = [row for row in kernel.zero_sum() if row["difference"]]
    yield Check("accounts sum to the venues' totals", not differing, f"{len(differing)} differ")
    told, booked, copied = _told(orders), _booked(kernel), _copied(parties)
    shown = ", ".join(f"{symbol} {qty:+,}" for symbol, qty in sorted(copied.items()))
    name = "clients, positions and drop copies say the same"
    yield Check(name, told == booked == copied, shown or "no position")


def _told(orders: list[Order]) -> dict[str, int]:
    """Return the net units that the clients were told, by symbol."""
    net: Counter[str] = Counter()
    for order in orders:
        qty = sum(fill.qty for fill in order.fills.values())
        net[order.symbol] += qty if order.is_buy else -qty
    return _held(net)


def _booked(kernel: Kernel) -> dict[str, int]:
    """Return the net units of all accounts, by symbol."""
    net: Counter[str] = Counter()
    for row in kernel.positions():
        if not row["aggregate"]:
            net[row["symbol"]] += row["qty"]
    return _held(net)


def _copied(parties: Parties) -> dict[str, int]:
    """Return the net units that the venues' drop copies tell, by symbol."""
    net: Counter[str] = Counter()
    for drop_copy in parties.drop_copies.values():
        net.update(drop_copy.net_qty)
    return _held(net)


def _held(net: Counter[str]) -> dict[str, int]:
    return {symbol: qty for symbol, qty in sorted(net.items()) if qty}


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "client": order.client,
        "cl_ord_id": order.cl_ord_id,
        "symbol": order.symbol,
        "side": {"1": "buy", "2": "sell", "5": "sell_short"}[order.side],
        "order_qty": order.asked_qty,
        "price": order.price,
        "time_in_force": {"0": "day", "1": "good_till_cancel", "3": "immediate_or_cancel"}[
            order.time_in_force
        ],
        "ex_destination": order.venue,
        "wrong_on_purpose": order.oddity or None,
        "outcome": order.status,
        "cum_qty": order.cum_qty,
        "avg_px": f"{order.average_px.quantize(SIX_PLACES)}" if order.cum_qty else None,
        "filled_at": list(order.venues),
        "replaced": order.replaced,
        "replaced_price": order.asked_px,
        "refusal": None if order.refusal is None else asdict(order.refusal),
        "changes_refused": [asdict(refusal) for refusal in order.changes_refused],
    }
