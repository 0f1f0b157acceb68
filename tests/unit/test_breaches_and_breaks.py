"""What the kernel tells at once: breaches of limits, and differences to what a venue says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ringfence import Event

from tests.world import World, assert_denied, names, sent


def fall(world: World) -> list[Event]:
    """Let the price fall and a second pass; nobody enters an order."""
    world.step("quote", symbol="BAC", bid_px="9", ask_px="9")
    return world.wait(1)


@dataclass(frozen=True)
class Breach:
    """A breach of something that is watched.

    Args:
        limits: changed limits of alice; she has 100 units at 10 and an open order C1 of 100.
        happens: the input that breaches.
        event, scope: what tells of it, and whom it is about.
    """

    happens: Callable[[World], list[Event]]
    event: str
    scope: str
    limits: dict[str, object] = field(default_factory=dict)


BREACHES = {
    "warned": Breach(
        lambda world: world.order(order_qty=71),
        "limit_warned",
        "alice",
        {"order_qty": (100, 7_000, 9_000)},
    ),
    "loss by the market": Breach(fall, "latch_tripped", "alice", {"loss": 99}),
    "loss rate by the market": Breach(fall, "latch_tripped", "alice", {"loss_rate": 99}),
    "too many messages": Breach(
        lambda world: world.order(), "latch_tripped", "CLIENT", {"message_disable_count": 1}
    ),
    "more filled than ordered": Breach(lambda world: world.fill(101), "latch_tripped", "N1"),
    "a fill of nobody": Breach(
        lambda world: world.fill(1, venue="XNYS", cl_ord_id="?", symbol="BAC", side="buy"),
        "latch_tripped",
        "XNYS",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_tells_the_operator_in_the_same_step(name: str) -> None:
    """R41: nobody has to look. Before the breach nothing is told, and after it nothing waits.

    That the alert is on a screen within seconds, at twice the peak, is for the monitor to show.
    """
    breach = BREACHES[name]
    world = World({"alice": breach.limits}, opening=(("alice", "BAC", 100, "10"),))
    before = world.order() + world.wait(0)
    assert not {"limit_warned", "latch_tripped"} & set(names(before))
    told = [event for event in breach.happens(world) if event.name == breach.event]
    assert breach.scope in [event["scope"] for event in told]
    assert {"operator"} == {event.to for event in told}


def correct(world: World, **changed: Any) -> list[Event]:
    """Take a correction of the fill F1."""
    return world.report("trade_correct", exec_ref_id="F1", **changed)


# Class of the difference -> what the venue says of the order of 100, of which F1 filled 60; the
# event that has the class; and a field of it.
BREAKS: dict[str, tuple[Callable[[World], list[Event]], str, dict[str, object]]] = {
    "missing ack": (
        lambda world: [*world.order(), *world.wait(1)],
        "child_in_doubt",
        {"child_id": 1, "ended": False},
    ),
    "missing fill": (
        lambda world: world.report("order_status", ord_status="partially_filled", cum_qty=70),
        "report_ignored",
        {"why": "fill_missing"},
    ),
    "missing last fill": (
        lambda world: world.report("canceled", cum_qty=70),
        "child_in_doubt",
        {"ended": True, "told_qty": 70},
    ),
    "extra fill": (
        lambda world: world.fill(5, venue="XNYS", cl_ord_id="?", symbol="BAC", side="buy"),
        "latch_tripped",
        {"reason": "ORPHAN"},
    ),
    "more than ordered": (
        lambda world: world.fill(41),
        "latch_tripped",
        {"reason": "OVER_FILL"},
    ),
    "quantity": (
        lambda world: correct(world, last_qty=50, last_px="10"),
        "fill_corrected",
        {"last_qty": 50, "last_px": "10"},
    ),
    "price": (
        lambda world: correct(world, last_qty=60, last_px="10.01"),
        "fill_corrected",
        {"last_qty": 60, "last_px": "10.01"},
    ),
    "void": (
        lambda world: world.report("trade_cancel", exec_ref_id="F1"),
        "fill_busted",
        {"fill_id": 0},
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_difference_to_a_venue_has_an_event_that_says_which(name: str) -> None:
    """R49: as the report arrives, and in whichever order; the books follow the venue.

    A drop copy is one more source of the same reports. Comparing with brokers and with clearing
    is for the reconciliation of the node.
    """
    says, event, fields = BREAKS[name]
    world = World()
    sent(world.order())
    world.fill(60, exec_id="F1")
    found = [row for row in says(world) if row.name == event]
    assert fields in [{key: row.get(key) for key in fields} for row in found]
    assert {0} == {row["difference"] for row in world.kernel.zero_sum()}


def test_a_copy_that_agrees_is_no_difference() -> None:
    """R49, R51: the same report from the session and from the drop copy counts once."""
    world = World()
    sent(world.order())
    world.fill(60, exec_id="F1")
    before = world.kernel.positions(), world.kernel.orders(), world.kernel.scopes()
    (again,) = world.fill(60, exec_id="F1")
    assert ("report_ignored", "seen_before") == (again.name, again["why"])
    assert before == (world.kernel.positions(), world.kernel.orders(), world.kernel.scopes())


def test_until_its_fills_stand_an_account_sells_what_is_confirmed_and_other_symbols() -> None:
    """R56 (Blue Ocean): affected symbols to the confirmed position, the others as before."""
    short = {"short_sale_rules": True}
    held = (("alice", "BAC", 100, "10"), ("alice", "IBM", 100, "100"), ("bob", "BAC", 50, "10"))
    world = World(instruments={"BAC": short, "IBM": short}, opening=held)
    sent(world.order(order_qty=50))
    world.fill(50, exec_id="F1")
    world.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=True)
    refused = world.order(side="sell", order_qty=101)
    assert_denied(refused, rule=21, reason="SALE_NOT_LONG", limit_value="100 units")
    sent(world.order(side="sell", symbol="IBM", price="100"))
    sent(world.order(side="sell", account="bob", order_qty=50))
    sent(world.order(side="sell", order_qty=100))
    assert_denied(world.order(side="sell", order_qty=1), rule=21, limit_value="0 units")
    world.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=False)
    sent(world.order(side="sell", order_qty=50))


def test_a_voided_fill_leaves_the_confirmed_position_to_sell() -> None:
    """R53, R56: after the void nothing but the confirmed position, and never less than it."""
    short = {"short_sale_rules": True}
    world = World(instruments={"BAC": short}, opening=(("alice", "BAC", 100, "10"),))
    sent(world.order(order_qty=50, ex_destination="OCEA"))
    world.fill(50, exec_id="F1")
    world.report("trade_cancel", exec_ref_id="F1")
    refused = world.order(side="sell", order_qty=101)
    assert_denied(refused, rule=21, reason="SALE_NOT_LONG", limit_value="100 units")
    sent(world.order(side="sell", order_qty=100))
