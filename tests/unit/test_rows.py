"""The typed rows: what they promise is what a kernel gives."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from ringfence import _core, rows
from ringfence.engine import Kernel
from ringfence.rows import (
    ChildRow,
    ExposureRow,
    LimitRow,
    OrderRow,
    PositionRow,
    ScopeRow,
    SourceRow,
    ZeroSumRow,
)

from tests.world import World


def misfits(value: object, kind: Any, place: str) -> list[str]:
    """Return where a value is not of a type of `ringfence.rows`."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            return [f"{place}: expected the keys {sorted(hints)}, found {value!r}"]
        fields = [misfits(value[key], hint, f"{place}.{key}") for key, hint in hints.items()]
        return [found for each in fields for found in each]
    if get_origin(kind) in (Union, UnionType):
        found = [misfits(value, member, place) for member in get_args(kind)]
        return [] if [] in found else found[0]
    if get_origin(kind) is list:
        (member,) = get_args(kind)
        each = value if isinstance(value, list) else [value]
        return [found for row in each for found in misfits(row, member, place)]
    if get_origin(kind) is Literal:
        fits = value in get_args(kind)
    else:
        fits = value is None if kind is NoneType else type(value) is kind
    return [] if fits else [f"{place}: expected {kind}, found {value!r}"]


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    """Return a kernel with every kind of row in it, absent and present fields both."""
    world = World(opening=(("bob", "BAC", 50, "9.5"),), limits={"alice": {"order_qty": 1_000}})
    world.order()
    world.fill(100)
    world.order(ord_type="market")
    world.fill(40, 1)
    world.order(strategy="TWAP")
    world.step("tick")
    world.signed(
        "trading_state_command",
        "olga",
        scope_kind="symbol",
        scope="IBM",
        state="halted",
        cancel_open=True,
        cause="test",
    )
    return world.kernel


def test_every_row_is_what_its_type_says(kernel: Kernel) -> None:
    """Rule 12 of STYLE.md: an editor and a type checker can rely on what is read."""
    orders = kernel.orders()
    children = [kernel.child(number) for order in orders for number in order["children"]]
    tables: list[tuple[Any, list[Any]]] = [
        (OrderRow, orders),
        (ChildRow, children),
        (PositionRow, kernel.positions()),
        (ExposureRow, kernel.exposures()),
        (LimitRow, kernel.limits("alice", "BAC")),
        (SourceRow, kernel.sources("alice", "BAC")),
        (ScopeRow, kernel.scopes()),
        (ZeroSumRow, kernel.zero_sum()),
    ]
    for kind, found in tables:
        assert found, kind.__name__
        assert [] == [each for row in found for each in misfits(row, kind, kind.__name__)]


def test_a_row_that_does_not_fit_is_seen() -> None:
    """Rule 33 of STYLE.md: the comparison itself can fail."""
    row = {"venue": "XNYS", "symbol": "BAC", "venue_net_qty": 1, "booked_net_qty": 1}
    assert misfits(row, ZeroSumRow, "row")
    assert [] == misfits(row | {"difference": 0}, ZeroSumRow, "row")
    assert misfits(row | {"difference": "0"}, ZeroSumRow, "row")
    assert misfits(None, str, "row")
    assert misfits("sideways", rows.Side, "row")


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("side", rows.Side),
        ("ord_type", rows.OrdType),
        ("time_in_force", rows.TimeInForce),
        ("ord_status", rows.OrdStatus),
        ("origin", rows.Origin),
        ("scope_kind", rows.ScopeKind),
        ("state", rows.TradingState),
    ],
)
def test_the_names_are_those_of_the_kernel(field: str, names: Any) -> None:
    """Rule 12 of STYLE.md: a name that the kernel gains or loses shows here."""
    kinds = {
        found["kind"]
        for of in ("inputs", "events")
        for row in _core.schema(of)
        for found in row["fields"]
        if found["name"] == field and found["kind"].startswith("one of ")
    }
    assert kinds == {"one of " + " ".join(get_args(names))}
