"""The shape of the file of a simulated venue: frozen records, one for each kind of table.

The values are those of the venue's own rules; what a rule means is said there. Whatever is absent
leaves its rule out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from ringfence.config.kinds import (
    Address,
    CompId,
    Count,
    Currency,
    DateText,
    Duration,
    FileName,
    Money,
    Name,
    Price,
    Quantity,
    Share,
    Table,
    TapeSource,
    TimeOfDay,
    doc,
)
from ringfence.config.model import OrdType, TickLadder
from ringfence.config.wire import Durability, FixBase, ServerTls, Window

__all__ = [
    "Book",
    "Fees",
    "Instrument",
    "LimitBand",
    "Retail",
    "Tape",
    "Throttle",
    "VenueConfig",
    "VenueProcess",
    "VenueSession",
    "VenueWindow",
]

SECOND = 10**9

Auction = Literal["opening", "closing"]
Band = Literal["unbounded", "limit_up_down", "limit_up_down_closing", "session"]
HaltEntry = Literal["collect", "refuse"]
Tier = Literal["tier_1", "tier_2"]
TimeInForce = Literal[
    "day",
    "at_the_opening",
    "immediate_or_cancel",
    "fill_or_kill",
    "good_till_date",
    "at_the_close",
]
VenuePhase = Literal["pre_open", "auction", "continuous", "halted", "post", "overnight"]


class Book(Table, frozen=True, kw_only=True):
    """How much one book may hold."""

    orders_max: Annotated[Count, doc("Open orders of one instrument.")] = 65_536
    levels_max: Annotated[Count, doc("Prices with orders on one side.")] = 4_096


class VenueProcess(Table, frozen=True, kw_only=True):
    """The process of a simulated venue, and what holds for all its instruments."""

    name: Annotated[Name, doc("Name of the venue; its comp id unless a session says otherwise.")]
    trade_date: Annotated[DateText, doc("Trading day, YYYY-MM-DD.")]
    seed: Annotated[Count, doc("Number that makes everything that is drawn.")] = 0
    currency: Annotated[Currency, doc("Currency of prices and fees.")] = "USD"
    listen: Annotated[tuple[Address, ...], doc("Where members connect.")]
    tls: Annotated[ServerTls | None, doc("TLS of these ports; absent is plain text.")] = None
    journal: Annotated[FileName, doc("Folder of the journals.")]
    durability: Annotated[
        Durability, doc("When a record counts as written: on disk, or in the system's cache.")
    ] = "process"
    control: Annotated[
        FileName | None, doc("Unix socket for status and faults; absent has none.")
    ] = None
    logon_timeout: Annotated[Duration, doc("Time that a new connection has to log on.")] = (
        10 * SECOND
    )
    market_data_interval: Annotated[
        Duration, doc("Time in which changes of a book are collected before they are published.")
    ] = SECOND // 10
    faults: Annotated[FileName | None, doc("Script of faults that happen by themselves.")] = None
    ord_types: Annotated[tuple[OrdType, ...], doc("Order types that are taken.")] = (
        "market",
        "limit",
    )
    times_in_force: Annotated[tuple[TimeInForce, ...], doc("Times in force that are taken.")] = (
        "day",
        "immediate_or_cancel",
        "fill_or_kill",
    )
    halt_entry: Annotated[
        HaltEntry, doc("What a halt does with orders, and with changes that raise or reprice.")
    ] = "collect"
    order_notional_max: Annotated[Money | None, doc("Largest notional of one order.")] = None
    session_band: Annotated[
        Share | None,
        doc("Band around the reference, fixed from start to end of a window that has it."),
    ] = None


class LimitBand(Table, frozen=True, kw_only=True):
    """Limit up, limit down, in windows whose band is `limit_up_down` or its closing."""

    width: Annotated[
        Share | None, doc("Distance of each edge from the reference, without a tier.")
    ] = None
    mean: Annotated[Duration, doc("The reference is the mean price of this time.")] = 300 * SECOND
    move_min: Annotated[Share, doc("Least distance at which the reference follows.")] = 100
    stand_min: Annotated[Duration, doc("Least time for which a reference stands.")] = 30 * SECOND
    limit_state: Annotated[Duration, doc("Time at an edge after which trading pauses.")] = (
        15 * SECOND
    )
    pause: Annotated[Duration, doc("Length of a pause; an auction ends it.")] = 300 * SECOND


class Fees(Table, frozen=True, kw_only=True):
    """Fees for each unit; a rebate is negative."""

    maker: Annotated[Price, doc("Of the order that rested.")] = "0"
    taker: Annotated[Price, doc("Of the order that came in.")] = "0"
    auction: Annotated[Price, doc("Of both orders in an auction.")] = "0"


class Retail(Table, frozen=True, kw_only=True):
    """The retail liquidity program (NYSE Rule 107C of 2012)."""

    improvement_min: Annotated[Price, doc("Least improvement on the best quote.")] = "0.001"
    tick: Annotated[Price, doc("Tick of price improving interest.")] = "0.001"


class Instrument(Table, frozen=True, kw_only=True):
    """An instrument that trades here."""

    ladder: Annotated[Name, doc("Tick ladder.")]
    lot_size: Annotated[Quantity, doc("Smallest quantity and step of a quantity (FIX 561).")] = 1
    reference_px: Annotated[
        Price, doc("Close of the day before; of the first band and the first auction.")
    ]
    tier: Annotated[Tier | None, doc("Tier of the plan, which gives the limit band.")] = None
    leverage: Annotated[
        Share, doc("Leverage of an exchange traded product, which widens the band of its tier.")
    ] = 10_000


class Throttle(Table, frozen=True, kw_only=True):
    """How many messages a session may send in one second."""

    take_max: Annotated[Count, doc("Messages that are taken; those beyond are refused.")]
    disconnect_max: Annotated[Count, doc("Messages after which it is disconnected.")]


class VenueSession(FixBase, frozen=True, kw_only=True):
    """A port: the session of a member, who connects."""

    firm: Annotated[Name | None, doc("Member firm; the name of the session when absent.")] = None
    heartbeat_max: Annotated[
        Duration, doc("Longest heartbeat interval that a member may ask for (FIX 108).")
    ] = 60 * SECOND
    cancel_on_disconnect: Annotated[
        bool, doc("Whether its open orders are canceled when it disconnects.")
    ] = True
    drop_copy: Annotated[
        bool, doc("Whether it receives copies of its firm's reports and enters nothing.")
    ] = False
    retail: Annotated[bool, doc("Whether it is in the retail program, and told its fields.")] = (
        False
    )
    throttle: Annotated[Throttle | None, doc("How fast it may send; absent is any.")] = None


class VenueWindow(Window, frozen=True, kw_only=True):
    """A part of the venue's day; what lies between is closed, and there day orders expire."""

    phase: Annotated[VenuePhase, doc("Phase.")]
    auction: Annotated[
        Auction | None, doc("Which auction, where the phase is one; it trades at the end.")
    ] = None
    band: Annotated[Band, doc("Which band of prices holds.")] = "unbounded"


