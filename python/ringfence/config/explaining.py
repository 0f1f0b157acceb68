"""Every limit of an account in an instrument: what each level says, why, and which binds first."""

from __future__ import annotations

from typing import Literal

import msgspec

from ringfence.config.definitions import LimitSets
from ringfence.config.limits import LIMITS, binding
from ringfence.config.model import Config
from ringfence.config.tree import (
    EffectiveLimit,
    effective_account_limits,
    effective_instrument_limits,
    path_to_firm,
)
from ringfence.config.units import Unit
from ringfence.errors import UsageError

__all__ = ["ExplainedLevel", "ExplainedLimit", "explain"]


class ExplainedLevel(msgspec.Struct, frozen=True):
    """What one level says about a limit."""

    scope_kind: Literal["account", "symbol"]
    """Whether the level is a node of the account tree or the instrument."""
    scope: str
    """Its name."""
    limits: str
    """Name of its set of limits in the kernel, as a change of a limit names it."""
    value: str
    """`UNLIMITED`, or a plain decimal in the unit of the limit."""
    warn: int
    """Share of the limit above which a warning is given, basis points."""
    restrict: int
    """Share of the limit above which only reducing orders pass, basis points."""
    origin: str
    """Where the value comes from: a profile, an override, a node above."""
    binds: bool
    """Whether this level acts first; see `ringfence.config.limits.binding`."""


class ExplainedLimit(msgspec.Struct, frozen=True):
    """One limit with what each level says, from the account to the firm, then the instrument."""

    limit: str
    unit: Unit
    doc: str
    levels: tuple[ExplainedLevel, ...]


def explain(config: Config, account: str, symbol: str) -> tuple[ExplainedLimit, ...]:
    """Return every limit that applies to orders of an account in an instrument.

    The instrument's level is there only for the limits that instruments have. A wider level may
    act earlier than its value says, because other accounts use it as well. Raises UsageError for
    a name that the configuration does not have.
    """
    for name, known, what in (
        (account, config.accounts, "accounts"),
        (symbol, config.instruments, "instruments"),
    ):
        if name not in known:
            choices = ", ".join(sorted(known)[:12]) or "none"
            raise UsageError(f'expected one of the {what} ({choices}), found "{name}"')
    sets = LimitSets(config)
    by_account = effective_account_limits(config)
    levels: list[tuple[Literal["account", "symbol"], str, str, dict[str, EffectiveLimit]]] = [
        ("account", node, sets.of_account[node], by_account[node])
        for node in path_to_firm(config.accounts, account)
    ]
    by_symbol = effective_instrument_limits(config)[symbol]
    levels.append(("symbol", symbol, sets.of_instrument[symbol], by_symbol))
    found = []
    for name, spec in LIMITS.items():
        given = [level for level in levels if name in level[3]]
        binds = binding(spec, tuple(level[3][name].value for level in given))
        rows = tuple(
            ExplainedLevel(
                scope_kind=kind,
                scope=scope,
                limits=set_name,
                value=rows[name].value,
                warn=rows[name].warn,
                restrict=rows[name].restrict,
                origin=rows[name].origin.describe(scope),
                binds=is_binding,
            )
            for (kind, scope, set_name, rows), is_binding in zip(given, binds, strict=True)
        )
        found.append(ExplainedLimit(name, spec.unit, spec.doc, rows))
    return tuple(found)
