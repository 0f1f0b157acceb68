"""What can happen to the broker: one table of actions for every random run.

An action draws its arguments from small sets, so that a run shrinks to few and readable steps; it
picks orders and fills by a number that is taken modulo what exists. Hypothesis and the plain
random walk both read this table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ringfence import Event

from tests.model.book import Child, Parent
from tests.property.broker import BASE_PX, Broker
from tests.world import SECOND

ACCOUNTS = ("alice", "bob")
SYMBOLS = ("BAC", "BAC", "BAC", "IBM", "SONY")
VENUES = ("XNYS", "OCEA")
SIDES = ("buy", "buy", "sell", "sell_short")
TYPES = ("limit", "limit", "limit", "market", "stop", "stop_limit")
QUANTITIES = (100, 1, 5, 10, 40, 60, 150, 200, 300)
SMALL = (0, 1, 5, 10, 20, 40, 200)
PARTS = (1, 2, 3, 5, -1)
TICKS = (0, -2, -1, 1, 2, 30)
PICKS = tuple(range(8))
FLAGS = (True, False)
EXTRAS = ("", "", "", "", "locate", "basket")
REPORTS = (
    "new", "pending_new", "canceled", "rejected", "expired", "done_for_day", "replaced",
    "restated", "suspended", "pending_cancel", "pending_replace", "order_status", "trade",
    "trade_cancel", "trade_correct",
)  # fmt: skip
STATUSES = (
    "new", "partially_filled", "filled", "canceled", "rejected", "expired", "done_for_day",
    "suspended", "pending_new", "pending_cancel", "pending_replace", "in_doubt",
)  # fmt: skip
ENDS = ("canceled", "canceled", "rejected", "expired", "done_for_day")
CUMS = ("silent", "ours", "ours", "more", "half", "all", "less", "beyond")
SCOPES = (
    ("account", "alice"), ("account", "firm"), ("strategy", "TWAP"), ("strategy", "DMA"),
    ("symbol", "BAC"), ("venue", "XNYS"), ("session", "CLIENT"), ("node", "N1"),
)  # fmt: skip
RAISES = (
    ("of-alice", "position_long"), ("of-alice", "gross_notional"), ("of-firm", "flow_count"),
    ("of-bob", "open_order_count"), ("of-BAC", "order_qty"), ("of-desk", "daily_notional"),
)  # fmt: skip

PEOPLE = ("olga", "peter")
NONSENSE: dict[str, dict[str, Any]] = {
    "unknown session": {"session": "NOBODY"},
    "unknown account": {"account": "nobody"},
    "desk": {"account": "desk"},
    "error account": {"account": "error"},
    "unknown instrument": {"symbol": "NONE"},
    "unknown strategy": {"strategy": "NONE"},
    "unknown venue": {"ex_destination": "NONE"},
    "no venue": {"ex_destination": None},
    "no quantity": {"order_qty": 0},
    "no price": {"price": None},
    "long over": {"time_in_force": "good_till_date", "expire_ts": 1},
    "off the grid": {"price": "10.001"},
    "negative": {"price": "-10"},
    "unsigned": {"origin": "operator", "operator": "olga", "nonce": 999, "signature": "0" * 128},
    "stranger": {"origin": "operator", "operator": "nobody", "nonce": 1, "signature": "0" * 128},
    "liquidation": {"origin": "liquidation", "account": "error"},
}


@dataclass(frozen=True)
class Action:
    """One thing that can happen, how often, and what it draws."""

    name: str
    weight: int
    needs: str
    choices: dict[str, Sequence[Any]]


ACTIONS: dict[str, Action] = {}
Method = TypeVar("Method", bound=Callable[..., Any])


def action(weight: int = 1, *, needs: str = "", **choices: Sequence[Any]) -> Callable[..., Any]:
    """Enter a method into the table; `needs` names what must exist for it."""

    def enter(method: Method) -> Method:
        name = method.__name__
        ACTIONS[name] = Action(name, weight, needs, choices)
        return method

    return enter


class Actions:
    """Does to a broker what clients, algorithms, venues, markets and operators do."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.reports: list[dict[str, Any]] = []
        self.last_terms: dict[str, Any] = {}
        self.exec_ids = 0

    def can(self, needs: str) -> bool:
        """Return whether what an action needs exists."""
        return not needs or bool(getattr(self, needs))

    @property
    def parents(self) -> list[Parent]:
        """Return all parents."""
        return list(self.broker.kernel.auditor.book.parents.values())

    @property
    def children(self) -> list[Child]:
        """Return all children."""
        return list(self.broker.kernel.auditor.book.children.values())

    @property
    def open_children(self) -> list[Child]:
        """Return the children that can still fill."""
        return [child for child in self.children if child.open]

    @property
    def open_algos(self) -> list[Parent]:
        """Return the open parents that an algorithm works."""
        return [parent for parent in self.parents if not parent.closed and not parent.direct]

    @property
    def algo_children(self) -> list[Child]:
        """Return the children that an algorithm may change."""
        algos = {parent.order_id for parent in self.open_algos}
        return [child for child in self.children if child.order_id in algos]

    @property
    def fills(self) -> list[Any]:
        """Return all fills."""
        return self.broker.kernel.auditor.ledger.fills()

    def px(self, symbol: str, ticks: int) -> str:
        """Return a price some ticks from the usual one."""
        hundredths = BASE_PX[symbol] + ticks
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    def exec_id(self, ahead: int = 0) -> str:
        """Return a venue's next identifier, or one that is still to come."""
        self.exec_ids += 0 if ahead else 1
        return f"E{self.exec_ids + ahead}"

    def tell(self, **report: Any) -> list[Event]:
        """Give the broker a venue's report, and keep it for a duplicate."""
        self.reports.append(report)
        return self.broker.step("venue_report", **report)

    def wire_id(self, child: Child, version: int | None = None) -> str:
        """Return the identifier of a child under one of its versions, the newest by default."""
        version = child.version if version is None else version % (child.version + 1)
        return f"N1-20130801-{child.child_id}-{version}"

    # Clients.

    @action(
        10, account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, kind=TYPES, qty=QUANTITIES, ticks=TICKS,
        venue=VENUES, direct=(True, False), end=(0, 0, 0, 3), extra=EXTRAS,
    )  # fmt: skip
    def new_order(self, **drawn: Any) -> None:
        """Enter an order, straight to a venue or for an algorithm."""
        self.broker.order(**self.terms(**drawn))

    def terms(self, **drawn: Any) -> dict[str, Any]:
        """Return the terms of an order from what was drawn."""
        symbol, kind, end = drawn["symbol"], drawn["kind"], drawn["end"]
        px = self.px(symbol, drawn["ticks"])
        terms: dict[str, Any] = {
            "account": drawn["account"],
            "symbol": symbol,
            "side": drawn["side"],
            "ord_type": kind,
            "order_qty": drawn["qty"],
            "strategy": "DMA" if drawn["direct"] else "TWAP",
            "ex_destination": drawn["venue"] if drawn["direct"] else None,
            "price": px if kind in ("limit", "stop_limit") else None,
            "stop_px": px if kind in ("stop", "stop_limit") else None,
            "time_in_force": "good_till_date" if end else "day",
            "expire_ts": self.broker.now + end * SECOND if end else None,
            "locate_id": "L1" if drawn["extra"] == "locate" else None,
            "basket_id": "B1" if drawn["extra"] == "basket" else None,
        }
        self.last_terms = terms
        return terms

    @action(2, needs="last_terms")
    def same_again(self) -> None:
        """Enter the last order once more, under an identifier of its own."""
        self.broker.order(**self.last_terms)

    @action(2, account=(*ACCOUNTS, "error"), symbol=SYMBOLS, side=SIDES, qty=QUANTITIES, by=PEOPLE)
    def operator_order(self, account: str, symbol: str, side: str, qty: int, by: str) -> None:
        """Enter an order signed by a person."""
        changed: dict[str, Any] = {"account": account, "symbol": symbol, "side": side}
        price = self.px(symbol, 0)
        terms = self.broker.terms(order_qty=qty, price=price, origin="operator", **changed)
        self.broker.signed("new_order", by, **{k: v for k, v in terms.items() if v is not None})

    @action(2, what=tuple(NONSENSE))
    def nonsense(self, what: str) -> None:
        """Enter what must be refused before the gate is asked."""
        self.broker.order(**NONSENSE[what])

    @action(needs="parents", pick=PICKS, qty=QUANTITIES)
    def repeat_identifier(self, pick: int, qty: int) -> None:
        """Enter an order under an identifier that was used before (I8)."""
        parent = self.parents[pick % len(self.parents)]
        self.broker.order(cl_ord_id=parent.terms["cl_ord_id"], order_qty=qty)

    @action(3, needs="parents", pick=PICKS)
    def cancel_order(self, pick: int) -> None:
        """Ask for the cancel of a parent, open or not."""
        self.broker.cancel(of=self.parents[pick % len(self.parents)].terms["cl_ord_id"])

    @action(4, needs="parents", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def replace_order(self, pick: int, qty: int, ticks: int) -> None:
        """Ask for new terms of a parent."""
        parent = self.parents[pick % len(self.parents)]
        priced = parent.price is not None
        price = self.px(parent.terms["symbol"], ticks) if priced else None
        self.broker.replace(qty, price, of=parent.terms["cl_ord_id"])

    @action(needs="parents", pick=PICKS)
    def ask_status(self, pick: int) -> None:
        """Ask about a parent."""
        named = self.parents[pick % len(self.parents)].terms["cl_ord_id"]
        self.broker.step("status_request", session="CLIENT", cl_ord_id=named)

    @action(connected=FLAGS)
    def client_session(self, connected: bool) -> None:
        """Let the client session come up or go down."""
        self.broker.step("client_session", session="CLIENT", connected=connected)

    @action(basket=("B1", "B2"))
    def announce_basket(self, basket: str) -> None:
        """Announce a basket, perhaps a second time."""
        terms: dict[str, Any] = {"session": "CLIENT", "account": "desk", "notional_max": "2500"}
        self.broker.step("basket", basket_id=basket, **terms)

    # Algorithms.

    @action(10, needs="open_algos", pick=PICKS, part=PARTS, ticks=TICKS, venue=VENUES)
    def slice(self, pick: int, part: int, ticks: int, venue: str) -> None:
        """Propose a part of what an algorithm's parent has left; sometimes more than that."""
        parent = self.open_algos[pick % len(self.open_algos)]
        left = self.broker.kernel.auditor.book.unrouted(parent)
        qty = max(left // part, 1) if part > 0 else left + 1
        price = self.px(parent.terms["symbol"], min(ticks, 2))
        self.broker.slice(parent.order_id, qty, venue=venue, price=price)

    @action(5, account=ACCOUNTS, side=SIDES, qty=QUANTITIES, parts=((2, 2), (1,), (3, 2, 1)))
    def work(self, account: str, side: str, qty: int, parts: tuple[int, ...]) -> None:
        """Enter an order for an algorithm and slice it at once."""
        self.broker.order(strategy="TWAP", account=account, side=side, order_qty=qty)
        if self.open_algos:
            for number, part in enumerate(parts):
                newest = len(self.open_algos) - 1
                self.slice(newest, part, 0, VENUES[number % 2])

    @action(5, account=ACCOUNTS, side=SIDES, qty=QUANTITIES, venue=VENUES, part=(1, 2, 3))
    def deal(self, account: str, side: str, qty: int, venue: str, part: int) -> None:
        """Enter a direct order, have it accepted, and filled in part or in full."""
        before = len(self.open_children)
        self.broker.order(account=account, side=side, order_qty=qty, ex_destination=venue)
        if len(self.open_children) > before:
            self.acknowledge(before)
            self.fill(before, part, 0)

    @action(5, needs="algo_children", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def replace_child(self, pick: int, qty: int, ticks: int) -> None:
        """Propose new terms of a child."""
        child = self.algo_children[-1 - pick % len(self.algo_children)]
        price = None if child.price is None else self.px(child.terms["symbol"], ticks)
        fields: dict[str, Any] = {"child_id": child.child_id, "qty": qty, "price": price}
        self.broker.step("child_replace_proposal", **fields)

    @action(2, needs="children", pick=PICKS)
    def cancel_child(self, pick: int) -> None:
        """Propose the cancel of a child."""
        child = self.children[-1 - pick % len(self.children)]
        self.broker.step("child_cancel_proposal", child_id=child.child_id)

    # Venues that behave.

    @action(8, needs="open_children", pick=PICKS)
    def acknowledge(self, pick: int) -> None:
        """Let a venue answer what it was asked last: accept, replace or cancel."""
        child = self.open_children[pick % len(self.open_children)]
        if child.cancel is not None:
            kind, version = "canceled", child.cancel
        elif child.replace is not None:
            kind, version = "replaced", child.replace.version
        else:
            kind, version = "new", child.live_version
        named = self.wire_id(child, version)
        self.tell(venue=child.venue, cl_ord_id=named, exec_id=self.exec_id(), exec_type=kind)

    @action(10, needs="open_children", pick=PICKS, part=(1, 2, 3), ticks=TICKS)
    def fill(self, pick: int, part: int, ticks: int) -> None:
        """Let a venue fill all, half or a third of what is open."""
        child = self.open_children[pick % len(self.open_children)]
        leaves = self.broker.kernel.auditor.book.leaves(child)
        self.trade(child, max(leaves // part, 1), ticks)

    def trade(self, child: Child, qty: int, ticks: int) -> None:
        """Report a fill of a child."""
        px = self.px(child.terms["symbol"], ticks)
        named: dict[str, Any] = {
            "venue": child.venue,
            "cl_ord_id": self.wire_id(child, child.live_version),
        }
        fields: dict[str, Any] = {"exec_id": self.exec_id(), "last_qty": qty, "last_px": px}
        self.tell(exec_type="trade", **named, **fields)

    @action(needs="open_children", pick=PICKS)
    def refuse(self, pick: int) -> None:
        """Let a venue refuse the newest request about a child."""
        child = self.open_children[pick % len(self.open_children)]
        fields: dict[str, Any] = {"venue": child.venue, "cl_ord_id": self.wire_id(child)}
        self.broker.step("cancel_reject", **fields)

    @action(3, needs="fills", pick=PICKS, qty=SMALL, ticks=TICKS, corrects=FLAGS)
    def reverse(self, pick: int, qty: int, ticks: int, corrects: bool) -> None:
        """Cancel or correct a fill, up or down, booked or void already."""
        fill = self.fills[-1 - pick % len(self.fills)]
        self.tell(
            venue=fill.venue,
            cl_ord_id="N1-20130801-0-0",
            exec_id=self.exec_id(),
            exec_type="trade_correct" if corrects else "trade_cancel",
            exec_ref_id=fill.names[-1],
            last_qty=qty if corrects else None,
            last_px=self.px(fill.symbol, ticks) if corrects else None,
        )

    # Venues that do not.

    @action(needs="children", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def stray_fill(self, pick: int, qty: int, ticks: int) -> None:
        """Report a fill of any child: too much, or after it ended."""
        self.trade(self.children[pick % len(self.children)], qty, ticks)

    @action(
        4, needs="children", pick=PICKS, kind=REPORTS, status=STATUSES, cum_qty=(None, 0, 40, 100),
        order_qty=(None, 10, 50, 100, 400), version=(None, 0, 1, 2), venue=(None, *VENUES),
    )  # fmt: skip
    def stray_report(self, pick: int, **drawn: Any) -> None:
        """Report anything about any child under any of its identifiers."""
        child = self.children[-1 - pick % len(self.children)]
        kind = drawn["kind"]
        self.tell(
            venue=drawn["venue"] or child.venue,
            cl_ord_id=self.wire_id(child, drawn["version"]),
            exec_id=self.exec_id(),
            exec_type=kind,
            ord_status=drawn["status"] if kind == "order_status" else None,
            cum_qty=drawn["cum_qty"],
            order_qty=drawn["order_qty"],
        )

    @action(4, needs="open_children", pick=PICKS, kind=ENDS, cum=CUMS)
    def end(self, pick: int, kind: str, cum: str) -> None:
        """End a child, with what the venue calls filled in relation to what it reported."""
        child = self.open_children[pick % len(self.open_children)]
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type=kind,
            cum_qty=self.cum_qty(child, cum),
        )

    @action(4, needs="children", pick=PICKS, status=STATUSES, cum=CUMS)
    def answer_status(self, pick: int, status: str, cum: str) -> None:
        """Answer a status request about a child, open or not."""
        child = self.children[-1 - pick % len(self.children)]
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type="order_status",
            ord_status=status,
            cum_qty=self.cum_qty(child, cum),
        )

    @action(2, needs="open_children", pick=PICKS, part=(1, 2, 3, -1))
    def restate(self, pick: int, part: int) -> None:
        """Let a venue lower a child by itself, to what is filled at the least; or raise it."""
        child = self.open_children[pick % len(self.open_children)]
        leaves = self.broker.kernel.auditor.book.leaves(child)
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type="restated",
            order_qty=child.qty - leaves // part,
        )

    def cum_qty(self, child: Child, cum: str) -> int | None:
        """Return a filled quantity in relation to what a child was filled."""
        ours = self.broker.kernel.auditor.book.cum(child)
        most = child.qty + child.added
        amounts = {"ours": ours, "more": ours + 1, "half": (ours + most) // 2, "all": most}
        amounts |= {"less": max(ours - 1, 0), "beyond": most + 7}
        return amounts.get(cum)

    @action(2, needs="reports", pick=PICKS)
    def repeat_report(self, pick: int) -> None:
        """Give a report a second time, word for word (I8)."""
        self.broker.step("venue_report", **self.reports[-1 - pick % len(self.reports)])

    @action(ahead=(1, 2), pick=PICKS, qty=(0, 10, 60), corrects=FLAGS, venue=VENUES)
    def reverse_early(self, ahead: int, pick: int, qty: int, corrects: bool, venue: str) -> None:
        """Cancel or correct a fill that is still to be reported (R52)."""
        self.tell(
            venue=venue,
            cl_ord_id="N1-20130801-0-0",
            exec_id=f"H{pick}",
            exec_type="trade_correct" if corrects else "trade_cancel",
            exec_ref_id=self.exec_id(ahead),
            last_qty=qty if corrects else None,
            last_px=self.px("BAC", 1) if corrects else None,
        )

    @action(symbol=(*SYMBOLS, None), side=(*SIDES, None), qty=QUANTITIES, venue=(*VENUES, "NONE"))
    def orphan(self, symbol: str | None, side: str | None, qty: int, venue: str) -> None:
        """Report a fill of an order that was never sent (R47)."""
        fields: dict[str, Any] = {
            "exec_type": "trade",
            "last_qty": qty,
            "last_px": "10",
            "cl_ord_id": "stranger",
        }
        self.tell(venue=venue, exec_id=self.exec_id(), symbol=symbol, side=side, **fields)

    @action(1, venue=VENUES, connected=(True, True, False))
    def venue_session(self, venue: str, connected: bool) -> None:
        """Let a venue session come up or go down."""
        self.broker.step("venue_session", venue=venue, connected=connected)

    # Time and market.

    @action(3, seconds=(0.2, 1, 3, 61))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.broker.wait(seconds)

    @action(3, symbol=SYMBOLS, ticks=TICKS, qty=QUANTITIES)
    def market_trade(self, symbol: str, ticks: int, qty: int) -> None:
        """Let the market trade, which may trigger stops."""
        px = self.px(symbol, ticks)
        self.broker.step("market_trade", symbol=symbol, px=px, qty=qty)

    @action(symbol=SYMBOLS, bid=(None, -3, -1, 20), ask=(None, 1, 3))
    def quote(self, symbol: str, bid: int | None, ask: int | None) -> None:
        """Let the best prices change, cross or go away."""
        sides = {"bid_px": bid, "ask_px": ask}
        prices: dict[str, Any] = {
            k: None if v is None else self.px(symbol, v) for k, v in sides.items()
        }
        self.broker.step("quote", symbol=symbol, **prices)

    @action(
        2,
        symbol=(None, *SYMBOLS),
        phase=("continuous", "auction", "overnight", "post", "halted", "closed"),
        known=FLAGS,
    )
    def phase_change(self, symbol: str | None, phase: str, known: bool = False) -> None:
        """Let an instrument, or all, enter a phase; perhaps with its reference known."""
        for name in BASE_PX if known else ():
            for source in ("session_reference", "official_close", "previous_close"):
                self.reference_price(name, source, 0)
        self.broker.step("phase_change", symbol=symbol, phase=phase)

    @action(2, symbol=SYMBOLS, side=SIDES, ticks=(30, -30, 90, -90))
    def cross_the_band(self, symbol: str, side: str, ticks: int) -> None:
        """Go overnight with a known reference, and enter an order far from it."""
        self.phase_change(symbol, "overnight", known=True)
        price = self.px(symbol, ticks)
        self.broker.order(symbol=symbol, side=side, price=price, account="bob")

    @action(2, symbol=SYMBOLS, qty=QUANTITIES, ticks=(-1, 0, 1))
    def sell_short(self, symbol: str, qty: int, ticks: int) -> None:
        """Locate shares and sell them short while Rule 201 is in force."""
        self.short_sale("alice", symbol, qty, restricted=True)
        terms: dict[str, Any] = {"symbol": symbol, "price": self.px(symbol, ticks)}
        self.broker.order(side="sell_short", order_qty=qty, locate_id="L1", **terms)

    @action(
        symbol=SYMBOLS,
        source=("official_close", "previous_close", "session_reference", "indicative"),
        ticks=TICKS,
    )
    def reference_price(self, symbol: str, source: str, ticks: int) -> None:
        """Let a reference price become known."""
        px = self.px(symbol, ticks)
        self.broker.step("reference_price", symbol=symbol, source=source, px=px)

    @action(rate=("0.01", "0.0095", "0.013"))
    def currency_rate(self, rate: str) -> None:
        """Let the yen move."""
        self.broker.step("currency_rate", currency="JPY", rate=rate)

    @action(symbol=SYMBOLS, ratio=((2, 1), (3, 1), (1, 2), (1, 7), (3, 2), (1000, 1)))
    def split(self, symbol: str, ratio: tuple[int, int]) -> None:
        """Split or consolidate an instrument."""
        numerator, denominator = ratio
        terms: dict[str, Any] = {"numerator": numerator, "denominator": denominator}
        self.broker.step("corporate_action", symbol=symbol, **terms)

    @action(2, symbol=SYMBOLS, width=(1, 5))
    def price_band(self, symbol: str, width: int) -> None:
        """Let the limit-up/limit-down band become known."""
        lower, upper = self.px(symbol, -width), self.px(symbol, width)
        self.broker.step("price_band", symbol=symbol, lower_px=lower, upper_px=upper)

    # Risk, margin and operations.

    @action(account=ACCOUNTS, power=("3000", "20000", "1000000000"), share=(5_000, 10_000))
    def margin(self, account: str, power: str, share: int) -> None:
        """Let the margin side speak."""
        fields: dict[str, Any] = {"account": account, "requirement": share, "buying_power": power}
        self.broker.step("margin_requirement", **fields)

    @action(2, account=ACCOUNTS, symbol=SYMBOLS, qty=QUANTITIES, restricted=FLAGS)
    def short_sale(self, account: str, symbol: str, qty: int, restricted: bool) -> None:
        """Let shares be located, and Rule 201 begin or end."""
        located: dict[str, Any] = {
            "account": account,
            "symbol": symbol,
            "locate_id": "L1",
            "qty": qty,
        }
        self.broker.step("locate", **located)
        self.broker.step("short_sale_restriction", symbol=symbol, active=restricted)

    @action(venue=VENUES, symbol=(None, *SYMBOLS), ago=(0, 2))
    def confirm_fills(self, venue: str, symbol: str | None, ago: int) -> None:
        """Let a venue's fills become final."""
        until = self.broker.now - ago * SECOND
        self.broker.step("fill_confirmation", venue=venue, symbol=symbol, until_ts=until)

    @action(needs="fills", pick=PICKS, disputed=FLAGS)
    def dispute_fill(self, pick: int, disputed: bool) -> None:
        """Let a fill be contested, or no longer."""
        fill = self.fills[-1 - pick % len(self.fills)]
        named: dict[str, Any] = {"venue": fill.venue, "exec_id": fill.names[0]}
        self.broker.step("fill_dispute", disputed=disputed, **named)

    @action(account=("alice", "firm"), symbol=SYMBOLS, side=(None, *SIDES), active=FLAGS)
    def restrict(self, account: str, symbol: str, side: str | None, active: bool) -> None:
        """Put an instrument on the restricted list, or take it off with two signatures."""
        fields: dict[str, Any] = {
            "account": account,
            "symbol": symbol,
            "side": side,
            "active": active,
        }
        self.broker.signed("restriction", "olga", "peter", **fields)

    @action(2, scope=SCOPES, state=("halted", "reducing", "active"), cancel_open=FLAGS)
    def set_state(self, scope: tuple[str, str], state: str, cancel_open: bool) -> None:
        """Set the trading state of a scope."""
        kind, name = scope
        fields: dict[str, Any] = {
            "scope_kind": kind,
            "scope": name,
            "state": state,
            "cancel_open": cancel_open,
        }
        self.broker.signed("trading_state_command", "olga", "peter", cause="drill", **fields)

    @action(scope=SCOPES, second=("peter", None), state=("active", "halted"))
    def set_state_alone(self, scope: tuple[str, str], second: str | None, state: str) -> None:
        """Set a trading state with too few people, or with a stale number."""
        kind, name = scope
        fields: dict[str, Any] = {
            "scope_kind": kind,
            "scope": name,
            "state": state,
            "cancel_open": False,
        }
        if second:
            self.broker.forget_number()
        self.broker.signed("trading_state_command", "olga", second, cause="drill", **fields)

    @action(10)
    def heal(self) -> None:
        """Re-arm every latch, make every scope active, bring venues and market back."""
        control = self.broker.kernel.auditor.gate.control
        for kind, name in list(control.latches):
            fields: dict[str, Any] = {"scope_kind": kind, "scope": name, "cause": "seen"}
            self.broker.signed("rearm", "peter", **fields)
        for scope, state in list(control.states.items()):
            if state != "active":
                self.set_state(scope, "active", cancel_open=False)
        for venue in VENUES:
            self.venue_session(venue, connected=True)
        for account, symbol, side in sorted(self.broker.kernel.auditor.facts.restricted):
            self.restrict(account, symbol, side, active=False)
        self.phase_change(None, "continuous")
        for symbol in BASE_PX:
            self.quote(symbol, -1, 1)

    @action(scope=SCOPES)
    def rearm(self, scope: tuple[str, str]) -> None:
        """Re-arm one scope, latched or not."""
        fields: dict[str, Any] = {"scope_kind": scope[0], "scope": scope[1], "cause": "seen"}
        self.broker.signed("rearm", "olga", **fields)

    @action(limit=RAISES, value=("UNLIMITED", "100", "2000"), end=(None, 2), both=FLAGS)
    def change_limit(self, limit: tuple[str, str], value: str, end: int | None, both: bool) -> None:
        """Change a limit for good or for a while, with one or two people."""
        expire_ts = None if end is None else self.broker.now + end * SECOND
        fields: dict[str, Any] = {
            "limits": limit[0],
            "limit": limit[1],
            "value": value,
            "expire_ts": expire_ts,
        }
        second = "peter" if both else None
        self.broker.signed("limit_change", "olga", second, cause="drill", **fields)

    @action(what=("scope", "limit", "unit", "operator", "definition", "strategy"))
    def nonsense_command(self, what: str) -> None:
        """Command what makes no sense, or define something in the middle of the day."""
        limit: dict[str, Any] = {"limits": "of-bob", "limit": "open_order_count", "value": "5"}
        if what == "strategy":
            self.broker.slice(len(self.parents) - 1 if self.parents else 0, 1, strategy="DMA")
        elif what == "definition":
            step: dict[str, Any] = {"ladder": "us", "from_px": "5", "tick": "0.05"}
            self.broker.step("tick_definition", **step)
        elif what in ("scope", "operator"):
            scope = {"scope_kind": "symbol", "scope": "NONE" if what == "scope" else "BAC"}
            fields: dict[str, Any] = {"operator": "nobody", "nonce": 1, "signature": "0" * 128}
            command: dict[str, Any] = {
                "state": "halted",
                "cancel_open": False,
                "cause": "drill",
            } | scope
            self.broker.step("trading_state_command", **fields, **command)
        else:
            changed = {"limit": {"limits": "of-nobody"}, "unit": {"value": "1.5"}}[what]
            self.broker.signed("limit_change", "olga", cause="drill", **(limit | changed))

    @action(strategy=("TWAP", "DMA"))
    def attend(self, strategy: str) -> None:
        """Let a person look at a strategy."""
        self.broker.signed("attendance", "olga", strategy=strategy)

    def close_day(self) -> None:
        """End the day, and try once more."""
        self.broker.step("day_close")
        self.broker.order()
