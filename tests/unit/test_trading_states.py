"""Trading states of every scope: halted, reducing, active; cancels pass in all of them."""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import Event
from ringfence.engine import Scalar

from tests.world import World, assert_denied, names, sent

SCOPES = [
    ("account", "firm"),
    ("account", "desk"),
    ("account", "trader"),
    ("account", "alice"),
    ("strategy", "DMA"),
    ("symbol", "BAC"),
    ("venue", "XNYS"),
    ("session", "CLIENT"),
    ("node", "N1"),
]
EACH = [pytest.param(kind, scope, id=f"{kind}-{scope}") for kind, scope in SCOPES]
# An order that differs from alice's in each scope that has an outside.
OUTSIDE: dict[str, dict[str, Any]] = {
    "alice": {"account": "bob"},
    "DMA": {"strategy": "TWAP"},
    "BAC": {"symbol": "IBM", "price": "100"},
    "XNYS": {"ex_destination": "OCEA"},
    "CLIENT": {"session": "OTHER"},
}
SECOND_SESSION: dict[str, Scalar] = {
    "session": "OTHER",
    "ord_types": "market,limit,stop,stop_limit",
    "phases": "continuous",
    "cancel_on_disconnect": False,
}


def entitled(kind: str) -> tuple[str, dict[str, Scalar]]:
    """Return the entitlement of the second session to everything of a kind."""
    return ("entitlement", {"session": "OTHER", "scope_kind": kind, "scope": "*"})


def broker(**changed: Any) -> World:
    """Return a world with a second client session."""
    kinds = ("account", "symbol", "venue", "strategy")
    more = (("session_definition", SECOND_SESSION), *(entitled(kind) for kind in kinds))
    return World(more=more, **changed)


def set_state(
    world: World, kind: str, scope: str, state: str, *by: str, cancel: bool = False
) -> list[Event]:
    """Set the trading state of a scope, by one person or two."""
    events: list[Event] = world.signed(
        "trading_state_command",
        *(by or ("olga",)),
        scope_kind=kind,
        scope=scope,
        state=state,
        cancel_open=cancel,
        cause="test",
    )
    return events


@pytest.mark.parametrize(("kind", "scope"), EACH)
def test_a_halted_scope_admits_nothing(kind: str, scope: str) -> None:
    """Rule 1, R93, R108: new orders and changes are denied inside, and pass outside."""
    world = broker()
    sent(world.order())
    world.report("new")
    (event,) = set_state(world, kind, scope, "halted")
    assert ("trading_state_set", "halted", "olga", "test") == (
        event.name,
        event["state"],
        event["operator"],
        event["cause"],
    )
    expected = {"rule": 1, "reason": "SCOPE_HALTED", "scope_kind": kind, "scope": scope}
    assert_denied(world.order(), subject="new_order", **expected)
    assert_denied(world.replace(50), subject="replace_order", **expected)
    if scope in OUTSIDE:
        assert "order_accepted" in names(world.order(**OUTSIDE[scope]))


@pytest.mark.parametrize(("kind", "scope"), EACH)
def test_just_outside_a_halt_an_order_passes(kind: str, scope: str) -> None:
    """Rule 1: a scope that is active again, and one that never was halted, admit orders."""
    world = broker()
    set_state(world, kind, scope, "halted")
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED")
    set_state(world, kind, scope, "active", "olga", "peter")
    sent(world.order())


@pytest.mark.parametrize(("kind", "scope"), EACH)
@pytest.mark.parametrize("state", ["halted", "reducing"])
def test_cancels_are_never_refused(kind: str, scope: str, state: str) -> None:
    """R93, R95: by the client, by the algorithm, and by the loss of the session."""
    world = broker(sessions={"CLIENT": {"cancel_on_disconnect": True}})
    for _ in range(2):
        sent(world.order())
    world.order(strategy="TWAP")
    sent(world.slice(2, 50))
    set_state(world, kind, scope, state)
    assert ["order_cancel_requested", "child_cancel_requested"] == names(world.cancel())
    dropped = world.step("child_cancel_proposal", child_id=2)
    assert ["child_cancel_requested"] == names(dropped)
    lost = names(world.step("client_session", session="CLIENT", connected=False))
    assert 2 == lost.count("order_cancel_requested")
    assert "denied" not in lost


