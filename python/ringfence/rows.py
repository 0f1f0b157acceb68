"""What is read from a kernel: one typed row for each table.

Prices and money are exact decimals as `str`, money in the base currency of the gateway;
quantities, identifiers and counts are `int`; times are nanoseconds UTC. Rows are copies: changing
one changes nothing.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

__all__ = [
    "Buckets",
    "ChildRow",
    "ExposureRow",
    "LimitRow",
    "OrdStatus",
    "OrdType",
    "OrderRow",
    "Origin",
    "PositionRow",
    "ScopeKind",
    "ScopeRow",
    "Side",
    "SourceRow",
    "TimeInForce",
    "TradingState",
    "TwoSided",
    "ZeroSumRow",
]

Side: TypeAlias = Literal["buy", "sell", "sell_short", "sell_short_exempt"]
"""Side of an order (FIX 54)."""
OrdType: TypeAlias = Literal["market", "limit", "stop", "stop_limit"]
"""Type of an order (FIX 40)."""
TimeInForce: TypeAlias = Literal[
    "day",
    "at_the_opening",
    "immediate_or_cancel",
    "fill_or_kill",
    "good_till_date",
    "at_the_close",
]
"""How long an order stays (FIX 59)."""
OrdStatus: TypeAlias = Literal[
    "pending_new",
    "new",
    "partially_filled",
    "filled",
    "done_for_day",
    "canceled",
    "pending_cancel",
    "rejected",
    "suspended",
    "expired",
    "pending_replace",
    "in_doubt",
]
"""Status of an order (FIX 39), and `in_doubt` for a child of which nobody knows."""
Origin: TypeAlias = Literal["client", "operator", "liquidation"]
"""Who wants an order."""
ScopeKind: TypeAlias = Literal[
    "account", "strategy", "symbol", "venue", "session", "node", "order", "basket"
]
"""What a limit, a halt or a refusal is about."""
TradingState: TypeAlias = Literal["active", "reducing", "halted"]
"""What a scope may do; the narrowest state wins."""


class Buckets(TypedDict):
    """Where the units of a parent are; they always sum to the ordered quantity (I1)."""

    unrouted: int
    """Not yet with any child."""
    reserved: int
    """Promised to a child that its venue has not accepted in this size."""
    working: int
    """Open at a venue."""
    in_doubt: int
    """At a venue in an unknown state; never free for another child."""
    filled: int
    """Filled."""
    canceled: int
    """Given up unfilled."""


class OrderRow(TypedDict):
    """A parent order; status and sums are derived from its buckets."""

    order_id: int
    """Number of the parent (FIX 37 towards the client)."""
    session: str
    """Session it came by."""
    cl_ord_id: str
    """Client's identifier in force (FIX 11)."""
    account: str
    """Account (FIX 1)."""
    strategy: str
    """Strategy that works it; of a direct order the direct one."""
    symbol: str
    """Instrument (FIX 55)."""
    side: Side
    """Side (FIX 54)."""
    ord_type: OrdType
    """Type (FIX 40)."""
    time_in_force: TimeInForce
    """Time in force (FIX 59)."""
    price: str | None
    """Limit price (FIX 44)."""
    stop_px: str | None
    """Trigger price (FIX 99)."""
    origin: Origin
    """Who wants it."""
    ord_status: OrdStatus
    """Status (FIX 39)."""
    order_qty: int
    """Units ordered (FIX 38)."""
    cum_qty: int
    """Units filled (FIX 14)."""
    leaves_qty: int
    """Units that may still fill (FIX 151)."""
    cxl_qty: int
    """Units given up (FIX 84)."""
    buckets: Buckets
    """Where its units are."""
    child_count: int
    """Children ever sent."""
    message_count: int
    """Messages sent to venues for it."""
    children: list[int]
    """Numbers of its children, newest first."""


class ChildRow(TypedDict):
    """A child order at a venue."""

    child_id: int
    """Number of the child."""
    order_id: int
    """Number of its parent."""
    cl_ord_id: str | None
    """Our identifier at the venue (FIX 11)."""
    account: str
    """Account (FIX 1)."""
    venue: str
    """Venue (FIX 100)."""
    symbol: str
    """Instrument (FIX 55)."""
    side: Side
    """Side (FIX 54)."""
    ord_type: OrdType
    """Type (FIX 40)."""
    price: str | None
    """Limit price (FIX 44)."""
    ord_status: OrdStatus
    """Status (FIX 39)."""
    qty: int
    """Units sent (FIX 38)."""
    cum_qty: int
    """Units filled that counted for it (FIX 14)."""
    leaves_qty: int
    """Units that may still fill at the venue (FIX 151)."""
    sent_ts: int
    """When it was sent."""


