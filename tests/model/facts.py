"""What the model was told: definitions as they came, the market, the venues, the margin side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.model.figures import BPS, exact, towards_zero

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Bound:
    """A limit with its levels; None stands for UNLIMITED."""

    value: Decimal | None
    warn: int
    restrict: int


@dataclass
class Market:
    """One instrument in the market: source -> (price, time); venue ("" for ours) -> halt."""

    set_phase: str | None = None
    halts: dict[str, str] = field(default_factory=dict)
    prices: dict[str, tuple[Decimal, int]] = field(default_factory=dict)
    mark: Decimal | None = None
    volume: int | None = None

    @property
    def phase(self) -> str | None:
        """Return the phase that holds: halted while any halt is everybody's."""
        if self.set_phase in (None, "closed") or "regulatory" not in self.halts.values():
            return self.set_phase
        return "halted"


@dataclass
class Facts:
    """Definitions by name, each as it was given, and the newest word about everything else."""

    gateway: Fields = field(default_factory=dict)
    accounts: dict[str, Fields] = field(default_factory=dict)
    instruments: dict[str, dict[str, Any]] = field(default_factory=dict)
    strategies: dict[str, Fields] = field(default_factory=dict)
    venues: dict[str, Fields] = field(default_factory=dict)
    sessions: dict[str, Fields] = field(default_factory=dict)
    phases: dict[tuple[str, str], Fields] = field(default_factory=dict)
    limits: dict[tuple[str, str], Bound] = field(default_factory=dict)
    market: dict[str, Market] = field(default_factory=dict)
    rates: dict[str, Decimal] = field(default_factory=dict)
    margin: dict[str, tuple[int, Decimal, int]] = field(default_factory=dict)
    connected: dict[str, bool] = field(default_factory=dict)
    closed: dict[str, bool] = field(default_factory=dict)
    restricted: set[tuple[str, str, str]] = field(default_factory=set)
    day: str = "defining"

    def path(self, account: str) -> list[str]:
        """Return the account and every node above it, the firm last."""
        nodes, above = [account], self.accounts[account].get("above")
        while above:
            nodes.append(str(above))
            above = self.accounts[nodes[-1]].get("above")
        return nodes

    def below(self, node: str) -> list[str]:
        """Return the accounts that may trade and whose path goes through `node`."""
        tradable = [name for name, account in self.accounts.items() if account["tradable"]]
        return [name for name in tradable if node in self.path(name)]

    def bound(self, account: str, limit: str) -> Bound | None:
        """Return a limit of a node of the tree, or None where it was never given."""
        return self.limits.get((self.accounts[account]["limits"], limit))

    def most(self, account: str, limit: str) -> Decimal | None:
        """Return the value of a limit of a node; None where there is no bound."""
        bound = self.bound(account, limit)
        return None if bound is None else bound.value

    def rate(self, symbol: str) -> Decimal | None:
        """Return base currency for one unit of the instrument's currency."""
        return self.rates.get(self.instruments[symbol]["currency"])

    def rules(self, symbol: str) -> Fields | None:
        """Return what holds for the instrument in its present phase."""
        phase = self.market[symbol].phase
        return self.phases.get((self.instruments[symbol]["plan"], phase)) if phase else None

    def price(self, symbol: str, source: str, now: int, age_max: int) -> Decimal | None:
        """Return the price of one source; quotes and trades age, closing prices do not."""
        prices = self.market[symbol].prices
        fresh = {
            name: px
            for name, (px, ts) in prices.items()
            if name in ("official_close", "previous_close", "session_reference")
            or now - ts <= age_max
        }
        if source != "mid":
            return fresh.get(source)
        bid, ask = fresh.get("bid"), fresh.get("ask")
        if bid is None or ask is None or bid > ask:
            return None
        return bid + towards_zero((ask - bid) / 2)

    def reference(self, symbol: str, now: int) -> Decimal | None:
        """Return the first fresh price of the waterfall of the phase."""
        rules = self.rules(symbol)
        sources = str((rules or {}).get("sources") or "").split(",")
        age_max = int((rules or {}).get("age_max", 0))
        prices = [self.price(symbol, source, now, age_max) for source in sources]
        return next((price for price in prices if price is not None), None)

    def moved(self, price: Decimal, bps: int) -> Decimal:
        """Return the price moved by basis points of its magnitude (negative: lowered)."""
        width = towards_zero(abs(price) * abs(bps) / BPS)
        return price + (width if bps >= 0 else -width)

    def define(self, name: str, fields: Fields) -> None:
        """Take a definition that was accepted."""
        tables: dict[str, tuple[str, dict[Any, Any]]] = {
            "account_definition": ("account", self.accounts),
            "strategy_definition": ("strategy", self.strategies),
            "venue_definition": ("venue", self.venues),
            "session_definition": ("session", self.sessions),
        }
        if name in tables:
            key, table = tables[name]
            table[fields[key]] = dict(fields)
        elif name == "gateway_definition":
            self.gateway = dict(fields)
            self.rates[fields["base_currency"]] = Decimal(1)
        elif name == "instrument_definition":
            self.instruments[fields["symbol"]] = dict(fields)
            self.market[fields["symbol"]] = Market()
        elif name == "phase_definition":
            self.phases[fields["plan"], fields["phase"]] = dict(fields)
        elif name == "limit_definition":
            unlimited = fields["value"] == "UNLIMITED"
            value = None if unlimited else exact(fields["value"])
            bound = Bound(value, fields["warn"], fields["restrict"])
            self.limits[fields["limits"], fields["limit"]] = bound
        elif name == "day_open":
            self.day = "open"

    def learn(self, name: str, fields: Fields, ts: int, seq: int) -> None:
        """Take a fact of the market, a venue or the margin side that was accepted."""
        if name == "quote":
            self._quote(fields, ts)
        elif name == "market_trade":
            market = self.market[fields["symbol"]]
            market.prices["last"] = exact(fields["px"]), ts
            market.mark = exact(fields["px"])
            market.volume = (market.volume or 0) + fields["qty"]
        elif name == "reference_price":
            source = fields["source"]
            if source not in ("mid", "last"):
                self.market[fields["symbol"]].prices[source] = exact(fields["px"]), ts
        elif name == "phase_change":
            for symbol in [fields["symbol"]] if fields.get("symbol") else self.market:
                self.market[symbol].set_phase = fields["phase"]
        elif name == "trading_halt":
            self._halt(fields)
        elif name == "trading_session":
            self.closed[fields["venue"]] = fields["status"] != "open"
        elif name == "currency_rate":
            self.rates[fields["currency"]] = exact(fields["rate"])
        elif name == "margin_requirement":
            power = exact(fields["buying_power"])
            self.margin[fields["account"]] = fields["requirement"], power, seq
        elif name == "venue_session":
            self.connected[fields["venue"]] = fields["connected"]
        elif name == "corporate_action":
            self._split(fields)
        elif name == "day_close" and self.day == "open":
            self.day = "closed"

    def _halt(self, fields: Fields) -> None:
        halts, venue = self.market[fields["symbol"]].halts, str(fields.get("venue") or "")
        kind = str(fields.get("kind") or "regulatory")
        if not fields["active"]:
            halts.pop(venue, None)
        elif halts.get(venue) != "regulatory":
            halts[venue] = kind

    def _quote(self, fields: Fields, ts: int) -> None:
        market = self.market[fields["symbol"]]
        for side in ("bid", "ask"):
            px = fields.get(f"{side}_px")
            market.prices.pop(side, None)
            if px is not None:
                market.prices[side] = exact(px), ts
        mid = self.price(fields["symbol"], "mid", ts, 0)
        market.mark = mid if mid is not None else market.mark

    def _split(self, fields: Fields) -> None:
        numerator, denominator = fields["numerator"], fields["denominator"]
        instrument, market = self.instruments[fields["symbol"]], self.market[fields["symbol"]]
        for key in ("average_volume", "shares_outstanding"):
            if instrument.get(key) is not None:
                instrument[key] = instrument[key] * numerator // denominator
        for source, (px, ts) in market.prices.items():
            market.prices[source] = towards_zero(px * denominator / numerator), ts
        if market.mark is not None:
            market.mark = towards_zero(market.mark * denominator / numerator)
