"""Rules 15 to 20 of the gate: what is open, held, entered, affordable, and in one basket."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ringfence import Event

from tests.world import SECOND, World, assert_denied, names, sent

Step = tuple[str, dict[str, Any]]


def denied_by(events: list[Event], rule: int, reason: str, value: str, **more: Any) -> None:
    """Check rule, reason and the value that was found."""
    assert_denied(events, rule=rule, reason=reason, value=value, **more)


@pytest.mark.parametrize("end", ["canceled", "rejected", "expired", "done_for_day", "trade"])
def test_an_open_order_counts_until_it_is_confirmed_gone(end: str) -> None:
    """Rule 15, R32: the count falls only with the venue's word, whatever the end is."""
    world = World({"trader": {"open_order_count": 1}})
    sent(world.order())
    denied_by(world.order(account="bob"), 15, "MAX_OPEN_ORDERS", "2 count", scope="trader")
    world.report("new")
    world.cancel()
    denied_by(world.order(), 15, "MAX_OPEN_ORDERS", "2 count")
    if end == "trade":
        world.fill(100)
    else:
        world.report(end)
    sent(world.order())


def test_an_order_in_doubt_is_an_open_order() -> None:
    """Rule 15, R50: an order that was never answered is not gone."""
    world = World({"alice": {"open_order_count": 1}})
    sent(world.order())
    assert "child_in_doubt" in names(world.wait(2))
    denied_by(world.order(), 15, "MAX_OPEN_ORDERS", "2 count")


@pytest.mark.parametrize("stage", ["sent", "live", "in_doubt", "pending_cancel", "part_filled"])
def test_a_position_counts_what_could_still_fill(stage: str) -> None:
    """Rule 16, R32, R50 (Knight; UBS): held, working, in doubt and pending cancel all count."""
    world = World({"desk": {"position_long": 250}})
    sent(world.order())
    if stage != "sent":
        world.report("new")
    if stage == "in_doubt":
        world.step("venue_session", venue="XNYS", connected=False)
    elif stage == "pending_cancel":
        world.cancel()
    elif stage == "part_filled":
        world.fill(40)
    other = {"ex_destination": "OCEA", "account": "bob"}
    sent(world.order(order_qty=150, **other))
    more = world.order(order_qty=1, **other)
    denied_by(more, 16, "MAX_POSITION_LONG", "251 units", scope="desk", limit_value="250 units")


def test_a_confirmed_cancel_frees_the_position() -> None:
    """Rule 16, R32: exposure falls with the acknowledged cancel and not with the request."""
    world = World({"alice": {"position_long": 100}})
    sent(world.order())
    world.report("new")
    world.cancel()
    assert_denied(world.order(), rule=16, reason="MAX_POSITION_LONG")
    world.report("canceled")
    sent(world.order())


def test_open_sales_do_not_make_room_for_purchases() -> None:
    """Rule 16: the worst case is that only one side fills."""
    limits = {"alice": {"position_long": 100, "position_short": 100}}
    world = World(limits)
    sent(world.order(side="sell"))
    sent(world.order())
    denied_by(world.order(), 16, "MAX_POSITION_LONG", "200 units")
    denied_by(world.order(side="sell"), 16, "MAX_POSITION_SHORT", "200 units")


@pytest.mark.parametrize("scope", ["firm", "desk", "trader"])
def test_what_reduces_one_account_may_worsen_the_levels_above(scope: str) -> None:
    """Rule 16, R33: alice closes a long of 100 and the desk, short through bob, gets shorter."""
    opening = (("alice", "BAC", 100, "10"), ("bob", "BAC", -1_000, "10"))
    world = World({scope: {"position_short": 900}}, opening=opening)
    denied_by(world.order(side="sell"), 16, "MAX_POSITION_SHORT", "1000 units", scope=scope)
    wide = World({scope: {"position_short": 1_000}}, opening=opening)
    sent(wide.order(side="sell"))


def test_a_position_beyond_its_limit_can_still_be_closed() -> None:
    """Rule 16, R37: a limit that was passed by fills never stops the way back."""
    world = World({"firm": {"position_long": 50}}, opening=(("alice", "BAC", 100, "10"),))
    denied_by(world.order(order_qty=1), 16, "MAX_POSITION_LONG", "101 units")
    sent(world.order(side="sell"))