class Tape(Table, frozen=True, kw_only=True):
    """Orders of others, from a recorded or reconstructed day."""

    source: Annotated[TapeSource, doc("Where they come from.")]
    venue: Annotated[
        CompId | None, doc("Venue on the tape, such as XNYS; absent is the best of all.")
    ] = None
    symbols: Annotated[tuple[Name, ...], doc("Which instruments; absent is all that trade.")] = ()
    start: Annotated[TimeOfDay, doc("Time of the tape when the day's first window begins.")] = (
        "09:30:00"
    )
    speed: Annotated[Count, doc("Seconds of the tape in one second.")] = 1
    seed: Annotated[Count, doc("Draws the path of a reconstruction.")] = 1


class VenueConfig(Table, frozen=True, kw_only=True):
    """Everything that a simulated venue is told before its day opens."""

    venue: VenueProcess
    book: Annotated[Book, doc("How much one book may hold.")] = Book()
    tick_ladders: Annotated[Mapping[Name, TickLadder], doc("Tick sizes by price.")]
    instruments: Annotated[Mapping[Name, Instrument], doc("Instruments by symbol.")]
    sessions: Annotated[Mapping[Name, VenueSession], doc("Sessions by name (FIX 49).")]
    windows: Annotated[tuple[VenueWindow, ...], doc("Parts of the day.")]
    limit_band: Annotated[LimitBand | None, doc("Limit up, limit down.")] = None
    fees: Annotated[Fees, doc("Fees for each unit.")] = Fees()
    retail: Annotated[Retail | None, doc("The retail liquidity program.")] = None
    tape: Annotated[Tape | None, doc("Orders of others.")] = None
