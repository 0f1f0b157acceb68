"""The shape of a configuration: frozen records, one for each kind of table in the file.

A record holds meanings, not spellings: shares are basis points, times nanoseconds, prices and
money their shortest plain decimal. Whatever is optional takes the stricter meaning when it is
not written. The tables about the process and its connections are in `wire`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import field

from ringfence.config.kinds import (
    AccountBounds,
    Count,
    Currency,
    DateText,
    Duration,
    Entitled,
    InstrumentBounds,
    Name,
    NodeName,
    Price,
    PublicKey,
    Quantity,
    Share,
    SignedQuantity,
    Table,
    doc,
)
from ringfence.config.wire import FixSession, FixVenue, Node

__all__ = [
    "Account",
    "Config",
    "Gateway",
    "Instrument",
    "InstrumentProfile",
    "OpeningPosition",
    "Operator",
    "PhaseRules",
    "Profile",
    "Session",
    "Strategy",
    "TickLadder",
    "TickStep",
    "Venue",
]


OrdType = Literal["market", "limit", "stop", "stop_limit"]
Phase = Literal["closed", "pre_open", "auction", "continuous", "halted", "post", "overnight"]
PriceSource = Literal[
    "mid", "last", "indicative", "official_close", "previous_close", "session_reference"
]
SelfMatchPolicy = Literal["deny_incoming", "allow"]


class Gateway(Table, frozen=True, kw_only=True):
    """This gateway node; the whole table is required."""

    node: Annotated[NodeName, doc("Name of this node, at most 12 bytes; begins each ClOrdID.")]
    build: Annotated[Name, doc("Build that runs, as its digest or version.")]
    base_currency: Annotated[Currency, doc("Currency of every limit on money (ISO 4217).")]
    error_account: Annotated[Name, doc("Account that takes fills nobody ordered.")]
    rearm_max: Annotated[Count, doc("Times a latch may be re-armed in one day.")]
    trade_date: Annotated[DateText, doc("Trading day, YYYY-MM-DD.")]


class _Levels(Table, frozen=True, kw_only=True):
    inherits: Annotated[Name | None, doc("Profile that gives what this one does not.")] = None
    warn: Annotated[Share | None, doc("Share of a limit above which it warns.")] = None
    restrict: Annotated[
        Share | None, doc("Share of a limit above which only reducing orders pass.")
    ] = None


class Profile(_Levels, frozen=True, kw_only=True):
    """A named set of limits for accounts; every other key is the name of a limit."""

    limits: AccountBounds


class InstrumentProfile(_Levels, frozen=True, kw_only=True):
    """A named set of limits for instruments; every other key is the name of a limit."""

    limits: InstrumentBounds


class Account(Table, frozen=True, kw_only=True):
    """A node of the account tree: firm, desk, trader or strategy, client account."""

    above: Annotated[Name | None, doc("Node above; only the firm has none.")] = None
    profile: Annotated[
        Name | None, doc("Limits of this node; what it does not give comes from above.")
    ] = None
    tradable: Annotated[bool, doc("Whether orders may be entered for this node.")] = False
    self_match_group: Annotated[
        Name | None, doc("Group whose orders must not trade with each other; none denies.")
    ] = None
    self_match_policy: Annotated[
        SelfMatchPolicy | None, doc("What happens to an order that would.")
    ] = None
    overrides: Annotated[AccountBounds, doc("Limits of this node and of those below it.")] = field(
        default_factory=dict
    )


class PhaseRules(Table, frozen=True, kw_only=True):
    """What holds in one phase for the instruments of a plan."""

    ord_types: Annotated[
        tuple[OrdType, ...], doc("Order types that may be entered; empty admits none.")
    ]
    sources: Annotated[
        tuple[PriceSource, ...], doc("Sources of the reference price, best first; empty denies.")
    ]
    age_max: Annotated[Duration, doc("Age beyond which a source is stale.")]
    collar: Annotated[Share, doc("Farthest an order may be through the reference.")]
    band: Annotated[
        Share | None, doc("Band on both sides of the reference, where the phase has one.")
    ] = None
    drift: Annotated[Share, doc("Farthest the reference may have moved in the drift window.")]
    drift_window: Annotated[Duration, doc("Length of the drift window.")]


class TickStep(Table, frozen=True, kw_only=True):
    """One step of a tick ladder."""

    from_px: Annotated[Price, doc("Price from which the step holds.")]
    tick: Annotated[Price, doc("Smallest price change, above zero.")]


class TickLadder(Table, frozen=True, kw_only=True):
    """Smallest price changes by price."""

    steps: Annotated[tuple[TickStep, ...], doc("1 to 64 steps in ascending order.")]


class Instrument(Table, frozen=True, kw_only=True):
    """An instrument."""

    currency: Annotated[Currency, doc("Currency of its price (FIX 15).")]
    multiplier: Annotated[Count, doc("Currency units per point of price, 1 to 10000.")] = 1
    lot_size: Annotated[Quantity, doc("Smallest quantity and step of a quantity (FIX 561).")]
    ladder: Annotated[Name, doc("Tick ladder.")]
    plan: Annotated[Name, doc("Phase plan.")]
    profile: Annotated[Name | None, doc("Instrument profile with its limits.")] = None
    average_volume: Annotated[
        Quantity | None, doc("Average daily volume of the last 20 days; missing denies.")
    ] = None
    shares_outstanding: Annotated[Quantity | None, doc("Issued units; missing denies.")] = None
    negative_prices: Annotated[bool, doc("Whether prices at or below zero are possible.")] = False
    banded: Annotated[bool, doc("Whether limit-up/limit-down bands apply.")] = True
    short_sale_rules: Annotated[bool, doc("Whether Regulation SHO applies.")] = True
    overrides: Annotated[InstrumentBounds, doc("Limits of this instrument alone.")] = field(
        default_factory=dict
    )


class Venue(Table, frozen=True, kw_only=True):
    """A venue that orders can be sent to."""

    provisional: Annotated[bool, doc("Whether its fills may be voided until confirmed.")]
    ack_timeout: Annotated[
        Duration, doc("Time without an answer after which an order is in doubt.")
    ]
    message_max: Annotated[Count, doc("Messages in one second that the venue takes from us.")]
    fix: Annotated[FixVenue | None, doc("Its FIX session; absent has none.")] = None


class Session(Table, frozen=True, kw_only=True):
    """A client session and all that it may use; what is not listed is not entitled."""

    ord_types: Annotated[tuple[OrdType, ...], doc("Order types it may enter.")]
    phases: Annotated[tuple[Phase, ...], doc("Phases in which it may enter orders.")]
    cancel_on_disconnect: Annotated[
        bool, doc("Whether its open orders are canceled when it disconnects.")
    ] = True
    accounts: Annotated[tuple[Entitled, ...], doc('Accounts, with all below each, or ["*"].')] = ()
    symbols: Annotated[tuple[Entitled, ...], doc('Instruments, or ["*"].')] = ()
    venues: Annotated[tuple[Entitled, ...], doc('Venues, or ["*"].')] = ()
    strategies: Annotated[tuple[Entitled, ...], doc('Strategies, or ["*"].')] = ()
    fix: Annotated[FixSession | None, doc("Its FIX session; absent has none.")] = None


class Strategy(Table, frozen=True, kw_only=True):
    """A strategy that may work orders."""

    direct: Annotated[bool, doc("Whether orders go straight to their destination (DMA).")]


class Operator(Table, frozen=True, kw_only=True):
    """A person whose commands count, by public key alone."""

    public_key: Annotated[PublicKey, doc("Ed25519 public key, 64 hexadecimal digits.")]


class OpeningPosition(Table, frozen=True, kw_only=True):
    """A position brought forward from the day before."""

    account: Annotated[Name, doc("Tradable account.")]
    symbol: Annotated[Name, doc("Instrument.")]
    qty: Annotated[SignedQuantity, doc("Units, positive long, negative short.")]
    average_px: Annotated[Price, doc("Average price paid or received.")]


class Config(Table, frozen=True, kw_only=True):
    """Everything that a gateway is told before the day opens."""

    gateway: Gateway
    node: Annotated[Node | None, doc("The process: ports, files and times.")] = None
    profiles: Annotated[Mapping[Name, Profile], doc("Limits of accounts, by name.")]
    instrument_profiles: Annotated[
        Mapping[Name, InstrumentProfile], doc("Limits of instruments, by name.")
    ] = {}
    accounts: Annotated[Mapping[Name, Account], doc("The account tree.")]
    phase_plans: Annotated[
        Mapping[Name, Mapping[Phase, PhaseRules]], doc("Rules of each phase, by plan.")
    ] = {}
    tick_ladders: Annotated[Mapping[Name, TickLadder], doc("Tick sizes by price.")] = {}
    instruments: Annotated[Mapping[Name, Instrument], doc("Instruments by symbol.")] = {}
    venues: Annotated[Mapping[Name, Venue], doc("Venues by name (FIX 100).")] = {}
    sessions: Annotated[Mapping[Name, Session], doc("Client sessions by name (FIX 49).")] = {}
    strategies: Annotated[Mapping[Name, Strategy], doc("Strategies by name (FIX 847).")] = {}
    operators: Annotated[Mapping[Name, Operator], doc("People whose commands count.")] = {}
    opening_rates: Annotated[
        Mapping[Currency, Price],
        doc("Base currency for one unit of a currency in which positions open."),
    ] = {}
    opening_positions: Annotated[
        tuple[OpeningPosition, ...], doc("Positions brought forward.")
    ] = ()