def test_gross_adds_both_sides_and_net_takes_the_larger() -> None:
    """Rule 17, R23, R32: exposure is what was entered, held positions at cost and open orders."""
    world = World({"alice": {"gross_notional": 3_000, "net_notional": 1_500}})
    sent(world.order())
    sent(world.order(side="sell"))
    denied_by(world.order(), 17, "MAX_NET_NOTIONAL", "2000 money", limit="net_notional")
    world.fill(100)
    sent(world.order(order_qty=50))
    more = world.order(side="sell", order_qty=51)
    denied_by(more, 17, "MAX_GROSS_NOTIONAL", "3010 money", limit="gross_notional")


def test_a_fill_moves_exposure_from_open_to_held() -> None:
    """Rule 17, R32: a fill neither adds nor frees; the sale of the position then frees it."""
    world = World({"alice": {"gross_notional": 1_000}})
    sent(world.order())
    for _ in range(2):
        assert_denied(world.order(order_qty=1), rule=17, reason="MAX_GROSS_NOTIONAL")
        world.fill(50)
    sent(world.order(side="sell"))
    world.fill(100, child_id=1)
    sent(world.order())


def test_the_error_account_is_inside_the_firm() -> None:
    """Rule 17, R34 (Knight's 33 account): fills nobody ordered use up the firm's limit."""
    world = World({"firm": {"gross_notional": 1_500}})
    orphan: dict[str, Any] = {"cl_ord_id": "not-ours", "symbol": "BAC", "side": "buy"}
    world.fill(100, venue="OCEA", **orphan)
    held = {row["account"]: row["qty"] for row in world.kernel.positions()}
    assert {"error": 100, "firm": 100} == held
    denied_by(world.order(), 17, "MAX_GROSS_NOTIONAL", "2000 money", scope="firm")
    sent(world.order(order_qty=50))


def test_the_limit_of_the_error_account_blocks() -> None:
    """Rule 17, R34: past its own limit not even an operator adds to the error account."""
    world = World({"error": {"gross_notional": 2_000}})
    orphan: dict[str, Any] = {"cl_ord_id": "not-ours", "symbol": "BAC", "side": "buy"}
    world.fill(150, venue="OCEA", **orphan)
    terms = {"account": "error", "origin": "operator"}
    events = world.signed("new_order", "olga", **world.terms(**terms))
    denied_by(events, 17, "MAX_GROSS_NOTIONAL", "2500 money", scope="error")
    closing = world.terms(**terms, side="sell", order_qty=150)
    sent(world.signed("new_order", "olga", **closing))


def test_the_totals_of_a_day_never_fall() -> None:
    """Rule 18, R23: a canceled order was entered all the same."""
    world = World({"desk": {"daily_notional": 2_000, "daily_qty": 200, "daily_count": 2}})
    for number in range(2):
        sent(world.order())
        world.report("canceled", child_id=number)
    denied_by(world.order(), 18, "MAX_DAILY_NOTIONAL", "3000 money", scope="desk")
    denied_by(world.order(price="0.01"), 18, "MAX_DAILY_NOTIONAL", "2001 money")
    for limit in ("daily_notional", "daily_qty"):
        raised = {"limits": "of-desk", "limit": limit, "value": "UNLIMITED", "cause": "test"}
        world.signed("limit_change", "olga", "peter", **raised)
    denied_by(world.order(), 18, "MAX_DAILY_COUNT", "3 count", scope="desk")


def test_a_replace_enters_only_what_it_adds() -> None:
    """Rule 18, R14, R23: a change upwards counts its difference, in notional and in units."""
    world = World({"alice": {"daily_notional": 1_510, "daily_qty": 150}})
    sent(world.order())
    world.report("new")
    denied_by(world.replace(151), 18, "MAX_DAILY_QTY", "151 units", subject="replace_order")
    denied_by(world.replace(150, "10.1"), 18, "MAX_DAILY_NOTIONAL", "1515 money")
    assert "child_replace_requested" in names(world.replace(150))


def test_an_account_without_a_requirement_is_denied() -> None:
    """Rule 19, R13, R33: the margin side has to have spoken; a missing account is not rich."""
    world = World(margins=("alice",))
    events = world.order(account="bob")
    expected = {"scope_kind": "account", "scope": "bob", "limit": None, "value": None}
    assert_denied(events, rule=19, reason="MARGIN_MISSING", **expected)
    sent(world.order(account="alice"))


def afford(buying_power: str, requirement: int = 5_000) -> World:
    """Return a world in which alice must cover a share of new exposure from `buying_power`."""
    world = World()
    world.step(
        "margin_requirement", account="alice", requirement=requirement, buying_power=buying_power
    )
    return world


