"""The limits that a configuration has to give: their names, units, and how levels compare.

The table is the kernel's `LimitKey`, in its order; a test compares the two. A limit has no
default: an account needs all of them, an instrument those marked so, and what is missing is a
problem of the configuration before it would be a denial of the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from ringfence.config.units import UNLIMITED, Unit

__all__ = [
    "LEVELS_DEFAULT",
    "LEVELS_FULL",
    "LIMITS",
    "Bound",
    "LimitSpec",
    "account_limits",
    "binding",
    "instrument_limits",
]

LEVELS_DEFAULT: Final = (7_000, 9_000)
"""Warn and restrict where no profile says otherwise, in basis points of the limit."""
LEVELS_FULL: Final = (10_000, 10_000)
"""Warn and restrict of limits that are not used up gradually: only the block level acts."""


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One limit as it is written: a value, and levels where they differ from the profile's."""

    value: str
    """`UNLIMITED`, or the shortest plain decimal in the unit of the limit."""
    warn: int | None = None
    """Share of the limit above which a warning is given, basis points."""
    restrict: int | None = None
    """Share of the limit above which only reducing orders pass, basis points."""


class LimitSpec(msgspec.Struct, frozen=True):
    """What is known about a limit before it has a value."""

    name: str
    """Name, as in the file and in the kernel."""
    unit: Unit
    """Unit in which it is written and compared."""
    doc: str
    """What it bounds, one sentence."""
    per_instrument: bool = False
    """Whether an instrument has to give it too."""
    floor: bool = False
    """Whether a smaller value is looser: windows and what is kept free."""
    account_only: bool = False
    """Whether only the order's own account is asked, not the levels above it."""
    full_levels: bool = False
    """Whether warn and restrict are 100 % unless written with the limit itself."""


def _shared(name: str, unit: Unit, doc: str) -> LimitSpec:
    """Return a limit that accounts and instruments both give."""
    return LimitSpec(name, unit, doc, per_instrument=True)


def _window(name: str, doc: str, *, account_only: bool = False) -> LimitSpec:
    """Return the length of a window: longer is stricter, and nothing uses it up."""
    return LimitSpec(name, Unit.NS, doc, floor=True, full_levels=True, account_only=account_only)


_ROWS = (
    _shared("order_qty", Unit.UNITS, "Quantity of one order."),
    _shared("order_notional", Unit.MONEY, "Notional of one order at its worst price."),
    _shared("order_average_volume_share", Unit.BPS, "One order's share of the average volume."),
    _shared("order_outstanding_share", Unit.BPS, "One order's share of the issued units."),
    _shared("price_collar", Unit.BPS, "How far an order may be through its reference price."),
    _shared("price_drift", Unit.BPS, "How far it may be through the reference of a while ago."),
    LimitSpec(
        "duplicate_count",
        Unit.COUNT,
        "Equal orders within the duplicate window, the first included.",
        account_only=True,
    ),
    _window("duplicate_window", "Window of the duplicate count.", account_only=True),
    LimitSpec(
        "message_count", Unit.COUNT, "Messages within the window before new ones are denied."
    ),
    LimitSpec(
        "message_disable_count",
        Unit.COUNT,
        "Messages within the window, denied ones included, before the session is halted.",
        account_only=True,
    ),
    _window("message_window", "Window of the message counts."),
    LimitSpec(
        "cancel_reserve_count",
        Unit.COUNT,
        "Part of the message count that is kept free for cancels.",
        floor=True,
        full_levels=True,
    ),
    LimitSpec(
        "repeat_count",
        Unit.COUNT,
        "Automated executions of one kind that nobody attends.",
        account_only=True,
    ),
    _window("repeat_window", "Window of the repeat count.", account_only=True),
    LimitSpec("open_order_count", Unit.COUNT, "Open child orders."),
    LimitSpec(
        "position_long", Unit.UNITS, "Longest position in one instrument, open buys included."
    ),
    LimitSpec(
        "position_short", Unit.UNITS, "Shortest position in one instrument, open sells included."
    ),
    LimitSpec("gross_notional", Unit.MONEY, "Positions and open orders, both sides added."),
    LimitSpec("net_notional", Unit.MONEY, "Worst difference between the two sides."),
    LimitSpec("daily_notional", Unit.MONEY, "Notional of the orders entered today."),
    LimitSpec("daily_qty", Unit.UNITS, "Quantity of the orders entered today."),
    LimitSpec("daily_count", Unit.COUNT, "Orders entered today."),
    LimitSpec("basket_notional", Unit.MONEY, "Sum of the notionals of one basket."),
    LimitSpec("loss", Unit.MONEY, "Loss of the day, realized and unrealized; passing it halts."),
    LimitSpec("loss_rate", Unit.MONEY, "Loss within the loss window; passing it halts."),
    _window("loss_window", "Window of the loss rate."),
    LimitSpec(
        "volume_share",
        Unit.BPS,
        "Own share of an instrument's volume today; acts together with the price move.",
    ),
    LimitSpec("price_move", Unit.BPS, "Price move since the phase began, for the volume share."),
    LimitSpec(
        "volume_share_floor",
        Unit.UNITS,
        "Own quantity up to which the volume share is not judged.",
        full_levels=True,
    ),
    LimitSpec("parent_child_count", Unit.COUNT, "Children ever sent for one parent."),
    LimitSpec("parent_notional", Unit.MONEY, "Notional of all children ever sent for one parent."),
    LimitSpec("parent_message_count", Unit.COUNT, "Messages ever sent for one parent."),
    LimitSpec("flow_qty", Unit.BPS, "Quantity that leaves over what came in.", full_levels=True),
    LimitSpec(
        "flow_notional", Unit.BPS, "Notional that leaves over what came in.", full_levels=True
    ),
    LimitSpec(
        "flow_count",
        Unit.COUNT,
        "Children that leave for each parent that came in.",
        full_levels=True,
    ),
    _window("flow_window", "Window of the flow comparison."),
)

LIMITS: Final[Mapping[str, LimitSpec]] = {spec.name: spec for spec in _ROWS}
"""Every limit by name, in the kernel's order."""


def account_limits() -> tuple[str, ...]:
    """Return the names of the limits that every account needs."""
    return tuple(LIMITS)


def instrument_limits() -> tuple[str, ...]:
    """Return the names of the limits that every instrument needs."""
    return tuple(name for name, spec in LIMITS.items() if spec.per_instrument)


def binding(spec: LimitSpec, values: tuple[str, ...]) -> tuple[bool, ...]:
    """Return which of the values that apply to one order bind it first, ties included.

    `values` begins with the order's own account. Where only that account is asked, no other can
    bind. Windows and reserves are not compared with each other: each level measures with its own.
    """
    if spec.account_only:
        return (values[0] != UNLIMITED, *(False for _ in values[1:]))
    bounds = [Decimal(value) for value in values if value != UNLIMITED]
    if spec.floor or not bounds:
        return tuple(value != UNLIMITED for value in values)
    lowest = min(bounds)
    return tuple(value != UNLIMITED and Decimal(value) == lowest for value in values)