@pytest.mark.parametrize(("kind", "scope"), EACH)
@pytest.mark.parametrize(("held", "way_out"), [(100, "sell"), (-100, "buy")])
def test_a_reducing_scope_admits_the_way_out(
    kind: str, scope: str, held: int, way_out: str
) -> None:
    """Rule 1, R93: what closes a position passes; what adds to it does not."""
    world = broker(opening=(("alice", "BAC", held, "10"),))
    set_state(world, kind, scope, "reducing")
    expected = {"rule": 1, "reason": "SCOPE_REDUCING", "scope_kind": kind, "scope": scope}
    way_in = "buy" if way_out == "sell" else "sell"
    assert_denied(world.order(side=way_in, order_qty=1), **expected)
    if scope != "alice":
        stranger = world.order(account="bob", side=way_out, order_qty=1)
        assert_denied(stranger, **expected)
    sent(world.order(side=way_out, order_qty=60))
    sent(world.order(side=way_out, order_qty=40))


@pytest.mark.parametrize(("held", "way_out"), [(100, "sell"), (-100, "buy")])
def test_reducing_cannot_turn_a_position_round(held: int, way_out: str) -> None:
    """Rule 1: +100 does not become -900, in one order or in many."""
    world = World(opening=(("alice", "BAC", held, "10"),))
    set_state(world, "account", "alice", "reducing")
    for qty in (1_000, 101):
        refused = world.order(side=way_out, order_qty=qty)
        assert_denied(refused, rule=1, reason="SCOPE_REDUCING")
    sent(world.order(side=way_out, order_qty=70))
    assert_denied(world.order(side=way_out, order_qty=31), rule=1, reason="SCOPE_REDUCING")
    world.fill(20)
    assert_denied(world.order(side=way_out, order_qty=31), rule=1, reason="SCOPE_REDUCING")
    sent(world.order(side=way_out, order_qty=30))
    world.report("new")
    assert_denied(world.replace(71, of="C3"), rule=1, reason="SCOPE_REDUCING")


def test_what_is_in_doubt_counts_as_on_its_way_out() -> None:
    """Rule 1, R50: an unanswered sale may have happened; a second one could go through zero."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    set_state(world, "account", "alice", "reducing")
    sent(world.order(side="sell"))
    world.wait(2)
    assert_denied(world.order(side="sell", order_qty=1), rule=1, reason="SCOPE_REDUCING")
    world.report("rejected")
    sent(world.order(side="sell"))


def test_the_slices_of_a_reducing_parent_reduce() -> None:
    """Rule 1: a parent that was entered for the way out sends nothing beyond it."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    world.order(strategy="TWAP", side="sell", order_qty=150)
    set_state(world, "strategy", "TWAP", "reducing")
    sent(world.slice(0, 100))
    refused = world.slice(0, 1)
    assert_denied(refused, rule=1, reason="SCOPE_REDUCING", scope_kind="strategy")


