"""A configuration as the inputs that define it to the kernel, in the order that the kernel takes.

The order depends on names alone, never on the order of the file: two files with one digest give
the same inputs, so they give the same journal. Limits that are equal are one set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, get_args

from ringfence.config.canonical import canonical_json, digest
from ringfence.config.model import Config, Phase
from ringfence.config.scalars import NAME_BYTES_MAX
from ringfence.config.tree import (
    EffectiveLimit,
    account_order,
    effective_account_limits,
    effective_instrument_limits,
)

__all__ = ["Definition", "LimitSets", "compile"]

Definition: TypeAlias = tuple[str, dict[str, str | int | bool]]
"""Name of an input and its fields; optional fields that are absent are left out."""

SET_DIGITS: Final = 12
"""Hexadecimal digits of the content's digest at the end of the name of a set."""

_Rows = Mapping[str, EffectiveLimit]
_Content = tuple[tuple[str, int, int], ...]


class LimitSets:
    """The sets of limits of a configuration, each with its name.

    A set is named after the nearest profile and the digest of its content, so the name neither
    depends on what else is configured nor survives a change of a limit.

    Attributes:
        of_account: Name of the set of each account.
        of_instrument: Name of the set of each instrument.
        rows: Limits of each set, by its name, names sorted.
    """

    def __init__(self, config: Config) -> None:
        self.of_account: dict[str, str] = {}
        self.of_instrument: dict[str, str] = {}
        self.rows: Mapping[str, _Rows] = {}
        named: dict[tuple[str, _Content], str] = {}
        found: dict[str, _Rows] = {}

        def name_of(profile: str | None, rows: _Rows) -> str:
            content = tuple((row.value, row.warn, row.restrict) for row in rows.values())
            key = (profile or "limits", content)
            if key not in named:
                named[key] = _set_name(key[0], rows)
                found[named[key]] = rows
            return named[key]

        nearest: dict[str | None, str | None] = {None: None}
        for name, rows in effective_account_limits(config).items():
            account = config.accounts[name]
            nearest[name] = account.profile or nearest[account.above]
            self.of_account[name] = name_of(nearest[name], rows)
        for name, rows in effective_instrument_limits(config).items():
            self.of_instrument[name] = name_of(config.instruments[name].profile, rows)
        self.rows = dict(sorted(found.items()))


def compile(config: Config) -> list[Definition]:
    """Return the inputs that define `config`, from gateway_definition to day_open.

    Decimals are text; quantities, counts, basis points and nanoseconds are int. The last input
    carries the digest. A configuration that was not checked gives inputs that the kernel refuses.
    """
    sets = LimitSets(config)
    gateway = config.gateway
    return [
        (
            "gateway_definition",
            {
                "node": gateway.node,
                "build": gateway.build,
                "base_currency": gateway.base_currency,
                "error_account": gateway.error_account,
                "rearm_max": gateway.rearm_max,
            },
        ),
        *_limits(sets),
        *_ladders(config),
        *_plans(config),
        *_accounts(config, sets),
        *_strategies_and_venues(config),
        *_instruments(config, sets),
        *_sessions(config),
        *_operators(config),
        *_opening_positions(config),
        ("day_open", {"trade_date": gateway.trade_date, "config_digest": digest(config)}),
    ]


def _set_name(profile: str, rows: _Rows) -> str:
    content = {name: [row.value, row.warn, row.restrict] for name, row in rows.items()}
    ending = "." + hashlib.sha256(canonical_json(content)).hexdigest()[:SET_DIGITS]
    start = profile.encode()[: NAME_BYTES_MAX - len(ending)].decode(errors="ignore")
    return start + ending


def _input(name: str, **fields: str | int | bool | None) -> Definition:
    return name, {key: value for key, value in fields.items() if value is not None}


