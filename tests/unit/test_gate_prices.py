"""Rules 9 to 11 of the gate: collars, drift and bands around the instrument's own reference."""

from __future__ import annotations

from typing import Any

import pytest
from ringfence.engine import Scalar

from tests.world import SECOND, World, assert_denied, sent

PHASES = ("pre_open", "auction", "continuous", "post", "overnight")
# The first source of each phase, as the small broker's plan names it.
FIRST = {
    "pre_open": "previous_close",
    "auction": "indicative",
    "continuous": "mid",
    "post": "official_close",
    "overnight": "session_reference",
}
SECOND_SOURCE = {"auction": "previous_close", "continuous": "last", "post": "last"}
COLLAR = {phase: {"collar": 500, "age_max": 10 * SECOND} for phase in PHASES}


def give(world: World, source: str, px: str) -> None:
    """Give BAC a price of one source."""
    if source == "mid":
        world.step("quote", symbol="BAC", bid_px=px, ask_px=px)
    elif source == "last":
        world.step("market_trade", symbol="BAC", px=px, qty=100)
    else:
        world.step("reference_price", symbol="BAC", source=source, px=px)


def bare(phase: str, phases: dict[str, dict[str, Any]] | None = None) -> World:
    """Return a world in a phase in which BAC has no price of any source."""
    world = World(phases=phases or COLLAR)
    world.step("phase_change", symbol="BAC", phase=phase)
    world.step("quote", symbol="BAC", bid_px=None, ask_px=None)
    return world


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("side", "inside", "outside"), [("buy", "21", "21.01"), ("sell", "19", "18.99")]
)
def test_the_collar_holds_in_every_phase(phase: str, side: str, inside: str, outside: str) -> None:
    """Rule 9, R17 (Knight's auction orders, Goldman before the open): no phase is exempt."""
    world = bare(phase)
    give(world, FIRST[phase], "20")
    sent(world.order(side=side, price=inside))
    assert_denied(
        world.order(side=side, price=outside),
        rule=9,
        reason="PRICE_COLLAR",
        value="505 bps",
        limit_value="500 bps",
        scope_kind="symbol",
        scope="BAC",
    )


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_without_a_price_denies(phase: str) -> None:
    """Rule 9, R13, R17: an order is never compared with nothing."""
    expected = {"scope_kind": "symbol", "scope": "BAC", "value": None}
    assert_denied(bare(phase).order(), rule=9, reason="NO_REFERENCE", **expected)


def test_a_phase_without_a_source_denies() -> None:
    """Rule 9, R17: where the plan names no source, no price of another phase stands in."""
    world = World()
    for source in ("mid", "last", *FIRST.values()):
        give(world, source, "10")
    world.step("phase_change", symbol="BAC", phase="halted")
    assert_denied(world.order(), rule=9, reason="NO_REFERENCE", scope="BAC")


@pytest.mark.parametrize("phase", sorted(SECOND_SOURCE))
def test_the_next_source_stands_in_when_the_first_is_missing(phase: str) -> None:
    """Rule 9, R17: the waterfall goes to the next source, not to no collar."""
    world = bare(phase)
    give(world, SECOND_SOURCE[phase], "40")
    sent(world.order(price="42"))
    assert_denied(world.order(price="42.01"), rule=9, reason="PRICE_COLLAR")
    give(world, FIRST[phase], "20")
    assert_denied(world.order(price="42"), rule=9, reason="PRICE_COLLAR", value="11000 bps")


def test_a_stale_source_falls_to_the_next_and_then_to_none() -> None:
    """Rule 9, R42, R70: a price older than the phase allows is no price."""
    world = bare("continuous")
    give(world, "mid", "20")
    world.now += 8 * SECOND
    give(world, "last", "40")
    world.now += 2 * SECOND
    assert_denied(world.order(price="42"), rule=9, reason="PRICE_COLLAR")
    world.now += 1
    sent(world.order(price="42"))
    world.now += 8 * SECOND
    assert_denied(world.order(price="42"), rule=9, reason="NO_REFERENCE")


