"""Commands of people: named keys, numbers used once, two persons where something is loosened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ringfence import Event

from tests.world import KEYS, PLACEHOLDER, SECOND, World, assert_denied, names, sent


@dataclass(frozen=True)
class Command:
    """A command and the world in which it can be given.

    Args:
        name: input of the kernel.
        fields: its fields without the signatures.
        event: event of its success.
        persons: people whose signatures it needs.
        other: a change of each field that makes it another command.
    """

    name: str
    fields: dict[str, Any]
    event: str
    persons: int
    other: dict[str, Any]


HALT: dict[str, Any] = {
    "scope_kind": "account",
    "scope": "bob",
    "cancel_open": False,
    "cause": "test",
}
LIMIT: dict[str, Any] = {"limits": "of-alice", "limit": "order_qty", "cause": "test"}
COMMANDS = {
    "halt": Command(
        "trading_state_command",
        HALT | {"state": "halted"},
        "trading_state_set",
        1,
        {"scope": "alice", "state": "reducing", "cancel_open": True, "cause": "other"},
    ),
    "release": Command(
        "trading_state_command",
        HALT | {"scope": "desk", "state": "active"},
        "trading_state_set",
        2,
        {"scope": "bob", "state": "reducing"},
    ),
    "re-arm": Command(
        "rearm",
        {"scope_kind": "venue", "scope": "OCEA", "cause": "found"},
        "latch_rearmed",
        1,
        {"scope": "XNYS", "cause": "other"},
    ),
    "tighten": Command(
        "limit_change",
        LIMIT | {"value": "100"},
        "limit_changed",
        1,
        {"limits": "of-bob", "value": "150", "cause": "other"},
    ),
    "raise": Command(
        "limit_change",
        LIMIT | {"value": "5000"},
        "limit_changed",
        2,
        {"value": "UNLIMITED", "limit": "daily_qty"},
    ),
    "attend": Command(
        "attendance", {"strategy": "TWAP"}, "strategy_attended", 1, {"strategy": "DMA"}
    ),
    "end a restriction": Command(
        "restriction",
        {"account": "alice", "symbol": "IBM", "active": False},
        "restriction_set",
        2,
        {"account": "bob", "symbol": "BAC"},
    ),
}
EACH = [pytest.param(command, id=name) for name, command in COMMANDS.items()]
DOUBLE = [pytest.param(row, id=name) for name, row in COMMANDS.items() if row.persons == 2]


def ready() -> World:
    """Return a world in which each of the commands can be given."""
    world = World({"alice": {"order_qty": 200}})
    world.signed("trading_state_command", "peter", **HALT | {"scope": "desk", "state": "halted"})
    world.report("canceled", venue="OCEA", cl_ord_id="stranger")
    world.step("restriction", account="alice", symbol="IBM", active=True)
    return world


def second_of(command: Command) -> str | None:
    """Return the second person, where the command needs one."""
    return "peter" if command.persons == 2 else None


def give(world: World, command: Command) -> list[Event]:
    """Give the command with all the signatures that it needs."""
    events: list[Event] = world.signed(command.name, "olga", second_of(command), **command.fields)
    return events


def book(world: World) -> tuple[Any, ...]:
    """Return what commands change."""
    return (world.kernel.scopes(), world.kernel.limits("alice", "BAC"))


@pytest.mark.parametrize("command", EACH)
def test_a_signed_command_is_carried_out(command: Command) -> None:
    """R28, R83: who commanded, with which number, and who else, stands in the event."""
    world = ready()
    (event,) = give(world, command)
    assert command.event == event.name
    assert "olga" == event["operator"]
    second = event.get("second_operator") if command.event != "restriction_set" else None
    expected = "peter" if command.persons == 2 and command.name != "restriction" else None
    assert expected == second


@pytest.mark.parametrize("command", EACH)
@pytest.mark.parametrize("signature", [PLACEHOLDER, "ff" * 64, "peter"])
def test_a_command_with_another_signature_is_refused(command: Command, signature: str) -> None:
    """R28: no signature, garbage, and somebody else's signature are no signature."""
    world = ready()
    before = book(world)
    given = world.command(command.name, "olga", second_of(command), **command.fields)
    if signature == "peter":
        alike = world.command(command.name, "peter", second_of(command), **command.fields)
        signature = alike["signature"]
    events = world.step(command.name, **given | {"signature": signature})
    assert_denied(events, reason="SIGNATURE_INVALID", subject="command", scope="olga")
    assert before == book(world)


