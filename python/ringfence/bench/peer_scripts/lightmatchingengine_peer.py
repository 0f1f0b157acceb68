"""lightmatchingengine: `add_order` and `cancel_order` of a price-time book in Python."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]
SYMBOL = "ACME"


def measure(calls: list[list[Any]], timed: Timed) -> dict[str, Any]:
    """Time the three phases of the stream."""
    module = import_module("lightmatchingengine.lightmatchingengine")
    engine = module.LightMatchingEngine()
    sides = {"buy": module.Side.BUY, "sell": module.Side.SELL}
    own_ids: dict[int, int] = {}
    traded = [0]

    def submit(call: list[Any]) -> bool:
        _, number, side, ticks, quantity = call
        order, trades = engine.add_order(SYMBOL, ticks, quantity, sides[side])
        own_ids[number] = order.order_id
        traded[0] += sum(trade.trade_qty for trade in trades if trade.order_id == order.order_id)
        return True

    def cancel(call: list[Any]) -> bool:
        return engine.cancel_order(own_ids[call[1]], SYMBOL) is not None

    for phase, one in (("insert", submit), ("cancel", cancel), ("match", submit)):
        timed(f"{phase}, from Python", one, [call for call in calls if call[0] == phase])
    book = engine.order_books[SYMBOL]
    return {
        "version": importlib.metadata.version("lightmatchingengine"),
        "traded_qty": int(traded[0]),
        "orders_left": sum(map(len, [*book.bids.values(), *book.asks.values()])),
        "leaves_out": "market and stop orders, times in force, reserve and hidden quantity, "
        "auctions, bands, replaces",
    }
