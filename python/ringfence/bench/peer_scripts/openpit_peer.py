"""openpit: pre-trade policies in Rust, called from Python."""

from __future__ import annotations

import datetime
import importlib.metadata
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]
HIGH = 10**9


def measure(orders: list[list[Any]], timed: Timed) -> dict[str, str]:
    """Time the check alone and with the making of its order object."""
    check = _engine().execute_pre_trade

    def passes(order: Any) -> bool:
        answer = check(order=order)
        if answer.ok:
            answer.reservation.commit()
        return bool(answer.ok)

    timed("check, order object ready", passes, [_order(row) for row in orders])
    timed("plain values in, check", lambda row: passes(_order(row)), orders)
    return {
        "version": importlib.metadata.version("openpit"),
        "checks": "order validation, largest quantity and notional, rate of orders; one broker",
        "leaves_out": "account tree, positions, prices, duplicates, order life, journal",
    }


def _engine() -> Any:
    """Return an engine with its three stateless or rate policies, in its fastest mode."""
    param, policies = import_module("openpit.param"), import_module("openpit.pretrade").policies
    size = policies.OrderSizeLimit(
        max_quantity=param.Quantity(str(HIGH)), max_notional=param.Volume(str(HIGH))
    )
    rate = policies.RateLimit(max_orders=HIGH, window=datetime.timedelta(seconds=1))
    chosen = (
        policies.build_order_validation(),
        policies.build_order_size_limit().broker_barrier(
            policies.OrderSizeBrokerBarrier(limit=size)
        ),
        policies.build_rate_limit().broker_barrier(policies.RateLimitBrokerBarrier(limit=rate)),
    )
    builder = import_module("openpit").Engine.builder().no_sync()
    for policy in chosen:
        builder = builder.builtin(policy)
    return builder.build()


def _order(row: list[Any]) -> Any:
    openpit, param = import_module("openpit"), import_module("openpit.param")
    account, symbol, buys, quantity, price = row
    operation = openpit.OrderOperation(
        instrument=openpit.Instrument(symbol, "USD"),
        account_id=param.AccountId.from_int(account + 1),
        side=param.Side.BUY if buys else param.Side.SELL,
        trade_amount=param.TradeAmount.quantity(str(quantity)),
        price=param.Price(price),
    )
    return openpit.Order(operation=operation)