@pytest.mark.parametrize("command", EACH)
def test_a_command_cannot_be_changed_after_it_was_signed(command: Command) -> None:
    """R28, R99: the signatures are over every field of the command."""
    world = ready()
    before = book(world)
    given = world.command(command.name, "olga", second_of(command), **command.fields)
    for field, value in {**command.other, "nonce": given["nonce"] + 1}.items():
        events = world.step(command.name, **given | {field: value})
        assert_denied(events, reason="SIGNATURE_INVALID")
    assert before == book(world)
    assert [command.event] == names(world.step(command.name, **given))


@pytest.mark.parametrize("command", EACH)
def test_a_stranger_commands_nothing(command: Command) -> None:
    """R28: a person is a named key of the configuration."""
    world = ready()
    given = world.command(command.name, "olga", second_of(command), **command.fields)
    events = world.step(command.name, **given | {"operator": "mallory"})
    assert_denied(events, reason="OPERATOR_UNKNOWN", scope="mallory")


@pytest.mark.parametrize("command", EACH)
def test_a_command_counts_once(command: Command) -> None:
    """R28, I8: a command that is given again, or an older one, is refused by its number."""
    world = ready()
    older = world.command(command.name, "olga", second_of(command), **command.fields)
    newer = world.command(command.name, "olga", second_of(command), **command.fields)
    assert [command.event] == names(world.step(command.name, **newer))
    for given in (newer, older):
        events = world.step(command.name, **given)
        assert_denied(events, reason="NONCE_USED", scope="olga")


def test_a_refused_command_uses_its_number_as_well() -> None:
    """R28, R95: a re-arm that came too early cannot be kept and given when the scope trips."""
    world = World({"alice": {"parent_notional": 500}})
    rearm = {"scope_kind": "account", "scope": "alice", "cause": "x"}
    given = world.command("rearm", "olga", **rearm)
    assert_denied(world.step("rearm", **given), reason="NOT_LATCHED")
    assert "latch_tripped" in names(world.order())
    assert_denied(world.step("rearm", **given), reason="NONCE_USED")
    assert ["latch_rearmed"] == names(world.signed("rearm", "olga", **rearm))


def test_a_bad_signature_uses_no_number() -> None:
    """R28: nobody can use up the numbers of a person without that person's key."""
    world = ready()
    given = world.command("attendance", "olga", strategy="TWAP")
    high = given | {"nonce": 2**62, "signature": PLACEHOLDER}
    assert_denied(world.step("attendance", **high), reason="SIGNATURE_INVALID")
    assert ["strategy_attended"] == names(world.step("attendance", **given))


@pytest.mark.parametrize("command", DOUBLE)
def test_loosening_needs_a_second_person(command: Command) -> None:
    """R83, R95, R99: one person alone loosens nothing, and the same one twice is one."""
    world = ready()
    before = book(world)
    alone = world.signed(command.name, "olga", **command.fields)
    assert_denied(alone, reason="SECOND_PERSON_REQUIRED", scope="olga")
    same = world.signed(command.name, "olga", "olga", **command.fields)
    assert_denied(same, reason="SECOND_PERSON_REQUIRED", scope="olga")
    given = world.command(command.name, "olga", "peter", **command.fields)
    for signature in (None, PLACEHOLDER, given["signature"]):
        events = world.step(command.name, **given | {"second_signature": signature})
        assert_denied(events, reason="SIGNATURE_INVALID", scope="peter")
        given = world.command(command.name, "olga", "peter", **command.fields)
    unknown = given | {"second_operator": "mallory"}
    text_differs = world.step(command.name, **unknown)
    assert_denied(text_differs, reason="SIGNATURE_INVALID", scope="olga")
    assert before == book(world)
    assert [command.event] == names(give(world, command))


def test_a_second_person_does_not_stand_in_for_the_first() -> None:
    """R83: two names with one key would be one person; a key belongs to one name."""
    definition = World(start=False).definitions()
    (olga,) = [f for n, f in definition if n == "operator_definition" and f["operator"] == "olga"]
    world = World(start=False)
    events = world.step("operator_definition", operator="twin", public_key=olga["public_key"])
    assert_denied(events, subject="definition", reason="DEFINITION_INVALID")
    assert {"olga", "peter"} == set(KEYS)


