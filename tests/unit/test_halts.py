"""Trading halts and trading sessions of venues: whose word begins and ends them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, assert_denied, names, sent

HALT: dict[str, Any] = {"symbol": "BAC"}
OWN: dict[str, Any] = {"kind": "operational"}


def halt(world: World, active: bool = True, **terms: Any) -> None:
    """Begin or end a halt of BAC."""
    assert ["fact_taken"] == names(world.step("trading_halt", active=active, **HALT, **terms))


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"symbol": "NONE"}, "UNKNOWN_INSTRUMENT"),
        ({"venue": "NONE"}, "UNKNOWN_VENUE"),
        ({"venue": None, **OWN}, "TERMS_INVALID"),
    ],
)
def test_a_halt_that_names_nothing_is_refused(terms: dict[str, Any], reason: str) -> None:
    """R13: an unknown name is a refusal; what is one venue's own has a venue."""
    world = World()
    fields: dict[str, Any] = {"symbol": "BAC", "venue": "XNYS", "active": True, **terms}
    assert_denied(world.step("trading_halt", **fields), reason=reason)
    assert_denied(
        world.step("trading_session", venue="NONE", status="closed"), reason="UNKNOWN_VENUE"
    )


def test_each_teller_ends_its_own_halt() -> None:
    """R26: a halt ends by the word of who told of it, and the phase that was set comes back."""
    world = World()
    tellers: list[dict[str, Any]] = [{}, {"venue": "XNYS"}, {"venue": "OCEA"}]
    for teller in tellers:
        halt(world, **teller)
    for teller in tellers:
        assert_denied(world.order(), reason="NO_REFERENCE")
        halt(world, active=False, **teller)
    sent(world.order())


def test_a_venue_s_own_halt_is_there_alone() -> None:
    """R26: one venue's equipment does not close an instrument elsewhere, nor others there."""
    world = World()
    halt(world, venue="XNYS", **OWN)
    denied = world.order()
    assert_denied(denied, reason="VENUE_HALTED", scope_kind="venue", scope="XNYS")
    sent(world.order(ex_destination="OCEA"))
    sent(world.order(symbol="IBM", price="100"))
    halt(world, active=False, venue="OCEA")
    assert_denied(world.order(), reason="VENUE_HALTED")


def test_a_phase_for_all_ends_no_halt() -> None:
    """R26, R27: the calendar goes on below a halt, and the end of the halt finds it there."""
    world = World()
    halt(world, venue="XNYS")
    world.step("phase_change", phase="closed")
    assert_denied(world.order(), reason="NOT_ENTITLED")
    world.step("phase_change", phase="continuous")
    assert_denied(world.order(), reason="NO_REFERENCE")
    halt(world, active=False, venue="XNYS")
    sent(world.order())
