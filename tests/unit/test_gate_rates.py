"""Rules 12 to 14 of the gate: duplicates, message rates, repeats that nobody attends."""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import Event, InputError

from tests.world import SECOND, World, assert_denied, names, sent

ONE = {"alice": {"duplicate_count": 1}}


def latches(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return what tripped: kind of scope, name of scope and reason."""
    return [
        (event["scope_kind"], event["scope"], event["reason"])
        for event in events
        if event.name == "latch_tripped"
    ]


def test_an_equal_order_within_the_window_is_a_duplicate() -> None:
    """Rule 12, R21 (UBS and Facebook): the order that is sent again because no answer came."""
    world = World(ONE)
    sent(world.order())
    world.now += SECOND - 1
    expected = {"value": "2 count", "limit_value": "1 count", "scope": "alice"}
    assert_denied(world.order(), rule=12, reason="DUPLICATE_ORDER", **expected)
    world.now += SECOND + 1
    sent(world.order())


@pytest.mark.parametrize(
    "changed",
    [
        {"account": "bob"},
        {"symbol": "SONY"},
        {"side": "sell"},
        {"price": "10.01"},
        {"order_qty": 101},
        {"ord_type": "market"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_order_that_differs_is_no_duplicate(changed: dict[str, Any]) -> None:
    """Rule 12, R21: equal means account, side, instrument, price and quantity, all of them."""
    world = World(ONE)
    sent(world.order())
    sent(world.order(**changed))


@pytest.mark.parametrize(
    "changed", [{"ex_destination": "OCEA"}, {"time_in_force": "immediate_or_cancel"}]
)
def test_another_venue_or_lifetime_does_not_make_a_difference(changed: dict[str, Any]) -> None:
    """Rule 12, R21: the same wish at another venue is the same wish."""
    world = World(ONE)
    sent(world.order())
    assert_denied(world.order(**changed), rule=12, reason="DUPLICATE_ORDER")


def test_parents_of_algorithms_are_compared_as_well() -> None:
    """Rule 12, R21: a parent that sends nothing yet is an order that was entered."""
    world = World(ONE)
    assert ["order_accepted"] == names(world.order(strategy="TWAP"))
    events = world.order(strategy="TWAP")
    assert_denied(events, rule=12, reason="DUPLICATE_ORDER")


def test_only_an_order_that_was_accepted_makes_the_next_a_duplicate() -> None:
    """Rule 12, R21: what was refused was not entered, and may be tried again."""
    world = World(ONE)
    world.step("venue_session", venue="XNYS", connected=False)
    assert_denied(world.order(), reason="VENUE_DOWN")
    world.step("venue_session", venue="XNYS", connected=True)
    sent(world.order())


def test_messages_beyond_the_limit_are_denied_until_the_window_has_passed() -> None:
    """Rule 13, R20: a rate is a number in a window; a burst over the seam is not twice the limit.

    At the middle of the next window half of the last one still counts.
    """
    world = World({"alice": {"message_count": 4}})
    for _ in range(4):
        sent(world.order())
    expected = {"value": "5 count", "limit_value": "4 count", "scope": "alice"}
    assert_denied(world.order(), rule=13, reason="MESSAGE_RATE", **expected)
    world.now += 3 * SECOND // 2
    for _ in range(2):
        sent(world.order())
    assert_denied(world.order(), rule=13, reason="MESSAGE_RATE", value="5 count")
    world.now += 2 * SECOND
    sent(world.order())


def test_cancels_are_counted_and_never_refused() -> None:
    """Rule 13, R20: part of the budget is kept for cancels, and cancels go beyond it as well."""
    world = World({"alice": {"message_count": 5, "cancel_reserve_count": 2}})
    for _ in range(3):
        sent(world.order())
    expected = {"value": "6 count", "limit_value": "5 count"}
    assert_denied(world.order(), rule=13, reason="MESSAGE_RATE", **expected)
    for number in range(1, 4):
        events = world.cancel(of=f"C{number}")
        assert ["order_cancel_requested", "child_cancel_requested"] == names(events)
    # The three cancels took their part of the budget.
    world.now += SECOND // 2
    assert_denied(world.order(), rule=13, reason="MESSAGE_RATE", value="9 count")


def test_a_replace_is_a_message() -> None:
    """Rule 13, R14, R20: changes of a resting order count like orders."""
    world = World({"firm": {"message_count": 2}})
    sent(world.order())
    world.report("new")
    assert "child_replace_requested" in names(world.replace(90))
    world.report("replaced")
    expected = {"scope": "firm", "value": "3 count", "subject": "replace_order"}
    assert_denied(world.replace(80, of="R2"), rule=13, reason="MESSAGE_RATE", **expected)


def test_the_capacity_of_a_venue_is_kept_with_a_tenth_for_cancels() -> None:
    """Rule 13, R61: no more leaves for a venue in a second than it takes."""
    world = World(venues={"XNYS": {"message_max": 10}})
    for _ in range(9):
        sent(world.order())
    expected = {"scope_kind": "venue", "scope": "XNYS", "value": "10 count"}
    assert_denied(world.order(), rule=13, reason="VENUE_RATE", limit_value="9 count", **expected)
    sent(world.order(ex_destination="OCEA"))
    assert "child_cancel_requested" in names(world.cancel())
    world.now += 2 * SECOND
    sent(world.order())


def test_the_disable_level_counts_what_was_denied_and_halts_the_session() -> None:
    """Rule 13, R20 (CME): a sender that keeps hammering loses its session, not only its order."""
    world = World({"alice": {"message_disable_count": 3}})
    for _ in range(2):
        assert_denied(world.order(symbol="NONE"), reason="UNKNOWN_INSTRUMENT")
    sent(world.order())
    events = world.order()
    assert [("session", "CLIENT", "MESSAGE_DISABLE")] == latches(events)
    expected = {"value": "4 count", "limit_value": "3 count", "scope": "alice"}
    assert_denied(events, rule=13, reason="MESSAGE_DISABLE", **expected)
    world.now += 3_600 * SECOND
    halted = {"scope_kind": "session", "scope": "CLIENT"}
    assert_denied(world.order(account="bob"), rule=1, reason="SCOPE_HALTED", **halted)
    assert "child_cancel_requested" in names(world.cancel(of="C3"))
    world.signed("rearm", "olga", scope_kind="session", scope="CLIENT", cause="a loop, ended")
    sent(world.order(price="9.9"))


def test_changes_of_a_parent_trip_the_disable_level_as_well() -> None:
    """Rule 13, R20: hammering with changes of an algorithm's parent is hammering."""
    world = World({"alice": {"message_disable_count": 2}})
    world.order(strategy="TWAP")
    tripped = [latches(world.replace(110, of=of)) for of in ("C1", "R2")]
    assert [[], [("session", "CLIENT", "MESSAGE_DISABLE")]] == tripped


def test_repeats_that_nobody_attends_halt_the_strategy() -> None:
    """Rule 14, R7 (Power Peg): past the limit the strategy stands until another person acts."""
    world = World({"alice": {"repeat_count": 2}})
    world.order(strategy="TWAP", order_qty=500)
    for _ in range(2):
        sent(world.slice(0, 10))
    events = world.slice(0, 10)
    assert [("strategy", "TWAP", "REPEATED_EXECUTION")] == latches(events)
    expected = {"value": "3 count", "limit_value": "2 count", "scope": "alice"}
    assert_denied(events, rule=14, reason="REPEATED_EXECUTION", subject="slice", **expected)
    world.now += 3_600 * SECOND
    halted = {"scope_kind": "strategy", "scope": "TWAP"}
    assert_denied(world.slice(0, 10), rule=1, reason="SCOPE_HALTED", **halted)
    sent(world.order())
    world.signed("rearm", "olga", scope_kind="strategy", scope="TWAP", cause="looked at it")
    sent(world.slice(0, 10))


def test_repeats_of_direct_orders_halt_the_account() -> None:
    """Rule 14, R7: a direct order has no strategy of its own to stop, so its account stands."""
    world = World({"alice": {"repeat_count": 1}})
    sent(world.order())
    assert [("account", "alice", "REPEATED_EXECUTION")] == latches(world.order())
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED", scope="alice")
    sent(world.order(account="bob"))


@pytest.mark.parametrize(
    "changed", [{"side": "sell"}, {"symbol": "SONY"}, {"account": "bob"}, {"strategy": "TWAP"}]
)
def test_a_repeat_is_the_same_strategy_account_instrument_and_side(
    changed: dict[str, Any],
) -> None:
    """Rule 14, R7: executions of another kind are counted by themselves."""
    world = World({"alice": {"repeat_count": 1}})
    sent(world.order())
    events = world.order(**changed)
    if "strategy" in changed:
        events = world.slice(1, 10)
    sent(events)


def test_a_signed_attendance_starts_the_count_again() -> None:
    """Rule 14, R7: a named person looked; only then do the repeats begin anew."""
    world = World({"alice": {"repeat_count": 2}})
    for _ in range(2):
        sent(world.order())
    unsigned = world.step(
        "attendance", strategy="DMA", operator="olga", nonce=1, signature="0" * 128
    )
    assert_denied(unsigned, reason="SIGNATURE_INVALID", subject="command")
    attended = world.signed("attendance", "olga", strategy="DMA")
    assert ["strategy_attended"] == names(attended)
    for _ in range(2):
        sent(world.order())
    assert_denied(world.order(), rule=14, reason="REPEATED_EXECUTION")


def test_attending_one_strategy_does_not_attend_another() -> None:
    """Rule 14, R7: a person who looked at TWAP has not looked at DMA."""
    world = World({"alice": {"repeat_count": 1}})
    sent(world.order())
    world.signed("attendance", "olga", strategy="TWAP")
    assert_denied(world.order(), rule=14, reason="REPEATED_EXECUTION")


def test_repeats_are_forgotten_after_their_window() -> None:
    """Rule 14, R7: the throttle is about repetition, not about the sum of a day."""
    world = World({"alice": {"repeat_count": 1, "repeat_window": 10 * SECOND}})
    sent(world.order())
    world.now += 20 * SECOND
    sent(world.order())


def test_a_reserve_without_a_bound_is_refused() -> None:
    """Rule 13, R13: UNLIMITED is no reserve of nothing; neither as a definition nor as a change."""
    with pytest.raises(InputError, match="the limit is never UNLIMITED"):
        World({"alice": {"cancel_reserve_count": "UNLIMITED"}})
    world = World({"alice": {"message_count": 3, "cancel_reserve_count": 2}})
    terms = {"limits": "of-alice", "limit": "cancel_reserve_count", "cause": "test"}
    events = world.signed("limit_change", "olga", "peter", value="UNLIMITED", **terms)
    assert_denied(events, subject="command", reason="LIMIT_INVALID")
    sent(world.order())
    assert_denied(world.order(), rule=13, reason="MESSAGE_RATE", value="4 count")