def limit_of(world: World, limit: str = "order_qty", scope: str = "alice") -> str:
    """Return the value of a limit in force."""
    (found,) = [
        row["value"]
        for row in world.kernel.limits("alice")
        if row["limit"] == limit and row["scope"] == scope
    ]
    return str(found)


def change(world: World, value: str, *by: str, **more: Any) -> list[Event]:
    """Change the order quantity of alice."""
    terms = {"limits": "of-alice", "limit": "order_qty", "value": value, "cause": "test"}
    events: list[Event] = world.signed("limit_change", *by, **terms | more)
    return events


def test_a_limit_is_tightened_by_one_and_raised_by_two() -> None:
    """R28, R99: the way to more is longer than the way to less; the gate obeys at once."""
    world = World({"alice": {"order_qty": 200}})
    (event,) = change(world, "150", "olga")
    assert ("200", "150", "operator") == (event["old_value"], event["value"], event.to)
    assert_denied(world.order(order_qty=151), rule=6, reason="MAX_ORDER_QTY")
    sent(world.order(order_qty=150))
    assert_denied(change(world, "151", "olga"), reason="SECOND_PERSON_REQUIRED")
    assert ["limit_changed"] == names(change(world, "151", "olga", "peter"))
    sent(world.order(order_qty=151))
    assert_denied(change(world, "UNLIMITED", "peter"), reason="SECOND_PERSON_REQUIRED")
    assert ["limit_changed"] == names(change(world, "UNLIMITED", "peter", "olga"))
    assert "UNLIMITED" == limit_of(world)
    assert ["limit_changed"] == names(change(world, "1", "olga"))


@pytest.mark.parametrize(
    ("limit", "value", "persons"),
    [
        ("message_window", 2 * SECOND, 1),
        ("message_window", SECOND // 2, 2),
        ("cancel_reserve_count", 5, 1),
        ("cancel_reserve_count", 0, 2),
        ("volume_share_floor", 10, 1),
        ("volume_share_floor", 1_000, 2),
    ],
)
def test_what_counts_as_tighter_depends_on_the_limit(limit: str, value: int, persons: int) -> None:
    """R99: a longer window, a larger reserve and a lower floor refuse more, the reverse less."""
    set_to = {"cancel_reserve_count": 3, "volume_share_floor": 100}
    world = World({"alice": dict(set_to)})
    terms: dict[str, Any] = {"limits": "of-alice", "limit": limit, "value": str(value)}
    alone = world.signed("limit_change", "olga", cause="test", **terms)
    if persons == 1:
        assert ["limit_changed"] == names(alone)
    else:
        assert_denied(alone, reason="SECOND_PERSON_REQUIRED")


def test_a_temporary_raise_ends_by_itself() -> None:
    """R99 (FINRA: temporary raises that do not revert): the clock takes it back, unasked."""
    world = World({"alice": {"order_qty": 100}})
    end = world.now + 10 * SECOND
    change(world, "500", "olga", "peter", expire_ts=end)
    world.order(order_qty=500)
    world.report("new")
    assert ["fact_taken"] == names(world.wait(9))
    sent(world.order(order_qty=500))
    world.report("new", child_id=1)
    (_, event) = world.wait(1)
    assert ("limit_changed", "500", "100") == (event.name, event["old_value"], event["value"])
    assert event.get("operator") is None
    assert_denied(world.order(order_qty=101), rule=6, reason="MAX_ORDER_QTY")
    assert ["fact_taken"] == names(world.wait(60))


@pytest.mark.parametrize("later", [None, 3_600])
def test_one_person_does_not_prolong_a_temporary_raise(later: int | None) -> None:
    """R99: a little less, for longer, is more: the end that two people set stays."""
    world = World({"alice": {"order_qty": 100}})
    change(world, "500", "olga", "peter", expire_ts=world.now + 10 * SECOND)
    terms = {} if later is None else {"expire_ts": world.now + later * SECOND}
    assert ["limit_changed"] == names(change(world, "400", "olga", **terms))
    assert "400 units" == limit_of(world)
    world.wait(10)
    assert "100 units" == limit_of(world)


def test_a_permanent_change_below_a_temporary_raise_stays() -> None:
    """R99: who tightens below the permanent value has tightened for good."""
    world = World({"alice": {"order_qty": 100}})
    change(world, "500", "olga", "peter", expire_ts=world.now + 10 * SECOND)
    assert ["limit_changed"] == names(change(world, "50", "olga"))
    world.wait(10)
    assert "50 units" == limit_of(world)


def test_raises_on_top_of_each_other_end_at_the_value_before_the_first() -> None:
    """R99: two people may raise again; what returns is the permanent value."""
    world = World({"alice": {"order_qty": 100}})
    change(world, "500", "olga", "peter", expire_ts=world.now + 10 * SECOND)
    change(world, "900", "peter", "olga", expire_ts=world.now + 20 * SECOND)
    world.wait(10)
    assert "900 units" == limit_of(world)
    world.wait(10)
    assert "100 units" == limit_of(world)


def test_a_temporary_tightening_ends_as_well() -> None:
    """R38, R99: one person narrows for a while; the old value is no raise."""
    world = World({"alice": {"order_qty": 100}})
    change(world, "10", "olga", expire_ts=world.now + 10 * SECOND)
    assert_denied(world.order(order_qty=11), reason="MAX_ORDER_QTY")
    world.wait(10)
    sent(world.order(order_qty=100))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"limits": "of-nobody"}, "LIMIT_INVALID"),
        ({"value": "10.5"}, "LIMIT_INVALID"),
        ({"limit": "order_notional"}, "LIMIT_INVALID"),
        ({"expire_ts": 1}, "EXPIRED"),
    ],
)
def test_a_change_that_fits_no_limit_is_refused(changed: dict[str, Any], reason: str) -> None:
    """R13, R99: half a share, an unknown set, a limit that was never there, an end that is past."""
    world = World({"alice": {"order_qty": 100, "order_notional": None}})
    terms = LIMIT | {"value": "50"} | changed
    events = world.signed("limit_change", "olga", "peter", **terms)
    assert_denied(events, subject="command", reason=reason)
    assert "100 units" == limit_of(world)


