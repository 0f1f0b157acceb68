"""What is tested and by whom: the venue, one session, account and instrument, and the node's file.

The node of a certification is the configured one with that venue alone, without ports for clients
and with a journal of its own. The rates of the account are widened until the venue's own is the
narrowest, because `throttles` is about the venue; no other limit is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from msgspec import structs

from ringfence.config import Account, Bound, Config, FixVenue, Instrument, PhaseRules, Session
from ringfence.config.tree import path_to_firm
from ringfence.errors import UsageError

__all__ = ["PHASE", "Plan", "Wanted", "plan"]

PHASE: Final = "continuous"
"""Phase in which everything is tested."""
WIDENED: Final = (
    "message_count",
    "message_disable_count",
    "duplicate_count",
    "repeat_count",
    "open_order_count",
    "daily_count",
)
"""Limits on rates and numbers that are looser in a certification than configured."""
EVERYTHING: Final = "*"
LEVELS_FULL: Final = 10_000
DRAIN_MAX_NS: Final = 30 * 10**9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        venue: Name of the venue.
        symbol: Instrument to trade; None for the first that may be.
        price: Its price; None where the venue's market data say it.
        address: Where the venue is, in place of what is configured; None for that.
        cancels_on_disconnect: What is declared of the venue; None for nothing.
        resets_numbers: Whether both sides' numbers begin again with the first logon.
        wait_s: Longest time that an answer is waited for, seconds.
    """

    venue: str
    symbol: str | None = None
    price: Decimal | None = None
    address: str | None = None
    cancels_on_disconnect: bool | None = None
    resets_numbers: bool = False
    wait_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tested.

    Attributes:
        wanted: What was asked for.
        config: The configuration as it is, for its trading day.
        file: File that it stands in.
        fix: FIX side of the venue.
        session: Client session in whose name orders are entered.
        account: Account that they are for.
        strategy: A direct strategy.
        symbol: Instrument.
        rules: Rules of its continuous phase.
    """

    wanted: Wanted
    config: Config
    file: Path
    fix: FixVenue
    session: str
    account: str
    strategy: str
    symbol: str
    rules: PhaseRules

    @property
    def venue(self) -> str:
        """Return the name of the venue."""
        return self.wanted.venue

    @property
    def instrument(self) -> Instrument:
        """Return the instrument."""
        return self.config.instruments[self.symbol]

    @property
    def message_max(self) -> int:
        """Return how many messages a second the venue takes."""
        return self.config.venues[self.venue].message_max

    @property
    def takes_market_orders(self) -> bool:
        """Return whether the session may enter market orders."""
        mine = self.config.sessions[self.session].ord_types
        return "market" in mine and "market" in self.rules.ord_types

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return where the venue's session is, and where its copies are if there are any."""
        order = self.wanted.address or self.fix.address
        copies = self.fix.drop_copy
        if copies is None:
            return (order,)
        return (order, self.wanted.address or copies.address or order)

    def aimed(self, addresses: tuple[str, ...], journal: Path, node_name: str) -> Config:
        """Return the configuration of the node, whose venue is at these addresses.

        `node_name` begins its ClOrdIDs; the comp ids stay those of the adapter. A name that its
        TLS certificate must have stays that of the host.
        """
        config = self.config
        if config.node is None:
            raise UsageError(f"{self.file}: expected a table [node], found none")
        node = structs.replace(
            config.node,
            listen=(),
            tls=None,
            control=None,
            drain="cancel",
            drain_timeout=min(config.node.drain_timeout, DRAIN_MAX_NS),
            journal=str(journal.absolute()),
        )
        own = self.fix.sender_comp_id or config.gateway.node
        places = {"address": addresses[0], "backups": ()}
        fix = structs.replace(self.fix, sender_comp_id=own, **places)
        if fix.tls is not None and fix.tls.server_name is None:
            host = self.addresses[0].rpartition(":")[0].strip("[]")
            fix = structs.replace(fix, tls=structs.replace(fix.tls, server_name=host))
        if fix.drop_copy is not None:
            copies = structs.replace(fix.drop_copy, address=addresses[1], backups=())
            fix = structs.replace(fix, drop_copy=copies)
        venue = structs.replace(config.venues[self.venue], fix=fix)
        entering = config.sessions[self.session]
        session = structs.replace(entering, fix=None, venues=(self.venue,))
        return structs.replace(
            config,
            gateway=structs.replace(config.gateway, node=node_name),
            node=node,
            venues={self.venue: venue},
            sessions={self.session: session},
            accounts=self._widened(),
        )

    def _widened(self) -> dict[str, Account]:
        """Return the accounts, those above the one that trades with wide rates."""
        count = 10 * self.message_max + 1_000
        wide = {name: Bound(str(count), LEVELS_FULL, LEVELS_FULL) for name in WIDENED}
        accounts = dict(self.config.accounts)
        for name in path_to_firm(self.config.accounts, self.account):
            overrides = {**accounts[name].overrides, **wide}
            accounts[name] = structs.replace(accounts[name], overrides=overrides)
        return accounts


