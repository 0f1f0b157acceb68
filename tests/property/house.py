"""What time, the market, the margin side and operators do."""

from __future__ import annotations

from typing import Any

from tests.property.actor import Actor
from tests.property.broker import BASE_PX
from tests.property.table import (
    ACCOUNTS,
    FLAGS,
    PICKS,
    QUANTITIES,
    RAISES,
    SCOPES,
    SIDES,
    SYMBOLS,
    TICKS,
    VENUES,
    action,
)
from tests.world import SECOND


class House(Actor):
    """Moves the market and the clock, sets margins and states, changes limits."""

    # Time and market.

    @action(3, seconds=(0.2, 1, 3, 61))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.broker.wait(seconds)

    @action(3, symbol=SYMBOLS, ticks=TICKS, qty=QUANTITIES)
    def market_trade(self, symbol: str, ticks: int, qty: int) -> None:
        """Let the market trade, which may trigger stops."""
        px = self.px(symbol, ticks)
        self.broker.step("market_trade", symbol=symbol, px=px, qty=qty)

    @action(symbol=SYMBOLS, bid=(None, -3, -1, 20), ask=(None, 1, 3))
    def quote(self, symbol: str, bid: int | None, ask: int | None) -> None:
        """Let the best prices change, cross or go away."""
        sides = {"bid_px": bid, "ask_px": ask}
        prices: dict[str, Any] = {
            k: None if v is None else self.px(symbol, v) for k, v in sides.items()
        }
        self.broker.step("quote", symbol=symbol, **prices)

    @action(
        2,
        symbol=(None, *SYMBOLS),
        phase=("continuous", "auction", "overnight", "post", "halted", "closed"),
        known=FLAGS,
    )
    def phase_change(self, symbol: str | None, phase: str, known: bool = False) -> None:
        """Let an instrument, or all, enter a phase; perhaps with its reference known."""
        for name in BASE_PX if known else ():
            for source in ("session_reference", "official_close", "previous_close"):
                self.reference_price(name, source, 0)
        self.broker.step("phase_change", symbol=symbol, phase=phase)

    @action(
        2,
        symbol=SYMBOLS,
        venue=(None, *VENUES),
        kind=(None, "regulatory", "operational"),
        active=(True, False, False),
    )
    def trading_halt(self, symbol: str, venue: str | None, kind: str | None, active: bool) -> None:
        """Let a venue or an operator halt an instrument, or end that halt."""
        terms: dict[str, Any] = {"venue": venue, "kind": kind, "active": active}
        self.broker.step("trading_halt", symbol=symbol, **terms)

    @action(venue=VENUES, status=("open", "open", "open", "halted", "closed"))
    def trading_session(self, venue: str, status: str) -> None:
        """Let a venue say where its session stands."""
        self.broker.step("trading_session", venue=venue, status=status)

    @action(
        symbol=SYMBOLS,
        source=("official_close", "previous_close", "session_reference", "indicative"),
        ticks=TICKS,
    )
    def reference_price(self, symbol: str, source: str, ticks: int) -> None:
        """Let a reference price become known."""
        px = self.px(symbol, ticks)
        self.broker.step("reference_price", symbol=symbol, source=source, px=px)

    @action(rate=("0.01", "0.0095", "0.013"))
    def currency_rate(self, rate: str) -> None:
        """Let the yen move."""
        self.broker.step("currency_rate", currency="JPY", rate=rate)

    @action(symbol=SYMBOLS, ratio=((2, 1), (3, 1), (1, 2), (1, 7), (3, 2), (1000, 1)))
    def split(self, symbol: str, ratio: tuple[int, int]) -> None:
        """Split or consolidate an instrument."""
        numerator, denominator = ratio
        terms: dict[str, Any] = {"numerator": numerator, "denominator": denominator}
        self.broker.step("corporate_action", symbol=symbol, **terms)

    @action(2, symbol=SYMBOLS, width=(1, 5))
    def price_band(self, symbol: str, width: int) -> None:
        """Let the limit-up/limit-down band become known."""
        lower, upper = self.px(symbol, -width), self.px(symbol, width)
        self.broker.step("price_band", symbol=symbol, lower_px=lower, upper_px=upper)

    # Risk, margin and operations.

    @action(account=ACCOUNTS, power=("3000", "20000", "1000000000"), share=(5_000, 10_000))
    def margin(self, account: str, power: str, share: int) -> None:
        """Let the margin side speak."""
        fields: dict[str, Any] = {"account": account, "requirement": share, "buying_power": power}
        self.broker.step("margin_requirement", **fields)

    @action(2, account=ACCOUNTS, symbol=SYMBOLS, qty=QUANTITIES, restricted=FLAGS)
    def short_sale(self, account: str, symbol: str, qty: int, restricted: bool) -> None:
        """Let shares be located, and Rule 201 begin or end."""
        located: dict[str, Any] = {
            "account": account,
            "symbol": symbol,
            "locate_id": "L1",
            "qty": qty,
        }
        self.broker.step("locate", **located)
        self.broker.step("short_sale_restriction", symbol=symbol, active=restricted)

    @action(venue=VENUES, symbol=(None, *SYMBOLS), ago=(0, 2))
    def confirm_fills(self, venue: str, symbol: str | None, ago: int) -> None:
        """Let a venue's fills become final."""
        until = self.broker.now - ago * SECOND
        self.broker.step("fill_confirmation", venue=venue, symbol=symbol, until_ts=until)

    @action(needs="fills", pick=PICKS, disputed=FLAGS)
    def dispute_fill(self, pick: int, disputed: bool) -> None:
        """Let a fill be contested, or no longer."""
        fill = self.fills[-1 - pick % len(self.fills)]
        named: dict[str, Any] = {"venue": fill.venue, "exec_id": fill.names[0]}
        self.broker.step("fill_dispute", disputed=disputed, **named)

    @action(account=("alice", "firm"), symbol=SYMBOLS, side=(None, *SIDES), active=FLAGS)
    def restrict(self, account: str, symbol: str, side: str | None, active: bool) -> None:
        """Put an instrument on the restricted list, or take it off with two signatures."""
        fields: dict[str, Any] = {
            "account": account,
            "symbol": symbol,
            "side": side,
            "active": active,
        }
        self.broker.signed("restriction", "olga", "peter", **fields)

    @action(2, scope=SCOPES, state=("halted", "reducing", "active"), cancel_open=FLAGS)
    def set_state(self, scope: tuple[str, str], state: str, cancel_open: bool) -> None:
        """Set the trading state of a scope."""
        kind, name = scope
        fields: dict[str, Any] = {
            "scope_kind": kind,
            "scope": name,
            "state": state,
            "cancel_open": cancel_open,
        }
        self.broker.signed("trading_state_command", "olga", "peter", cause="drill", **fields)

    @action(scope=SCOPES, second=("peter", None), state=("active", "halted"))
    def set_state_alone(self, scope: tuple[str, str], second: str | None, state: str) -> None:
        """Set a trading state with too few people, or with a stale number."""
        kind, name = scope
        fields: dict[str, Any] = {
            "scope_kind": kind,
            "scope": name,
            "state": state,
            "cancel_open": False,
        }
        if second:
            self.broker.forget_number()
        self.broker.signed("trading_state_command", "olga", second, cause="drill", **fields)

    @action(needs="latched", pick=PICKS)
    def loosen_latched(self, pick: int) -> None:
        """Halt a latched scope, and try to make it active without re-arming it."""
        scope = self.latched[pick % len(self.latched)]
        self.set_state(scope, "halted", cancel_open=False)
        self.set_state(scope, "active", cancel_open=False)

    @action(scope=SCOPES)
    def rearm(self, scope: tuple[str, str]) -> None:
        """Re-arm one scope, latched or not."""
        fields: dict[str, Any] = {"scope_kind": scope[0], "scope": scope[1], "cause": "seen"}
        self.broker.signed("rearm", "olga", **fields)

    @action(limit=RAISES, value=("UNLIMITED", "100", "2000"), end=(None, 2), both=FLAGS)
    def change_limit(self, limit: tuple[str, str], value: str, end: int | None, both: bool) -> None:
        """Change a limit for good or for a while, with one or two people."""
        expire_ts = None if end is None else self.broker.now + end * SECOND
        fields: dict[str, Any] = {
            "limits": limit[0],
            "limit": limit[1],
            "value": value,
            "expire_ts": expire_ts,
        }
        second = "peter" if both else None
        self.broker.signed("limit_change", "olga", second, cause="drill", **fields)

    @action(what=("scope", "limit", "unit", "operator", "definition", "strategy"))
    def nonsense_command(self, what: str) -> None:
        """Command what makes no sense, or define something in the middle of the day."""
        limit: dict[str, Any] = {"limits": "of-bob", "limit": "open_order_count", "value": "5"}
        if what == "strategy":
            self.broker.slice(len(self.parents) - 1 if self.parents else 0, 1, strategy="DMA")
        elif what == "definition":
            step: dict[str, Any] = {"ladder": "us", "from_px": "5", "tick": "0.05"}
            self.broker.step("tick_definition", **step)
        elif what in ("scope", "operator"):
            scope = {"scope_kind": "symbol", "scope": "NONE" if what == "scope" else "BAC"}
            fields: dict[str, Any] = {"operator": "nobody", "nonce": 1, "signature": "0" * 128}
            command: dict[str, Any] = {
                "state": "halted",
                "cancel_open": False,
                "cause": "drill",
            } | scope
            self.broker.step("trading_state_command", **fields, **command)
        else:
            changed = {"limit": {"limits": "of-nobody"}, "unit": {"value": "1.5"}}[what]
            self.broker.signed("limit_change", "olga", cause="drill", **(limit | changed))

    @action(strategy=("TWAP", "DMA"))
    def attend(self, strategy: str) -> None:
        """Let a person look at a strategy."""
        self.broker.signed("attendance", "olga", strategy=strategy)