def test_one_fresh_side_is_no_middle() -> None:
    """Rule 9, R70: a quote without a bid, and a crossed quote, are no reference."""
    world = bare("continuous")
    give(world, "last", "40")
    for bid, ask in ((None, "20"), ("20", None), ("20.01", "20")):
        world.step("quote", symbol="BAC", bid_px=bid, ask_px=ask)
        sent(world.order(price="42"))
    world.step("quote", symbol="BAC", bid_px="20", ask_px="20.02")
    assert_denied(world.order(price="42"), rule=9, reason="PRICE_COLLAR")


@pytest.mark.parametrize("phase", ["pre_open", "post", "overnight"])
def test_a_price_fixed_by_definition_does_not_age(phase: str) -> None:
    """Rule 9, R19: a close, or the reference of a session, holds for the whole session."""
    world = bare(phase)
    give(world, FIRST[phase], "20")
    world.now += 8 * 3_600 * SECOND
    sent(world.order(price="21"))


def test_the_overnight_band_holds_on_both_sides_and_needs_no_quote() -> None:
    """Rule 9, R19 (Blue Ocean): 20 % around the reference fixed for the session, our collar within.

    Quotes move and the band does not; there is no national best price to lean on.
    """
    world = bare("overnight", {"overnight": {"collar": 1_500, "band": 2_000}})
    give(world, "session_reference", "10")
    world.step("quote", symbol="BAC", bid_px="5", ask_px="5.02")
    sent(world.order(price="8"))
    sent(world.order(price="11.5"))
    expected = {"rule": 9, "scope": "BAC", "limit": None}
    for price, distance in (("7.99", "2010"), ("5.01", "4990")):
        found = {"value": f"{distance} bps", "limit_value": "2000 bps"}
        assert_denied(world.order(price=price), reason="SESSION_BAND", **expected, **found)
    collar = {"value": "1510 bps", "limit_value": "1500 bps"}
    assert_denied(world.order(price="11.51"), reason="PRICE_COLLAR", **expected, **collar)


def test_the_overnight_band_alone_denies_above_as_well() -> None:
    """Rule 9, R19: the venue's band holds where the own collar would be wider."""
    world = bare("overnight", {"overnight": {"collar": 5_000, "band": 2_000}})
    give(world, "session_reference", "10")
    sent(world.order(price="12"))
    assert_denied(world.order(price="12.01"), rule=9, reason="SESSION_BAND", value="2010 bps")


def test_a_collar_around_a_negative_reference() -> None:
    """Rule 9, R39: through a price of -10 means towards zero for a buy, away from it for a sale."""
    world = signed_world()
    give(world, "mid", "-10")
    sent(world.order(price="-9.5"))
    assert_denied(world.order(price="-9.49"), rule=9, reason="PRICE_COLLAR", value="510 bps")
    sent(world.order(side="sell", price="-10.5"))
    assert_denied(world.order(side="sell", price="-10.51"), rule=9, reason="PRICE_COLLAR")


def test_a_reference_of_zero_admits_only_the_passive_side() -> None:
    """Rule 9, R13, R39: no share of zero exists, so the distance cannot be judged and denies."""
    world = signed_world()
    give(world, "mid", "0")
    sent(world.order(price="0"))
    sent(world.order(price="-1"))
    expected = {"value": "0.01 price", "limit_value": "0 price"}
    assert_denied(world.order(price="0.01"), rule=9, reason="PRICE_COLLAR", **expected)


def signed_world() -> World:
    """Return a world in which BAC may trade at any sign, with a collar of 5 %."""
    ladder: dict[str, Scalar] = {"ladder": "signed", "from_px": "-1000", "tick": "0.01"}
    return World(
        phases=COLLAR,
        instruments={"BAC": {"negative_prices": True, "ladder": "signed"}},
        more=(("tick_definition", ladder),),
    )


