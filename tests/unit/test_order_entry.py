"""What the order book itself refuses before any rule of the gate is asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ringfence import InputError, _core
from ringfence.engine import Scalar

from tests.world import SECOND, World, assert_denied, names, sent

# The bound of TABLE_FULL is a hundred million orders: no test reaches it.
UNREACHED = {"TABLE_FULL"}


@pytest.mark.parametrize(
    ("changed", "reason", "kind", "scope"),
    [
        ({"session": "X"}, "UNKNOWN_SESSION", "session", "X"),
        ({"account": "X"}, "UNKNOWN_ACCOUNT", "account", "X"),
        ({"strategy": "X"}, "UNKNOWN_STRATEGY", "strategy", "X"),
        ({"symbol": "X"}, "UNKNOWN_INSTRUMENT", "symbol", "X"),
        ({"ex_destination": "X"}, "UNKNOWN_VENUE", "venue", "X"),
        ({"ex_destination": None}, "UNKNOWN_VENUE", "symbol", "BAC"),
        ({"account": "desk"}, "ACCOUNT_NOT_TRADABLE", "account", "desk"),
        ({"order_qty": 0}, "QUANTITY_ZERO", "symbol", "BAC"),
        ({"strategy": "TWAP", "ex_destination": "XNYS"}, "TERMS_INVALID", "symbol", "BAC"),
    ],
)
def test_an_order_names_what_exists(
    changed: dict[str, Any], reason: str, kind: str, scope: str
) -> None:
    """R13, R29: an unknown name is a refusal with a reason, and changes nothing."""
    world = World()
    expected = {"rule": 0, "scope_kind": kind, "scope": scope, "subject": "new_order"}
    assert_denied(world.order(**changed), reason=reason, cl_ord_id="C1", **expected)
    assert [] == world.kernel.orders()


@pytest.mark.parametrize(
    ("ord_type", "fields"),
    [
        ("market", {"price": "10"}),
        ("market", {"stop_px": "10"}),
        ("limit", {"price": None}),
        ("limit", {"stop_px": "10"}),
        ("stop", {"price": "10", "stop_px": "11"}),
        ("stop", {}),
        ("stop_limit", {"price": "10"}),
        ("stop_limit", {"price": None, "stop_px": "10"}),
        ("limit", {"expire_ts": 2 * 10**18}),
        ("limit", {"time_in_force": "good_till_date"}),
    ],
)
def test_the_terms_of_an_order_fit_its_type(ord_type: str, fields: dict[str, Any]) -> None:
    """R13: a price too many or too few is not guessed away."""
    events = World().order(ord_type=ord_type, **fields)
    assert_denied(events, reason="TERMS_INVALID", rule=0, scope="BAC")


def test_no_order_is_taken_before_the_day_opens() -> None:
    """R89: definitions first, then the opening, then orders."""
    world = World(start=False)
    assert_denied(world.order(), reason="DAY_NOT_OPEN", rule=0)
    late = World().step("strategy_definition", strategy="LATE", direct=True)
    assert_denied(late, reason="DEFINITION_INVALID", subject="definition")


def test_identifiers_belong_to_their_session() -> None:
    """R51: the same ClOrdID of two sessions is two orders, of one session it is one."""
    second: dict[str, Scalar] = {
        "session": "OTHER",
        "ord_types": "limit",
        "phases": "continuous",
        "cancel_on_disconnect": False,
    }
    rights: list[dict[str, Scalar]] = [
        {"session": "OTHER", "scope_kind": kind, "scope": "*"}
        for kind in ("account", "symbol", "venue", "strategy")
    ]
    more = (("session_definition", second), *(("entitlement", right) for right in rights))
    world = World(more=more)
    sent(world.order(cl_ord_id="A"))
    sent(world.order(cl_ord_id="A", session="OTHER"))
    again = world.order(cl_ord_id="A", session="OTHER", order_qty=7)
    assert_denied(again, reason="DUPLICATE_CL_ORD_ID", scope="OTHER")
    stolen = world.cancel(of="B", session="OTHER")
    assert_denied(stolen, reason="UNKNOWN_ORDER", scope="OTHER")
    assert "order_cancel_requested" in names(world.cancel(of="A", session="OTHER"))
    assert ["new", "pending_cancel"] == [row["ord_status"] for row in world.kernel.orders()]


@pytest.mark.parametrize(
    ("changed", "reason", "kind"),
    [
        ({"order_id": 9}, "UNKNOWN_ORDER", "order"),
        ({"strategy": "DMA"}, "STRATEGY_MISMATCH", "order"),
        ({"strategy": "X"}, "STRATEGY_MISMATCH", "order"),
        ({"venue": "X"}, "UNKNOWN_VENUE", "venue"),
        ({"qty": 0}, "QUANTITY_ZERO", "order"),
        ({"qty": 101}, "EXCEEDS_UNROUTED", "order"),
        ({"price": None}, "TERMS_INVALID", "order"),
        ({"price": "10.01"}, "TERMS_INVALID", "order"),
        ({"ord_type": "market", "price": None}, "TERMS_INVALID", "order"),
        ({"ord_type": "market"}, "TERMS_INVALID", "order"),
        ({"ord_type": "stop", "price": None}, "TERMS_INVALID", "order"),
    ],
)
def test_a_slice_stays_within_its_parent(changed: dict[str, Any], reason: str, kind: str) -> None:
    """R1, R2, R9: of its own strategy, within the unrouted quantity and the parent's limit."""
    world = World()
    world.order(strategy="TWAP")
    terms = {"order_id": 0, "qty": 50} | changed
    events = world.slice(terms.pop("order_id"), terms.pop("qty"), **terms)
    assert_denied(events, reason=reason, rule=0, scope_kind=kind, subject="slice")


