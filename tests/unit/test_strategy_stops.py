"""What stops a strategy: Knight's day on one node, each stop for itself, and a burst of orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ringfence import Event, Kernel

from tests.world import SECOND, World, assert_denied, names, sent

PARENTS = 212  # of 1 August 2012
SLICE_QTY = 40


def runaway(world: World, parents: int) -> list[Event]:
    """Propose a slice for each parent, whatever was filled; the venue fills what it gets."""
    said: list[Event] = []
    for parent in range(parents):
        events = world.slice(parent, SLICE_QTY)
        said += events
        for event in events:
            if event.name == "child_sent":
                said += world.fill(SLICE_QTY, child_id=event["child_id"])
    return said


def test_a_runaway_algorithm_sends_what_was_ordered_and_stops_at_the_first_excess() -> None:
    """R5, R6 (Knight): an algorithm that sees no fills, 212 parents, one node.

    Whatever it proposes, no parent gets more than was ordered. The first fill of a filled parent
    stops strategy and node; nothing leaves after it, and the excess is one child. That it grows
    without bound where there is no such kernel is for the lab to show, beside the other nodes.
    """
    world = World()
    for _ in range(PARENTS):
        world.order(strategy="TWAP", order_qty=2 * SLICE_QTY)
    said = [event for _ in range(4) for event in runaway(world, PARENTS)]
    assert 2 * PARENTS == names(said).count("child_sent")
    refused = {event["reason"] for event in said if event.name == "denied"}
    assert {"ORDER_CLOSED"} == refused
    assert {2 * SLICE_QTY} == {row["cum_qty"] for row in world.kernel.orders()}
    world.order(strategy="TWAP", order_qty=2 * SLICE_QTY)  # one that could still go on
    events = world.fill(SLICE_QTY, child_id=7)
    tripped = [event["scope"] for event in events if event.name == "latch_tripped"]
    assert ["TWAP", "N1"] == tripped
    after = [event for _ in range(4) for event in runaway(world, PARENTS + 1)]
    assert {"denied"} == set(names(after))
    assert_denied(world.order(), rule=1, reason="SCOPE_HALTED")
    (excess,) = [row["qty"] for row in world.kernel.positions("error")]
    assert SLICE_QTY == excess


@dataclass(frozen=True)
class Stop:
    """A stop of a strategy: what reaches it, and what it then says.

    Args:
        reason: why the next slice is refused.
        reach: what happens until then; the parent has 200 units and one child of 10 is out.
        limits: changed limits of alice.
    """

    reason: str
    reach: Callable[[World], object]
    limits: dict[str, object] = field(default_factory=dict)


def fall(world: World) -> None:
    """Fill the child and let the price fall by one."""
    world.fill(10)
    world.step("quote", symbol="BAC", bid_px="9", ask_px="9")
    world.wait(1)


def fill_all(world: World) -> None:
    """Send and fill all of the parent."""
    world.fill(10)
    child = sent(world.slice(0, 190))["child_id"]
    world.fill(190, child_id=child)


STOPS = {
    "filled": Stop("ORDER_CLOSED", fill_all),
    "canceled": Stop("ALREADY_PENDING", lambda world: world.cancel()),
    "ended": Stop("ALREADY_PENDING", lambda world: world.wait(10)),
    "children": Stop(
        "MAX_PARENT_CHILDREN", lambda world: world.slice(0, 10), {"parent_child_count": 2}
    ),
    "notional": Stop(
        "MAX_PARENT_NOTIONAL", lambda world: world.slice(0, 10), {"parent_notional": 200}
    ),
    "repeats": Stop("REPEATED_EXECUTION", lambda world: world.slice(0, 10), {"repeat_count": 2}),
    "flow": Stop("FLOW_COUNT", lambda world: world.slice(0, 10), {"flow_count": 2}),
    "loss": Stop("SCOPE_HALTED", fall, {"loss": 9}),
    "over-fill": Stop("SCOPE_HALTED", lambda world: world.fill(11)),
    "a person": Stop(
        "SCOPE_HALTED",
        lambda world: world.signed(
            "trading_state_command",
            "olga",
            scope_kind="strategy",
            scope="TWAP",
            state="halted",
            cancel_open=False,
            cause="test",
        ),
    ),
}


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("name", STOPS)
def test_each_stop_of_a_strategy_is_reached_by_what_it_depends_on(
    name: str, restarted: bool, tmp_path: Path
) -> None:
    """R10, R108 (Knight, paragraph 14): the state behind a stop is where the stop looks for it.

    One slice before, the strategy works; at the stop it does not, also not after a restart, which
    has nothing but the journal. Knight's counter of fills had been moved to where nobody looked.
    """
    stop = STOPS[name]
    journal = Kernel(journal=tmp_path, trade_date="2013-08-01", durability="process")
    world = World({"alice": stop.limits}, kernel=journal)
    end = {"time_in_force": "good_till_date", "expire_ts": world.now + 10 * SECOND}
    world.order(strategy="TWAP", order_qty=200, **end)
    sent(world.slice(0, 10))
    if restarted:
        world.kernel.close()
        world.kernel = Kernel(journal=tmp_path, trade_date="2013-08-01", durability="process")
    stop.reach(world)
    if restarted:
        world.kernel.close()
        world.kernel = Kernel(journal=tmp_path, trade_date="2013-08-01", durability="process")
    assert_denied(world.slice(0, 10), subject="slice", reason=stop.reason)


@pytest.mark.parametrize("name", STOPS)
def test_short_of_its_stop_a_strategy_works(name: str) -> None:
    """R10: the refusal above is that of the stop, not of something that always refuses."""
    world = World({"alice": STOPS[name].limits})
    world.order(strategy="TWAP", order_qty=200)
    for _ in range(2):
        sent(world.slice(0, 10))


def test_a_burst_is_slowed_and_no_check_is_skipped() -> None:
    """R30: beyond what the venue takes orders are refused; to the last one every rule is asked.

    All 1,500 arrive in one batch and one nanosecond. Decided one at a time they get the same
    answers: there is no pace at which the gate does less. Its latency is measured by
    `ringfence bench kernel`; slowing the router by the clock is for the node, which has one.
    """

    def broker() -> World:
        limits = {"alice": {"order_qty": 100}}
        return World(limits, venues={"XNYS": {"message_max": 1_000}})

    batch, single = broker(), broker()
    orders = [batch.terms(order_qty=101 if n % 3 == 0 else 100) for n in range(1_500)]
    rows = [{"ts": batch.now, "input": "new_order"} | terms for terms in orders]
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    said = [json.loads(line) for line in batch.kernel.step_lines(lines).splitlines()]
    refused = [row["reason"] for row in said if row["event"] == "denied"]
    assert 500 == refused.count("MAX_ORDER_QTY")
    assert 900 == [row["event"] for row in said].count("child_sent")
    assert 100 == refused.count("VENUE_RATE")
    for terms in orders:
        single.step("new_order", **terms)
    assert single.kernel.state_hash() == batch.kernel.state_hash()