def walk(world: World, *prices: str) -> None:
    """Move the market of BAC through prices, each of them a quote."""
    for px in prices:
        give(world, "mid", px)


@pytest.mark.parametrize(
    ("side", "prices", "inside", "outside"),
    [
        ("buy", ("10.4", "10.8", "11.2"), "11", "11.01"),
        ("sell", ("9.6", "9.2", "8.8"), "9", "8.99"),
    ],
)
def test_orders_within_their_collar_cannot_walk_the_price(
    side: str, prices: tuple[str, ...], inside: str, outside: str
) -> None:
    """Rule 10, R18: each order is near the market, and the market has moved 12 % in the window."""
    world = World(phases={"continuous": {"collar": 500, "drift": 1_000}})
    walk(world, *prices)
    sent(world.order(side=side, price=inside))
    assert_denied(
        world.order(side=side, price=outside),
        rule=10,
        reason="PRICE_DRIFT",
        value="1010 bps",
        limit_value="1000 bps",
        scope="BAC",
    )
    # A market order counts with the present reference.
    assert_denied(
        world.order(side=side, ord_type="market"),
        rule=10,
        reason="PRICE_DRIFT",
        value="1200 bps",
    )


def test_a_new_window_starts_from_the_price_before_it() -> None:
    """Rule 10, R18: drift is judged from the last price before the window began."""
    world = World(phases={"continuous": {"drift": 1_000, "drift_window": 60 * SECOND}})
    walk(world, "10.9", "11.2")
    assert_denied(world.order(price="11.2"), rule=10, reason="PRICE_DRIFT")
    world.now += 60 * SECOND
    sent(world.order(price="11.2"))
    walk(world, "12.3", "12.4")
    sent(world.order(price="12.32"))
    assert_denied(world.order(price="12.33"), rule=10, reason="PRICE_DRIFT")


BANDED = {"BAC": {"banded": True}}


def banded() -> World:
    """Return a world in which BAC has a limit-up/limit-down band of 9.50 to 10.50."""
    world = World(instruments=BANDED)
    world.step("price_band", symbol="BAC", lower_px="9.5", upper_px="10.5")
    return world


@pytest.mark.parametrize(
    ("side", "inside", "outside", "bound"),
    [("buy", "10.5", "10.51", "10.5"), ("sell", "9.5", "9.49", "9.5")],
)
def test_an_order_through_the_band_is_denied(
    side: str, inside: str, outside: str, bound: str
) -> None:
    """Rule 11: an order at the band passes, one through it cannot trade and is denied."""
    world = banded()
    sent(world.order(side=side, price=inside))
    expected = {"value": f"{outside} price", "limit_value": f"{bound} price", "scope": "BAC"}
    events = world.order(side=side, price=outside)
    assert_denied(events, rule=11, reason="PRICE_BAND", **expected)


def test_a_missing_band_denies() -> None:
    """Rule 11, R13 (NYSE, 24 January 2023): trades before the bands were there were busted."""
    world = World(instruments=BANDED)
    assert_denied(world.order(), rule=11, reason="BAND_MISSING", scope="BAC")
    world.step("price_band", symbol="BAC", lower_px="9.5", upper_px="10.5")
    sent(world.order())


def test_a_market_order_meets_the_band_at_the_reference() -> None:
    """Rule 11: where the market stands outside the band a market order is denied."""
    world = banded()
    sent(world.order(ord_type="market"))
    give(world, "mid", "10.6")
    assert_denied(world.order(ord_type="market"), rule=11, reason="PRICE_BAND", value="10.6 price")
    sent(world.order(side="sell", ord_type="market"))


def test_bands_bind_only_in_continuous_trading_of_banded_instruments() -> None:
    """Rule 11: no band exists outside the regular session, and none is asked for."""
    world = World(instruments=BANDED)
    give(world, "official_close", "10")
    world.step("phase_change", symbol="BAC", phase="post")
    sent(world.order())
    other = World()
    other.step("price_band", symbol="BAC", lower_px="9.5", upper_px="9.6")
    sent(other.order())