class TwoSided(TypedDict):
    """Units of both sides in one state."""

    bought: int
    sold: int


class PositionRow(TypedDict):
    """What an account, and all below it, holds and may still get of one instrument."""

    account: str
    """Account, desk or firm."""
    symbol: str
    """Instrument."""
    aggregate: bool
    """Whether it only sums up the accounts below; then cost and results are zero."""
    qty: int
    """Units, negative when short."""
    confirmed: int
    """Units that are neither provisional nor disputed."""
    provisional: TwoSided
    """Units whose venue has not confirmed them."""
    disputed: TwoSided
    """Units that somebody disputes."""
    unknown: TwoSided
    """Open units in doubt."""
    sellable: int
    """Units that can be sold long now."""
    open_buy: int
    """Open buy units, worst case."""
    open_sell: int
    """Open sell units, worst case."""
    traded_qty: int
    """Units executed today, both sides."""
    average_px: str | None
    """Average price of what is held, instrument's currency; None when flat."""
    cost: str
    """Cost of what is held, instrument's currency, signed like the units."""
    realised: str
    """Result of what was closed, instrument's currency."""
    unrealised: str
    """Result at the last mark, base currency."""


class ExposureRow(TypedDict):
    """Totals of an account and everything below it, base currency."""

    account: str
    """Account, desk or firm."""
    open_buy: str
    """Open buy orders, worst case."""
    open_sell: str
    """Open sell orders, worst case."""
    gross: str
    """Magnitudes of all positions at cost."""
    net: str
    """All positions at cost, signed."""
    gross_notional: str
    """`gross` with the open orders of both sides."""
    net_notional: str
    """The worse side: positions with the open orders of that side."""
    open_order_count: int
    """Open children."""
    daily_notional: str
    """Notional entered today."""
    daily_qty: int
    """Units entered today."""
    daily_count: int
    """Orders entered today."""
    realised: str
    """Realised result of today."""
    unrealised: str
    """Unrealised result at the last marks."""


class LimitRow(TypedDict):
    """One limit of one level beside how far it is used."""

    scope_kind: Literal["account", "symbol"]
    """What the limit is of."""
    scope: str
    """Account or instrument."""
    limit: str
    """Name of the limit, as `ringfence schema config` lists it."""
    unit: Literal["units", "money", "bps", "count", "ns", "price"]
    """Unit of the limit."""
    value: str | None
    """Bound with its unit, `UNLIMITED`, or None when it is absent: then everything is denied."""
    warn_bps: int | None
    """Share of the bound from which its use is told, basis points."""
    restrict_bps: int | None
    """Share of the bound from which only risk-reducing orders pass, basis points."""
    used: str | None
    """Present use with its unit; None for limits of a single order."""
    level: Literal["free", "warn", "restrict", "block"] | None
    """How far it is used."""


class SourceRow(TypedDict):
    """Where executed units of a position came from (R43)."""

    order_id: int | None
    """Parent; None for fills nobody ordered."""
    cl_ord_id: str | None
    """Client's identifier of the parent."""
    strategy: str | None
    """Strategy of the parent."""
    session: str | None
    """Session of the parent."""
    node: str | None
    """Node that sent it."""
    build: str | None
    """Build of that node."""
    bought: int
    """Units bought."""
    sold: int
    """Units sold."""
    fill_count: int
    """Fills that count."""


class ScopeRow(TypedDict):
    """A scope that a command or a guard touched."""

    scope_kind: ScopeKind
    """What it is."""
    scope: str
    """Its name."""
    state: TradingState
    """State set by command."""
    in_force: TradingState
    """State in force: a latch halts."""
    latch: str | None
    """Reason of the guard that latched it."""
    rearm_count: int
    """Times it was re-armed today."""
    awaited: int | None
    """Open children that a halt waits for; None when it waits for none."""


class ZeroSumRow(TypedDict):
    """A venue's net units of an instrument beside ours (I13)."""

    venue: str
    """Venue."""
    symbol: str
    """Instrument."""
    venue_net_qty: int
    """Net units as the venue's reports add up."""
    booked_net_qty: int
    """Net units of the fills booked to accounts."""
    difference: int
    """Zero, or something is wrong."""
