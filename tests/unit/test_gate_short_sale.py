"""Rules 21 and 22 of the gate: sales marked by what is owned, and orders that would meet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import SECOND, World, assert_denied, names, sent

HELD = (("alice", "BAC", 100, "10"),)


def short_world(**changed: Any) -> World:
    """Return a world in which Regulation SHO applies to BAC."""
    return World(instruments={"BAC": {"short_sale_rules": True}}, **changed)


def refuse_long(world: World, qty: int, sellable: int) -> None:
    """Check that a sale marked long of `qty` is refused with `sellable` units to sell."""
    expected = {"scope_kind": "account", "scope": "alice", "limit_value": f"{sellable} units"}
    events = world.order(side="sell", order_qty=qty)
    assert_denied(events, rule=21, reason="SALE_NOT_LONG", value=f"{qty} units", **expected)


def locate(world: World, qty: int, locate_id: str = "L1") -> None:
    """Let alice have located units of BAC."""
    world.step("locate", account="alice", symbol="BAC", locate_id=locate_id, qty=qty)


def test_a_sale_marked_long_is_covered_by_the_position() -> None:
    """Rule 21, R25 (Regulation SHO 200(g)): what is owned can be sold, one more cannot."""
    world = short_world(opening=HELD)
    refuse_long(world, 101, 100)
    sent(world.order(side="sell"))


def test_open_sales_are_counted_before_the_next_one() -> None:
    """Rule 21, R25, R32: the same units are not sold twice while the first sale is open."""
    world = short_world(opening=HELD)
    sent(world.order(side="sell", order_qty=60))
    refuse_long(world, 41, 40)
    world.wait(2)
    refuse_long(world, 41, 40)
    world.report("canceled")
    refuse_long(world, 101, 100)


def test_a_provisional_purchase_is_not_owned() -> None:
    """Rule 21, R25, R46, R58 (Blue Ocean): a fill that its venue may void cannot be sold long."""
    world = short_world()
    sent(world.order(ex_destination="OCEA"))
    world.fill(100)
    refuse_long(world, 1, 0)
    world.step("fill_confirmation", venue="OCEA", symbol="BAC", until_ts=world.now)
    refuse_long(world, 101, 100)
    sent(world.order(side="sell"))


def test_a_disputed_purchase_is_not_owned() -> None:
    """Rule 21, R25, R46: a contested fill cannot be sold long until it stands again."""
    world = short_world()
    sent(world.order())
    world.fill(100, exec_id="F1")
    world.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=True)
    refuse_long(world, 1, 0)
    world.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=False)
    sent(world.order(side="sell"))


def test_a_provisional_sale_uses_what_is_owned() -> None:
    """Rule 21, R25: units sold at a venue that may void the sale are not sold a second time."""
    world = short_world(opening=HELD)
    sent(world.order(side="sell", ex_destination="OCEA"))
    world.fill(100)
    refuse_long(world, 1, 0)


def test_a_voided_purchase_is_not_owned() -> None:
    """Rule 21, R25, R53 (August 2024): a client who believes in a voided fill cannot sell it."""
    world = short_world()
    sent(world.order(ex_destination="OCEA"))
    world.fill(100, exec_id="F1")
    world.step("fill_confirmation", venue="OCEA", symbol=None, until_ts=world.now)
    world.report("trade_cancel", exec_ref_id="F1")
    refuse_long(world, 1, 0)


def test_the_sale_of_one_account_is_not_covered_by_another() -> None:
    """Rule 21, R25: the account that sells is the one that owns."""
    world = short_world(opening=(("bob", "BAC", 100, "10"),))
    refuse_long(world, 1, 0)


def test_a_parent_and_its_slices_are_both_judged() -> None:
    """Rule 21, R12: what was owned at entry may be sold elsewhere before a slice is sent."""
    world = short_world(opening=HELD)
    assert ["order_accepted"] == names(world.order(strategy="TWAP", side="sell"))
    sent(world.order(side="sell", order_qty=60))
    sent(world.slice(0, 40))
    refused = world.slice(0, 1)
    assert_denied(refused, rule=21, reason="SALE_NOT_LONG", limit_value="0 units")
    entering = world.order(strategy="TWAP", side="sell", order_qty=1)
    assert_denied(entering, rule=21, reason="SALE_NOT_LONG", limit_value="0 units")


def test_a_sale_cannot_grow_beyond_what_is_owned() -> None:
    """Rule 21, R14: a replace counts its added units; a smaller quantity or new price passes."""
    world = short_world(opening=HELD)
    sent(world.order(side="sell", order_qty=80))
    world.report("new")
    refused = world.replace(101)
    assert_denied(refused, rule=21, reason="SALE_NOT_LONG", value="21 units")
    assert "child_replace_requested" in names(world.replace(100))


@pytest.mark.parametrize("side", ["sell_short", "sell_short_exempt"])
def test_a_short_sale_needs_located_units(side: str) -> None:
    """Rule 21, R25 (Regulation SHO 203(b)): no locate, the wrong one, or too small a one denies."""
    world = short_world()
    locate(world, 150)
    expected = {"rule": 21, "reason": "LOCATE_MISSING", "scope": "alice"}
    assert_denied(world.order(side=side), limit_value="0 units", **expected)
    assert_denied(world.order(side=side, locate_id="L2"), limit_value="0 units", **expected)
    other = world.order(side=side, locate_id="L1", account="bob")
    assert_denied(other, **expected | {"scope": "bob"})
    sent(world.order(side=side, locate_id="L1"))
    again = world.order(side=side, locate_id="L1", order_qty=51)
    assert_denied(again, value="51 units", limit_value="50 units", **expected)
    sent(world.order(side=side, locate_id="L1", order_qty=50))


def test_a_replace_uses_the_locate_for_what_it_adds() -> None:
    """Rule 21, R14, R25: located units that a larger order took are not located for the next."""
    world = short_world()
    locate(world, 150)
    sent(world.order(side="sell_short", locate_id="L1"))
    world.report("new")
    refused = world.replace(151)
    assert_denied(refused, rule=21, reason="LOCATE_MISSING", limit_value="50 units")
    assert "child_replace_requested" in names(world.replace(150))
    again = world.order(side="sell_short", locate_id="L1", order_qty=1)
    assert_denied(again, rule=21, reason="LOCATE_MISSING", limit_value="0 units")


def test_children_of_a_located_parent_need_no_second_locate() -> None:
    """Rule 21, R25: the locate is used once, by the parent; its children move within it."""
    world = short_world()
    locate(world, 100)
    assert ["order_accepted"] == names(
        world.order(strategy="TWAP", side="sell_short", locate_id="L1")
    )
    sent(world.slice(0, 50))
    world.report("new")
    assert ["child_replace_requested"] == names(world.change(0, 100))


def test_units_that_the_instrument_does_not_mark_need_no_locate() -> None:
    """Rule 21: short-sale rules hold for the instruments that have them."""
    sent(World().order(side="sell"))
    sent(World().order(side="sell_short"))


def restricted(**changed: Any) -> World:
    """Return a world in which Rule 201 is in force for BAC at a bid of 9.99."""
    world = short_world(**changed)
    locate(world, 10_000)
    world.step("short_sale_restriction", symbol="BAC", active=True)
    return world


def short(world: World, **terms: Any) -> list[Any]:
    """Enter a short sale on the locate."""
    return world.order(side="sell_short", locate_id="L1", **terms)


def test_under_rule_201_a_short_sale_is_above_the_bid() -> None:
    """Rule 21, R25 (Rule 201): at the best bid or below it a short sale is denied."""
    world = restricted()
    expected = {"rule": 21, "reason": "SHORT_SALE_PRICE", "scope": "BAC", "scope_kind": "symbol"}
    bid = {"limit_value": "9.99 price"}
    assert_denied(short(world, price="9.98"), value="9.98 price", **expected, **bid)
    assert_denied(short(world, price="9.99"), value="9.99 price", **expected, **bid)
    assert_denied(short(world, ord_type="market"), value=None, **expected)
    sent(short(world, price="10"))


def test_rule_201_does_not_bind_exempt_long_or_unrestricted_sales() -> None:
    """Rule 21, R25: short exempt and long sales pass at the bid, and all do when it ends."""
    world = restricted(opening=HELD)
    sent(world.order(side="sell", price="9.99"))
    sent(world.order(side="sell_short_exempt", locate_id="L1", price="9.99"))
    world.step("short_sale_restriction", symbol="BAC", active=False)
    sent(short(world, price="9.99"))


def test_rule_201_without_a_fresh_bid_denies() -> None:
    """Rule 21, R13: where no bid is known no price is above it."""
    world = restricted(phases={"continuous": {"age_max": 10 * SECOND}})
    world.step("market_trade", symbol="BAC", px="10", qty=1)
    world.step("quote", symbol="BAC", bid_px=None, ask_px="10.01")
    assert_denied(short(world), rule=21, reason="SHORT_SALE_PRICE", value=None)
    world.step("quote", symbol="BAC", bid_px="9.99", ask_px="10.01")
    sent(short(world))
    world.now += 11 * SECOND
    world.step("market_trade", symbol="BAC", px="10", qty=1)
    assert_denied(short(world), rule=21, reason="SHORT_SALE_PRICE", value=None)


NO_MATCH = {
    name: {"self_match_group": "house", "self_match_policy": "deny_incoming"}
    for name in ("alice", "bob")
}


@pytest.mark.parametrize(
    ("resting", "incoming", "meets"),
    [
        ({"side": "buy", "price": "10"}, {"side": "sell", "price": "10"}, True),
        ({"side": "buy", "price": "10"}, {"side": "sell", "price": "10.01"}, False),
        ({"side": "sell", "price": "10"}, {"side": "buy", "price": "10.01"}, True),
        ({"side": "sell", "price": "10"}, {"side": "buy", "price": "9.99"}, False),
        ({"side": "buy", "price": "10"}, {"side": "sell", "ord_type": "market"}, True),
        ({"side": "buy", "price": "10"}, {"side": "buy", "price": "10"}, False),
        ({"side": "buy", "ord_type": "market"}, {"side": "sell", "price": "11"}, True),
    ],
)
def test_an_order_does_not_meet_one_of_its_own_group(
    resting: dict[str, Any], incoming: dict[str, Any], meets: bool
) -> None:
    """Rule 22, R27: two accounts of one owner do not trade with each other."""
    world = World(accounts=NO_MATCH)
    sent(world.order(account="bob", **resting))
    events = world.order(**incoming, ex_destination="OCEA")
    if meets:
        expected = {"scope_kind": "account", "scope": "alice"}
        assert_denied(events, rule=22, reason="SELF_MATCH", **expected)
    else:
        sent(events)


def test_only_what_rests_can_be_met() -> None:
    """Rule 22, R27: an order that is gone, or of another instrument, is not met."""
    world = World(accounts=NO_MATCH)
    sent(world.order(account="bob"))
    sent(world.order(symbol="IBM", side="sell", price="10"))
    world.report("new")
    world.cancel()
    assert_denied(world.order(side="sell"), rule=22, reason="SELF_MATCH")
    world.report("canceled")
    sent(world.order(side="sell"))


def test_a_new_price_does_not_meet_either_before_or_after_the_answer() -> None:
    """Rule 22, R14, R27: while a replace is on its way both prices may be at the venue."""
    world = World(accounts=NO_MATCH)
    sent(world.order(account="bob", price="9.5"))
    sent(world.order(side="sell", price="10"))
    world.report("new", child_id=0)
    assert_denied(world.replace(100, "10"), rule=22, reason="SELF_MATCH", subject="replace_order")
    assert "child_replace_requested" in names(world.replace(100, "9.8"))
    for price, met in (("9.8", True), ("9.5", True), ("9.81", False)):
        events = world.order(side="sell", price=price, order_qty=1)
        assert met == ("denied" in names(events)), price
    world.report("replaced", child_id=0)
    assert_denied(world.order(side="sell", price="9.8"), rule=22, reason="SELF_MATCH")


def test_the_declared_policy_may_allow_a_match() -> None:
    """Rule 22, R27: a policy that allows it is written out; the small broker's does."""
    world = World()
    sent(world.order(account="bob"))
    sent(world.order(side="sell"))


def test_groups_that_differ_may_meet() -> None:
    """Rule 22, R27: two owners trade with each other as with anybody."""
    world = World(accounts=NO_MATCH | {"bob": NO_MATCH["bob"] | {"self_match_group": "other"}})
    sent(world.order(account="bob"))
    sent(world.order(side="sell"))


def test_an_account_that_declares_no_policy_is_denied() -> None:
    """Rule 22, R13, R27: the policy must be declared, it does not happen."""
    world = World(accounts={"alice": {"self_match_group": None, "self_match_policy": None}})
    expected = {"rule": 22, "reason": "SELF_MATCH_UNDECLARED", "scope": "alice"}
    assert_denied(world.order(), scope_kind="account", **expected)
