"""The shape of a configuration: frozen records, one for each kind of table in the file.

A record holds meanings, not spellings: shares are basis points, times nanoseconds, prices and
money their shortest plain decimal. Whatever is optional takes the stricter meaning when it is
not written. `x-kind` names how a value is read; `reading` has one function for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ringfence.config.limits import Bound

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


def _kind(name: str) -> Meta:
    """Return the mark of a value that `reading` reads in a way of its own."""
    return Meta(extra_json_schema={"x-kind": name})


def _doc(text: str) -> Meta:
    """Return the description of a key, for the JSON Schema and the reference."""
    return Meta(description=text)


Name = Annotated[str, _kind("name")]
Entitled = Annotated[str, _kind("entitled")]
NodeName = Annotated[str, _kind("node_name")]
Currency = Annotated[str, _kind("currency")]
DateText = Annotated[str, _kind("date")]
PublicKey = Annotated[str, _kind("public_key")]
Price = Annotated[str, _kind("price")]
Quantity = Annotated[int, _kind("quantity")]
SignedQuantity = Annotated[int, _kind("signed_quantity")]
Count = Annotated[int, _kind("count")]
Share = Annotated[int, _kind("share")]
Duration = Annotated[int, _kind("duration")]
AccountBounds = Annotated[Mapping[str, Bound], _kind("account_limits")]
InstrumentBounds = Annotated[Mapping[str, Bound], _kind("instrument_limits")]

OrdType = Literal["market", "limit", "stop", "stop_limit"]
Phase = Literal["closed", "pre_open", "auction", "continuous", "halted", "post", "overnight"]
PriceSource = Literal[
    "mid", "last", "indicative", "official_close", "previous_close", "session_reference"
]
SelfMatchPolicy = Literal["deny_incoming", "allow"]


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Gateway(_Table, frozen=True, kw_only=True):
    """This gateway node; the whole table is required."""

    node: Annotated[NodeName, _doc("Name of this node, at most 12 bytes; begins each ClOrdID.")]
    build: Annotated[Name, _doc("Build that runs, as its digest or version.")]
    base_currency: Annotated[Currency, _doc("Currency of every limit on money (ISO 4217).")]
    error_account: Annotated[Name, _doc("Account that takes fills nobody ordered.")]
    rearm_max: Annotated[Count, _doc("Times a latch may be re-armed in one day.")]
    trade_date: Annotated[DateText, _doc("Trading day, YYYY-MM-DD.")]


class _Levels(_Table, frozen=True, kw_only=True):
    inherits: Annotated[Name | None, _doc("Profile that gives what this one does not.")] = None
    warn: Annotated[Share | None, _doc("Share of a limit above which it warns.")] = None
    restrict: Annotated[
        Share | None, _doc("Share of a limit above which only reducing orders pass.")
    ] = None


class Profile(_Levels, frozen=True, kw_only=True):
    """A named set of limits for accounts; every other key is the name of a limit."""

    limits: AccountBounds


class InstrumentProfile(_Levels, frozen=True, kw_only=True):
    """A named set of limits for instruments; every other key is the name of a limit."""

    limits: InstrumentBounds


class Account(_Table, frozen=True, kw_only=True):
    """A node of the account tree: firm, desk, trader or strategy, client account."""

    above: Annotated[Name | None, _doc("Node above; only the firm has none.")] = None
    profile: Annotated[
        Name | None, _doc("Limits of this node; what it does not give comes from above.")
    ] = None
    tradable: Annotated[bool, _doc("Whether orders may be entered for this node.")] = False
    self_match_group: Annotated[
        Name | None, _doc("Group whose orders must not trade with each other; none denies.")
    ] = None
    self_match_policy: Annotated[
        SelfMatchPolicy | None, _doc("What happens to an order that would.")
    ] = None
    overrides: Annotated[AccountBounds, _doc("Limits of this node and of those below it.")] = {}


class PhaseRules(_Table, frozen=True, kw_only=True):
    """What holds in one phase for the instruments of a plan."""

    ord_types: Annotated[
        tuple[OrdType, ...], _doc("Order types that may be entered; empty admits none.")
    ]
    sources: Annotated[
        tuple[PriceSource, ...], _doc("Sources of the reference price, best first; empty denies.")
    ]
    age_max: Annotated[Duration, _doc("Age beyond which a source is stale.")]
    collar: Annotated[Share, _doc("Farthest an order may be through the reference.")]
    band: Annotated[
        Share | None, _doc("Band on both sides of the reference, where the phase has one.")
    ] = None
    drift: Annotated[Share, _doc("Farthest the reference may have moved in the drift window.")]
    drift_window: Annotated[Duration, _doc("Length of the drift window.")]


class TickStep(_Table, frozen=True, kw_only=True):
    """One step of a tick ladder."""

    from_px: Annotated[Price, _doc("Price from which the step holds.")]
    tick: Annotated[Price, _doc("Smallest price change, above zero.")]


class TickLadder(_Table, frozen=True, kw_only=True):
    """Smallest price changes by price."""

    steps: Annotated[tuple[TickStep, ...], _doc("1 to 64 steps in ascending order.")]


class Instrument(_Table, frozen=True, kw_only=True):
    """An instrument."""

    currency: Annotated[Currency, _doc("Currency of its price (FIX 15).")]
    multiplier: Annotated[Count, _doc("Currency units per point of price, 1 to 10000.")] = 1
    lot_size: Annotated[Quantity, _doc("Smallest quantity and step of a quantity (FIX 561).")]
    ladder: Annotated[Name, _doc("Tick ladder.")]
    plan: Annotated[Name, _doc("Phase plan.")]
    profile: Annotated[Name | None, _doc("Instrument profile with its limits.")] = None
    average_volume: Annotated[
        Quantity | None, _doc("Average daily volume of the last 20 days; missing denies.")
    ] = None
    shares_outstanding: Annotated[Quantity | None, _doc("Issued units; missing denies.")] = None
    negative_prices: Annotated[bool, _doc("Whether prices at or below zero are possible.")] = False
    banded: Annotated[bool, _doc("Whether limit-up/limit-down bands apply.")] = True
    short_sale_rules: Annotated[bool, _doc("Whether Regulation SHO applies.")] = True
    overrides: Annotated[InstrumentBounds, _doc("Limits of this instrument alone.")] = {}


class Venue(_Table, frozen=True, kw_only=True):
    """A venue that orders can be sent to."""

    provisional: Annotated[bool, _doc("Whether its fills may be voided until confirmed.")]
    ack_timeout: Annotated[
        Duration, _doc("Time without an answer after which an order is in doubt.")
    ]
    message_max: Annotated[Count, _doc("Messages in one second that the venue takes from us.")]


class Session(_Table, frozen=True, kw_only=True):
    """A client session and all that it may use; what is not listed is not entitled."""

    ord_types: Annotated[tuple[OrdType, ...], _doc("Order types it may enter.")]
    phases: Annotated[tuple[Phase, ...], _doc("Phases in which it may enter orders.")]
    cancel_on_disconnect: Annotated[
        bool, _doc("Whether its open orders are canceled when it disconnects.")
    ] = True
    accounts: Annotated[tuple[Entitled, ...], _doc('Accounts, with all below each, or ["*"].')] = ()
    symbols: Annotated[tuple[Entitled, ...], _doc('Instruments, or ["*"].')] = ()
    venues: Annotated[tuple[Entitled, ...], _doc('Venues, or ["*"].')] = ()
    strategies: Annotated[tuple[Entitled, ...], _doc('Strategies, or ["*"].')] = ()


class Strategy(_Table, frozen=True, kw_only=True):
    """A strategy that may work orders."""

    direct: Annotated[bool, _doc("Whether orders go straight to their destination (DMA).")]


class Operator(_Table, frozen=True, kw_only=True):
    """A person whose commands count, by public key alone."""

    public_key: Annotated[PublicKey, _doc("Ed25519 public key, 64 hexadecimal digits.")]


class OpeningPosition(_Table, frozen=True, kw_only=True):
    """A position brought forward from the day before."""

    account: Annotated[Name, _doc("Tradable account.")]
    symbol: Annotated[Name, _doc("Instrument.")]
    qty: Annotated[SignedQuantity, _doc("Units, positive long, negative short.")]
    average_px: Annotated[Price, _doc("Average price paid or received.")]


class Config(_Table, frozen=True, kw_only=True):
    """Everything that a gateway is told before the day opens."""

    gateway: Gateway
    profiles: Annotated[Mapping[Name, Profile], _doc("Limits of accounts, by name.")]
    instrument_profiles: Annotated[
        Mapping[Name, InstrumentProfile], _doc("Limits of instruments, by name.")
    ] = {}
    accounts: Annotated[Mapping[Name, Account], _doc("The account tree.")]
    phase_plans: Annotated[
        Mapping[Name, Mapping[Phase, PhaseRules]], _doc("Rules of each phase, by plan.")
    ] = {}
    tick_ladders: Annotated[Mapping[Name, TickLadder], _doc("Tick sizes by price.")] = {}
    instruments: Annotated[Mapping[Name, Instrument], _doc("Instruments by symbol.")] = {}
    venues: Annotated[Mapping[Name, Venue], _doc("Venues by name (FIX 100).")] = {}
    sessions: Annotated[Mapping[Name, Session], _doc("Client sessions by name (FIX 49).")] = {}
    strategies: Annotated[Mapping[Name, Strategy], _doc("Strategies by name (FIX 847).")] = {}
    operators: Annotated[Mapping[Name, Operator], _doc("People whose commands count.")] = {}
    opening_rates: Annotated[
        Mapping[Currency, Price],
        _doc("Base currency for one unit of a currency in which positions open."),
    ] = {}
    opening_positions: Annotated[
        tuple[OpeningPosition, ...], _doc("Positions brought forward.")
    ] = ()
