"""There is one gate and no way around it: every path to a venue meets every rule.

A path is how something comes to be sent; a breaker is what makes it unfit after everything that
leads up to it was accepted. Each path meets each breaker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ringfence import Event, _core

from tests.world import KEYS, PLACEHOLDER, World, assert_denied, names, sent

Breaker = Callable[[World], object]
Path = tuple[Callable[[World], object], Callable[[World], list[Event]], str]


def nothing(world: World) -> None:
    """Lead up to nothing, or break nothing."""


def resting(world: World) -> None:
    """Let a direct order of 100 rest at the venue."""
    sent(world.order())
    world.report("new")


def parent(world: World) -> None:
    """Let an algorithm have a parent of 500."""
    world.order(strategy="TWAP", order_qty=500)


def child(world: World) -> None:
    """Let an algorithm have a child of 50 at the venue."""
    parent(world)
    sent(world.slice(0, 50))
    world.report("new")


def stop(world: World) -> None:
    """Let a stop at 11 be held."""
    world.order(ord_type="stop_limit", stop_px="11", price="11")


def trigger(world: World) -> list[Event]:
    """Let the market trade at the stop."""
    return world.step("market_trade", symbol="BAC", px="11", qty=1)


def signed(origin: str) -> Callable[[World], list[Event]]:
    """Return the sending of an order that an operator signs."""

    def send(world: World) -> list[Event]:
        events: list[Event] = world.signed("new_order", "olga", **world.terms(origin=origin))
        return events

    return send


PATHS: dict[str, Path] = {
    "new order": (nothing, lambda world: world.order(), "new_order"),
    "replace": (resting, lambda world: world.replace(120), "replace_order"),
    "slice": (parent, lambda world: world.slice(0, 60), "slice"),
    "child replace": (child, lambda world: world.change(0, 60), "child_replace"),
    "triggered stop": (stop, trigger, "triggered_stop"),
    "operator": (nothing, signed("operator"), "new_order"),
    "liquidation": (nothing, signed("liquidation"), "new_order"),
}


def halt(kind: str, scope: str) -> Breaker:
    """Return the halt of a scope."""
    state: dict[str, Any] = {
        "scope_kind": kind,
        "scope": scope,
        "state": "halted",
        "cancel_open": False,
    }
    return lambda world: world.signed("trading_state_command", "peter", cause="test", **state)


def tighten(limit: str, value: str) -> Breaker:
    """Return the tightening of a limit of the firm."""
    terms: dict[str, Any] = {"limits": "of-firm", "limit": limit, "value": value, "cause": "test"}
    return lambda world: world.signed("limit_change", "peter", **terms)


def step(name: str, **fields: Any) -> Breaker:
    """Return an input of the market or the margin side."""
    return lambda world: world.step(name, **fields)


BREAKERS: dict[str, tuple[int, str, Breaker]] = {
    "halted symbol": (1, "SCOPE_HALTED", halt("symbol", "BAC")),
    "halted venue": (1, "SCOPE_HALTED", halt("venue", "XNYS")),
    "halted node": (1, "SCOPE_HALTED", halt("node", "N1")),
    "restricted": (3, "RESTRICTED", step("restriction", account="firm", symbol="BAC", active=True)),
    "closed": (2, "NOT_ENTITLED", step("phase_change", phase="closed")),
    "quantity": (6, "MAX_ORDER_QTY", tighten("order_qty", "50")),
    "notional": (7, "MAX_ORDER_NOTIONAL", tighten("order_notional", "500")),
    "halted everywhere": (9, "NO_REFERENCE", step("trading_halt", symbol="BAC", active=True)),
    "halted there": (
        0,
        "VENUE_HALTED",
        step("trading_halt", symbol="BAC", venue="XNYS", kind="operational", active=True),
    ),
    "venue halted": (0, "VENUE_HALTED", step("trading_session", venue="XNYS", status="halted")),
    "venue closed": (0, "VENUE_CLOSED", step("trading_session", venue="XNYS", status="closed")),
    "no reference": (9, "NO_REFERENCE", step("phase_change", phase="halted")),
    "position": (16, "MAX_POSITION_LONG", tighten("position_long", "50")),
    "gross": (17, "MAX_GROSS_NOTIONAL", tighten("gross_notional", "500")),
    "day": (18, "MAX_DAILY_NOTIONAL", tighten("daily_notional", "500")),
    "funds": (
        19,
        "BUYING_POWER",
        step("margin_requirement", account="alice", requirement=1, buying_power="0"),
    ),
    "parent": (25, "MAX_PARENT_MESSAGES", tighten("parent_message_count", "0")),
    "flow": (26, "FLOW_NOTIONAL", tighten("flow_notional", "0")),
}


@pytest.mark.parametrize("path", PATHS)
def test_what_nothing_speaks_against_is_sent(path: str) -> None:
    """R12: each path reaches the venue when every rule passes."""
    before, send, _ = PATHS[path]
    world = World()
    before(world)
    events = send(world)
    (left,) = [event for event in events if event.to == "venue"]
    assert left.name in ("child_sent", "child_replace_requested")


@pytest.mark.parametrize("breaker", BREAKERS)
@pytest.mark.parametrize("path", PATHS)
def test_every_path_meets_every_rule(path: str, breaker: str) -> None:
    """R12, R14, R76 (Knight, paragraph 20): the gate stands after the last transformation."""
    before, send, subject = PATHS[path]
    rule, reason, breaks = BREAKERS[breaker]
    world = World()
    before(world)
    breaks(world)
    events = send(world)
    assert_denied(events, rule=rule, reason=reason, subject=subject)
    assert not [event for event in events if event.to == "venue"]


@pytest.mark.parametrize("path", PATHS)
def test_a_refusal_leaves_the_books_as_they_were(path: str) -> None:
    """R29, R32: what was refused is counted as a message and as nothing else."""
    before, send, _ = PATHS[path]
    world = World()
    before(world)
    BREAKERS["position"][2](world)
    books = (world.kernel.positions(), world.kernel.exposures())
    assert "denied" in names(send(world))
    assert books == (world.kernel.positions(), world.kernel.exposures())


@pytest.mark.parametrize("path", PATHS)
def test_a_venue_that_is_down_is_sent_nothing(path: str) -> None:
    """R13, R65: a session that is not known to be up is down; what was in doubt stays there."""
    before, send, _ = PATHS[path]
    world = World()
    before(world)
    world.step("venue_session", venue="XNYS", connected=False)
    events = send(world)
    doubted = path in ("replace", "child replace")
    assert_denied(events, reason="ALREADY_PENDING" if doubted else "VENUE_DOWN")
    back = world.step("venue_session", venue="XNYS", connected=True)
    assert ["fact_taken"] == names(back) + names(world.wait(0))[1:]


def test_a_triggered_stop_is_judged_with_the_books_of_its_moment() -> None:
    """R12, R79: what passed at entry may not pass when the trigger trades."""
    world = World({"alice": {"position_long": 150}})
    assert ["order_accepted"] == names(world.order(ord_type="stop", stop_px="11"))
    sent(world.order())
    events = trigger(world)
    assert ["fact_taken", "order_triggered", "denied", "order_closed"] == names(events)
    assert_denied(events, rule=16, reason="MAX_POSITION_LONG", value="200 units", order_id=0)
    assert "rejected" == world.kernel.orders()[0]["ord_status"]


@pytest.mark.parametrize(("side", "below", "at"), [("buy", "10.99", "11"), ("sell", "11.01", "11")])
def test_a_stop_waits_for_its_price(side: str, below: str, at: str) -> None:
    """R79: a stop lives here and acts when the market trades at it, once."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    world.order(ord_type="stop", side=side, stop_px="11")
    events = world.step("market_trade", symbol="BAC", px=below, qty=1)
    events += world.step("market_trade", symbol="IBM", px=at, qty=1)
    assert ["fact_taken", "fact_taken"] == names(events)
    events = world.step("market_trade", symbol="BAC", px=at, qty=1)
    assert ["fact_taken", "order_triggered", "child_sent"] == names(events)
    assert "market" == events[-1]["ord_type"]
    assert ["fact_taken"] == names(world.step("market_trade", symbol="BAC", px=at, qty=1))