@pytest.mark.parametrize(
    ("outer", "inner", "reason", "scope"),
    [
        ("reducing", "halted", "SCOPE_HALTED", "alice"),
        ("halted", "reducing", "SCOPE_HALTED", "firm"),
        ("reducing", "reducing", "SCOPE_REDUCING", None),
        ("reducing", "active", "SCOPE_REDUCING", "firm"),
        ("active", "reducing", "SCOPE_REDUCING", "alice"),
    ],
)
def test_the_narrowest_state_wins(outer: str, inner: str, reason: str, scope: str | None) -> None:
    """Rule 1, R93: whatever two scopes say, the one that admits less decides."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    set_state(world, "account", "firm", outer)
    set_state(world, "account", "alice", inner)
    found = assert_denied(world.order(side="buy"), rule=1)
    if reason == "SCOPE_HALTED":
        halted = assert_denied(world.order(side="sell"), rule=1, reason="SCOPE_HALTED")
        assert scope == halted["scope"]
    else:
        assert reason == found["reason"]
        assert scope in (None, found["scope"])
        sent(world.order(side="sell"))


@pytest.mark.parametrize(
    ("now", "then", "persons"),
    [
        ("active", "reducing", 1),
        ("active", "halted", 1),
        ("reducing", "halted", 1),
        ("halted", "halted", 1),
        ("halted", "reducing", 2),
        ("halted", "active", 2),
        ("reducing", "active", 2),
    ],
)
def test_narrowing_needs_one_person_and_loosening_two(now: str, then: str, persons: int) -> None:
    """R93, R95: the kill switch is one hand; letting go is four eyes."""
    world = World()
    set_state(world, "symbol", "BAC", now)
    alone = set_state(world, "symbol", "BAC", then, "peter")
    if persons == 1:
        assert ["trading_state_set"] == names(alone)
        return
    assert_denied(alone, reason="SECOND_PERSON_REQUIRED")
    (event,) = set_state(world, "symbol", "BAC", then, "peter", "olga")
    assert ("peter", "olga") == (event["operator"], event["second_operator"])


def filled_book() -> World:
    """Return a world with open orders that differ in every scope, one child each.

    Children 0 to 5: alice's BAC at XNYS; bob's; alice's IBM; at OCEA; of session OTHER; TWAP's.
    """
    world = broker()
    sent(world.order())
    sent(world.order(account="bob"))
    sent(world.order(symbol="IBM", price="100"))
    sent(world.order(ex_destination="OCEA"))
    sent(world.order(session="OTHER"))
    world.order(strategy="TWAP")
    sent(world.slice(5, 40))
    for child in range(6):
        world.report("new", child_id=child)
    return world


INSIDE = {
    "firm": {0, 1, 2, 3, 4, 5},
    "desk": {0, 1, 2, 3, 4, 5},
    "trader": {0, 1, 2, 3, 4, 5},
    "alice": {0, 2, 3, 4, 5},
    "DMA": {0, 1, 2, 3, 4},
    "BAC": {0, 1, 3, 4, 5},
    "XNYS": {0, 1, 2, 4, 5},
    "CLIENT": {0, 1, 2, 3, 5},
    "N1": {0, 1, 2, 3, 4, 5},
}
ENDS = ("canceled", "expired", "rejected", "done_for_day")


@pytest.mark.parametrize(("kind", "scope"), EACH)
def test_a_halt_cancels_exactly_what_is_inside_and_is_flat_with_the_last(
    kind: str, scope: str
) -> None:
    """R93, R94: completion is when every order is confirmed gone, by whatever way it went."""
    world = filled_book()
    events = set_state(world, kind, scope, "halted", cancel=True)
    asked = [event["child_id"] for event in events if event.name == "child_cancel_requested"]
    assert sorted(INSIDE[scope]) == sorted(asked)
    assert {"halt"} == {
        event["cause"] for event in events if event.name.endswith("_cancel_requested")
    }
    flat: list[str] = []
    for number, child in enumerate(sorted(INSIDE[scope])):
        assert [] == flat
        if number % 2:
            left = world.child(child)["leaves_qty"]
            events = world.fill(left, child_id=child, px="10")
        else:
            events = world.report(ENDS[number // 2 % 4], child_id=child)
        flat = [event["scope"] for event in events if event.name == "scope_flat"]
    assert [scope] == flat
    open_now = {
        child
        for order in world.kernel.orders(open_only=True)
        for child in order["children"]
        if world.child(child)["leaves_qty"]
    }
    assert set(range(6)) - INSIDE[scope] == open_now


def test_an_empty_scope_is_flat_at_once() -> None:
    """R93: where nothing is open there is nothing to wait for."""
    events = set_state(World(), "symbol", "BAC", "halted", cancel=True)
    assert ["trading_state_set", "scope_flat"] == names(events)
    assert "operator" == events[-1].to


def test_a_halt_without_cancels_leaves_orders_and_reports_nothing() -> None:
    """R93: resting orders may be left by policy; then nobody waits for them."""
    world = filled_book()
    assert ["trading_state_set"] == names(set_state(world, "node", "N1", "halted"))
    for child in range(6):
        assert "scope_flat" not in names(world.report("canceled", child_id=child))


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("account", "desk"), ("strategy", "TWAP"), ("symbol", "BAC"), ("session", "CLIENT")],
)
def test_a_halt_ends_held_stops_and_the_parents_of_algorithms(kind: str, scope: str) -> None:
    """R93: everything in scope is canceled, also what no venue has seen yet."""
    world = broker()
    world.order(ord_type="stop", stop_px="11", strategy="TWAP")
    world.order(strategy="TWAP")
    sent(world.slice(1, 40))
    world.report("new")
    events = set_state(world, kind, scope, "halted", cancel=True)
    assert "scope_flat" not in names(events)
    assert ["canceled", "pending_cancel"] == [o["ord_status"] for o in world.kernel.orders()]
    assert_denied(world.slice(1, 10), reason="ALREADY_PENDING")
    gone = world.report("canceled")
    assert ["child_closed", "order_closed", "scope_flat"] == names(gone)
    assert [] == world.kernel.orders(open_only=True)
    set_state(world, kind, scope, "active", "olga", "peter")
    assert ["fact_taken"] == names(world.step("market_trade", symbol="BAC", px="12", qty=1))


def test_the_halt_of_a_venue_leaves_the_parents_of_algorithms() -> None:
    """R64, R93: an algorithm may go on elsewhere with what came back from the halted venue."""
    world = broker()
    world.order(strategy="TWAP")
    sent(world.slice(0, 60))
    world.report("new")
    events = set_state(world, "venue", "XNYS", "halted", cancel=True)
    assert ["trading_state_set", "child_cancel_requested"] == names(events)
    assert ["child_closed", "scope_flat"] == names(world.report("canceled"))
    assert_denied(world.slice(0, 60), rule=1, reason="SCOPE_HALTED", scope="XNYS")
    sent(world.slice(0, 60, venue="OCEA"))


def test_unconfirmed_cancels_keep_a_halt_waiting() -> None:
    """R94, R98: a lost session is not an ended order; it is listed until the venue has spoken."""
    world = World()
    sent(world.order())
    world.report("new")
    set_state(world, "account", "firm", "halted", cancel=True)
    world.step("venue_session", venue="XNYS", connected=False)
    assert "scope_flat" not in names(world.wait(60))
    (firm,) = [row for row in world.kernel.scopes() if row["scope"] == "firm"]
    assert 1 == firm["awaited"]
    world.step("venue_session", venue="XNYS", connected=True)
    again = world.report("order_status", ord_status="new")
    assert ["child_resolved", "child_cancel_requested"] == names(again)
    assert "scope_flat" in names(world.report("canceled"))


def test_a_halt_waits_again_for_an_ended_order_that_may_have_filled_more() -> None:
    """R93, R94: flat is what the venue's newest word says, not the one before."""
    world = broker()
    world.order(strategy="TWAP")
    for child, qty in enumerate((60, 40)):
        sent(world.slice(0, qty))
        world.report("new", child_id=child)
    set_state(world, "venue", "XNYS", "halted", cancel=True)
    world.report("canceled", cum_qty=0)
    late = world.report("order_status", ord_status="canceled", cum_qty=30)
    assert ["child_in_doubt", "report_ignored"] == names(late)
    assert 2 == next(row["awaited"] for row in world.kernel.scopes() if row["scope"] == "XNYS")
    assert ["child_closed"] == names(world.report("canceled", child_id=1, cum_qty=0))
    assert ["fill_booked", "scope_flat"] == names(world.fill(30))


