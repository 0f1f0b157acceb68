"""The broker that is measured: a four-level account tree in which every rule has work to do.

Every limit is finite, at every level, far enough away that nothing warns: what is measured is the
price of checking. Tick ladders, bands, locates, borrowed prices and opening positions are there so
that no rule returns early for want of something to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence import _core
from ringfence.engine import Scalar

__all__ = [
    "MICROSECOND",
    "START",
    "TRADE_DATE",
    "VENUES",
    "Row",
    "WorldSize",
    "client",
    "definitions",
    "dollars",
    "facts",
    "holding",
    "market_cents",
    "symbol",
]

Row = tuple[str, dict[str, Scalar]]
"""Name of an input and its fields."""

MICROSECOND = 1_000
SECOND = 1_000_000_000
START = 1_375_363_800 * SECOND
"""Time of the definitions: 2013-08-01 13:30 UTC."""
TRADE_DATE = "2013-08-01"
VENUES = ("XNYS", "XNAS", "ARCX", "BATS")
POOR = "client-without-means"
"""Account whose buying power is one unit of currency."""
OPENING_QTY = 1_000_000

_DESKS, _TRADERS = 10, 100
_SCALE = {"client": 1, "trader": 10**3, "desk": 10**4, "firm": 10**5}
# Value at the level of a client. True: it grows with the level, as what it bounds does.
_LIMITS: dict[str, tuple[int, bool]] = {
    "order_qty": (100_000, True),
    "order_notional": (100_000_000, True),
    "order_average_volume_share": (500, False),
    "order_outstanding_share": (100, False),
    "price_collar": (1_000, False),
    "price_drift": (2_000, False),
    "duplicate_count": (100, False),
    "duplicate_window": (SECOND, False),
    "message_count": (10**9, True),
    "message_disable_count": (2 * 10**9, True),
    "message_window": (SECOND, False),
    "cancel_reserve_count": (100, False),
    "repeat_count": (100_000, False),
    "repeat_window": (60 * SECOND, False),
    "open_order_count": (10**7, True),
    "position_long": (10**9, True),
    "position_short": (10**9, True),
    "gross_notional": (10**12, True),
    "net_notional": (10**12, True),
    "daily_notional": (10**12, True),
    "daily_qty": (10**10, True),
    "daily_count": (10**7, True),
    "basket_notional": (10**12, True),
    "loss": (10**10, True),
    "loss_rate": (10**10, True),
    "loss_window": (60 * SECOND, False),
    "volume_share": (5_000, False),
    "price_move": (5_000, False),
    "volume_share_floor": (0, False),
    "parent_child_count": (1_000, False),
    "parent_notional": (10**12, False),
    "parent_message_count": (1_000, False),
    "flow_qty": (20_000, False),
    "flow_notional": (20_000, False),
    "flow_count": (2, False),
    "flow_window": (60 * SECOND, False),
}


@dataclass(frozen=True, slots=True)
class WorldSize:
    """How large the broker is."""

    instruments: int = 10_000
    """Instruments, each with reference price, quote, trade and price band."""
    accounts: int = 10_000
    """Client accounts, the lowest level of the tree."""
    profiles: int = 100
    """Named sets of limits that clients share, and as many that instruments share; every node
    above has a set of its own."""
    holdings: int = 20_000
    """Opening positions, from which orders sell."""


def client(number: int) -> str:
    """Return the name of a client account."""
    return f"client-{number:05d}"


def symbol(number: int) -> str:
    """Return the name of an instrument."""
    return f"SYM{number:05d}"


def market_cents(number: int) -> int:
    """Return the price around which an instrument is quoted, in hundredths of a dollar."""
    return 1_000 + (number * 7_919) % 49_000


def holding(number: int, size: WorldSize) -> tuple[int, int]:
    """Return account and instrument of an opening position; no two are the same pair."""
    account = number % size.accounts
    return account, (number * 31 + number // size.accounts) % size.instruments


def dollars(cents: int) -> str:
    """Return an amount of cents as a decimal."""
    return f"{cents // 100}.{cents % 100:02d}"


def definitions(size: WorldSize) -> Iterator[Row]:
    """Yield every definition of the broker, the opening of the day last."""
    yield (
        "gateway_definition",
        {
            "node": "BENCH",
            "build": "bench",
            "base_currency": "USD",
            "error_account": "error",
            "rearm_max": 2,
        },
    )
    yield from _limit_sets(size)
    yield "tick_definition", {"ladder": "us", "from_px": "0", "tick": "0.0001"}
    yield "tick_definition", {"ladder": "us", "from_px": "1", "tick": "0.01"}
    yield _phase()
    yield from _tree(size)
    yield from _parties()
    for number in range(size.instruments):
        yield "instrument_definition", _instrument(number, size)
    for number in range(size.holdings):
        account, instrument = holding(number, size)
        yield (
            "opening_position",
            {
                "account": client(account),
                "symbol": symbol(instrument),
                "qty": OPENING_QTY,
                "average_px": dollars(market_cents(instrument)),
            },
        )
    yield "day_open", {"trade_date": TRADE_DATE, "config_digest": "0" * 64}


def facts(size: WorldSize) -> Iterator[Row]:
    """Yield what the market and the margin side say before the first order."""
    for venue in VENUES:
        yield "venue_session", {"venue": venue, "connected": True}
    yield "phase_change", {"phase": "continuous"}
    for number in range(size.instruments):
        name, cents = symbol(number), market_cents(number)
        price = dollars(cents)
        yield "reference_price", {"symbol": name, "source": "previous_close", "px": price}
        quote: dict[str, Scalar] = {"bid_px": dollars(cents - 1), "ask_px": dollars(cents + 1)}
        yield "quote", {"symbol": name, **quote}
        yield "market_trade", {"symbol": name, "px": price, "qty": 50_000_000}
        band: dict[str, Scalar] = {
            "lower_px": dollars(cents * 9 // 10),
            "upper_px": dollars(cents * 11 // 10),
        }
        yield "price_band", {"symbol": name, **band}
    for number in range(size.accounts):
        yield _margin(client(number), "1000000000000")
    yield _margin(POOR, "1")


def _margin(account: str, buying_power: str) -> Row:
    return (
        "margin_requirement",
        {"account": account, "requirement": 5_000, "buying_power": buying_power},
    )


def _limit_sets(size: WorldSize) -> Iterator[Row]:
    """Yield the sets of limits of every node, profile and kind of instrument."""
    yield from _set("firm", "firm")
    for number in range(_DESKS):
        yield from _set(f"desk-{number}", "desk")
    for number in range(_TRADERS):
        yield from _set(f"trader-{number:02d}", "trader")
    for number in range(size.profiles):
        yield from _set(f"profile-{number:03d}", "client")
        yield from _set(f"instrument-{number:03d}", "client", per_instrument=True)


def _set(name: str, level: str, *, per_instrument: bool = False) -> Iterator[Row]:
    for row in _core.limit_keys():
        if per_instrument and not row["per_instrument"]:
            continue
        value, grows = _LIMITS[row["name"]]
        yield (
            "limit_definition",
            {
                "limits": name,
                "limit": row["name"],
                "value": str(value * _SCALE[level] if grows else value),
                "warn": 7_000,
                "restrict": 9_000,
            },
        )


def _phase() -> Row:
    return (
        "phase_definition",
        {
            "plan": "us",
            "phase": "continuous",
            "ord_types": "market,limit,stop,stop_limit",
            "sources": "mid,last,previous_close",
            "age_max": 3_600 * SECOND,
            "collar": 1_000,
            "band": 2_000,
            "drift": 2_000,
            "drift_window": 60 * SECOND,
        },
    )


def _tree(size: WorldSize) -> Iterator[Row]:
    """Yield firm, desks, traders and clients, parents first."""
    yield _account("firm", None, "firm", tradable=False)
    yield _account("error", "firm", "profile-000", tradable=True)
    for number in range(_DESKS):
        yield _account(f"desk-{number}", "firm", f"desk-{number}", tradable=False)
    for number in range(_TRADERS):
        name, desk = f"trader-{number:02d}", f"desk-{number % _DESKS}"
        yield _account(name, desk, name, tradable=False)
    for number in range(size.accounts):
        profile = f"profile-{number % size.profiles:03d}"
        trader = f"trader-{number % _TRADERS:02d}"
        yield _account(client(number), trader, profile, tradable=True)
    yield _account(POOR, "trader-00", "profile-000", tradable=True)


def _account(name: str, above: str | None, limits: str, *, tradable: bool) -> Row:
    """Return a node that is its own self-match group."""
    return (
        "account_definition",
        {
            "account": name,
            "above": above,
            "limits": limits,
            "tradable": tradable,
            "self_match_group": name,
            "self_match_policy": "deny_incoming",
        },
    )


def _parties() -> Iterator[Row]:
    """Yield strategy, venues, session and what the session may use."""
    yield "strategy_definition", {"strategy": "DMA", "direct": True}
    for venue in VENUES:
        terms: dict[str, Scalar] = {
            "provisional": False,
            "ack_timeout": SECOND,
            "message_max": 4_000_000_000,
        }
        yield "venue_definition", {"venue": venue, **terms}
    yield (
        "session_definition",
        {
            "session": "CLIENT",
            "ord_types": "market,limit",
            "phases": "continuous",
            "cancel_on_disconnect": False,
        },
    )
    entitled = (("account", "firm"), ("symbol", "*"), ("venue", "*"), ("strategy", "DMA"))
    for kind, scope in entitled:
        yield "entitlement", {"session": "CLIENT", "scope_kind": kind, "scope": scope}


def _instrument(number: int, size: WorldSize) -> dict[str, Scalar]:
    return {
        "symbol": symbol(number),
        "currency": "USD",
        "multiplier": 1,
        "lot_size": 1,
        "ladder": "us",
        "plan": "us",
        "limits": f"instrument-{number % size.profiles:03d}",
        "average_volume": 10_000_000,
        "shares_outstanding": 1_000_000_000,
        "negative_prices": False,
        "banded": True,
        "short_sale_rules": True,
    }