def test_an_order_that_an_operator_did_not_sign_is_refused() -> None:
    """R28, R112: an operator's order names a person and carries that person's signature."""
    for origin in ("operator", "liquidation"):
        world = World()
        unnamed = world.order(origin=origin)
        assert_denied(unnamed, reason="OPERATOR_UNKNOWN", subject="new_order")
        named = {"operator": "olga", "nonce": 1, "origin": origin}
        unsigned = world.order(signature=PLACEHOLDER, **named)
        assert_denied(unsigned, reason="SIGNATURE_INVALID", scope="olga")
        stranger = world.order(signature=PLACEHOLDER, **named | {"operator": "mallory"})
        assert_denied(stranger, reason="OPERATOR_UNKNOWN", scope="mallory")


def test_an_order_cannot_be_changed_after_it_was_signed() -> None:
    """R28: the signature is over every term, and one signature is one order."""
    world = World()
    terms = world.terms(origin="operator", operator="olga", nonce=1, signature=PLACEHOLDER)
    text = _core.signing_text("new_order", terms).encode()
    terms["signature"] = KEYS["olga"].sign(text).hex()
    for changed in ({"order_qty": 101}, {"side": "sell"}, {"cl_ord_id": "Z"}, {"nonce": 2}):
        events = world.step("new_order", **(terms | changed))
        assert_denied(events, reason="SIGNATURE_INVALID", scope="olga")
    sent(world.step("new_order", **terms))
    assert_denied(world.step("new_order", **terms), reason="DUPLICATE_CL_ORD_ID")
    later = world.signed("new_order", "olga", **world.terms(origin="operator"))
    assert_denied(later, reason="NONCE_USED", scope="olga")


def test_the_error_account_is_traded_by_signed_orders_only() -> None:
    """R34: single-purpose: no client enters orders for it, a named person may close it."""
    world = World()
    assert_denied(world.order(account="error"), reason="ACCOUNT_NOT_TRADABLE", scope="error")
    sent(world.signed("new_order", "olga", **world.terms(account="error", origin="operator")))


def test_an_order_is_attributable_to_all_that_caused_it() -> None:
    """R112: client, account, strategy and node stand in what is accepted and what is sent."""
    events = World().order()
    accepted, left = events
    assert ("CLIENT", "alice", "DMA", "client") == tuple(
        accepted[field] for field in ("session", "account", "strategy", "origin")
    )
    assert (accepted["order_id"], "alice", "XNYS") == (
        left["order_id"],
        left["account"],
        left["venue"],
    )
    assert left["cl_ord_id"].startswith("N1-20130801-")