def test_a_sale_is_not_sliced_below_its_limit() -> None:
    """R9: the parent's limit binds on its own side."""
    world = World()
    world.order(strategy="TWAP", side="sell")
    assert_denied(world.slice(0, 50, price="9.99"), reason="TERMS_INVALID")
    sent(world.slice(0, 50, price="10.01"))
    market = World()
    market.order(strategy="TWAP", ord_type="market")
    sent(market.slice(0, 50, price="10.05"))
    sent(market.slice(0, 50, ord_type="market", price=None))


def test_a_direct_order_takes_no_proposals() -> None:
    """R2, R9: what a client sends straight to a venue no algorithm touches."""
    world = World()
    sent(world.order())
    world.report("new")
    for strategy in ("DMA", "TWAP"):
        refused = world.slice(0, 1, strategy=strategy)
        assert_denied(refused, reason="STRATEGY_MISMATCH")
    assert_denied(world.change(0, 50), reason="STRATEGY_MISMATCH", subject="child_replace")


def test_a_stop_of_an_algorithm_is_sliced_only_once_it_triggered() -> None:
    """R79: an algorithm does not begin before the trigger price trades."""
    world = World()
    world.order(strategy="TWAP", ord_type="stop", stop_px="11")
    early = world.slice(0, 50, ord_type="market", price=None)
    assert_denied(early, reason="ALREADY_PENDING", subject="slice")
    hit = world.step("market_trade", symbol="BAC", px="11", qty=1)
    assert ["fact_taken", "order_triggered"] == names(hit)
    sent(world.slice(0, 50, ord_type="market", price=None))


@pytest.mark.parametrize("end", ["filled", "canceled", "expired"])
def test_a_parent_that_is_over_is_not_sliced(end: str) -> None:
    """R2, R10 (Power Peg): refused when the parent is filled, canceled or expired, by the book.

    The book that counts the fills is the one that is asked; the stop cannot lose sight of it.
    """
    world = World()
    terms: dict[str, Any] = {"strategy": "TWAP"}
    if end == "expired":
        terms |= {"time_in_force": "good_till_date", "expire_ts": world.now + SECOND}
    world.order(**terms)
    if end == "filled":
        sent(world.slice(0, 100))
        world.fill(100)
    elif end == "canceled":
        world.cancel()
    else:
        world.wait(1)
    assert end == world.kernel.orders()[0]["ord_status"]
    assert_denied(world.slice(0, 1), reason="ORDER_CLOSED", subject="slice")