def test_the_requirement_of_all_open_orders_needs_buying_power() -> None:
    """Rule 19, R32, R33 (Everbright): half of 1,000 a piece, and a third one is too much."""
    world = afford("1666")
    for _ in range(2):
        sent(world.order())
    expected = {"limit_value": "1666 money", "limit": None, "scope": "alice"}
    more = world.order(order_qty=134)
    denied_by(more, 19, "BUYING_POWER", "1670 money", **expected)
    sent(world.order(account="bob"))


def test_a_market_order_needs_buying_power_at_its_worst_price() -> None:
    """Rule 19, R15 (Everbright): funds were not looked at for orders without a price."""
    world = World(phases={"continuous": {"collar": 500}})
    world.step("margin_requirement", account="alice", requirement=10_000, buying_power="1049")
    events = world.order(ord_type="market")
    denied_by(events, 19, "BUYING_POWER", "1050 money")


def test_what_was_filled_still_needs_its_requirement_until_the_margin_side_speaks() -> None:
    """Rule 19, R33: buying power is a number of an earlier time; fills since then are used."""
    world = afford("1000")
    sent(world.order())
    world.fill(100)
    denied_by(world.order(order_qty=101), 19, "BUYING_POWER", "1005 money")
    world.step("margin_requirement", account="alice", requirement=5_000, buying_power="1000")
    sent(world.order(order_qty=101))


def test_a_bust_and_a_correction_give_buying_power_back() -> None:
    """Rule 19, R53: applying a bust recomputes what the account may still buy."""
    world = afford("1000")
    sent(world.order())
    world.fill(100, exec_id="F1")
    world.report("trade_correct", exec_id="G1", exec_ref_id="F1", last_qty=50, last_px="10")
    denied_by(world.order(order_qty=151), 19, "BUYING_POWER", "1005 money")
    world.report("trade_cancel", exec_id="H1", exec_ref_id="G1")
    denied_by(world.order(order_qty=201), 19, "BUYING_POWER", "1005 money")


BOUGHT: Step = ("trade", {"exec_id": "F1", "last_qty": 100})
SPOKEN: Step = ("margin", {})
RAISED: Step = ("trade_correct", {"exec_id": "G1", "exec_ref_id": "F1", "last_qty": 120})
LOWERED: Step = ("trade_correct", {"exec_id": "G1", "exec_ref_id": "F1", "last_qty": 50})
LOWERED_AGAIN: Step = ("trade_correct", {"exec_id": "G2", "exec_ref_id": "G1", "last_qty": 20})
VOIDED: Step = ("trade_cancel", {"exec_id": "B1", "exec_ref_id": "F1"})
LOWERED_VOIDED: Step = ("trade_cancel", {"exec_id": "B1", "exec_ref_id": "G1"})
MORE: Step = ("trade", {"exec_id": "F2", "last_qty": 30})


@pytest.mark.parametrize(
    ("steps", "used"),
    [
        ((BOUGHT,), 100),
        ((BOUGHT, SPOKEN), 0),
        ((BOUGHT, SPOKEN, RAISED), 0),
        ((BOUGHT, SPOKEN, LOWERED), 0),
        ((BOUGHT, SPOKEN, LOWERED, LOWERED_AGAIN), 0),
        ((BOUGHT, SPOKEN, LOWERED, LOWERED_VOIDED), 0),
        ((BOUGHT, LOWERED, SPOKEN, LOWERED_VOIDED), 0),
        ((BOUGHT, LOWERED, SPOKEN, LOWERED_AGAIN, MORE), 30),
        ((BOUGHT, SPOKEN, MORE, LOWERED, LOWERED_VOIDED), 30),
        ((SPOKEN, BOUGHT, RAISED), 120),
        ((SPOKEN, BOUGHT, LOWERED, LOWERED_AGAIN), 20),
        ((SPOKEN, BOUGHT, LOWERED, LOWERED_VOIDED), 0),
        ((VOIDED, SPOKEN, BOUGHT), 0),
        ((LOWERED, SPOKEN, BOUGHT), 50),
        ((LOWERED, LOWERED_AGAIN, BOUGHT, SPOKEN), 0),
    ],
)
def test_only_what_was_filled_since_the_margin_side_spoke_uses_buying_power(
    steps: tuple[Step, ...], used: int
) -> None:
    """Rule 19, R33, R53: a correction of an older fill is in the margin side's figure already.

    Of 500 units that 5000 money pay, those that fills use cannot be bought any more.
    """
    world = World()
    sent(world.order(order_qty=150))
    speak: dict[str, Any] = {"account": "alice", "requirement": 10_000, "buying_power": "5000"}
    world.step("margin_requirement", **speak)
    for name, fields in steps:
        if name == "margin":
            world.step("margin_requirement", **speak)
        else:
            terms: dict[str, Any] = {"last_px": "10"} | fields
            world.report(name, **terms)
    free = 500 - used - world.child(0)["leaves_qty"]
    denied_by(world.order(order_qty=free + 1), 19, "BUYING_POWER", "5010 money")


