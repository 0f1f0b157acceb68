"""Limits and tables that are right in form and yet do not do what they look like.

A limit that can never act protects nobody: five million shares once stood as the bound on a stock
that traded 79,000 a day. The opposite is listed too: what denies every order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ringfence.config import units
from ringfence.config.limits import LIMITS
from ringfence.config.model import Config
from ringfence.config.toml_text import KeyPath
from ringfence.config.tree import (
    EffectiveLimit,
    effective_account_limits,
    effective_instrument_limits,
    profile_chain,
)
from ringfence.config.units import UNLIMITED

__all__ = ["VOLUME_SHARE_DEFAULT", "Remark", "remarks_on"]

VOLUME_SHARE_DEFAULT: Final = 1_000
"""Share of the average volume above which an order limit counts as ineffective, basis points."""
OPERATORS_MIN: Final = 2

# What an account can never use more of than the accounts above it, so that a looser limit is idle.
_NESTED: Final = (
    "order_qty",
    "order_notional",
    "order_average_volume_share",
    "order_outstanding_share",
    "price_collar",
    "price_drift",
    "open_order_count",
    "gross_notional",
    "daily_notional",
    "daily_qty",
    "daily_count",
    "basket_notional",
    "parent_child_count",
    "parent_notional",
    "parent_message_count",
)
# Limits whose smallest use is 1.
_ONE_IS_USED: Final = (
    "order_qty",
    "duplicate_count",
    "message_count",
    "message_disable_count",
    "repeat_count",
    "open_order_count",
    "daily_qty",
    "daily_count",
    "parent_child_count",
    "parent_message_count",
)

_Rows = Mapping[str, EffectiveLimit]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is allowed and should be looked at.

    Attributes:
        path: Path of the key that it is about.
        text: What is odd, with the numbers.
    """

    path: KeyPath
    text: str


def remarks_on(config: Config, volume_share: int = VOLUME_SHARE_DEFAULT) -> list[Remark]:
    """Return what is odd in a configuration without problems, each remark once.

    An order limit above `volume_share` basis points of the average daily volume is ineffective.
    """
    accounts = effective_account_limits(config)
    instruments = effective_instrument_limits(config)
    found = [
        *_unlimited([*accounts.values(), *instruments.values()]),
        *_never_passed([*accounts.values(), *instruments.values()]),
        *_messages(accounts),
        *_looser_than_above(config, accounts),
        *_against_volume(config, instruments, volume_share),
        *_account_against_volume(config, accounts, volume_share),
        *_denying_tables(config),
        *_unused_profiles(config),
    ]
    return list(dict.fromkeys(found))


def _unlimited(sets: list[_Rows]) -> Iterator[Remark]:
    for rows in sets:
        for limit, row in rows.items():
            if row.value == UNLIMITED:
                yield Remark(row.origin.path(limit), f"{UNLIMITED}: this limit never acts")


def _never_passed(sets: list[_Rows]) -> Iterator[Remark]:
    """Yield limits that restrict or block already at the smallest use there is."""
    for rows in sets:
        for limit in _ONE_IS_USED:
            row = rows.get(limit)
            if row is None or row.value in (UNLIMITED, "0"):  # zero is meant to block
                continue
            passing = int(row.value) * row.restrict // 10_000
            if passing < 1:
                share = units.show_share(row.restrict)
                text = f"{row.value} with restrict at {share} lets not even one pass"
                yield Remark(row.origin.path(limit), text)


def _messages(accounts: Mapping[str, _Rows]) -> Iterator[Remark]:
    """Yield message counts that leave nothing beside the reserve, or never get their turn."""
    for rows in accounts.values():
        count, reserve = rows["message_count"], rows["cancel_reserve_count"]
        disable = rows["message_disable_count"]
        if UNLIMITED in (count.value, reserve.value):
            continue
        passing = int(count.value) * count.restrict // 10_000 - int(reserve.value)
        if passing < 1:
            text = (
                f"{count.value} with restrict at {units.show_share(count.restrict)} and "
                f"{reserve.value} reserved for cancels lets no new order pass"
            )
            yield Remark(count.origin.path("message_count"), text)
        if disable.value != UNLIMITED and int(disable.value) <= int(count.value):
            text = f"{disable.value} halts the session before message_count {count.value} denies"
            yield Remark(disable.origin.path("message_disable_count"), text)