def _limits(sets: LimitSets) -> Iterator[Definition]:
    for name, rows in sets.rows.items():
        for limit, row in rows.items():
            yield _input(
                "limit_definition",
                limits=name,
                limit=limit,
                value=row.value,
                warn=row.warn,
                restrict=row.restrict,
            )


def _ladders(config: Config) -> Iterator[Definition]:
    for name, ladder in sorted(config.tick_ladders.items()):
        for step in ladder.steps:
            yield _input("tick_definition", ladder=name, from_px=step.from_px, tick=step.tick)


def _plans(config: Config) -> Iterator[Definition]:
    for name, plan in sorted(config.phase_plans.items()):
        for phase in get_args(Phase):
            if phase not in plan:
                continue
            rules = plan[phase]
            yield _input(
                "phase_definition",
                plan=name,
                phase=phase,
                ord_types=",".join(rules.ord_types) or None,
                sources=",".join(rules.sources) or None,
                age_max=rules.age_max,
                collar=rules.collar,
                band=rules.band,
                drift=rules.drift,
                drift_window=rules.drift_window,
            )


def _accounts(config: Config, sets: LimitSets) -> Iterator[Definition]:
    for name in account_order(config.accounts):
        account = config.accounts[name]
        yield _input(
            "account_definition",
            account=name,
            above=account.above,
            limits=sets.of_account[name],
            tradable=account.tradable,
            self_match_group=account.self_match_group,
            self_match_policy=account.self_match_policy,
        )


def _strategies_and_venues(config: Config) -> Iterator[Definition]:
    for name, strategy in sorted(config.strategies.items()):
        yield _input("strategy_definition", strategy=name, direct=strategy.direct)
    for name, venue in sorted(config.venues.items()):
        yield _input(
            "venue_definition",
            venue=name,
            provisional=venue.provisional,
            ack_timeout=venue.ack_timeout,
            message_max=venue.message_max,
        )


def _instruments(config: Config, sets: LimitSets) -> Iterator[Definition]:
    for name, instrument in sorted(config.instruments.items()):
        yield _input(
            "instrument_definition",
            symbol=name,
            currency=instrument.currency,
            multiplier=instrument.multiplier,
            lot_size=instrument.lot_size,
            ladder=instrument.ladder,
            plan=instrument.plan,
            limits=sets.of_instrument[name],
            average_volume=instrument.average_volume,
            shares_outstanding=instrument.shares_outstanding,
            negative_prices=instrument.negative_prices,
            banded=instrument.banded,
            short_sale_rules=instrument.short_sale_rules,
        )


def _sessions(config: Config) -> Iterator[Definition]:
    """Yield the sessions that may enter orders; of a drop copy the kernel knows nothing."""
    for name, session in sorted(config.sessions.items()):
        if session.fix is not None and session.fix.drop_copy:
            continue
        yield _input(
            "session_definition",
            session=name,
            ord_types=",".join(session.ord_types),
            phases=",".join(session.phases),
            cancel_on_disconnect=session.cancel_on_disconnect,
        )
        entitled = (
            ("account", session.accounts),
            ("symbol", session.symbols),
            ("venue", session.venues),
            ("strategy", session.strategies),
        )
        for scope_kind, scopes in entitled:
            for scope in sorted(scopes):
                yield _input("entitlement", session=name, scope_kind=scope_kind, scope=scope)


def _operators(config: Config) -> Iterator[Definition]:
    for name, operator in sorted(config.operators.items()):
        yield _input("operator_definition", operator=name, public_key=operator.public_key)


def _opening_positions(config: Config) -> Iterator[Definition]:
    """Yield the rates before the positions that are worth something only with them."""
    for currency, rate in sorted(config.opening_rates.items()):
        yield _input("currency_rate", currency=currency, rate=rate)
    for row in sorted(config.opening_positions, key=lambda row: (row.account, row.symbol)):
        yield _input(
            "opening_position",
            account=row.account,
            symbol=row.symbol,
            qty=row.qty,
            average_px=row.average_px,
        )
