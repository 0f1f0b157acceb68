"""Everything that can happen to the broker, for every random run."""

from __future__ import annotations

from typing import Any

from tests.property.broker import BASE_PX
from tests.property.clients import Clients
from tests.property.house import House
from tests.property.table import (
    ACCOUNTS,
    ACTIONS,
    QUANTITIES,
    SIDES,
    SYMBOLS,
    VENUES,
    Action,
    action,
)
from tests.property.venues import Venues

__all__ = ["ACTIONS", "Action", "Actions"]


class Actions(Clients, Venues, House):
    """Does to a broker what clients, algorithms, venues, markets and operators do."""

    @action(5, account=ACCOUNTS, side=SIDES, qty=QUANTITIES, venue=VENUES, part=(1, 2, 3))
    def deal(self, account: str, side: str, qty: int, venue: str, part: int) -> None:
        """Enter a direct order, have it accepted, and filled in part or in full."""
        before = len(self.open_children)
        self.broker.order(account=account, side=side, order_qty=qty, ex_destination=venue)
        if len(self.open_children) > before:
            self.acknowledge(before)
            self.fill(before, part, 0)

    @action(2, symbol=SYMBOLS, side=SIDES, ticks=(30, -30, 90, -90))
    def cross_the_band(self, symbol: str, side: str, ticks: int) -> None:
        """Go overnight with a known reference, and enter an order far from it."""
        self.phase_change(symbol, "overnight", known=True)
        price = self.px(symbol, ticks)
        self.broker.order(symbol=symbol, side=side, price=price, account="bob")

    @action(2, symbol=("SONY", "IBM"), qty=QUANTITIES, ticks=(-1, 0, 1))
    def sell_short(self, symbol: str, qty: int, ticks: int) -> None:
        """Locate shares and sell them short while Rule 201 is in force."""
        self.short_sale("alice", symbol, qty, restricted=True)
        terms: dict[str, Any] = {"symbol": symbol, "price": self.px(symbol, ticks)}
        self.broker.order(side="sell_short", order_qty=qty, locate_id="L1", **terms)

    @action(10)
    def heal(self) -> None:
        """Re-arm every latch, make every scope active, bring venues and market back."""
        control = self.broker.kernel.auditor.gate.control
        for kind, name in self.latched:
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

    def close_day(self) -> None:
        """End the day, and try once more."""
        self.broker.step("day_close")
        self.broker.order()
