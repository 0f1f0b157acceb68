"""vn.py: `RiskEngine.check_allowed` of its risk manager, every rule on, nothing sent."""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]
GATEWAY = "STUB"
HIGH = 10**9
LIMITS = (
    "order_volume_limit",
    "order_value_limit",
    "active_order_limit",
    "duplicate_order_limit",
    "total_order_limit",
    "contract_order_limit",
)


def measure(orders: list[list[Any]], timed: Timed) -> dict[str, str]:
    """Time the check alone and with the making of its request object."""
    home = tempfile.mkdtemp(prefix="ringfence-vnpy-")  # it writes settings below the home folder
    os.environ["HOME"] = home
    os.chdir(home)
    settings = import_module("vnpy.trader.setting").SETTINGS
    settings.update({"log.active": False, "log.console": False, "log.file": False})
    engine = _main_engine()
    try:
        return _measure(engine, orders, timed)
    finally:
        engine.close()  # its threads do not end by themselves


def _measure(engine: Any, orders: list[list[Any]], timed: Timed) -> dict[str, str]:
    risk = _risk_engine(engine, sorted({row[1] for row in orders}))
    make = _maker()

    def passes(request: Any) -> bool:
        return bool(risk.check_allowed(request, GATEWAY))

    timed("check, order object ready", passes, [make(row) for row in orders])
    timed("plain values in, check", lambda row: passes(make(row)), orders)
    versions = (importlib.metadata.version(name) for name in ("vnpy", "vnpy_riskmanager"))
    return {
        "version": " with risk manager ".join(versions),
        "checks": ", ".join(sorted(type(rule).__name__ for rule in risk.rules.values())),
        "leaves_out": "accounts, positions, collars, losses, exact numbers (floats), journal; "
        "the order is not sent or booked",
    }


def _main_engine() -> Any:
    events = import_module("vnpy.event").EventEngine()
    return import_module("vnpy.trader.engine").MainEngine(events)


def _risk_engine(engine: Any, symbols: list[str]) -> Any:
    """Return the risk engine with every rule on and limits that nothing reaches."""
    constants, objects = import_module("vnpy.trader.constant"), import_module("vnpy.trader.object")
    risk = engine.add_engine(import_module("vnpy_riskmanager.engine").RiskEngine)
    for symbol in symbols:
        contract = objects.ContractData(
            gateway_name=GATEWAY,
            symbol=symbol,
            exchange=constants.Exchange.NASDAQ,
            name=symbol,
            product=constants.Product.EQUITY,
            size=1,
            pricetick=0.01,
            min_volume=1,
        )
        engine.engines["oms"].contracts[contract.vt_symbol] = contract
    for rule in risk.rules.values():
        for name in LIMITS:
            if hasattr(rule, name):
                setattr(rule, name, HIGH)
        rule.active = True
    return risk


def _maker() -> Callable[[list[Any]], Any]:
    """Return the function that makes the request of one row of the stream."""
    constants, objects = import_module("vnpy.trader.constant"), import_module("vnpy.trader.object")
    sides = (constants.Direction.SHORT, constants.Direction.LONG)

    def make(row: list[Any]) -> Any:
        _, symbol, buys, quantity, price = row
        return objects.OrderRequest(
            symbol=symbol,
            exchange=constants.Exchange.NASDAQ,
            direction=sides[buys],
            type=constants.OrderType.LIMIT,
            volume=float(quantity),
            price=float(price),
            reference="bench",
        )

    return make
