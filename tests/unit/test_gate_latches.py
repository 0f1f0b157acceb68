"""Guards that latch: what trips stands until a person other than the one who tripped it acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ringfence import Event
from ringfence.rows import ScopeRow

from tests.world import World, assert_denied, names, sent


@dataclass(frozen=True)
class Guard:
    """A guard that latches, and how to trip it.

    Args:
        rule, reason: what the latch says.
        scopes: what stands afterwards, as kind and name, in the order of the events.
        limits: changed limits of alice.
        trip: lets it trip; the small broker has an order C1 of 100 resting and a parent C2.
        again: an order that meets the halted scope.
    """

    rule: int
    reason: str
    scopes: tuple[tuple[str, str], ...]
    trip: Callable[[World], list[Event]]
    limits: dict[str, object] = field(default_factory=dict)
    again: Callable[[World], list[Event]] = lambda world: world.order(price="9.9")


def lost(world: World) -> list[Event]:
    """Fill C1 and let the price fall by one."""
    world.fill(100)
    world.step("quote", symbol="BAC", bid_px="9", ask_px="9")
    return world.wait(1)


def lost_at_once(world: World) -> list[Event]:
    """Fill C1, move the mark, and order before the clock."""
    world.step("quote", symbol="BAC", bid_px="9", ask_px="9")
    world.fill(100)
    return world.order(price="9")


def impact(world: World) -> list[Event]:
    """Take a large share of a market that moved."""
    world.step("market_trade", symbol="BAC", px="10", qty=1_000)
    world.step("quote", symbol="BAC", bid_px="12", ask_px="12")
    return world.order(order_qty=1_000)


def slices(world: World) -> list[Event]:
    """Send two slices of the parent C2."""
    sent(world.slice(1, 10))
    return world.slice(1, 10)


def orphan(world: World) -> list[Event]:
    """Let the venue report a fill of an order that was never sent."""
    return world.fill(10, venue="XNYS", cl_ord_id="stranger", symbol="BAC", side="buy")


ALICE = (("account", "alice"),)
TWAP = (("strategy", "TWAP"),)
BOTH: dict[str, object] = {"volume_share": 2_000, "price_move": 500, "volume_share_floor": 0}
GUARDS = {
    "message disable": Guard(
        13,
        "MESSAGE_DISABLE",
        (("session", "CLIENT"),),
        lambda world: world.order(),
        {"message_disable_count": 2},
    ),
    "repeats": Guard(
        14, "REPEATED_EXECUTION", ALICE, lambda world: world.order(), {"repeat_count": 1}
    ),
    "repeats of a strategy": Guard(
        14, "REPEATED_EXECUTION", TWAP, slices, {"repeat_count": 1}, lambda w: w.slice(1, 10)
    ),
    "loss by the clock": Guard(23, "MAX_LOSS", ALICE, lost, {"loss": 99}),
    "loss by an order": Guard(23, "MAX_LOSS", ALICE, lost_at_once, {"loss": 99}),
    "loss rate": Guard(23, "MAX_LOSS_RATE", ALICE, lost, {"loss_rate": 99}),
    "impact": Guard(24, "MARKET_IMPACT", ALICE, impact, BOTH),
    "children of a parent": Guard(
        25,
        "MAX_PARENT_CHILDREN",
        TWAP,
        slices,
        {"parent_child_count": 1},
        lambda w: w.slice(1, 10),
    ),
    "flow": Guard(26, "FLOW_QTY", ALICE, lambda world: world.order(), {"flow_qty": 0}),
    "over-fill": Guard(27, "OVER_FILL", (*ALICE, ("node", "N1")), lambda world: world.fill(101)),
    "orphan": Guard(27, "ORPHAN", (("venue", "XNYS"),), orphan),
}


def ready(guard: Guard) -> World:
    """Return a world with a resting order C1 and a parent C2, before the guard trips."""
    world = World()
    sent(world.order())
    world.report("new")
    world.order(strategy="TWAP", order_qty=500)
    for limit, value in guard.limits.items():
        terms: dict[str, Any] = {"limits": "of-alice", "limit": limit, "value": str(value)}
        assert ["limit_changed"] == names(
            world.signed("limit_change", "olga", "peter", cause="test", **terms)
        )
    return world


def latches(events: list[Event]) -> list[tuple[str, str]]:
    """Return the scopes that tripped."""
    return [
        (event["scope_kind"], event["scope"]) for event in events if event.name == "latch_tripped"
    ]


def rearm(world: World, by: str, scope: tuple[str, str]) -> list[Event]:
    """Re-arm a scope."""
    events: list[Event] = world.signed(
        "rearm", by, scope_kind=scope[0], scope=scope[1], cause="found"
    )
    return events


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_trips_halts_what_caused_it(name: str) -> None:
    """R5, R95, R108: the trip says who stands and why, and the next order meets it."""
    guard = GUARDS[name]
    world = ready(guard)
    events = guard.trip(world)
    assert list(guard.scopes) == latches(events)
    tripped = [event for event in events if event.name == "latch_tripped"]
    assert {(guard.rule, guard.reason, "operator")} == {
        (event["rule"], event["reason"], event.to) for event in tripped
    }
    shown: dict[tuple[str, str], ScopeRow] = {
        (row["scope_kind"], row["scope"]): row for row in world.kernel.scopes()
    }
    for scope in guard.scopes:
        assert ("halted", guard.reason) == (shown[scope]["in_force"], shown[scope]["latch"])
    found = assert_denied(guard.again(world), rule=1, reason="SCOPE_HALTED")
    assert (found["scope_kind"], found["scope"]) in guard.scopes


@pytest.mark.parametrize("name", GUARDS)
def test_cancels_pass_while_a_guard_stands(name: str) -> None:
    """R93, R95: what is open can be taken back, by the client, the algorithm or an operator."""
    guard = GUARDS[name]
    world = ready(guard)
    guard.trip(world)
    open_children = [
        (order["order_id"], child)
        for order in world.kernel.orders(open_only=True)
        for child in order["children"]
        if (row := world.kernel.child(child)) and row["leaves_qty"]
    ]
    for _, child in open_children:
        events = world.step("child_cancel_proposal", child_id=child)
        assert ["child_cancel_requested"] == names(events)
    events = world.cancel(of="C2")
    assert "order_cancel_requested" in names(events)
    assert "denied" not in names(events)


@pytest.mark.parametrize("name", GUARDS)
def test_a_person_re_arms_a_guard(name: str) -> None:
    """R95: after a named re-arm with a cause the scope trades again."""
    guard = GUARDS[name]
    world = ready(guard)
    guard.trip(world)
    for scope in guard.scopes:
        (event,) = rearm(world, "peter", scope)
        assert ("latch_rearmed", "peter", "found", *scope) == (
            event.name,
            event["operator"],
            event["cause"],
            event["scope_kind"],
            event["scope"],
        )
    assert_denied(rearm(world, "peter", guard.scopes[0]), reason="NOT_LATCHED")
    for limit in guard.limits:
        terms: dict[str, Any] = {"limits": "of-alice", "limit": limit, "value": "UNLIMITED"}
        world.signed("limit_change", "olga", "peter", cause="test", **terms)
    sent(guard.again(world))


@pytest.mark.parametrize("name", ["repeats", "repeats of a strategy", "over-fill", "orphan"])
def test_a_guard_may_be_re_armed_only_so_often_a_day(name: str) -> None:
    """R95: the count of resets is limited; beyond it the scope stands for the day."""
    guard = GUARDS[name]
    world = ready(guard)
    trip = guard.trip
    for _ in range(2):
        assert list(guard.scopes) == latches(trip(world))
        for scope in guard.scopes:
            assert ["latch_rearmed"] == names(rearm(world, "olga", scope))
        trip = guard.again if guard.rule == 14 else guard.trip
    assert list(guard.scopes) == latches(trip(world))
    for kind, scope_name in guard.scopes:
        refused = rearm(world, "peter", (kind, scope_name))
        assert_denied(refused, reason="REARM_LIMIT", scope_kind=kind, scope=scope_name)


def test_a_tripped_guard_trips_once() -> None:
    """R92: one cause is one alert, however often it happens again."""
    world = ready(GUARDS["orphan"])
    assert [("venue", "XNYS")] == latches(orphan(world))
    for _ in range(3):
        assert [] == latches(orphan(world))


def test_nobody_but_a_person_re_arms() -> None:
    """R95: without a name, a known key and a valid signature a latch stays."""
    world = ready(GUARDS["orphan"])
    orphan(world)
    command: dict[str, Any] = {"scope_kind": "venue", "scope": "XNYS", "cause": "x", "nonce": 99}
    for operator, reason in (("olga", "SIGNATURE_INVALID"), ("mallory", "OPERATOR_UNKNOWN")):
        unsigned = world.step("rearm", operator=operator, signature="0" * 128, **command)
        assert_denied(unsigned, reason=reason, subject="command")
    world.now += 24 * 3_600 * 1_000_000_000
    world.step("tick")
    assert_denied(world.order(symbol="IBM", price="100"), rule=1, reason="SCOPE_HALTED")


def test_the_person_who_tripped_a_guard_does_not_re_arm_it() -> None:
    """R95: reset needs somebody else than the one whose own order tripped the guard."""
    world = World({"alice": {"parent_notional": 500}})
    events = world.signed("new_order", "olga", **world.terms(origin="operator"))
    (tripped,) = [event for event in events if event.name == "latch_tripped"]
    assert ("account", "alice", "olga") == (
        tripped["scope_kind"],
        tripped["scope"],
        tripped["operator"],
    )
    same = rearm(world, "olga", ("account", "alice"))
    assert_denied(same, reason="TRIPPED_BY_SAME", scope="alice")
    assert ["latch_rearmed"] == names(rearm(world, "peter", ("account", "alice")))


def test_a_trading_state_does_not_loosen_a_latch() -> None:
    """R95: setting a latched scope active is no re-arm, whoever signs."""
    world = ready(GUARDS["repeats"])
    GUARDS["repeats"].trip(world)
    state: dict[str, Any] = {"scope_kind": "account", "scope": "alice", "cause": "x"}
    state["cancel_open"] = False
    assert ["trading_state_set"] == names(
        world.signed("trading_state_command", "olga", state="halted", **state)
    )
    active = world.signed("trading_state_command", "olga", "peter", state="active", **state)
    assert_denied(active, reason="SCOPE_LATCHED", scope="alice")
    assert ["latch_rearmed"] == names(rearm(world, "peter", ("account", "alice")))
    # The halt by command is still there: the narrowest of both wins.
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED")
    active = world.signed("trading_state_command", "olga", "peter", state="active", **state)
    assert ["trading_state_set"] == names(active)


@pytest.mark.parametrize("limit", ["volume_share", "parent_child_count", "flow_qty", "loss"])
def test_a_limit_that_is_missing_or_restricts_does_not_latch(limit: str) -> None:
    """R13, R37: only what passed a block level halts; a gap in the limits only refuses."""
    for value in (None, (1_000_000, 0, 0)):
        world = World({"alice": BOTH | {limit: value}})
        world.step("market_trade", symbol="BAC", px="10", qty=1_000)
        world.step("quote", symbol="BAC", bid_px="9.9", ask_px="9.9")
        sent(world.order(account="bob"))
        assert [] == latches(world.order()), value


def test_a_report_about_an_unknown_order_halts_its_venue() -> None:
    """R47: also a report without a fill about an order we never sent is an alarm at once."""
    world = World()
    events = world.report("canceled", venue="OCEA", cl_ord_id="stranger")
    assert [("venue", "OCEA")] == latches(events)
    sent(world.order())
    assert_denied(world.order(ex_destination="OCEA"), rule=1, reason="SCOPE_HALTED")


def test_an_identifier_of_another_venue_is_not_ours_there() -> None:
    """R47, R51: a venue that reports the order of another venue reports an order of nobody."""
    world = World()
    sent(world.order())
    events = world.fill(100, venue="OCEA", symbol="BAC", side="buy")
    assert [("venue", "OCEA")] == latches(events)
    assert "new" == world.kernel.orders()[0]["ord_status"]
    assert {"error": 100, "firm": 100} == {
        row["account"]: row["qty"] for row in world.kernel.positions() if row["qty"]
    }
