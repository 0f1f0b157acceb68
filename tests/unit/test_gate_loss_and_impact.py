"""Rules 23 and 24 of the gate: stops tied to loss, and to the mark left on the market."""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import Event

from tests.world import SECOND, World, assert_denied, names, sent

PATH = ("firm", "desk", "trader", "alice")


def latches(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return what tripped: kind of scope, name of scope and reason."""
    return [
        (event["scope_kind"], event["scope"], event["reason"])
        for event in events
        if event.name == "latch_tripped"
    ]


def quote(world: World, px: str, symbol: str = "BAC") -> None:
    """Let the market stand at a price."""
    world.step("quote", symbol=symbol, bid_px=px, ask_px=px)


def long(world: World, qty: int = 100, px: str = "10") -> None:
    """Let alice be long of BAC."""
    sent(world.order(order_qty=qty, price=px))
    (child,) = [row["children"][0] for row in world.kernel.orders()[-1:]]
    world.fill(qty, child_id=child, px=px)


@pytest.mark.parametrize("scope", PATH)
def test_a_loss_beyond_the_limit_halts_its_level_by_the_clock(scope: str) -> None:
    """Rule 23, R36 (HanMag): nobody has to order anything for the stop to act, within a second."""
    world = World({scope: {"loss": 100}})
    long(world)
    quote(world, "9")
    assert [] == latches(world.wait(1))
    quote(world, "8.99")
    assert [("account", scope, "MAX_LOSS")] == latches(world.wait(1))
    assert [] == latches(world.wait(1))
    expected = {"scope_kind": "account", "scope": scope}
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED", **expected)


@pytest.mark.parametrize("scope", PATH)
def test_a_loss_beyond_the_limit_halts_its_level_by_the_next_order(scope: str) -> None:
    """Rule 23, R36: an order that comes before the clock meets the same stop."""
    world = World({scope: {"loss": 99}})
    long(world, px="11")
    events = world.order()
    assert [("account", scope, "MAX_LOSS")] == latches(events)
    expected = {"value": "100 money", "limit_value": "99 money", "scope": scope}
    assert_denied(events, rule=23, reason="MAX_LOSS", **expected)
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED", scope=scope)


def test_a_halted_loss_still_lets_orders_be_canceled_and_is_rearmed_by_a_person() -> None:
    """Rule 23, R95: cancels pass while the level stands; it goes on only after a named act."""
    world = World({"desk": {"loss": 100}})
    long(world)
    sent(world.order(price="9"))
    world.report("new", child_id=1)
    quote(world, "8.99")
    world.wait(1)
    assert ["order_cancel_requested", "child_cancel_requested"] == names(world.cancel(of="C2"))
    quote(world, "9")
    world.wait(1)
    world.signed("rearm", "olga", scope_kind="account", scope="desk", cause="hedged")
    sent(world.order(price="9"))


def test_realised_and_unrealised_losses_add_up() -> None:
    """Rule 23, R36: closing at a loss does not take it out of the sum."""
    world = World({"alice": {"loss": 149}})
    long(world)
    sent(world.order(side="sell", order_qty=50, price="9"))
    world.fill(50, child_id=1, px="9")
    quote(world, "8")
    assert [("account", "alice", "MAX_LOSS")] == latches(world.wait(1))
    row = next(row for row in world.kernel.exposures() if row["account"] == "alice")
    assert ("-50", "-100") == (row["realised"], row["unrealised"])


def test_the_loss_of_one_account_and_the_gain_of_another_meet_above() -> None:
    """Rule 23, R33, R36: a level loses what the accounts below it lose together."""
    world = World({"alice": {"loss": 1_000}, "firm": {"loss": 10}})
    long(world)
    sent(world.order(account="bob", side="sell"))
    world.fill(100, child_id=1)
    quote(world, "9")
    assert [] == latches(world.wait(1))
    rows = {row["account"]: row["unrealised"] for row in world.kernel.exposures()}
    assert ("-100", "100", "0") == (rows["alice"], rows["bob"], rows["firm"])


def test_a_loss_in_a_foreign_currency_counts_at_its_rate() -> None:
    """Rule 23, R36: 10,000 yen are 100 dollars, and 200 once the yen has doubled."""
    world = World({"alice": {"loss": 150}})
    sent(world.order(symbol="SONY", price="2000"))
    world.fill(100, px="2000")
    quote(world, "1900", "SONY")
    assert [] == latches(world.wait(1))
    world.step("currency_rate", currency="JPY", rate="0.02")
    assert [("account", "alice", "MAX_LOSS")] == latches(world.wait(1))


def test_the_loss_rate_looks_back_over_its_window() -> None:
    """Rule 23, R36 (HanMag: 62 seconds): a loss is fast or slow by the window it happened in."""
    world = World({"alice": {"loss_rate": 100, "loss_window": 80 * SECOND}})
    long(world)
    world.wait(1)
    for px in ("9.5", "9.01"):
        quote(world, px)
        assert [] == latches(world.wait(10))
    quote(world, "8.99")
    assert [("account", "alice", "MAX_LOSS_RATE")] == latches(world.wait(10))


def test_a_slow_loss_of_the_same_size_passes_the_rate() -> None:
    """Rule 23, R36: what was lost before the window began is the amount's to judge."""
    world = World({"alice": {"loss_rate": 100, "loss_window": 80 * SECOND}})
    long(world)
    world.wait(1)
    tripped = []
    for px in ("9.5", "9", "8.5", "8", "7.5"):
        quote(world, px)
        for _ in range(10):
            tripped += latches(world.wait(10))
    assert [] == tripped
    row = next(row for row in world.kernel.exposures() if row["account"] == "alice")
    assert "-250" == row["unrealised"]


def test_the_first_loss_of_the_day_is_a_fast_one() -> None:
    """Rule 23, R36: a loss before the first tick has no better moment to compare with than zero."""
    world = World({"alice": {"loss_rate": 99}})
    long(world, px="11")
    events = world.order()
    assert_denied(events, rule=23, reason="MAX_LOSS_RATE", value="100 money")
    assert [("account", "alice", "MAX_LOSS_RATE")] == latches(events)


# Knight: over 20 % of the volume while the price moved over 5 %.
KNIGHT: dict[str, object] = {"volume_share": 2_000, "price_move": 500, "volume_share_floor": 500}


def impact(world: World, volume: int, *, moved: str) -> None:
    """Let the market have traded a volume and stand at a price; the phase began at 10."""
    world.step("market_trade", symbol="BAC", px="10", qty=volume)
    quote(world, moved)


@pytest.mark.parametrize("scope", PATH)
def test_a_large_share_of_a_moving_market_halts_the_account(scope: str) -> None:
    """Rule 24, R108 (Knight, paragraph 18): both measures together trip, at every level."""
    world = World({scope: KNIGHT})
    impact(world, 10_000, moved="10.6")
    long(world, 1_000)
    sent(world.order(order_qty=1_000))
    events = world.order(order_qty=1_001)
    assert [("account", "alice", "MARKET_IMPACT")] == latches(events)
    expected = {"value": "2001 bps", "limit_value": "2000 bps", "limit": "volume_share"}
    assert_denied(events, rule=24, reason="MARKET_IMPACT", scope=scope, **expected)
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED", scope="alice")


@pytest.mark.parametrize(
    ("moved", "qty"),
    [("10.5", 3_000), ("10.6", 1_000), ("10", 9_000)],
    ids=["the price at its limit", "the share at its limit", "a calm price"],
)
def test_one_measure_alone_does_not_trip(moved: str, qty: int) -> None:
    """Rule 24: a large share of a calm market, or a small one of a moving market, passes."""
    world = World({"alice": KNIGHT})
    impact(world, 10_000, moved=moved)
    long(world, 1_000)
    sent(world.order(order_qty=qty))


def test_a_fall_is_a_move_like_a_rise() -> None:
    """Rule 24: a seller that pushes the price down is stopped like a buyer."""
    world = World({"alice": KNIGHT})
    impact(world, 10_000, moved="9.4")
    sent(world.order(side="sell", order_qty=2_000))
    events = world.order(side="sell", order_qty=2_010)
    assert [("account", "alice", "MARKET_IMPACT")] == latches(events)


def test_the_move_is_measured_from_the_beginning_of_the_phase() -> None:
    """Rule 24: what happened before the phase began is not our mark on it."""
    world = World({"alice": KNIGHT})
    impact(world, 10_000, moved="10.6")
    assert_denied(world.order(order_qty=2_010), rule=24, reason="MARKET_IMPACT")
    calm = World({"alice": KNIGHT})
    impact(calm, 10_000, moved="10.6")
    calm.step("phase_change", phase="continuous")
    quote(calm, "10.7")
    sent(calm.order(order_qty=2_010))


def test_below_the_floor_nothing_is_judged() -> None:
    """Rule 24: 500 units are no mark on any market, however thin it is."""
    world = World({"alice": KNIGHT})
    impact(world, 100, moved="11")
    sent(world.order(order_qty=500))
    assert_denied(world.order(order_qty=501), rule=24, reason="MARKET_IMPACT")


def test_without_a_volume_of_the_market_nothing_is_judged_small() -> None:
    """Rule 24, R13: an unknown volume denies, and does not halt anybody."""
    world = World({"alice": KNIGHT})
    events = world.order(order_qty=501)
    expected = {"scope_kind": "symbol", "scope": "BAC"}
    assert_denied(events, rule=24, reason="VOLUME_MISSING", **expected)
    assert [] == latches(events)
    world.step("market_trade", symbol="BAC", px="10", qty=100_000)
    sent(world.order(order_qty=501))


def test_a_slice_beyond_it_halts_the_strategy() -> None:
    """Rule 24, R5: what an algorithm does stops the algorithm."""
    world = World({"alice": KNIGHT})
    impact(world, 10_000, moved="10.6")
    world.order(strategy="TWAP", order_qty=5_000)
    events = world.slice(0, 2_010)
    assert [("strategy", "TWAP", "MARKET_IMPACT")] == latches(events)
    assert_denied(world.slice(0, 10), rule=1, reason="SCOPE_HALTED", scope="TWAP")
    sent(world.order(order_qty=100))


def test_an_order_that_only_reduces_passes() -> None:
    """Rule 24, R37: the way out of a position that is too large stays open."""
    world = World({"alice": KNIGHT}, opening=(("alice", "BAC", 5_000, "10"),))
    impact(world, 10_000, moved="9")
    sent(world.order(side="sell", order_qty=5_000))


@pytest.mark.parametrize(
    ("share", "move", "level"),
    [((2_010, 5_000, 10_000), 500, "warn"), (1_000, (600, 5_000, 10_000), "warn")],
)
def test_nearing_both_measures_warns(share: Any, move: Any, level: str) -> None:
    """Rule 24, R37: the lower of the two levels is told before it restricts or blocks."""
    terms = KNIGHT | {"volume_share": share, "price_move": move}
    world = World({"alice": terms})
    impact(world, 10_000, moved="10.6")
    events = world.order(order_qty=2_010)
    sent(events)
    warned = [event["level"] for event in events if event.name == "limit_warned"]
    assert [level] == warned


def test_beyond_the_restricting_share_of_both_more_is_denied() -> None:
    """Rule 24, R37: restricted, and not yet halted."""
    terms = KNIGHT | {"volume_share": (2_010, 5_000, 9_000), "price_move": (600, 5_000, 9_000)}
    world = World({"alice": terms})
    impact(world, 10_000, moved="10.6")
    events = world.order(order_qty=2_010)
    assert_denied(events, rule=24, reason="LIMIT_RESTRICTS", scope="alice")
    assert [] == latches(events)