def plan(config: Config, file: Path, wanted: Wanted) -> Plan:
    """Return what is tested with the configuration that stands in `file`.

    Raises UsageError for a venue that is unknown or has no FIX session, and where nobody may
    trade anything there.
    """
    row = config.venues.get(wanted.venue)
    if row is None:
        known = ", ".join(sorted(config.venues)) or "none"
        raise UsageError(f"{file}: no venue {wanted.venue}; there are {known}")
    if row.fix is None:
        raise UsageError(f"{file}: venues.{wanted.venue} has no table fix: nothing to certify")
    if wanted.symbol is not None and wanted.symbol not in config.instruments:
        raise UsageError(f"{file}: no instrument {wanted.symbol}")
    found = next(_traders(config, wanted), None)
    if found is None:
        what = wanted.symbol or "any instrument"
        raise UsageError(
            f"{file}: expected a session that may enter limit orders for {what} at "
            f"{wanted.venue} in phase {PHASE}, found none"
        )
    session, account, strategy, symbol, rules = found
    return Plan(wanted, config, file, row.fix, session, account, strategy, symbol, rules)


def _traders(config: Config, wanted: Wanted) -> Iterator[tuple[str, str, str, str, PhaseRules]]:
    """Yield who may trade what there: session, account, strategy, symbol, rules of the phase."""
    for name, session in sorted(config.sessions.items()):
        if not _may_enter(session, wanted.venue):
            continue
        for symbol, rules in _instruments(config, session, wanted.symbol):
            for strategy in _direct(config, session):
                for account in _accounts(config, session):
                    yield name, account, strategy, symbol, rules


def _may_enter(session: Session, venue: str) -> bool:
    copies = session.fix is not None and session.fix.drop_copy
    there = not {venue, EVERYTHING}.isdisjoint(session.venues)
    return not copies and there and "limit" in session.ord_types and PHASE in session.phases


def _instruments(
    config: Config, session: Session, wanted: str | None
) -> Iterator[tuple[str, PhaseRules]]:
    for symbol, instrument in config.instruments.items():
        entitled = not {symbol, EVERYTHING}.isdisjoint(session.symbols)
        rules = config.phase_plans[instrument.plan].get(PHASE)
        if wanted in {None, symbol} and entitled and rules and "limit" in rules.ord_types:
            yield symbol, rules


def _direct(config: Config, session: Session) -> Iterator[str]:
    for name, strategy in config.strategies.items():
        if strategy.direct and not {name, EVERYTHING}.isdisjoint(session.strategies):
            yield name


def _accounts(config: Config, session: Session) -> Iterator[str]:
    """Yield the accounts that may be traded for; an entitlement holds for all below it."""
    for name, account in config.accounts.items():
        above = {EVERYTHING, *path_to_firm(config.accounts, name)}
        is_own = name == config.gateway.error_account
        if account.tradable and not is_own and not above.isdisjoint(session.accounts):
            yield name
