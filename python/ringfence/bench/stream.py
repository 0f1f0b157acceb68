"""The orders that are measured, and what venues and the market say in between.

One seed makes one stream. Every order is a direct limit order that the gate passes, so the
identifier under which a venue knows it is known in advance and the whole stream can be encoded
before the clock starts. Buyers and sellers never meet in one account, so rule 22 looks and passes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from ringfence import _core
from ringfence.bench.world import (
    MICROSECOND,
    POOR,
    START,
    TRADE_DATE,
    VENUES,
    Row,
    WorldSize,
    client,
    definitions,
    dollars,
    facts,
    holding,
    market_cents,
    symbol,
)
from ringfence.engine import Scalar

__all__ = [
    "FIRST_TS",
    "Order",
    "Timed",
    "acknowledgments",
    "encoded",
    "fills",
    "json_lines",
    "mix",
    "new_order",
    "only_orders",
    "orders",
    "quotes",
    "refused_by_collar",
    "refused_by_margin",
    "world_inputs",
]

Timed = tuple[int, str, dict[str, Scalar]]
"""Time in nanoseconds, name of an input, its fields."""

FIRST_TS = START + 1_000 * MICROSECOND
IN_FLIGHT = 64
"""Orders entered between an order and the first report about it."""
TICK_EVERY = 10_000
"""Inputs between two ticks of the clock: ten milliseconds of the stream's time."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the stream, before it is anybody's input."""

    number: int
    """Place in the stream, from 0; the identifiers are made from it."""
    account: int
    """Number of the client."""
    instrument: int
    """Number of the instrument."""
    buys: bool
    """Buy, else sell from an opening position."""
    qty: int
    """Units, 1 to 500."""
    cents: int
    """Limit price in hundredths of a dollar."""
    fate: int
    """0 canceled, 1 filled in two parts, else filled at once; 0 to 9."""


def orders(count: int, size: WorldSize, seed: int = 1) -> Iterator[Order]:
    """Yield `count` orders of random accounts, instruments, sides, quantities and prices."""
    held = {holding(number, size) for number in range(size.holdings)}
    state = seed
    for number in range(count):
        # A linear congruential generator of 128 bits (Knuth): the same stream on every Python.
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + 0x5851F42D4C957F2D) % 2**128
        bits, account = divmod(state >> 24, size.accounts)
        bits, instrument = divmod(bits, size.instruments)
        bits, picked = divmod(bits, size.holdings)
        bits, side = divmod(bits, 2)
        if side:
            account, instrument = holding(picked, size)
        bits, qty = divmod(bits, 500)
        bits, offset = divmod(bits, 11)
        buys = (account, instrument) not in held
        cents = market_cents(instrument) + offset - 5
        yield Order(number, account, instrument, buys, qty + 1, cents, bits % 10)


def new_order(order: Order) -> dict[str, Scalar]:
    """Return the fields of the order as the input `new_order`."""
    return {
        "session": "CLIENT",
        "cl_ord_id": f"C{order.number}",
        "account": client(order.account),
        "strategy": "DMA",
        "symbol": symbol(order.instrument),
        "side": "buy" if order.buys else "sell",
        "ord_type": "limit",
        "time_in_force": "day",
        "order_qty": order.qty,
        "price": dollars(order.cents),
        "ex_destination": VENUES[order.number % len(VENUES)],
    }


def mix(stream: Iterable[Order]) -> Iterator[Timed]:
    """Yield every input of a day's piece: quotes, orders, acknowledgments, fills, cancels, ticks.

    One quote and one order, then the reports about the order entered `IN_FLIGHT` orders before.
    """
    waiting: deque[Order] = deque()
    ts = FIRST_TS
    for row in _mixed(stream, waiting):
        ts += MICROSECOND
        yield ts, *row
        if (ts - FIRST_TS) // MICROSECOND % TICK_EVERY == 0:
            yield ts, "tick", {}


def _mixed(stream: Iterable[Order], waiting: deque[Order]) -> Iterator[Row]:
    for order in stream:
        yield "quote", _quote(order)
        yield "new_order", new_order(order)
        waiting.append(order)
        if len(waiting) > IN_FLIGHT:
            yield from _reports(waiting.popleft())
    while waiting:
        yield from _reports(waiting.popleft())


def _quote(order: Order) -> dict[str, Scalar]:
    """Return a quote of the instrument, up to five cents off its usual price."""
    number = order.instrument
    cents = market_cents(number) + order.qty % 11 - 5
    return {
        "symbol": symbol(number),
        "bid_px": dollars(cents - 1),
        "ask_px": dollars(cents + 1),
    }


def _reports(order: Order) -> Iterator[Row]:
    """Yield the acknowledgment of an order and how it ends."""
    yield "venue_report", _report(order, "new", 0)
    if order.fate == 0:
        ids: dict[str, Scalar] = {"cl_ord_id": f"X{order.number}"}
        ids["orig_cl_ord_id"] = f"C{order.number}"
        yield "cancel_order", {"session": "CLIENT", **ids}
        yield "venue_report", _report(order, "canceled", 1, version=1)
    elif order.fate == 1 and order.qty > 1:
        half = order.qty // 2
        yield "venue_report", _fill(order, half, 1)
        yield "venue_report", _fill(order, order.qty - half, 2)
    else:
        yield "venue_report", _fill(order, order.qty, 1)


def _report(order: Order, exec_type: str, part: int, version: int = 0) -> dict[str, Scalar]:
    day = TRADE_DATE.replace("-", "")
    return {
        "venue": VENUES[order.number % len(VENUES)],
        "cl_ord_id": f"BENCH-{day}-{order.number}-{version}",
        "exec_id": f"E{order.number}-{part}",
        "exec_type": exec_type,
    }


def _fill(order: Order, qty: int, part: int) -> dict[str, Scalar]:
    terms: dict[str, Scalar] = {"last_qty": qty, "last_px": dollars(order.cents)}
    return {**_report(order, "trade", part), **terms}


def only_orders(stream: Iterable[Order]) -> Iterator[Timed]:
    """Yield the orders alone, a microsecond apart."""
    for order in stream:
        yield FIRST_TS + order.number * MICROSECOND, "new_order", new_order(order)


def acknowledgments(stream: Iterable[Order], ts: int) -> Iterator[Timed]:
    """Yield the venues' acknowledgments of the orders, all at one time."""
    for order in stream:
        yield ts, "venue_report", _report(order, "new", 0)