@pytest.mark.parametrize(
    ("qty", "price", "reason"),
    [
        (101, "10", "EXCEEDS_UNROUTED"),
        (20, "10", "QUANTITY_BELOW_OPEN"),
        (80, "10.01", "TERMS_INVALID"),
        (80, None, "TERMS_INVALID"),
    ],
)
def test_a_child_is_changed_within_its_parent(qty: int, price: str | None, reason: str) -> None:
    """R8: a change never takes more than is unrouted nor goes through the parent's limit."""
    world = World()
    world.order(strategy="TWAP")
    sent(world.slice(0, 60))
    world.fill(20)
    refused = world.change(0, qty, price)
    assert_denied(refused, reason=reason, subject="child_replace", child_id=0, order_id=0)


def test_a_child_that_is_not_there_is_not_changed() -> None:
    """R2: neither an unknown child nor one that ended, is pending or is in doubt."""
    world = World()
    world.order(strategy="TWAP")
    assert_denied(world.change(0, 50), reason="UNKNOWN_ORDER")
    sent(world.slice(0, 60))
    world.wait(1)
    assert_denied(world.change(0, 50), reason="ALREADY_PENDING")
    world.report("new")
    assert ["child_replace_requested"] == names(world.change(0, 50))
    assert_denied(world.change(0, 40), reason="ALREADY_PENDING")
    world.report("replaced")
    world.report("canceled")
    assert_denied(world.change(0, 40), reason="ORDER_CLOSED")


@pytest.mark.parametrize("lost", [False, True], ids=["connected", "after a disconnection"])
def test_a_cancel_follows_the_change_that_overtook_it(lost: bool) -> None:
    """R2, FIX 41: a venue refuses a cancel of an identifier that a change took out of use.

    The cancel is asked for again, once, under the new identifier, and the refusal of the first one
    changes nothing: a cancel is never lost.
    """
    world = World()
    sent(world.order())
    world.report("new")
    (_, asked) = world.replace(150)
    renamed = asked["cl_ord_id"]
    first = [event for event in world.cancel() if event.name == "child_cancel_requested"]
    assert ["N1-20130801-0-0"] == [event["orig_cl_ord_id"] for event in first]
    for connected in (False, True) if lost else ():
        world.step("venue_session", venue="XNYS", connected=connected)
    events = world.report("replaced", cl_ord_id=renamed)
    again = [event for event in events if event.name == "child_cancel_requested"]
    assert [renamed] == [event["orig_cl_ord_id"] for event in again]
    assert [] == world.reject(cl_ord_id=first[0]["cl_ord_id"])
    assert "order_closed" in names(world.report("canceled"))
    assert ["canceled"] == [row["ord_status"] for row in world.kernel.orders()]


def test_a_cancel_or_change_without_answer_is_in_doubt_once() -> None:
    """R46, R49: silence about a request is not an answer, for a cancel as for a change."""
    for is_cancel in (True, False):
        world = World()
        sent(world.order())
        world.report("new")
        requested = world.cancel() if is_cancel else world.replace(150)
        assert 2 == len(requested)
        assert ["fact_taken"] == names(world.wait(0.9))
        assert ["fact_taken", "child_in_doubt"] == names(world.wait(0.2))
        assert ["fact_taken"] == names(world.wait(60))
        assert "in_doubt" == world.child(0)["ord_status"]


