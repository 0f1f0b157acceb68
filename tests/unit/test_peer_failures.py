"""What released systems of this kind were seen to do, as tests that Ringfence does not.

Each failure was reproduced on the released package that the docstring names.
"""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import Event

from tests.world import SECOND, World, assert_denied, names, sent


def set_state(world: World, state: str, *by: str) -> None:
    """Set the trading state of the firm."""
    terms: dict[str, Any] = {"scope_kind": "account", "scope": "firm", "state": state}
    events = world.signed(
        "trading_state_command", *(by or ("olga",)), cancel_open=False, cause="test", **terms
    )
    assert ["trading_state_set"] == names(events)


def to_venues(events: list[Event]) -> list[str]:
    """Return the names of the events that leave for a venue."""
    return [event.name for event in events if event.to == "venue"]


@pytest.mark.parametrize("ord_type", ["stop", "stop_limit"])
def test_a_held_stop_does_not_fill_while_halted(ord_type: str) -> None:
    """NautilusTrader 1.221.0: an emulated stop filled while HALTED. Rule 1, R79, R93."""
    world = World()
    price = "11.5" if ord_type == "stop_limit" else None
    world.order(ord_type=ord_type, stop_px="11", price=price)
    set_state(world, "halted")
    events = world.step("market_trade", symbol="BAC", px="11.2", qty=100)
    assert_denied(events, rule=1, reason="SCOPE_HALTED", subject="triggered_stop")
    assert [] == to_venues(events)
    set_state(world, "active", "olga", "peter")
    later = world.step("market_trade", symbol="BAC", px="11.2", qty=100)
    assert ["fact_taken"] == names(later)


