"""The day of the demo: which orders are sent when, drawn from a seed.

What is drawn is what a client decides before it knows a price: when, what, how much, and how
eagerly. The price comes from the market at that moment. One order in eight does something wrong
on purpose, each way of `ODDITIES` in turn.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["MINUTES", "ODDITIES", "START", "SYMBOLS", "VENUES", "Intent", "Later", "plan"]

START: Final = "10:00:00"
"""Time of the tape at which the demo begins."""
MINUTES: Final = 6
"""Minutes of the market in which the orders are spread."""
SYMBOLS: Final = ("BAC", "IBM")
VENUES: Final = ("LIT1", "LIT2")

Manner = Literal["take", "market", "join", "rest"]
Change = Literal["chase", "shrink", "cancel"]
MANNERS: Final[Sequence[Manner]] = ("take", "market", "join", "rest")
MANNER_WEIGHTS: Final = (40, 10, 20, 30)
QTYS: Final = {"BAC": (100, 2_000), "IBM": (100, 400)}
QTY_STEP: Final = 10
QUARTERS: Final = 4
ODD_EVERY: Final = 8
WAIT_S: Final = (15.0, 60.0)  # of the market, from an order to its change

ODDITIES: Final = (
    "too large",
    "half a cent",
    "far through the collar",
    "restricted symbol",
    "identifier used before",
    "same order twice",
    "unknown symbol",
    "unsupported time in force",
    "short without a locate",
    "not its account",
    "no side",
    "garbled on its way",
    "lost on its way",
    "unknown message",
)
"""What a client does wrong on purpose."""


@dataclass(frozen=True, slots=True)
class Later:
    """What becomes of an order that is still open later: chase the price, shrink, or cancel."""

    at_s: float
    change: Change


@dataclass(frozen=True, slots=True)
class Intent:
    """An order before it has a price; times are seconds of the market from the start."""

    at_s: float
    client: int
    symbol: str
    venue: str
    qty: int
    wants_to_sell: bool
    manner: Manner
    is_immediate: bool
    away: int  # ticks from the best price of its own side, for an order that rests
    oddity: str
    later: Later | None


def plan(order_count: int, seed: int) -> list[Intent]:
    """Return the intents in order of time, two clients in turn, spread over `MINUTES`.

    Each client buys for a quarter of the time and then sells for one: its own orders seldom meet.
    """
    draw = random.Random(seed)  # noqa: S311  a day that can be had again, no secret
    span_s = MINUTES * 60.0
    step_s = span_s * 0.9 / order_count  # the last orders are to be changed as well
    return [_intent(draw, index, index * step_s) for index in range(order_count)]


def _intent(draw: random.Random, index: int, at_s: float) -> Intent:
    symbol = draw.choices(SYMBOLS, (65, 35))[0]
    least, most = QTYS[symbol]
    (manner,) = draw.choices(MANNERS, MANNER_WEIGHTS)
    change: Change = draw.choice(("chase", "shrink", "cancel"))
    waits_s = draw.uniform(*WAIT_S)
    odd, is_odd = divmod(index + 1, ODD_EVERY)
    return Intent(
        at_s=at_s,
        client=index % 2,
        symbol=symbol,
        venue=draw.choice(VENUES),
        qty=draw.randrange(least, most + 1, QTY_STEP),
        wants_to_sell=int(at_s * QUARTERS / (MINUTES * 60)) % 2 == 1,
        manner=manner,
        is_immediate=draw.random() < 0.5,
        away=draw.randint(1, 3),
        oddity="" if is_odd else ODDITIES[(odd - 1) % len(ODDITIES)],
        later=Later(at_s + waits_s, change) if manner in {"rest", "join"} else None,
    )