def test_a_refused_cancel_is_asked_again_by_the_next_halt() -> None:
    """R93, R94: a kill switch can be pulled twice."""
    world = World()
    sent(world.order())
    world.report("new")
    set_state(world, "symbol", "BAC", "halted", cancel=True)
    assert "scope_flat" not in names(world.reject())
    events = set_state(world, "symbol", "BAC", "halted", cancel=True)
    assert "child_cancel_requested" in names(events)
    assert "scope_flat" in names(world.report("canceled"))


def test_two_halts_are_flat_each_with_its_own_last_order() -> None:
    """R93: a symbol is flat before the firm is."""
    world = World()
    sent(world.order())
    sent(world.order(symbol="IBM", price="100"))
    set_state(world, "symbol", "BAC", "halted", cancel=True)
    set_state(world, "account", "firm", "halted", cancel=True)
    flat = [event["scope"] for event in world.report("canceled") if event.name == "scope_flat"]
    assert ["BAC"] == flat
    gone = world.report("canceled", child_id=1)
    assert ["firm"] == [event["scope"] for event in gone if event.name == "scope_flat"]


def test_a_scope_that_was_released_is_not_reported_flat() -> None:
    """R93: once trading goes on, "flat" would no longer mean that nothing is open."""
    world = World()
    sent(world.order())
    set_state(world, "symbol", "BAC", "halted", cancel=True)
    set_state(world, "symbol", "BAC", "active", "olga", "peter")
    sent(world.order())
    assert "scope_flat" not in names(world.report("canceled"))


def test_a_partial_fill_does_not_end_a_halt() -> None:
    """R93: an order of which something is left is not gone."""
    world = World()
    sent(world.order())
    set_state(world, "symbol", "BAC", "halted", cancel=True)
    assert "scope_flat" not in names(world.fill(99))
    assert "scope_flat" in names(world.fill(1))


def test_an_unseen_fill_keeps_a_halt_waiting() -> None:
    """R94, R98: the venue has canceled, and 60 units of it are still to be seen."""
    world = World()
    sent(world.order())
    world.report("new")
    set_state(world, "symbol", "BAC", "halted", cancel=True)
    assert "scope_flat" not in names(world.report("canceled", cum_qty=60))
    assert "scope_flat" in names(world.fill(60))


def test_a_lost_client_session_leaves_its_orders_unless_it_asked_otherwise() -> None:
    """R71, R93: cancel on disconnect is a declared choice of the session."""
    world = broker(sessions={"CLIENT": {"cancel_on_disconnect": True}})
    sent(world.order())
    sent(world.order(session="OTHER"))
    lost = world.step("client_session", session="OTHER", connected=False)
    assert ["fact_taken"] == names(lost)
    lost = world.step("client_session", session="CLIENT", connected=False)
    assert ["fact_taken", "order_cancel_requested", "child_cancel_requested"] == names(lost)
    again = world.step("client_session", session="CLIENT", connected=False)
    assert ["fact_taken"] == names(again)