def fills(stream: Iterable[Order], ts: int) -> Iterator[Timed]:
    """Yield fills of the whole orders, all at one time."""
    for order in stream:
        yield ts, "venue_report", _fill(order, order.qty, 1)


def quotes(stream: Iterable[Order], ts: int) -> Iterator[Timed]:
    """Yield quotes of the instruments of the orders, all at one time."""
    for order in stream:
        yield ts, "quote", _quote(order)


def refused_by_collar(stream: Iterable[Order]) -> Iterator[Timed]:
    """Yield the orders at a price that rule 9 refuses: a quarter through the market."""
    for order in stream:
        cents = market_cents(order.instrument)
        far = cents * 5 // 4 if order.buys else cents * 3 // 4
        fields = new_order(order) | {"price": dollars(far)}
        yield FIRST_TS + order.number * MICROSECOND, "new_order", fields


def refused_by_margin(stream: Iterable[Order]) -> Iterator[Timed]:
    """Yield the orders as buys of an account without buying power: rule 19 refuses them."""
    for order in stream:
        fields = new_order(order) | {"account": POOR, "side": "buy"}
        yield FIRST_TS + order.number * MICROSECOND, "new_order", fields


def world_inputs(size: WorldSize) -> Iterator[Timed]:
    """Yield everything that comes before the first order."""
    for rows in (definitions(size), facts(size)):
        for name, fields in rows:
            yield START, name, fields


def encoded(inputs: Iterable[Timed]) -> bytes:
    """Return inputs as `Kernel.step_buffer` takes them."""
    return b"".join(_core.encode_input(*timed) for timed in inputs)


def json_lines(inputs: Iterable[Timed]) -> bytes:
    """Return inputs as `Kernel.step_lines` takes them."""
    encode = msgspec.json.encode
    return b"\n".join(encode({"ts": ts, "input": name, **fields}) for ts, name, fields in inputs)
