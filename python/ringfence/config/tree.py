"""The account tree, and which limits are in effect at each of its nodes.

A limit of an account is looked up in its own overrides, then in its profile and what that
inherits, then at the node above. So a child's profile may give single keys, and an account without
one has the limits of its nearest ancestor. What is in effect at a node does not replace the node
above: the kernel asks every level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from ringfence.config.limits import LEVELS_DEFAULT, LEVELS_FULL, LIMITS, Bound
from ringfence.config.model import Account, Config, InstrumentProfile, Profile
from ringfence.config.toml_text import KeyPath

__all__ = [
    "TREE_DEPTH_MAX",
    "EffectiveLimit",
    "Origin",
    "account_order",
    "effective_account_limits",
    "effective_instrument_limits",
    "path_to_firm",
    "profile_chain",
]

TREE_DEPTH_MAX: Final = 8
"""Most levels of the account tree, the firm included."""

Profiles = Mapping[str, Profile] | Mapping[str, InstrumentProfile]


class Origin(msgspec.Struct, frozen=True):
    """Where the value of a limit is written.

    Attributes:
        table: `accounts` or `instruments`.
        node: Account or instrument that has the override or names the profile.
        chain: Profiles from the one that the node names to the one that gives the value; empty
            for an override.
    """

    table: str
    node: str
    chain: tuple[str, ...]

    def path(self, limit: str) -> KeyPath:
        """Return the path of the key that gives the value."""
        if not self.chain:
            return (self.table, self.node, "overrides", limit)
        profiles = "profiles" if self.table == "accounts" else "instrument_profiles"
        return (profiles, self.chain[-1], limit)

    def describe(self, seen_from: str) -> str:
        """Return the origin in words, as seen from an account or instrument."""
        words = "override"
        if self.chain:
            words = f"profile {self.chain[-1]}"
            if len(self.chain) > 1:
                words += f", inherited by profile {self.chain[0]}"
        return words if self.node == seen_from else f"inherited from {self.node}: {words}"


class EffectiveLimit(msgspec.Struct, frozen=True):
    """A limit that is in effect: its value, its levels in basis points, and its origin."""

    value: str
    warn: int
    restrict: int
    origin: Origin


def account_order(accounts: Mapping[str, Account]) -> list[str]:
    """Return the names of the accounts, parents first, then by name; cycles are left out."""
    below: dict[str | None, list[str]] = {}
    for name, account in accounts.items():
        below.setdefault(account.above, []).append(name)
    order: list[str] = []
    level = sorted(below.get(None, ()))
    while level:
        order.extend(level)
        level = sorted(name for above in level for name in below.get(above, ()))
    return order


def path_to_firm(accounts: Mapping[str, Account], name: str) -> list[str]:
    """Return an account and the nodes above it; ends early where the tree is broken."""
    path: list[str] = []
    here: str | None = name
    while here is not None and here in accounts and here not in path:
        path.append(here)
        here = accounts[here].above
    return path


def profile_chain(profiles: Profiles, name: str | None) -> Iterator[str]:
    """Yield a profile and those it inherits from, nearest first; stops where that is broken."""
    seen: set[str] = set()
    while name is not None and name in profiles and name not in seen:
        yield name
        seen.add(name)
        name = profiles[name].inherits


# What a profile and those it inherits from give, each limit with the chain to it.
_Flat = Mapping[str, tuple[Bound, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class _Profile:
    """A profile together with those it inherits from."""

    limits: _Flat
    warn: int | None = None
    restrict: int | None = None


def _flattened(profiles: Profiles) -> dict[str | None, _Profile]:
    """Return each profile with what it inherits; None is the profile of those without one."""
    found: dict[str | None, _Profile] = {None: _Profile({})}
    for name in profiles:
        chain = tuple(profile_chain(profiles, name))
        limits: dict[str, tuple[Bound, tuple[str, ...]]] = {}
        warn = restrict = None
        for depth in range(len(chain), 0, -1):
            profile = profiles[chain[depth - 1]]
            limits.update({key: (row, chain[:depth]) for key, row in profile.limits.items()})
            warn = warn if profile.warn is None else profile.warn
            restrict = restrict if profile.restrict is None else profile.restrict
        found[name] = _Profile(limits, warn, restrict)
    return found


@dataclass(frozen=True, slots=True)
class _Layers:
    """What is known at a node: each bound with its origin, and the levels of its profiles."""

    bounds: Mapping[str, tuple[Bound, Origin]]
    warn: int | None = None
    restrict: int | None = None

    def with_profile(self, profile: _Profile, at: Origin) -> _Layers:
        """Return the layers below with those of a profile on top."""
        chains = {chain for _, chain in profile.limits.values()}
        origins = {chain: Origin(at.table, at.node, chain) for chain in chains}
        rows = {key: (bound, origins[chain]) for key, (bound, chain) in profile.limits.items()}
        warn = self.warn if profile.warn is None else profile.warn
        restrict = self.restrict if profile.restrict is None else profile.restrict
        return _Layers({**self.bounds, **rows}, warn, restrict)

    def with_overrides(self, overrides: Mapping[str, Bound], origin: Origin) -> _Layers:
        """Return the layers with overrides on top."""
        rows = {key: (bound, origin) for key, bound in overrides.items()}
        return _Layers({**self.bounds, **rows}, self.warn, self.restrict)

    def effective(self) -> dict[str, EffectiveLimit]:
        """Return what is in effect, in the kernel's order of limits."""
        found = {}
        levels = self.levels()
        for name, spec in LIMITS.items():
            if name not in self.bounds:
                continue
            bound, origin = self.bounds[name]
            warn, restrict = LEVELS_FULL if spec.full_levels else levels
            found[name] = EffectiveLimit(
                bound.value,
                warn if bound.warn is None else bound.warn,
                restrict if bound.restrict is None else bound.restrict,
                origin,
            )
        return found

    def levels(self) -> tuple[int, int]:
        """Return warn and restrict where a limit does not say its own."""
        warn, restrict = LEVELS_DEFAULT
        return (
            warn if self.warn is None else self.warn,
            restrict if self.restrict is None else self.restrict,
        )


def effective_account_limits(config: Config) -> dict[str, dict[str, EffectiveLimit]]:
    """Return the limits in effect at each account, parents first; a missing one is left out."""
    layers: dict[str | None, _Layers] = {None: _Layers({})}
    found: dict[str | None, dict[str, EffectiveLimit]] = {None: {}}
    profiles = _flattened(config.profiles)
    for name in account_order(config.accounts):
        account, origin = config.accounts[name], Origin("accounts", name, ())
        if account.profile is None and not account.overrides:
            layers[name], found[name] = layers[account.above], found[account.above]
            continue
        here = layers[account.above].with_profile(profiles[account.profile], origin)
        layers[name] = here.with_overrides(account.overrides, origin)
        found[name] = layers[name].effective()
    return {name: rows for name, rows in found.items() if name is not None}


def effective_instrument_limits(config: Config) -> dict[str, dict[str, EffectiveLimit]]:
    """Return the limits in effect at each instrument, by name; a missing one is left out."""
    found = {}
    profiles = _flattened(config.instrument_profiles)
    for name in sorted(config.instruments):
        instrument, origin = config.instruments[name], Origin("instruments", name, ())
        profile = profiles.get(instrument.profile, profiles[None])
        layers = _Layers({}).with_profile(profile, origin)
        found[name] = layers.with_overrides(instrument.overrides, origin).effective()
    return found