def _looser_than_above(config: Config, accounts: Mapping[str, _Rows]) -> Iterator[Remark]:
    """Yield limits that cannot act because the node above has a tighter one."""
    for name, rows in accounts.items():
        above = config.accounts[name].above
        if above is None:
            continue
        for limit in _NESTED:
            own, other = rows[limit], accounts[above][limit]
            if UNLIMITED in (own.value, other.value) or Decimal(own.value) <= Decimal(other.value):
                continue
            spec, base = LIMITS[limit], config.gateway.base_currency
            mine = units.show_limit(own.value, spec.unit, base)
            theirs = units.show_limit(other.value, spec.unit, base)
            text = f"{mine} never acts below {above}, which has {theirs}"
            yield Remark(own.origin.path(limit), text)


def _against_volume(
    config: Config, instruments: Mapping[str, _Rows], volume_share: int
) -> Iterator[Remark]:
    """Yield order limits of an instrument that its own volume makes ineffective (R31)."""
    for name, rows in instruments.items():
        instrument = config.instruments[name]
        share = rows["order_average_volume_share"]
        if share.value != UNLIMITED and int(share.value) > volume_share:
            text = f"{units.show_share(int(share.value))} of the average volume in one order"
            yield Remark(share.origin.path("order_average_volume_share"), text)
        row, volume = rows["order_qty"], instrument.average_volume
        if row.value == UNLIMITED:
            continue
        if int(row.value) < instrument.lot_size:
            text = f"{row.value} units is less than one lot of {name}: every order is denied"
            yield Remark(row.origin.path("order_qty"), text)
        if volume is not None and int(row.value) * 10_000 > volume * volume_share:
            yield Remark(row.origin.path("order_qty"), _of_volume(row.value, volume, name))


def _account_against_volume(
    config: Config, accounts: Mapping[str, _Rows], volume_share: int
) -> Iterator[Remark]:
    """Yield order limits of accounts that no instrument's volume makes effective (R31)."""
    volumes = {
        name: row.average_volume
        for name, row in config.instruments.items()
        if row.average_volume is not None
    }
    if not volumes:
        return
    widest = max(sorted(volumes), key=lambda name: volumes[name])
    for rows in accounts.values():
        row = rows["order_qty"]
        if row.value == UNLIMITED or int(row.value) * 10_000 <= volumes[widest] * volume_share:
            continue
        text = _of_volume(row.value, volumes[widest], f"{widest}, the most traded instrument")
        yield Remark(row.origin.path("order_qty"), text)


def _of_volume(qty: str, volume: int, name: str) -> str:
    share = units.show_share(-(-int(qty) * 10_000 // volume))
    return f"{int(qty):_} units is {share} of the average volume {volume:_} of {name}"


def _denying_tables(config: Config) -> Iterator[Remark]:
    """Yield tables that leave out what the kernel needs, so that it denies."""
    for name, account in config.accounts.items():
        if account.tradable and account.self_match_group is None:
            text = "no self_match_group and policy: every order of this account is denied"
            yield Remark(("accounts", name), text)
    for name, instrument in config.instruments.items():
        for key in ("average_volume", "shares_outstanding"):
            if getattr(instrument, key) is None:
                yield Remark(("instruments", name), f"no {key}: every order in it is denied")
    for name, session in config.sessions.items():
        copies = session.fix is not None and session.fix.drop_copy
        if copies and not session.accounts:
            yield Remark(("sessions", name), "entitled to no accounts: it receives no copy")
        for key in ("accounts", "symbols", "venues", "strategies"):
            if not copies and not getattr(session, key):
                yield Remark(("sessions", name), f"entitled to no {key}: its orders are denied")
    if len(config.operators) < OPERATORS_MIN:
        text = f"{len(config.operators)} of the {OPERATORS_MIN} people that a loosening needs"
        yield Remark(("operators",), text)


def _unused_profiles(config: Config) -> Iterator[Remark]:
    """Yield profiles that no account or instrument uses, directly or by inheritance."""
    used = {
        profile
        for account in config.accounts.values()
        for profile in profile_chain(config.profiles, account.profile)
    }
    for name in config.profiles:
        if name not in used:
            yield Remark(("profiles", name), "no account uses this profile")
    used = {
        profile
        for row in config.instruments.values()
        for profile in profile_chain(config.instrument_profiles, row.profile)
    }
    for name in config.instrument_profiles:
        if name not in used:
            yield Remark(("instrument_profiles", name), "no instrument uses this profile")
