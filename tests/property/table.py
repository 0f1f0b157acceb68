"""The table of actions, and the small sets from which they draw.

An action draws its arguments from few values, so that a run shrinks to few and readable steps; it
picks orders and fills by a number that is taken modulo what exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

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
