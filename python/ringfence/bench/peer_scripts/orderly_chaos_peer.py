"""orderly-chaos: a price-time book in C++ with its Python calls."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]


def measure(calls: list[list[Any]], timed: Timed) -> dict[str, Any]:
    """Time the three phases of the stream; every trade calls back, as its book tells them."""
    trades: list[Any] = []
    book = import_module("orderly_chaos").LimitOrderBook(on_trade=trades.append)
    submits = {"buy": book.limit_buy, "sell": book.limit_sell}

    def submit(call: list[Any]) -> bool:
        _, number, side, ticks, quantity = call
        submits[side](number, quantity, ticks)
        return True

    def cancel(call: list[Any]) -> bool:
        book.cancel(call[1])
        return True

    for phase, one in (("insert", submit), ("cancel", cancel), ("match", submit)):
        timed(f"{phase}, from Python", one, [call for call in calls if call[0] == phase])
    return {
        "version": importlib.metadata.version("orderly-chaos"),
        "trades": len(trades),
        "orders_left": book.count(),
        "leaves_out": "stop orders, minimum, reserve and hidden quantity, auctions, bands",
    }
