"""Rules 25 and 26 of the gate: what one parent may cause, and what leaves against what came in."""

from __future__ import annotations

import pytest
from ringfence import Event

from tests.world import SECOND, World, assert_denied, denial, names, sent


def latches(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return what tripped: kind of scope, name of scope and reason."""
    return [
        (event["scope_kind"], event["scope"], event["reason"])
        for event in events
        if event.name == "latch_tripped"
    ]


def algorithm(limits: dict[str, object], qty: int = 1_000) -> World:
    """Return a world with a TWAP parent of alice and with changed limits of hers."""
    world = World({"alice": limits})
    assert "order_accepted" in names(world.order(strategy="TWAP", order_qty=qty))
    return world


def test_a_parent_has_a_number_of_children() -> None:
    """Rule 25, R3, R5 (Knight: 18,900 executions per parent): past it the strategy stands."""
    world = algorithm({"parent_child_count": 2})
    for number in range(2):
        sent(world.slice(0, 10))
        world.report("canceled", child_id=number)
    events = world.slice(0, 10)
    assert [("strategy", "TWAP", "MAX_PARENT_CHILDREN")] == latches(events)
    assert_denied(events, rule=25, reason="MAX_PARENT_CHILDREN", value="3 count", scope="alice")
    expected = {"scope_kind": "strategy", "scope": "TWAP"}
    assert_denied(world.slice(0, 10), rule=1, reason="SCOPE_HALTED", **expected)


def test_the_children_of_other_parents_are_not_counted() -> None:
    """Rule 25, R3: each parent has its own bound."""
    world = algorithm({"parent_child_count": 1})
    world.order(strategy="TWAP")
    for parent in (0, 1):
        sent(world.slice(parent, 10))


def test_what_was_sent_and_taken_back_stays_in_the_notional_of_a_parent() -> None:
    """Rule 25, R3: sending the same units again and again is what the bound is about."""
    world = algorithm({"parent_notional": 2_500}, qty=100)
    for number in range(2):
        sent(world.slice(0, 100))
        world.report("canceled", child_id=number)
    events = world.slice(0, 51)
    assert_denied(events, rule=25, reason="MAX_PARENT_NOTIONAL", value="2510 money")
    assert [("strategy", "TWAP", "MAX_PARENT_NOTIONAL")] == latches(events)
    assert "order_cancel_requested" in names(world.cancel())


def test_changes_and_cancels_are_messages_of_their_parent() -> None:
    """Rule 25, R3: a child that is changed for ever is a loop as well; its cancel still passes."""
    world = algorithm({"parent_message_count": 2})
    sent(world.slice(0, 100))
    world.report("new")
    assert ["child_replace_requested"] == names(world.change(0, 90))
    world.report("replaced")
    events = world.change(0, 80)
    assert_denied(events, rule=25, reason="MAX_PARENT_MESSAGES", value="3 count")
    assert [("strategy", "TWAP", "MAX_PARENT_MESSAGES")] == latches(events)
    assert ["child_cancel_requested"] == names(world.step("child_cancel_proposal", child_id=0))


def test_a_direct_order_beyond_it_halts_its_account() -> None:
    """Rule 25, R3: DMA is no strategy to stop, the account is the cause."""
    world = World({"firm": {"parent_message_count": 1}})
    sent(world.order())
    world.report("new")
    events = world.replace(90)
    assert [("account", "alice", "MAX_PARENT_MESSAGES")] == latches(events)
    sent(world.order(account="bob"))


# As much as came in, and no child more than parents: nothing that a sound sender ever passes.
EXACT: dict[str, object] = {"flow_qty": 10_000, "flow_notional": 10_000, "flow_count": 10}


def test_what_leaves_is_compared_with_what_came_in() -> None:
    """Rule 26, R4, R108 (Knight, paragraph 21): eleven children for one parent, and it stands."""
    world = algorithm(EXACT)
    for _ in range(10):
        sent(world.slice(0, 100))
    events = world.slice(0, 1)
    assert_denied(events, reason="EXCEEDS_UNROUTED")
    world.report("canceled", child_id=0)
    events = world.slice(0, 100)
    assert_denied(events, rule=26, reason="FLOW_COUNT", value="11 count", limit_value="10 count")
    assert [("strategy", "TWAP", "FLOW_COUNT")] == latches(events)


def test_units_that_came_back_may_leave_again() -> None:
    """Rule 26, R4: a canceled child is taken off what left, so that a sound algorithm goes on."""
    world = algorithm(EXACT, qty=100)
    for number, qty in enumerate((100, 90, 80)):
        sent(world.slice(0, qty))
        world.fill(10, child_id=number)
        world.report("canceled", child_id=number)
    sent(world.slice(0, 70))


def test_a_sale_that_rose_since_it_came_in_is_seen() -> None:
    """Rule 26, R4: the same units leave at twice the value that came in; units alone show nothing.

    A sale is worth the higher of its limit and the market, at entry and when it is sent.
    """
    world = World({"desk": EXACT})
    world.order(strategy="TWAP", side="sell")
    sent(world.slice(0, 50))
    world.step("quote", symbol="BAC", bid_px="20", ask_px="20")
    events = world.slice(0, 50)
    assert_denied(events, rule=26, reason="FLOW_NOTIONAL", value="15000 bps", scope="desk")
    assert [("strategy", "TWAP", "FLOW_NOTIONAL")] == latches(events)


@pytest.mark.parametrize("level", ["firm", "desk", "trader", "alice"])
def test_more_units_than_came_in_cannot_leave_at_any_level(level: str) -> None:
    """Rule 26, R4: with half of what came in as the limit, the second half is stopped."""
    world = World({level: {"flow_qty": 5_000}})
    world.order(strategy="TWAP", order_qty=100)
    sent(world.slice(0, 50))
    events = world.slice(0, 1)
    expected = {"value": "5100 bps", "limit_value": "5000 bps", "scope": level}
    assert_denied(events, rule=26, reason="FLOW_QTY", **expected)


def test_a_new_window_allows_what_was_still_to_leave() -> None:
    """Rule 26, R4: at the seam of two windows nothing is forgotten and nothing is doubled."""
    world = algorithm(EXACT, qty=100)
    sent(world.slice(0, 60))
    world.now += 60 * SECOND
    sent(world.slice(0, 40))
    world.report("canceled", child_id=0)
    world.now += 60 * SECOND
    sent(world.slice(0, 60))


@pytest.mark.parametrize("wait", [0, 60], ids=["same window", "next window"])
def test_a_fill_after_the_end_of_its_parent_was_asked_for(wait: int) -> None:
    """Rule 26, R4: a fill that crossed a cancel is within what came in; it halts nobody."""
    world = World({"alice": EXACT})
    sent(world.order())
    world.report("new")
    world.cancel()
    assert "order_closed" in names(world.report("canceled"))
    world.now += wait * SECOND
    assert "fill_booked" in names(world.fill(100))
    sent(world.order(side="sell"))


def test_a_bust_after_the_end_of_its_parent_lets_nothing_more_out() -> None:
    """Rule 26, R4, R52: what was undone will not be sent again, so it came in no more either."""
    world = World({"alice": {"flow_qty": 5_000}, "bob": EXACT})
    world.order(strategy="TWAP")
    sent(world.slice(0, 50))
    world.fill(50, exec_id="F")
    assert "order_closed" in names(world.cancel())
    assert "fill_busted" in names(world.report("trade_cancel", exec_ref_id="F"))
    world.order(strategy="TWAP")
    events = world.slice(1, 51)
    assert_denied(events, rule=26, reason="FLOW_QTY", value="5100 bps", scope="alice")


def test_a_window_without_anything_coming_in_lets_nothing_out() -> None:
    """Rule 26, R4: what trades back into the router's hands is all that may leave again."""
    world = algorithm(EXACT, qty=100)
    sent(world.slice(0, 100))
    world.now += 60 * SECOND
    world.report("new")
    world.report("canceled", cum_qty=0)
    sent(world.slice(0, 100))
    world.now += 60 * SECOND
    world.report("canceled", child_id=1)
    world.cancel()
    world.order(strategy="TWAP", order_qty=10)
    sent(world.slice(1, 10))


def test_a_parent_that_is_canceled_is_taken_off_what_came_in() -> None:
    """Rule 26, R4: a large parent that is gone makes no room for a small one that loops."""
    world = algorithm({"flow_count": 1}, qty=1_000)
    world.order(strategy="TWAP", order_qty=10)
    world.cancel(of="C1")
    sent(world.slice(1, 5))
    world.now += 60 * SECOND
    events = world.slice(1, 5)
    sent(events)
    third = world.order(strategy="TWAP", order_qty=10)
    assert "order_accepted" in names(third)
    sent(world.slice(2, 5))
    assert_denied(world.slice(2, 5), rule=26, reason="FLOW_COUNT", value="2 count")


@pytest.mark.parametrize(("qty", "price"), [(150, "10"), (100, "10.5"), (300, "11")])
def test_what_a_client_adds_to_its_order_came_in(qty: int, price: str) -> None:
    """Rule 26, R4, R14: a replace upwards is an inflow like an order, in units and in value."""
    world = World({"alice": EXACT | {"flow_count": 1}, "firm": EXACT})
    sent(world.order())
    world.report("new")
    assert "child_replace_requested" in names(world.replace(qty, price))
    world.report("replaced")
    world.fill(qty, px=price)
    assert "filled" == world.kernel.orders()[0]["ord_status"]
    sent(world.order())


def test_a_replace_that_the_venue_refuses_came_in_for_nothing() -> None:
    """Rule 26, R4: units that were asked for and refused are no room for others."""
    world = World({"alice": {"flow_notional": 10_000}})
    sent(world.order())
    world.report("new")
    world.replace(1_000)
    world.reject()
    world.order(strategy="TWAP", side="sell")
    world.step("quote", symbol="BAC", bid_px="20", ask_px="20")
    events = world.slice(1, 100)
    assert_denied(events, rule=26, reason="FLOW_NOTIONAL", value="15000 bps")


def test_an_algorithm_cannot_grow_its_children_beyond_what_came_in() -> None:
    """Rule 26, R4, R8: a child's own growth is outflow, not inflow."""
    world = World({"alice": {"flow_qty": 8_000}})
    world.order(strategy="TWAP", order_qty=100)
    sent(world.slice(0, 50))
    world.report("new")
    events = world.change(0, 81)
    assert_denied(events, rule=26, reason="FLOW_QTY", value="8100 bps", subject="child_replace")
    world.signed("rearm", "olga", scope_kind="strategy", scope="TWAP", cause="seen")
    assert ["child_replace_requested"] == names(world.change(0, 80))


def test_a_bust_does_not_make_what_left_look_smaller_than_it_was() -> None:
    """Rule 26, R4, R52: units that come back with a voided fill may leave once more, no oftener."""
    world = algorithm(EXACT, qty=100)
    sent(world.slice(0, 100))
    world.fill(60, exec_id="F1")
    world.report("canceled")
    world.report("trade_cancel", exec_ref_id="F1")
    assert 100 == world.kernel.orders()[0]["buckets"]["unrouted"]
    sent(world.slice(0, 100))
    found = denial(world.slice(0, 1))
    assert "EXCEEDS_UNROUTED" == found["reason"]
