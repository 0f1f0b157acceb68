"""Rules 1 to 5 of the gate: who may enter what, where and when, and on which grid.

Rule 1 has its own file, `test_trading_states.py`; here is only that it is the first to speak.
"""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import InputError
from ringfence.engine import Scalar

from tests.world import World, assert_denied, names, sent


@pytest.mark.parametrize("scope", ["alice", "trader", "desk", "firm"])
def test_an_account_or_a_node_above_it_can_be_entitled(scope: str) -> None:
    """Rule 2, R24: a session that may use a desk may use the accounts below it."""
    sent(World(entitlements={"account": scope}).order())


@pytest.mark.parametrize(
    ("kind", "allowed", "scope"),
    [
        ("account", "bob", "alice"),
        ("symbol", "IBM", "BAC"),
        ("venue", "OCEA", "XNYS"),
        ("strategy", "TWAP", "DMA"),
    ],
)
def test_what_is_not_entitled_is_denied(kind: str, allowed: str, scope: str) -> None:
    """Rule 2, R24, R112: a session uses only accounts, symbols, venues, strategies of its own."""
    events = World(entitlements={kind: allowed}).order()
    expected = {"scope_kind": kind, "scope": scope, "session": "CLIENT"}
    assert_denied(events, rule=2, reason="NOT_ENTITLED", **expected)


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("account", "alice"), ("symbol", "BAC"), ("venue", "XNYS"), ("strategy", "DMA")],
)
def test_nothing_is_entitled_unless_it_is_listed(kind: str, scope: str) -> None:
    """Rule 2, R13: a session without an entitlement of one kind may use none of that kind."""
    events = World(entitlements={kind: None}).order()
    assert_denied(events, rule=2, reason="NOT_ENTITLED", scope_kind=kind, scope=scope)


@pytest.mark.parametrize("ord_type", ["market", "limit", "stop", "stop_limit"])
def test_an_order_type_of_the_session_passes_and_others_do_not(ord_type: str) -> None:
    """Rule 2, R24: order types are entitled by name."""
    stop_px = "11" if ord_type.startswith("stop") else None
    price = "11" if ord_type == "stop_limit" else "10"
    terms: dict[str, Any] = {"ord_type": ord_type, "stop_px": stop_px}
    if ord_type not in ("market", "stop"):
        terms["price"] = price
    world = World(sessions={"CLIENT": {"ord_types": ord_type}})
    assert "order_accepted" in names(world.order(**terms))
    others = ",".join({"market", "limit", "stop", "stop_limit"} - {ord_type})
    events = World(sessions={"CLIENT": {"ord_types": others}}).order(**terms)
    assert_denied(events, rule=2, reason="NOT_ENTITLED", scope_kind="session", scope="CLIENT")


def test_a_session_enters_orders_only_in_its_phases() -> None:
    """Rule 2, R24: a session entitled to the day has no business overnight."""
    world = World(sessions={"CLIENT": {"phases": "continuous,post"}})
    sent(world.order())
    world.step("reference_price", symbol="BAC", source="session_reference", px="10")
    world.step("phase_change", phase="overnight")
    assert_denied(
        world.order(), rule=2, reason="NOT_ENTITLED", scope_kind="session", scope="CLIENT"
    )


@pytest.mark.parametrize("node", ["alice", "trader", "desk", "firm"])
@pytest.mark.parametrize("side", [None, "buy"])
def test_a_restricted_instrument_is_denied_below_the_node(node: str, side: str | None) -> None:
    """Rule 3, R24: a restriction of a node holds for every account below it."""
    world = World()
    world.step("restriction", account=node, symbol="BAC", side=side, active=True)
    assert_denied(
        world.order(), rule=3, reason="RESTRICTED", scope_kind="symbol", scope="BAC", limit=None
    )
    sent(world.order(symbol="IBM", price="100"))


def test_a_restriction_of_one_side_or_one_account_leaves_the_others() -> None:
    """Rule 3: selling passes while buying is restricted, and a sibling account is free."""
    world = World(opening=(("alice", "BAC", 500, "10"),))
    world.step("restriction", account="alice", symbol="BAC", side="buy", active=True)
    assert_denied(world.order(), rule=3, reason="RESTRICTED")
    sent(world.order(side="sell"))
    sent(world.order(account="bob"))


def test_an_unknown_phase_denies() -> None:
    """Rule 4, R17: until the phase of an instrument is known nothing passes."""
    world = World(start=False)
    world.kernel.define("day_open", {"trade_date": "2013-08-01", "config_digest": "0" * 64})
    world.step("venue_session", venue="XNYS", connected=True)
    expected = {"scope_kind": "symbol", "scope": "BAC"}
    assert_denied(world.order(), rule=4, reason="PHASE_UNKNOWN", **expected)
    world.open_market()
    sent(world.order())