def test_reducing_does_not_let_a_long_become_a_short() -> None:
    """NautilusTrader 1.221.0: while REDUCING, +100 became -900. Rule 1, R93."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    set_state(world, "reducing")
    for terms in ({"order_qty": 1_000}, {"order_qty": 101}, {"order_qty": 1_000, "price": "9.5"}):
        refused = world.order(side="sell", **terms)
        assert_denied(refused, rule=1, reason="SCOPE_REDUCING")
    sent(world.order(side="sell"))
    for side in ("sell", "buy"):
        assert_denied(world.order(side=side, order_qty=1), rule=1, reason="SCOPE_REDUCING")
    world.fill(100)
    assert 0 == world.kernel.positions("alice")[0]["qty"]


@pytest.mark.parametrize("ord_type", ["limit", "stop_limit"])
def test_a_buy_at_ten_times_the_market_is_refused(ord_type: str) -> None:
    """NautilusTrader 1.221.0: a buy at ten times the market was accepted. Rule 9, R17."""
    world = World(phases={"continuous": {"collar": 950}})
    stop_px = "10" if ord_type == "stop_limit" else None
    events = world.order(ord_type=ord_type, price="100", stop_px=stop_px)
    if ord_type == "stop_limit":
        assert ["order_accepted"] == names(events)
        events = world.step("market_trade", symbol="BAC", px="10", qty=1)
    found = {"value": "90000 bps", "limit_value": "950 bps"}
    assert_denied(events, rule=9, reason="PRICE_COLLAR", **found)
    sent(world.order(price="10.95"))


def test_the_notional_limit_holds_for_an_account_without_margin_figures() -> None:
    """NautilusTrader 1.221.0: max notional was ignored for a margin or a missing account.

    Rules 7 and 19, R13, R14: the limit is looked at first, and the missing figure denies as well.
    """
    world = World({"bob": {"order_notional": 1_000}}, margins=("alice",))
    large = world.order(account="bob", order_qty=101)
    assert_denied(large, rule=7, reason="MAX_ORDER_NOTIONAL", value="1010 money", scope="bob")
    small = world.order(account="bob", order_qty=1)
    assert_denied(small, rule=19, reason="MARGIN_MISSING", scope="bob")
    unknown = world.order(account="carol", order_qty=1)
    assert_denied(unknown, reason="UNKNOWN_ACCOUNT", scope="carol")


def test_slow_cancels_do_not_make_an_algorithm_overfill() -> None:
    """vn.py: a TWAP of 900 traded 1,000 when cancels were slow. R1, R8, R50, R65.

    The algorithm cancels each child and sends the next before the cancel is confirmed; the venue
    fills the old children first and confirms afterwards.
    """
    world = World()
    world.order(strategy="TWAP", order_qty=900)
    for child in range(9):
        sent(world.slice(0, 100))
        world.report("new", child_id=child)
        asked = world.step("child_cancel_proposal", child_id=child)
        assert ["child_cancel_requested"] == names(asked)
    for _ in range(3):
        again = world.slice(0, 100)
        assert_denied(again, reason="EXCEEDS_UNROUTED", limit_value="0 units", subject="slice")
    for child in range(9):
        world.fill(100, child_id=child)
        late = world.report("canceled", child_id=child)
        assert ["report_ignored"] == names(late)
    (parent,) = world.kernel.orders()
    assert ("filled", 900, 0) == (parent["ord_status"], parent["cum_qty"], parent["leaves_qty"])
    assert 900 == world.kernel.positions("alice")[0]["qty"]
    assert_denied(world.slice(0, 100), reason="ORDER_CLOSED")


def test_units_of_a_slow_cancel_are_sent_again_only_once_they_are_free() -> None:
    """vn.py, the same course, with cancels that do succeed: then the whole order is worked. R8."""
    world = World()
    world.order(strategy="TWAP", order_qty=900)
    sent(world.slice(0, 900))
    world.report("new")
    world.step("child_cancel_proposal", child_id=0)
    world.fill(300)
    assert_denied(world.slice(0, 600), reason="EXCEEDS_UNROUTED")
    world.report("canceled", cum_qty=300)
    assert_denied(world.slice(0, 601), reason="EXCEEDS_UNROUTED", limit_value="600 units")
    sent(world.slice(0, 600))
    world.fill(600, child_id=1)
    assert 900 == world.kernel.orders()[0]["cum_qty"]


def test_a_slice_that_was_rounded_to_nothing_is_refused_aloud() -> None:
    """vn.py: another setting rounded every slice to zero and sent nothing, without an error. R8."""
    world = World(instruments={"BAC": {"lot_size": 100}})
    world.order(strategy="TWAP", order_qty=900)
    empty = world.slice(0, 0)
    assert_denied(empty, reason="QUANTITY_ZERO", subject="slice", order_id=0)
    odd = world.slice(0, 50)
    assert_denied(odd, rule=5, reason="LOT_SIZE", limit_value="100 units", subject="slice")
    sent(world.slice(0, 100))


def test_orders_while_disconnected_are_refused_and_never_sent_later() -> None:
    """QuickFIX and others: dropped while disconnected, or sent stale on reconnect. R51, R65.

    What is refused is told at once and is gone; reconnecting sends nothing by itself, and an
    hour later still nothing.
    """
    world = World()
    world.order(strategy="TWAP", order_qty=100)
    world.order(ord_type="stop", stop_px="11")
    world.step("venue_session", venue="XNYS", connected=False)
    direct = world.order()
    assert_denied(direct, reason="VENUE_DOWN", scope_kind="venue", scope="XNYS")
    assert_denied(world.slice(0, 50), reason="VENUE_DOWN", subject="slice")
    stop = world.step("market_trade", symbol="BAC", px="11", qty=1)
    assert_denied(stop, reason="VENUE_DOWN", subject="triggered_stop")
    assert [0] == [row["order_id"] for row in world.kernel.orders(open_only=True)]
    after = world.step("venue_session", venue="XNYS", connected=True)
    for _ in range(60):
        world.now += 60 * SECOND
        after += world.step("tick")
    after += world.step("market_trade", symbol="BAC", px="11", qty=1)
    assert [] == to_venues(after)
    # The identifier of the refused order was never used, and the units are still there.
    again = world.order(cl_ord_id="C3")
    assert "order_accepted" in names(again)
    sent(world.slice(0, 100))


def test_orders_at_the_venue_when_it_is_lost_are_neither_dropped_nor_sent_twice() -> None:
    """QuickFIX and others, the other half: what was sent is in doubt until the venue speaks. R50.

    UBS sent its unanswered Facebook orders again, and all of them were filled.
    """
    world = World()
    world.order(strategy="TWAP", order_qty=100)
    sent(world.slice(0, 100))
    world.step("venue_session", venue="XNYS", connected=False)
    elsewhere = world.slice(0, 100, venue="OCEA")
    assert_denied(elsewhere, reason="EXCEEDS_UNROUTED", limit_value="0 units")
    back = world.step("venue_session", venue="XNYS", connected=True)
    assert [] == to_venues(back)
    assert_denied(world.slice(0, 100), reason="EXCEEDS_UNROUTED")
    world.report("order_status", ord_status="rejected")
    sent(world.slice(0, 100, venue="OCEA"))
