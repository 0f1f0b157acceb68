"""What must hold in a configuration beyond the shape of its tables.

Every name that is used exists; the accounts are one tree of at most eight levels; every account
and instrument has every limit; levels, ladders and positions are in order; the error account is
inside the firm, alone, and bounded. All problems are listed, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from ringfence.config import units
from ringfence.config.limits import LEVELS_FULL, LIMITS, account_limits, instrument_limits
from ringfence.config.model import Config, InstrumentProfile, Profile
from ringfence.config.reading import Trouble
from ringfence.config.scalars import ALL
from ringfence.config.toml_text import KeyPath
from ringfence.config.tree import (
    TREE_DEPTH_MAX,
    EffectiveLimit,
    effective_account_limits,
    effective_instrument_limits,
    path_to_firm,
    profile_chain,
)
from ringfence.config.units import UNLIMITED
from ringfence.config.wire_checking import wire_troubles

__all__ = ["ERROR_ACCOUNT_BOUNDED", "troubles_of"]

LADDER_STEPS_MAX: Final = 64
MULTIPLIER_MAX: Final = 10_000
RATE_MAX: Final = 10_000
ERROR_ACCOUNT_BOUNDED: Final = (
    "position_long",
    "position_short",
    "gross_notional",
    "net_notional",
    "loss",
)
"""Limits that must not be UNLIMITED for the error account (R34)."""


def troubles_of(config: Config) -> list[Trouble]:
    """Return what is wrong with a configuration whose tables have the right shape, each once.

    Limits are looked at only once profiles and accounts hang together, because before that
    nobody can say which limits are in effect.
    """
    found = [*_profiles(config), *_tree(config)]
    if not found:
        accounts = effective_account_limits(config)
        found += [*_account_limits(accounts), *_instrument_limits(config)]
        found += _error_account_limits(accounts.get(config.gateway.error_account, {}))
    found += [
        *_gateway(config),
        *_self_match(config),
        *_phase_plans(config),
        *_tick_ladders(config),
        *_instruments(config),
        *_sessions(config),
        *_operators(config),
        *_opening_rates(config),
        *_opening_positions(config),
        *wire_troubles(config),
    ]
    return list(dict.fromkeys(found))


def _unknown(path: KeyPath, what: str, name: str) -> Trouble:
    return Trouble(path, f"the name of {what} of this file", f'"{name}"')


def _profiles(config: Config) -> Iterator[Trouble]:
    """Yield what is wrong with how profiles inherit."""
    tables: tuple[tuple[str, Mapping[str, Profile] | Mapping[str, InstrumentProfile]], ...] = (
        ("profiles", config.profiles),
        ("instrument_profiles", config.instrument_profiles),
    )
    for table, profiles in tables:
        for name, profile in profiles.items():
            path = (table, name, "inherits")
            if profile.inherits is not None and profile.inherits not in profiles:
                yield _unknown(path, "a profile", profile.inherits)
                continue
            chain = tuple(profile_chain(profiles, name))
            end = profiles[chain[-1]].inherits
            if end == name:
                found = " -> ".join((*chain, end))
                yield Trouble(path, "a profile that does not inherit from this one", found)


def _tree(config: Config) -> Iterator[Trouble]:
    """Yield what is wrong with the account tree."""
    accounts = config.accounts
    firms = [name for name, account in accounts.items() if account.above is None]
    if len(firms) != 1:
        found = ", ".join(firms) or "none"
        yield Trouble(("accounts",), "exactly one account without `above`, the firm", found)
    for name, account in accounts.items():
        path = ("accounts", name, "above")
        if account.profile is not None and account.profile not in config.profiles:
            yield _unknown(("accounts", name, "profile"), "a profile", account.profile)
        if account.above is None:
            continue
        if account.above not in accounts:
            yield _unknown(path, "an account", account.above)
            continue
        levels = path_to_firm(accounts, name)
        if accounts[levels[-1]].above == name:
            yield Trouble(path, "an account that is not below this one", f'"{account.above}"')
        elif len(levels) > TREE_DEPTH_MAX:
            yield Trouble(path, f"at most {TREE_DEPTH_MAX} levels", f"{len(levels)} levels")


def _account_limits(effective: Mapping[str, Mapping[str, EffectiveLimit]]) -> Iterator[Trouble]:
    """Yield each limit that the firm lacks, since nodes below lack nothing else, and bad levels."""
    (firm, *below) = effective
    for limit in account_limits():
        if limit not in effective[firm]:
            others = sum(limit not in effective[name] for name in below)
            yield _missing(("accounts", firm), limit, others)
    for rows in effective.values():
        yield from _levels(rows)


def _instrument_limits(config: Config) -> Iterator[Trouble]:
    """Yield each limit that an instrument lacks, and bad levels."""
    for name, instrument in config.instruments.items():
        profile = instrument.profile
        if profile is not None and profile not in config.instrument_profiles:
            yield _unknown(("instruments", name, "profile"), "an instrument profile", profile)
    for name, rows in effective_instrument_limits(config).items():
        for limit in instrument_limits():
            if limit not in rows:
                yield _missing(("instruments", name), limit, 0)
        yield from _levels(rows)


def _missing(path: KeyPath, limit: str, below: int) -> Trouble:
    expected = f'the limit {limit} ({LIMITS[limit].unit}), or "{UNLIMITED}" for it'
    others = f", nor for the {below} accounts below" if below else ""
    return Trouble(path, expected, f"none in effect here{others}")


def _levels(rows: Mapping[str, EffectiveLimit]) -> Iterator[Trouble]:
    """Yield the limits whose warn and restrict the kernel would refuse."""
    for limit, row in rows.items():
        if not row.warn <= row.restrict <= LEVELS_FULL[1]:
            found = f"warn {units.show_share(row.warn)}, restrict {units.show_share(row.restrict)}"
            expected = "warn at most restrict, and restrict at most 100 %"
            yield Trouble(row.origin.path(limit), expected, found)


def _error_account_limits(rows: Mapping[str, EffectiveLimit]) -> Iterator[Trouble]:
    """Yield the limits of the error account that would block nothing (R34)."""
    for limit in ERROR_ACCOUNT_BOUNDED:
        if limit in rows and rows[limit].value == UNLIMITED:
            path = rows[limit].origin.path(limit)
            yield Trouble(path, "a bound for the error account", f'"{UNLIMITED}"')


def _gateway(config: Config) -> Iterator[Trouble]:
    """Yield what is wrong with the error account: it is inside the firm and stands alone (R34)."""
    name = config.gateway.error_account
    path: KeyPath = ("gateway", "error_account")
    account = config.accounts.get(name)
    if account is None:
        yield _unknown(path, "an account", name)
        return
    if account.above is None:
        yield Trouble(path, "an account below the firm", f'the firm, "{name}"')
    elif any(other.above == name for other in config.accounts.values()):
        yield Trouble(path, "an account with none below it", f'"{name}"')
    for session, row in config.sessions.items():
        if name in row.accounts:
            path = ("sessions", session, "accounts")
            yield Trouble(path, "no entitlement to the error account", f'"{name}"')


def _self_match(config: Config) -> Iterator[Trouble]:
    for name, account in config.accounts.items():
        if (account.self_match_group is None) != (account.self_match_policy is None):
            given = "group" if account.self_match_policy is None else "policy"
            expected = "self_match_group and self_match_policy together"
            yield Trouble(("accounts", name), expected, f"only self_match_{given}")


def _phase_plans(config: Config) -> Iterator[Trouble]:
    for name, plan in config.phase_plans.items():
        if not plan:
            yield Trouble(("phase_plans", name), "the rules of at least one phase", "none")
        for phase, rules in plan.items():
            for key in ("ord_types", "sources"):
                path = ("phase_plans", name, phase, key)
                yield from _repeated(path, getattr(rules, key))


def _repeated(path: KeyPath, names: tuple[str, ...]) -> Iterator[Trouble]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield Trouble(path, "each name once", f"{', '.join(twice)} repeated")


def _tick_ladders(config: Config) -> Iterator[Trouble]:
    for name, ladder in config.tick_ladders.items():
        path: KeyPath = ("tick_ladders", name, "steps")
        if not 1 <= len(ladder.steps) <= LADDER_STEPS_MAX:
            yield Trouble(path, f"1 to {LADDER_STEPS_MAX} steps", f"{len(ladder.steps)}")
        before: Decimal | None = None
        for index, step in enumerate(ladder.steps):
            if Decimal(step.tick) <= 0:
                yield Trouble((*path, index, "tick"), "a price above zero", step.tick)
            here = Decimal(step.from_px)
            if before is not None and here <= before:
                yield Trouble((*path, index, "from_px"), f"a price above {before}", step.from_px)
            before = here


def _instruments(config: Config) -> Iterator[Trouble]:
    for name, row in config.instruments.items():
        path = ("instruments", name)
        if row.ladder not in config.tick_ladders:
            yield _unknown((*path, "ladder"), "a tick ladder", row.ladder)
        if row.plan not in config.phase_plans:
            yield _unknown((*path, "plan"), "a phase plan", row.plan)
        if not 1 <= row.multiplier <= MULTIPLIER_MAX:
            expected = f"a number from 1 to {MULTIPLIER_MAX}"
            yield Trouble((*path, "multiplier"), expected, f"{row.multiplier}")
        for key in ("lot_size", "average_volume", "shares_outstanding"):
            if getattr(row, key) == 0:
                yield Trouble((*path, key), "a quantity above zero", "0")


def _sessions(config: Config) -> Iterator[Trouble]:
    """Yield entitlements to what does not exist, and lists that say a thing twice."""
    kinds: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("accounts", "an account", config.accounts),
        ("symbols", "an instrument", config.instruments),
        ("venues", "a venue", config.venues),
        ("strategies", "a strategy", config.strategies),
    )
    for name, session in config.sessions.items():
        copies = session.fix is not None and session.fix.drop_copy
        for key in ("ord_types", "phases"):
            path: KeyPath = ("sessions", name, key)
            names: tuple[str, ...] = getattr(session, key)
            yield from _repeated(path, names)
            if copies and names:
                yield Trouble(path, "none, because a drop copy enters nothing", ", ".join(names))
            elif not names and not copies:
                yield Trouble(path, "at least one name", "none")
        if copies and not session.accounts:
            yield Trouble(("sessions", name, "accounts"), "accounts of which it copies", "none")
        for key, what, known in kinds:
            path, names = ("sessions", name, key), getattr(session, key)
            yield from _repeated(path, names)
            if ALL in names:
                if len(names) > 1:
                    yield Trouble(path, f'"{ALL}" alone, or names', ", ".join(names))
                continue
            for index, entitled in enumerate(names):
                if entitled not in known:
                    yield _unknown((*path, index), what, entitled)


def _operators(config: Config) -> Iterator[Trouble]:
    owners: dict[str, str] = {}
    for name, operator in config.operators.items():
        owner = owners.setdefault(operator.public_key, name)
        if owner != name:
            path = ("operators", name, "public_key")
            yield Trouble(path, "a key of this person alone", f"the key of {owner}")


def _opening_rates(config: Config) -> Iterator[Trouble]:
    """Yield rates that the kernel would refuse."""
    base = config.gateway.base_currency
    known = {row.currency for row in config.instruments.values()} - {base}
    for currency, rate in config.opening_rates.items():
        path = ("opening_rates", currency)
        if currency not in known:
            expected = "a currency of an instrument, other than the base currency"
            yield Trouble(path, expected, currency)
        if not 0 < Decimal(rate) <= RATE_MAX:
            yield Trouble(path, f"a rate above zero, at most {RATE_MAX}", rate)


def _opening_positions(config: Config) -> Iterator[Trouble]:
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(config.opening_positions):
        path: KeyPath = ("opening_positions", index)
        account = config.accounts.get(row.account)
        instrument = config.instruments.get(row.symbol)
        if (row.account, row.symbol) in seen:
            found = f"{row.account} in {row.symbol} again"
            yield Trouble(path, "one position for each account and instrument", found)
        seen.add((row.account, row.symbol))
        if account is None or not account.tradable:
            yield Trouble((*path, "account"), "a tradable account", f'"{row.account}"')
        if instrument is None:
            yield _unknown((*path, "symbol"), "an instrument", row.symbol)
            continue
        if Decimal(row.average_px) <= 0 and not instrument.negative_prices:
            yield Trouble((*path, "average_px"), "a price above zero", row.average_px)
        currencies = (config.gateway.base_currency, *config.opening_rates)
        if instrument.currency not in currencies:
            expected = f"an opening rate of {instrument.currency} in [opening_rates]"
            yield Trouble((*path, "symbol"), expected, "none")