def test_a_phase_without_rules_denies() -> None:
    """Rule 4, R17: a phase that the plan forgot is not an exempt path (Knight's auction)."""
    world = World(sessions={"CLIENT": {"phases": "closed,continuous"}})
    world.step("phase_change", symbol="BAC", phase="closed")
    assert_denied(world.order(), rule=4, reason="PHASE_UNKNOWN")
    sent(world.order(symbol="IBM", price="100"))


@pytest.mark.parametrize("phase", ["pre_open", "auction", "continuous", "post", "overnight"])
def test_an_order_type_outside_its_phase_is_denied(phase: str) -> None:
    """Rule 4, R26: a phase admits the order types of its plan and no others."""
    world = World(phases={phase: {"ord_types": "limit"}})
    for source in ("previous_close", "official_close", "session_reference", "indicative"):
        world.step("reference_price", symbol="BAC", source=source, px="10")
    world.step("phase_change", phase=phase)
    expected = {"scope_kind": "symbol", "scope": "BAC", "rule": 4}
    assert_denied(world.order(ord_type="market"), reason="ORDER_TYPE_IN_PHASE", **expected)
    sent(world.order())


def test_a_market_order_in_a_halt_is_never_released() -> None:
    """Rule 4, R26 (BRK.A, June 2024): a market buy entered in a halt does not wait for the open."""
    world = World(phases={"halted": {"ord_types": None}})
    world.step("phase_change", symbol="BAC", phase="halted")
    assert_denied(world.order(ord_type="market"), rule=4, reason="ORDER_TYPE_IN_PHASE")
    assert_denied(world.order(), rule=4, reason="ORDER_TYPE_IN_PHASE")
    reopened = world.step("phase_change", symbol="BAC", phase="continuous")
    reopened += world.step("market_trade", symbol="BAC", px="648", qty=100)
    assert ["fact_taken", "fact_taken"] == names(reopened)
    assert [] == world.kernel.orders(open_only=True)


def test_a_stop_that_triggers_in_a_halt_is_denied() -> None:
    """Rule 4, R26: a held stop is judged by the phase in which it triggers."""
    world = World(phases={"halted": {"ord_types": None}})
    world.order(ord_type="stop", stop_px="11")
    world.step("phase_change", symbol="BAC", phase="halted")
    events = world.step("market_trade", symbol="BAC", px="11", qty=100)
    found = assert_denied(events, rule=4, reason="ORDER_TYPE_IN_PHASE", subject="triggered_stop")
    assert 0 == found["order_id"]
    assert "rejected" == world.kernel.orders()[0]["ord_status"]


@pytest.mark.parametrize(("qty", "passes"), [(100, True), (300, True), (150, False), (99, False)])
def test_a_quantity_is_a_multiple_of_the_lot(qty: int, passes: bool) -> None:
    """Rule 5, R8: the unit is the lot of the instrument."""
    events = World(instruments={"BAC": {"lot_size": 100}}).order(order_qty=qty)
    if passes:
        sent(events)
        return
    expected = {"value": f"{qty} units", "limit_value": "100 units", "scope": "BAC"}
    assert_denied(events, rule=5, reason="LOT_SIZE", scope_kind="symbol", **expected)


@pytest.mark.parametrize(
    ("price", "tick"),
    [("10.01", None), ("10.015", "0.01"), ("0.9999", None), ("0.99995", "0.0001"), ("1", None)],
)
def test_a_price_is_a_multiple_of_the_tick_at_its_level(price: str, tick: str | None) -> None:
    """Rule 5, R39: the tick ladder is looked up at the price; from 1.00 on it is a cent."""
    events = World().order(price=price)
    if tick is None:
        sent(events)
        return
    expected = {"value": f"{price} price", "limit_value": f"{tick} price", "scope": "BAC"}
    assert_denied(events, rule=5, reason="TICK_SIZE", **expected)


def test_a_trigger_price_is_on_the_grid_as_well() -> None:
    """Rule 5: FIX 99 is a price like FIX 44."""
    world = World()
    events = world.order(ord_type="stop", stop_px="11.005")
    assert_denied(events, rule=5, reason="TICK_SIZE", value="11.005 price")
    assert ["order_accepted"] == names(world.order(ord_type="stop", stop_px="11.01"))


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_at_or_below_zero_needs_an_instrument_that_knows_them(price: str) -> None:
    """Rule 5, R39 (WTI, April 2020): signed prices only where the instrument allows them."""
    assert_denied(
        World().order(price=price),
        rule=5,
        reason="PRICE_NOT_POSITIVE",
        value=f"{price} price",
        limit_value=None,
    )
    world = World(instruments={"BAC": {"negative_prices": True, "ladder": "signed"}}, more=SIGNED)
    sent(world.order(price=price))


SIGNED: tuple[tuple[str, dict[str, Scalar]], ...] = (
    ("tick_definition", {"ladder": "signed", "from_px": "-1000", "tick": "0.01"}),
)


def test_a_definition_that_does_not_fit_is_refused() -> None:
    """R13: an instrument that points at a ladder nobody defined stops the start."""
    with pytest.raises(InputError, match="the tick ladder is not defined"):
        World(instruments={"BAC": {"ladder": "nowhere"}})