def test_a_restriction_begins_at_once_and_ends_by_two() -> None:
    """Rule 3, R24, R96: every feed may restrict; only two named people may lift it."""
    world = World()
    terms = {"account": "desk", "symbol": "BAC"}
    assert ["restriction_set"] == names(world.step("restriction", active=True, **terms))
    assert_denied(world.order(), rule=3, reason="RESTRICTED")
    unsigned = world.step("restriction", active=False, **terms)
    assert_denied(unsigned, reason="OPERATOR_UNKNOWN", subject="command")
    alone = world.signed("restriction", "olga", active=False, **terms)
    assert_denied(alone, reason="SECOND_PERSON_REQUIRED")
    assert_denied(world.order(), rule=3, reason="RESTRICTED")
    both = world.signed("restriction", "olga", "peter", active=False, **terms)
    assert ["restriction_set"] == names(both)
    sent(world.order())


def test_ending_one_restriction_leaves_the_others() -> None:
    """Rule 3: the firm's restriction holds although the desk's was lifted."""
    world = World()
    for node in ("desk", "firm"):
        world.step("restriction", account=node, symbol="BAC", side="buy", active=True)
    terms = {"account": "desk", "symbol": "BAC", "side": "buy"}
    world.signed("restriction", "olga", "peter", active=False, **terms)
    assert_denied(world.order(), rule=3, reason="RESTRICTED")


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("account", "nobody"), ("strategy", "X"), ("symbol", "X"), ("venue", "X"), ("session", "X")],
)
def test_a_command_about_nothing_is_refused(kind: str, scope: str) -> None:
    """R13: a halt of a scope that does not exist is told to the one who asked for it."""
    world = World()
    terms = HALT | {"scope_kind": kind, "scope": scope, "state": "halted"}
    events = world.signed("trading_state_command", "olga", **terms)
    assert_denied(events, reason="SCOPE_UNKNOWN", scope_kind=kind, scope=scope)
    node = HALT | {"scope_kind": "node", "scope": "N2", "state": "halted"}
    other = world.signed("trading_state_command", "olga", **node)
    assert_denied(other, reason="SCOPE_UNKNOWN", scope="N2")
    sent(world.order())
