"""Every limit of the gate, one by one: just inside, beyond, absent, unlimited, and its levels.

A row of LIMITS says how an ordinary order comes to use exactly `value` of a limit. The tests then
turn only that limit: to the value (passes), one below it (denies), away (denies), and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from ringfence import Event, _core

from tests.world import SECOND, World, assert_denied, names, sent

PATH = ("firm", "desk", "trader", "alice")
LEAF = ("alice",)
WITH_SYMBOL = (*PATH, "BAC")
# With these an order of 100 is 100 bps of the average volume and 50 bps of what was issued.
SIZED = {"BAC": {"average_volume": 10_000, "shares_outstanding": 20_000}}
# Enough to sell from, so that the sale of 100 only reduces.
HELD = (("alice", "BAC", 1_000, "10"),)


@dataclass(frozen=True)
class Use:
    """How an order of 100 at 10.00 uses a limit.

    Args:
        limit: name of the limit.
        rule, reason: what denies beyond it.
        value, unit: what the order is found to use.
        scopes: whose limits are compared, most general first.
        before: what happened before: nothing, an equal order, a loss of 100, or a basket.
        far: whether the order is 1 % through the market.
        side: side of the order; the sale of 100 where only reducing passes.
        reduces: whether a sale that only reduces a position is compared at all.
    """

    limit: str
    rule: int
    reason: str
    value: int
    unit: str
    scopes: tuple[str, ...] = PATH
    before: str = "nothing"
    far: bool = False
    side: str = "buy"
    reduces: bool = True


LIMITS = (
    Use("order_qty", 6, "MAX_ORDER_QTY", 100, "units", WITH_SYMBOL),
    Use("order_notional", 7, "MAX_ORDER_NOTIONAL", 1_000, "money", WITH_SYMBOL),
    Use("order_average_volume_share", 8, "AVERAGE_VOLUME_SHARE", 100, "bps", WITH_SYMBOL),
    Use("order_outstanding_share", 8, "OUTSTANDING_SHARE", 50, "bps", WITH_SYMBOL),
    Use("price_collar", 9, "PRICE_COLLAR", 100, "bps", WITH_SYMBOL, far=True),
    Use("price_drift", 10, "PRICE_DRIFT", 100, "bps", WITH_SYMBOL, far=True),
    Use("duplicate_count", 12, "DUPLICATE_ORDER", 2, "count", LEAF, "order"),
    Use("message_count", 13, "MESSAGE_RATE", 2, "count", PATH, "order"),
    Use("message_disable_count", 13, "MESSAGE_DISABLE", 2, "count", LEAF, "order"),
    Use("repeat_count", 14, "REPEATED_EXECUTION", 2, "count", LEAF, "order"),
    Use("open_order_count", 15, "MAX_OPEN_ORDERS", 2, "count", PATH, "order"),
    Use("position_long", 16, "MAX_POSITION_LONG", 100, "units", reduces=False),
    Use("position_short", 16, "MAX_POSITION_SHORT", 100, "units", side="sell", reduces=False),
    Use("gross_notional", 17, "MAX_GROSS_NOTIONAL", 1_000, "money", reduces=False),
    Use("net_notional", 17, "MAX_NET_NOTIONAL", 1_000, "money", reduces=False),
    Use("daily_notional", 18, "MAX_DAILY_NOTIONAL", 2_000, "money", PATH, "order"),
    Use("daily_qty", 18, "MAX_DAILY_QTY", 200, "units", PATH, "order"),
    Use("daily_count", 18, "MAX_DAILY_COUNT", 2, "count", PATH, "order"),
    Use("basket_notional", 20, "MAX_BASKET_NOTIONAL", 1_000, "money", PATH, "basket"),
    Use("loss", 23, "MAX_LOSS", 100, "money", PATH, "loss"),
    Use("loss_rate", 23, "MAX_LOSS_RATE", 100, "money", PATH, "loss"),
    Use("parent_child_count", 25, "MAX_PARENT_CHILDREN", 1, "count"),
    Use("parent_notional", 25, "MAX_PARENT_NOTIONAL", 1_000, "money"),
    Use("parent_message_count", 25, "MAX_PARENT_MESSAGES", 1, "count"),
    Use("flow_qty", 26, "FLOW_QTY", 10_000, "bps"),
    Use("flow_notional", 26, "FLOW_NOTIONAL", 10_000, "bps"),
    Use("flow_count", 26, "FLOW_COUNT", 1, "count"),
)
# Limits that are read, not compared: where they are absent the rule that reads them denies.
READ = (
    ("duplicate_window", 12, LEAF),
    ("message_window", 13, PATH),
    ("cancel_reserve_count", 13, PATH),
    ("repeat_window", 14, LEAF),
    ("loss_window", 23, PATH),
    ("volume_share", 24, PATH),
    ("price_move", 24, PATH),
    ("volume_share_floor", 24, PATH),
    ("flow_window", 26, PATH),
)


EACH = [
    pytest.param(use, scope, id=f"{use.limit}-{scope}") for use in LIMITS for scope in use.scopes
]


def world_for(use: Use, limits: Mapping[str, Mapping[str, object]], *, reduce: bool) -> World:
    """Return a world that stands just before the order that is measured."""
    world = World(limits, instruments=SIZED, opening=HELD if reduce else ())
    side = "sell" if reduce else use.side
    if use.before == "order":
        sent(world.order(side=side))
    elif use.before == "basket":
        world.step(
            "basket", session="CLIENT", basket_id="K1", account="alice", notional_max="10000"
        )
    elif use.before == "loss":
        lose(world)
    return world


def lose(world: World) -> None:
    """Let alice lose 100: she buys 100 at 11 while the market stands at 10."""
    sent(world.order(price="11"))
    world.fill(100, px="11")


def measured(use: Use, world: World, *, reduce: bool) -> list[Event]:
    """Enter the order that uses the limit."""
    side = "sell" if reduce else use.side
    price = "10" if not use.far else "10.1" if side == "buy" else "9.9"
    basket = "K1" if use.before == "basket" else None
    return world.order(side=side, price=price, basket_id=basket)


def run(use: Use, scope: str, setting: object, *, reduce: bool = False) -> list[Event]:
    """Enter the order that uses the limit while it has `setting` in one scope."""
    world = world_for(use, {scope: {use.limit: setting}}, reduce=reduce)
    return measured(use, world, reduce=reduce)


def about(use: Use, scope: str) -> dict[str, object]:
    """Return what a refusal about the limit of a scope says."""
    kind = "symbol" if scope == "BAC" else "account"
    return {"rule": use.rule, "limit": use.limit, "scope_kind": kind, "scope": scope}


def test_every_limit_is_in_the_tables() -> None:
    """R108: no limit exists whose control was never seen to fire."""
    covered = [use.limit for use in LIMITS] + [limit for limit, _, _ in READ]
    assert sorted(row["name"] for row in _core.limit_keys()) == sorted(covered)


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_reaching_a_limit_exactly_passes(use: Use, scope: str) -> None:
    """R14: the value that equals the limit is just inside, at every level of the tree."""
    sent(run(use, scope, use.value))


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_one_beyond_a_limit_is_denied(use: Use, scope: str) -> None:
    """R14, R29, R33, R108: any level can deny, and says rule, limit, bound, value and scope."""
    events = run(use, scope, use.value - 1)
    assert_denied(
        events,
        reason=use.reason,
        limit_value=f"{use.value - 1} {use.unit}",
        value=f"{use.value} {use.unit}",
        subject="new_order",
        account="alice",
        **about(use, scope),
    )


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_an_absent_limit_denies(use: Use, scope: str) -> None:
    """R13: a limit that was forgotten is not infinity; the refusal names it and its scope."""
    events = run_absent(use, scope)
    assert_denied(events, reason="LIMIT_MISSING", value=None, **about(use, scope))


def run_absent(use: Use, scope: str) -> list[Event]:
    """Enter the order while the limit is absent; the first order already meets the gap."""
    world = World({scope: {use.limit: None}}, instruments=SIZED)
    if use.before == "basket":
        world.step(
            "basket", session="CLIENT", basket_id="K1", account="alice", notional_max="10000"
        )
    return measured(use, world, reduce=False)


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_an_unlimited_limit_that_is_written_out_passes(use: Use, scope: str) -> None:
    """R13: only UNLIMITED in so many words means no bound."""
    sent(run(use, scope, "UNLIMITED"))


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_beyond_the_warning_share_is_told_and_passes(use: Use, scope: str) -> None:
    """R37: past the warning share the operator hears of it and the order goes."""
    events = run(use, scope, (use.value, 5_000, 10_000))
    sent(events)
    (warned,) = [event for event in events if event.name == "limit_warned"]
    expected = {
        "level": "warn",
        "limit_value": f"{use.value} {use.unit}",
        "value": f"{use.value} {use.unit}",
        **about(use, scope),
    }
    assert expected == dict(warned.fields)
    assert "operator" == warned.to


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_beyond_the_restricting_share_more_risk_is_denied(use: Use, scope: str) -> None:
    """R37: past the restricting share only what reduces risk passes."""
    events = run(use, scope, (use.value, 5_000, 9_000))
    assert_denied(
        events,
        reason="LIMIT_RESTRICTS",
        value=f"{use.value} {use.unit}",
        limit_value=f"{use.value} {use.unit}",
        **about(use, scope),
    )
    assert "latch_tripped" not in names(events)


@pytest.mark.parametrize(("use", "scope"), EACH)
def test_beyond_the_restricting_share_less_risk_passes(use: Use, scope: str) -> None:
    """R37: a sale that only reduces the position passes where a purchase would not."""
    events = run(use, scope, (use.value, 5_000, 9_000), reduce=True)
    sent(events)
    warned = [event["level"] for event in events if event.name == "limit_warned"]
    assert (["restrict"] if use.reduces else []) == warned


@pytest.mark.parametrize(
    ("limit", "rule", "scope"),
    [
        pytest.param(limit, rule, scope, id=f"{limit}-{scope}")
        for limit, rule, scopes in READ
        for scope in scopes
    ],
)
def test_an_absent_window_or_threshold_denies(limit: str, rule: int, scope: str) -> None:
    """R13: what a rule only reads must be there as well, or the rule cannot run."""
    limits: dict[str, dict[str, object]] = {name: {"volume_share_floor": 0} for name in PATH}
    limits[scope] = limits[scope] | {limit: None}
    world = World(limits)
    world.step("market_trade", symbol="BAC", px="10", qty=1_000_000)
    expected = {"scope_kind": "account", "scope": scope, "limit": limit, "rule": rule}
    assert_denied(world.order(), reason="LIMIT_MISSING", **expected)


def test_the_most_restrictive_level_decides() -> None:
    """R14: of several levels the tightest one denies, whichever it is."""
    limits = {name: {"order_qty": qty} for name, qty in zip(PATH, (500, 400, 50, 300), strict=True)}
    assert_denied(World(limits).order(), reason="MAX_ORDER_QTY", scope="trader")


def test_a_sibling_account_counts_towards_the_levels_above() -> None:
    """R33: what one account has open is counted for the desk when another one orders."""
    world = World({"desk": {"gross_notional": 1_500}})
    sent(world.order(account="bob"))
    events = world.order(account="alice")
    assert_denied(
        events, reason="MAX_GROSS_NOTIONAL", scope="desk", value="2000 money", account="alice"
    )


def test_a_warning_comes_once_a_second_and_at_once_when_it_rises() -> None:
    """R37, R92: the same level warns once a second; a higher level does not wait."""
    world = World({"alice": {"daily_qty": (1_000, 5_000, 9_000)}})
    levels = []
    for qty in (600, 10, 10):
        events = world.order(order_qty=qty)
        levels.append([event["level"] for event in events if event.name == "limit_warned"])
    assert [["warn"], [], []] == levels
    world.wait(1)
    assert ["warn"] == [
        event["level"] for event in world.order(order_qty=10) if event.name == "limit_warned"
    ]
    sale = World({"alice": {"daily_qty": (1_000, 5_000, 9_000)}}, opening=HELD)
    assert ["warn"] == warnings(sale.order(side="sell", order_qty=600))
    assert ["restrict"] == warnings(sale.order(side="sell", order_qty=350))
    assert [] == warnings(sale.order(side="sell", order_qty=10))


def warnings(events: list[Event]) -> list[str]:
    """Return the levels of the warnings among events."""
    return [event["level"] for event in events if event.name == "limit_warned"]


def test_a_refused_order_still_warns() -> None:
    """R37: the warning of a lower level is given although a higher level denies."""
    world = World({"BAC": {"order_qty": (100, 5_000, 10_000)}, "firm": {"order_qty": 50}})
    events = world.order()
    assert ["warn"] == warnings(events)
    assert_denied(events, reason="MAX_ORDER_QTY", scope="firm")


def test_limits_are_shown_beside_their_use() -> None:
    """R40: every figure stands beside its limit, with how far it is used."""
    world = World({"desk": {"gross_notional": (2_000, 4_000, 9_000)}})
    sent(world.order())
    rows = [
        row
        for row in world.kernel.limits("alice", "BAC")
        if row["limit"] == "gross_notional" and row["scope"] in ("desk", "firm")
    ]
    shown = [(row["scope"], row["value"], row["used"], row["level"]) for row in rows]
    assert [
        ("desk", "2000 money", "1000 money", "warn"),
        ("firm", "UNLIMITED", "1000 money", "free"),
    ] == shown


def test_windows_that_are_unlimited_reach_back_for_ever() -> None:
    """R13: the longest window is the tightest reading of UNLIMITED, and it does not break."""
    windows = ("duplicate_window", "message_window", "repeat_window", "loss_window", "flow_window")
    world = World({"alice": dict.fromkeys(windows, "UNLIMITED") | {"duplicate_count": 1}})
    sent(world.order())
    world.now += 3_600 * SECOND
    assert_denied(world.order(), reason="DUPLICATE_ORDER", value="2 count")
