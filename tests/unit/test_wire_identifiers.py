"""Which identifier an event carries: ours towards a venue (FIX 11, 41), the client's towards it."""

from __future__ import annotations

from ringfence import Event

from tests.world import World, names, sent

WIRE = "N1-20130801-0"


def only(events: list[Event], name: str) -> Event:
    """Return the only event of that name."""
    (found,) = [event for event in events if event.name == name]
    return found


def test_each_request_to_a_venue_has_an_identifier_of_its_own_and_names_the_last() -> None:
    """R51 (FIX 11, 41): versions rise by one; 41 is what the venue accepted, not what was asked."""
    world = World()
    assert f"{WIRE}-0" == sent(world.order())["cl_ord_id"]
    world.report("new")
    first = only(world.replace(90), "child_replace_requested")
    assert (f"{WIRE}-1", f"{WIRE}-0") == (first["cl_ord_id"], first["orig_cl_ord_id"])
    world.report("replaced")
    second = only(world.replace(80, of="R2"), "child_replace_requested")
    assert (f"{WIRE}-2", f"{WIRE}-1") == (second["cl_ord_id"], second["orig_cl_ord_id"])
    world.reject()
    last = only(world.cancel(of="R2"), "child_cancel_requested")
    assert (f"{WIRE}-3", f"{WIRE}-1") == (last["cl_ord_id"], last["orig_cl_ord_id"])


def test_a_client_is_answered_by_the_identifier_of_its_request() -> None:
    """R29, R51 (FIX 11): a refusal answers the request it refuses, not the order."""
    world = World()
    accepted = only(world.order(), "order_accepted")
    assert ("CLIENT", "C1") == (accepted["session"], accepted["cl_ord_id"])
    world.report("new")
    asked = only(world.cancel(), "order_cancel_requested")
    assert "X2" == asked["cl_ord_id"]
    refused = only(world.reject(), "order_request_refused")
    assert ("cancel", "X2", "client") == (refused["request"], refused["cl_ord_id"], refused.to)
    world.replace(90)
    refused = only(world.reject(), "order_request_refused")
    assert ("replace", "R3") == (refused["request"], refused["cl_ord_id"])
    twice = only(world.order(cl_ord_id="C1"), "denied")
    assert ("DUPLICATE_CL_ORD_ID", "C1") == (twice["reason"], twice["cl_ord_id"])


def test_a_fill_that_overtakes_requests_answers_each_by_its_own_identifier() -> None:
    """R51 (FIX 102=0): change and cancel are both too late, and both senders hear of it."""
    world = World()
    sent(world.order())
    world.report("new")
    world.replace(90)
    world.cancel()
    events = world.fill(100)
    refused = [event for event in events if event.name == "order_request_refused"]
    answered = [(event["request"], event["cl_ord_id"]) for event in refused]
    assert [("replace", "R2"), ("cancel", "X3")] == answered


def test_a_status_is_reported_for_the_identifier_that_was_asked_about() -> None:
    """R51: any identifier of the chain names the order, and stands in the answer."""
    world = World()
    sent(world.order())
    world.report("new")
    world.replace(90)
    world.report("replaced")
    for asked in ("C1", "R2"):
        events = world.step("status_request", session="CLIENT", cl_ord_id=asked)
        assert ["order_status_reported"] == names(events)
        assert (asked, 0) == (events[0]["cl_ord_id"], events[0]["order_id"])
