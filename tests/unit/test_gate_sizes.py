"""Rules 6 to 8 of the gate: how large one order may be, and what a unit of it is worth."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, assert_denied, names, sent

COLLAR = {"continuous": {"collar": 500}}


def valued(limit: str, **order: Any) -> None:
    """Check that the notional of an order is exactly `limit`: it passes there and not below."""
    sent(World({"alice": {"order_notional": limit}}, phases=COLLAR).order(**order))
    below = f"{limit}000000000"
    below = str(int(below) - 1)
    tight = f"{below[:-9]}.{below[-9:]}"
    events = World({"alice": {"order_notional": tight}}, phases=COLLAR).order(**order)
    assert_denied(events, rule=7, reason="MAX_ORDER_NOTIONAL", value=f"{limit} money")


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_market_order_is_valued_at_the_reference_and_the_collar(side: str) -> None:
    """Rule 7, R15 (Everbright): 100 at a reference of 10 and a collar of 5 % are 1,050, never 0."""
    valued("1050", side=side, ord_type="market")


def test_a_limit_order_is_valued_at_its_worst_price() -> None:
    """Rule 7, R14: a buy is worth its limit, a sale the higher of its limit and the reference."""
    valued("900", price="9")
    valued("1050", price="10.5")
    valued("1000", side="sell", price="9.6")
    valued("1200", side="sell", price="12")


def test_a_stop_is_valued_when_it_triggers() -> None:
    """Rule 7, R15: a triggered stop is a market order, at the reference and the collar of then."""
    world = World({"alice": {"order_notional": 1_260}}, phases=COLLAR)
    assert ["order_accepted"] == names(world.order(ord_type="stop", stop_px="12"))
    world.step("quote", symbol="BAC", bid_px="12", ask_px="12.02")
    events = world.step("market_trade", symbol="BAC", px="12", qty=100)
    expected = {"value": "1261.05 money", "subject": "triggered_stop"}
    assert_denied(events, rule=7, reason="MAX_ORDER_NOTIONAL", **expected)


def test_a_market_order_without_a_reference_is_denied() -> None:
    """Rule 7, R13, R15: what cannot be priced is not worth nothing, it is refused."""
    world = World()
    world.step("quote", symbol="BAC", bid_px=None, ask_px=None)
    expected = {"scope_kind": "symbol", "scope": "BAC", "value": None}
    assert_denied(world.order(ord_type="market"), rule=7, reason="UNPRICEABLE", **expected)


def test_a_parent_of_an_algorithm_without_a_value_is_not_accepted() -> None:
    """R15: what came in is compared with what leaves, so its value must be known at entry."""
    world = World()
    world.step("quote", symbol="BAC", bid_px=None, ask_px=None)
    events = world.order(strategy="TWAP", ord_type="market")
    assert_denied(events, reason="UNPRICEABLE", scope="BAC")


@pytest.mark.parametrize("value", ["2000", "1999.999999999"])
def test_a_foreign_instrument_is_valued_in_the_base_currency(value: str) -> None:
    """Rule 7: 100 at 2,000 yen and a rate of 0.01 are 2,000 dollars."""
    world = World({"alice": {"order_notional": value}})
    events = world.order(symbol="SONY", price="2000")
    if value == "2000":
        sent(events)
    else:
        assert_denied(events, rule=7, reason="MAX_ORDER_NOTIONAL", value="2000 money")


def test_a_multiplier_is_part_of_the_value() -> None:
    """Rule 7, R8 (Everbright's baskets for shares): one unit of a contract is worth 50 prices."""
    world = World({"alice": {"order_notional": 49_999}}, instruments={"BAC": {"multiplier": 50}})
    assert_denied(world.order(), rule=7, reason="MAX_ORDER_NOTIONAL", value="50000 money")


def test_a_negative_price_has_a_positive_notional() -> None:
    """Rule 7, R39 (WTI): an order at -37.63 is exposure and not a credit."""
    world = World(
        {"alice": {"order_notional": 3_762}},
        instruments={"BAC": {"negative_prices": True, "ladder": "signed"}},
        more=(("tick_definition", {"ladder": "signed", "from_px": "-100", "tick": "0.01"}),),
    )
    events = world.order(price="-37.63")
    assert_denied(events, rule=7, reason="MAX_ORDER_NOTIONAL", value="3763 money")


@pytest.mark.parametrize(
    ("missing", "limit"),
    [
        ("average_volume", "order_average_volume_share"),
        ("shares_outstanding", "order_outstanding_share"),
    ],
)
@pytest.mark.parametrize("value", [None, 0])
def test_a_missing_size_of_the_instrument_denies(
    missing: str, limit: str, value: int | None
) -> None:
    """Rule 8, R13, R16: without a volume, or with one of zero, no share of it can be judged."""
    events = World(instruments={"BAC": {missing: value}}).order()
    expected = {"limit": limit, "scope_kind": "symbol", "scope": "BAC"}
    assert_denied(events, rule=8, reason="SIZE_REFERENCE_MISSING", **expected)


def test_forty_two_times_the_shares_outstanding_are_denied() -> None:
    """Rule 8, R16 (Mizuho, December 2005): 610,000 of 14,500 issued shares, at one yen."""
    world = World(
        {"BAC": {"order_outstanding_share": 100}},
        instruments={"BAC": {"shares_outstanding": 14_500}},
    )
    events = world.order(side="sell", order_qty=610_000, price="1")
    expected = {"value": "420690 bps", "limit_value": "100 bps", "scope_kind": "symbol"}
    assert_denied(events, rule=8, reason="OUTSTANDING_SHARE", **expected)
    sent(world.order(side="sell", order_qty=145))


def test_a_limit_that_the_volume_makes_ineffective_is_seen() -> None:
    """Rule 8, R16 (Merrill): five million shares of a stock that trades 79,000 a day."""
    world = World(
        {"BAC": {"order_qty": 5_000_000, "order_average_volume_share": 1_000}},
        instruments={"BAC": {"average_volume": 79_000}},
    )
    events = world.order(order_qty=5_000_000)
    assert_denied(events, rule=8, reason="AVERAGE_VOLUME_SHARE", value="632912 bps")


def test_a_share_is_rounded_up() -> None:
    """Rule 8: one unit above a hundredth of the volume is not rounded down into the limit."""
    world = World(
        {"BAC": {"order_average_volume_share": 100}},
        instruments={"BAC": {"average_volume": 1_000_000}},
    )
    sent(world.order(order_qty=10_000))
    events = world.order(order_qty=10_001)
    assert_denied(events, rule=8, reason="AVERAGE_VOLUME_SHARE", value="101 bps")