@pytest.mark.parametrize("before", [True, False], ids=["asked, then in doubt", "asked in doubt"])
def test_a_cancel_is_asked_for_again_when_a_doubt_ends(before: bool) -> None:
    """R46: the venue knows the order after all; the cancel goes out under a new identifier."""
    world = World()
    sent(world.order())
    if before:
        world.report("new")
        world.cancel()
        world.wait(1)
    else:
        world.wait(1)
        world.cancel()
    assert "in_doubt" == world.child(0)["ord_status"]
    events = world.report("order_status", ord_status="new", cum_qty=0)
    assert ["child_resolved", "child_cancel_requested"] == names(events)
    assert "N1-20130801-0-2" == events[1]["cl_ord_id"]
    assert "pending_cancel" == world.child(0)["ord_status"]
    assert "order_closed" in names(world.report("canceled"))


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("quote", {"symbol": "X"}, "UNKNOWN_INSTRUMENT"),
        ("market_trade", {"symbol": "X", "px": "1", "qty": 1}, "UNKNOWN_INSTRUMENT"),
        ("phase_change", {"symbol": "X", "phase": "post"}, "UNKNOWN_INSTRUMENT"),
        ("currency_rate", {"currency": "XXX", "rate": "1"}, "TERMS_INVALID"),
        ("currency_rate", {"currency": "JPY", "rate": "0"}, "TERMS_INVALID"),
        ("currency_rate", {"currency": "JPY", "rate": "-1"}, "TERMS_INVALID"),
        ("venue_session", {"venue": "X", "connected": True}, "UNKNOWN_VENUE"),
        ("client_session", {"session": "X", "connected": True}, "UNKNOWN_SESSION"),
        ("fill_confirmation", {"venue": "X", "until_ts": 1}, "UNKNOWN_VENUE"),
        ("fill_dispute", {"venue": "XNYS", "exec_id": "F", "disputed": True}, "UNKNOWN_ORDER"),
        (
            "margin_requirement",
            {"account": "X", "requirement": 1, "buying_power": "1"},
            "UNKNOWN_ACCOUNT",
        ),
        (
            "venue_report",
            {"venue": "X", "cl_ord_id": "a", "exec_id": "b", "exec_type": "new"},
            "UNKNOWN_VENUE",
        ),
        (
            "basket",
            {"session": "X", "basket_id": "b", "account": "alice", "notional_max": "1"},
            "UNKNOWN_SESSION",
        ),
    ],
)
def test_a_fact_about_nothing_is_refused(name: str, fields: dict[str, Any], reason: str) -> None:
    """R13: a fact that names nobody is told and does not become a fact about somebody."""
    world = World()
    before = world.kernel.exposures()
    events = world.step(name, **fields)
    assert ["denied"] == names(events)
    assert_denied(events, reason=reason, subject="fact")
    assert before == world.kernel.exposures()


@pytest.mark.parametrize(
    "changed",
    [
        {"price": "NaN"},
        {"price": "inf"},
        {"price": "1e3"},
        {"price": "0x10"},
        {"price": ""},
        {"price": "10.0000000001"},
        {"price": "1000000001"},
        {"order_qty": -1},
        {"order_qty": 10_000_000_001},
        {"order_qty": "1.5"},
        {"side": "hold"},
        {"cl_ord_id": ""},
        {"cl_ord_id": "x" * 48},
        {"unknown_field": 1},
    ],
    ids=lambda changed: "-".join(f"{key}={str(value)[:12]}" for key, value in changed.items()),
)
def test_what_is_no_number_or_no_field_never_reaches_the_book(changed: dict[str, Any]) -> None:
    """R39, R88: refused at the boundary with an error; nothing of the input was applied."""
    world = World()
    before = (world.kernel.state_hash(), world.kernel.seq)
    with pytest.raises(InputError):
        world.order(**changed)
    assert before == (world.kernel.state_hash(), world.kernel.seq)
    sent(world.order(cl_ord_id="fine"))


def test_a_float_is_refused() -> None:
    """R39: binary fractions do not come in, not even a harmless one."""
    world = World()
    price: Any = 10.0
    with pytest.raises(InputError):
        world.order(price=price)


def test_time_does_not_fall() -> None:
    """I7, R111: an input from the past is an error and not an input."""
    world = World()
    before = world.kernel.state_hash()
    world.now -= 1
    with pytest.raises(InputError, match="time fell"):
        world.order()
    assert before == world.kernel.state_hash()


def test_every_reason_of_a_refusal_is_seen_in_a_test() -> None:
    """R108: a reason that no test ever saw is a control that nobody knows to work."""
    folder = Path(__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("test_*.py")]
    tables = (folder.parent / "golden" / "order_state").glob("*.txt")
    texts += [path.read_text(encoding="utf-8") for path in tables]
    words = set(re.findall(r"\b[A-Z][A-Z_]+\b", "\n".join(texts)))
    reasons = {row["name"] for row in _core.reasons()}
    assert set() == reasons - words - UNREACHED
    assert set() == UNREACHED - reasons