def test_buying_power_warns_at_seventy_and_restricts_at_ninety_percent() -> None:
    """Rule 19, R37, R73: notice first, then nothing that needs more, then nothing at all."""
    world = afford("1000")
    assert "limit_warned" not in names(world.order(order_qty=140))
    assert "limit_warned" in names(world.order(order_qty=1))
    denied_by(world.order(order_qty=40), 19, "LIMIT_RESTRICTS", "905 money")
    sent(world.order(order_qty=39))


def test_an_order_that_only_reduces_needs_no_buying_power() -> None:
    """Rule 19, R74: closing a position is possible without a cent."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    world.step("margin_requirement", account="alice", requirement=10_000, buying_power="0")
    denied_by(world.order(order_qty=1), 19, "BUYING_POWER", "10 money")
    denied_by(world.order(side="sell", order_qty=101), 19, "BUYING_POWER", "1010 money")
    sent(world.order(side="sell"))
    denied_by(world.order(side="sell", order_qty=1), 19, "BUYING_POWER", "1010 money")


def announced(notional_max: str, account: str = "alice") -> World:
    """Return a world in which a basket K1 was announced."""
    world = World()
    basket = {"basket_id": "K1", "account": account, "notional_max": notional_max}
    assert ["fact_taken"] == names(world.step("basket", session="CLIENT", **basket))
    return world


def test_a_basket_has_a_bound_of_its_own() -> None:
    """Rule 20, R22 (Citi, May 2022): each order passes and their sum does not."""
    world = announced("2500")
    for _ in range(2):
        sent(world.order(basket_id="K1"))
    expected = {"scope_kind": "basket", "scope": "K1", "limit_value": "2500 money"}
    more = world.order(basket_id="K1", order_qty=51)
    denied_by(more, 20, "MAX_BASKET_NOTIONAL", "2510 money", **expected)
    sent(world.order(basket_id="K1", order_qty=50))


@pytest.mark.parametrize("strategy", ["DMA", "TWAP"])
def test_a_replace_cannot_outgrow_the_basket(strategy: str) -> None:
    """Rule 20, R14, R22: a small basket does not become a large one by changing its orders."""
    world = announced("1500")
    assert "order_accepted" in names(world.order(basket_id="K1", strategy=strategy))
    if strategy == "DMA":
        world.report("new")
    events = world.replace(151)
    denied_by(events, 20, "MAX_BASKET_NOTIONAL", "1510 money", subject="replace_order")
    assert "denied" not in names(world.replace(140))
    denied_by(world.order(basket_id="K1", order_qty=11), 20, "MAX_BASKET_NOTIONAL", "1510 money")


def test_a_basket_is_announced_before_its_orders() -> None:
    """Rule 20, R13, R22: an order of an unknown basket is denied, not left out of the sum."""
    expected = {"rule": 20, "reason": "BASKET_UNKNOWN", "scope_kind": "basket", "scope": "K2"}
    assert_denied(announced("1000").order(basket_id="K2"), **expected)
    other = announced("1000", account="bob").order(basket_id="K1")
    assert_denied(other, **expected | {"scope": "K1"})
    sent(announced("1000", account="desk").order(basket_id="K1"))


def test_a_basket_is_announced_once() -> None:
    """Rule 20, R22: announcing it again does not empty or enlarge it."""
    world = announced("1000")
    again = {"basket_id": "K1", "account": "alice", "notional_max": "444000000000"}
    events = world.step("basket", session="CLIENT", **again)
    assert_denied(events, reason="DUPLICATE_CL_ORD_ID", scope_kind="basket", scope="K1")
    denied_by(world.order(basket_id="K1", order_qty=101), 20, "MAX_BASKET_NOTIONAL", "1010 money")


def test_totals_of_every_level_are_exact_sums() -> None:
    """R33, R39: the exposure of a level is the sum of the accounts below it, to the last digit."""
    world = World()
    prices = {"alice": ("10.01", 100), "bob": ("9.99", 33)}
    for account, (price, qty) in prices.items():
        sent(world.order(account=account, price=price, order_qty=qty))
    world.now += SECOND
    rows = {row["account"]: Decimal(row["open_buy"]) for row in world.kernel.exposures()}
    assert Decimal(1001) == rows["alice"]
    assert Decimal("329.67") == rows["bob"]
    for level in ("trader", "desk", "firm"):
        assert Decimal("1330.67") == rows[level]
