"""The best prices that a venue of the demo shows, from its market data (FIX 35=W)."""

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
    """Best bid and offer; None where a side is empty."""

    bid: Decimal | None = None
    ask: Decimal | None = None


class MarketData:
    """The market data of one venue over a session of its own."""

    def __init__(self, venue: str) -> None:
        self.session = Session("FIX.4.4", ("DEMOMD", venue), self._take)
        self._tops: dict[str, Top] = {}

    def ask(self, symbols: list[str]) -> None:
        """Subscribe to the best prices of symbols, a whole picture at each change."""
        fields: Fields = [(262, "demo"), (263, 1), (264, 1), (265, 0), (267, 2)]
        fields += [(ENTRY_KIND, BID), (ENTRY_KIND, OFFER), (146, len(symbols))]
        self.session.send("V", [*fields, *((SYMBOL, symbol) for symbol in symbols)])

    def top(self, symbol: str) -> Top:
        """Return the best prices of a symbol."""
        return self._tops.get(symbol, Top())

    def _take(self, message: Message) -> None:
        if message.kind != "W":
            return
        best: dict[str, Decimal] = {}
        kind, px = "", Decimal(0)
        for tag, value in message.fields:
            if tag == ENTRY_KIND:
                kind = value
            elif tag == ENTRY_PX:
                px = Decimal(value)
            elif tag == ENTRY_SIZE and int(value):
                best.setdefault(kind, px)
        self._tops[message.get(SYMBOL)] = Top(best.get(BID), best.get(OFFER))
