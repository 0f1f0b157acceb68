"""The best prices that a venue of the demo shows, from its market data (FIX 35=W).

A side that is empty for a moment keeps the price that it last had; one that never had any takes
that of another venue.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ringfence.ops.demo.wire import Fields, Message, Session

__all__ = ["MarketData", "Top"]

BID, OFFER = "0", "1"
ENTRY_KIND, ENTRY_PX, ENTRY_SIZE = 269, 270, 271
SYMBOL: Final = 55


@dataclass(frozen=True, slots=True)
class Top:
    """Best bid and offer."""

    bid: Decimal
    ask: Decimal


class MarketData:
    """The market data of one venue over a session of its own."""

    def __init__(self, venue: str) -> None:
        self.session = Session("FIX.4.4", ("DEMOMD", venue), self._take)
        self._bids: dict[str, Decimal] = {}
        self._asks: dict[str, Decimal] = {}

    def subscribe(self, symbols: list[str]) -> None:
        """Subscribe to the best prices of symbols, a whole picture at each change."""
        fields: Fields = [(262, "demo"), (263, 1), (264, 1), (265, 0), (267, 2)]
        fields += [(ENTRY_KIND, BID), (ENTRY_KIND, OFFER), (146, len(symbols))]
        self.session.send("V", [*fields, *((SYMBOL, symbol) for symbol in symbols)])

    def bid(self, symbol: str) -> Decimal | None:
        """Return the last best bid of a symbol, None before the first."""
        return self._bids.get(symbol)

    def ask(self, symbol: str) -> Decimal | None:
        """Return the last best offer of a symbol, None before the first."""
        return self._asks.get(symbol)

    def _take(self, message: Message) -> None:
        if message.kind != "W":
            return
        sides = {BID: self._bids, OFFER: self._asks}
        best: dict[str, Decimal] = {}
        kind, px = "", Decimal(0)
        for tag, value in message.fields:
            if tag == ENTRY_KIND:
                kind = value
            elif tag == ENTRY_PX:
                px = Decimal(value)
            elif tag == ENTRY_SIZE and int(value):
                best.setdefault(kind, px)
        for kind, found in best.items():
            sides[kind][message.get(SYMBOL)] = found
