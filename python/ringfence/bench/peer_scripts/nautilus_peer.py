"""NautilusTrader: `RiskEngine.execute` of a SubmitOrder, its way to execution ending at once."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]
VENUE = "SIM"
RATE = "100000000/00:00:01"
NOTIONAL_MAX = 10**9
CASH = 10**10


def measure(orders: list[list[Any]], timed: Timed) -> dict[str, str]:
    """Time the check alone and with the making of its order and command objects."""
    instruments = {row[1]: _equity(row[1]) for row in orders}
    risk, let_through = _risk_engine(list(instruments.values()))
    make = _maker(instruments)

    def passes(command: Any) -> bool:
        before = len(let_through)
        risk.execute(command)
        return len(let_through) > before

    timed("check, order object ready", passes, [make(row) for row in orders])
    timed("plain values in, check", lambda row: passes(make(row)), orders)
    return {
        "version": importlib.metadata.version("nautilus_trader"),
        "checks": "trading state, precision, largest notional per instrument, free balance of one "
        "cash account, rate of orders",
        "leaves_out": "account tree, position limits, collars, duplicates, losses, journal; the "
        "order is not sent, filled or booked",
    }


def _equity(symbol: str) -> Any:
    identifiers = import_module("nautilus_trader.model.identifiers")
    objects = import_module("nautilus_trader.model.objects")
    return import_module("nautilus_trader.model.instruments").Equity(
        instrument_id=identifiers.InstrumentId.from_str(f"{symbol}.{VENUE}"),
        raw_symbol=identifiers.Symbol(symbol),
        currency=import_module("nautilus_trader.model.currencies").USD,
        price_precision=2,
        price_increment=objects.Price.from_str("0.01"),
        lot_size=objects.Quantity.from_int(1),
        ts_event=0,
        ts_init=0,
    )


def _risk_engine(instruments: list[Any]) -> tuple[Any, list[Any]]:
    """Return a running risk engine with every check on, and the list of what it lets through."""
    common = import_module("nautilus_trader.common.component")
    identifiers = import_module("nautilus_trader.model.identifiers")
    clock = common.TestClock()
    bus = common.MessageBus(trader_id=identifiers.TraderId("TESTER-000"), clock=clock)
    cache = import_module("nautilus_trader.cache.cache").Cache()
    portfolio = import_module("nautilus_trader.portfolio.portfolio").Portfolio(
        msgbus=bus, cache=cache, clock=clock
    )
    let_through: list[Any] = []
    bus.register("ExecEngine.execute", let_through.append)
    config = import_module("nautilus_trader.config").RiskEngineConfig(
        max_order_submit_rate=RATE,
        max_order_modify_rate=RATE,
        max_notional_per_order={str(one.id): NOTIONAL_MAX for one in instruments},
    )
    risk = import_module("nautilus_trader.risk.engine").RiskEngine(
        portfolio=portfolio, msgbus=bus, cache=cache, clock=clock, config=config
    )
    risk.start()
    for instrument in instruments:
        cache.add_instrument(instrument)
    portfolio.update_account(_cash_account())
    return risk, let_through


def _cash_account() -> Any:
    """Return the state of a cash account: with a margin account the notional is not compared."""
    objects = import_module("nautilus_trader.model.objects")
    money = objects.Money(CASH, import_module("nautilus_trader.model.currencies").USD)
    nothing = objects.Money(0, money.currency)
    return import_module("nautilus_trader.model.events").AccountState(
        account_id=import_module("nautilus_trader.model.identifiers").AccountId(f"{VENUE}-000"),
        account_type=import_module("nautilus_trader.model.enums").AccountType.CASH,
        base_currency=money.currency,
        reported=True,
        balances=[objects.AccountBalance(money, nothing, money)],
        margins=[],
        info={},
        event_id=import_module("nautilus_trader.core.uuid").UUID4(),
        ts_event=0,
        ts_init=0,
    )


def _maker(instruments: dict[str, Any]) -> Callable[[list[Any]], Any]:
    """Return the function that makes the command of one row of the stream."""
    enums = import_module("nautilus_trader.model.enums")
    identifiers = import_module("nautilus_trader.model.identifiers")
    objects = import_module("nautilus_trader.model.objects")
    uuid = import_module("nautilus_trader.core.uuid").UUID4
    submit = import_module("nautilus_trader.execution.messages").SubmitOrder
    trader = identifiers.TraderId("TESTER-000")
    strategy = identifiers.StrategyId("S-001")
    factory = import_module("nautilus_trader.common.factories").OrderFactory(
        trader_id=trader,
        strategy_id=strategy,
        clock=import_module("nautilus_trader.common.component").TestClock(),
    )

    def make(row: list[Any]) -> Any:
        _, symbol, buys, quantity, price = row
        order = factory.limit(
            instruments[symbol].id,
            enums.OrderSide.BUY if buys else enums.OrderSide.SELL,
            objects.Quantity.from_int(quantity),
            objects.Price.from_str(price),
        )
        return submit(
            trader_id=trader,
            strategy_id=strategy,
            order=order,
            position_id=None,
            command_id=uuid(),
            ts_init=0,
        )

    return make
