"""The life of an order as tables, read against the FIX order state change matrices.

Each file of `tests/golden/order_state` is one group of the matrices; each table in it is one
course of events around order 0 of the small broker. A row holds an input, what the order looks
like after it (FIX 39, 38, 14, 151), where its quantity is (unrouted / reserved / working /
in doubt / filled / canceled), and every event that the input gave. After every row the quantity
must add up, above and below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ringfence import Event

from tests.world import World

FOLDER = Path(__file__).parents[1] / "golden" / "order_state"
COLUMNS = ("step", "input", "ord_status", "order_qty", "cum_qty", "leaves_qty", "buckets", "says")
BUCKETS = ("unrouted", "reserved", "working", "in_doubt", "filled", "canceled")
# What an event says beside its name, where a table shows it.
SHOWN = {
    "denied": "reason",
    "report_ignored": "why",
    "order_closed": "how",
    "child_closed": "how",
    "order_request_refused": "request",
    "order_status_reported": "ord_status",
    "latch_tripped": "scope_kind",
    "fill_booked": "account",
}
QUIET = {"fill_booked": "alice"}


@dataclass(frozen=True)
class Table:
    """One course of events.

    Args:
        name: number and title.
        file: group of the matrices.
        rows: one mapping of column to text for each row.
    """

    name: str
    file: str
    rows: tuple[dict[str, str], ...]


def tables() -> Iterator[Table]:
    """Yield every table of every file."""
    for file in sorted(FOLDER.glob("*.txt")):
        blocks = file.read_text(encoding="utf-8").split("\ntable ")
        for block in blocks[1:]:
            title, *lines = block.splitlines()
            rows = tuple(_rows(file.name, title, lines))
            yield Table(title, file.stem, rows)


def _rows(file: str, title: str, lines: list[str]) -> Iterator[dict[str, str]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if "|" in line]
    header, *body = cells
    assert list(COLUMNS) == header, f"{file}: {title}"
    for number, row in enumerate(body, 1):
        assert len(COLUMNS) == len(row), f"{file}: {title}: row {number}"
        assert str(number) == row[0], f"{file}: {title}: row {number}"
        yield dict(zip(COLUMNS, row, strict=True))


TABLES = [pytest.param(table, id=f"{table.file}: {table.name}") for table in tables()]


def broker(map_seed: int | None = None) -> World:
    """Return the world of every table: orders of a lost session are canceled."""
    return World(sessions={"CLIENT": {"cancel_on_disconnect": True}}, map_seed=map_seed)


def apply(world: World, text: str) -> list[Event]:
    """Give the input that a row names: a word, and fields as name=value."""
    verb, *pairs = text.split()
    if verb == "venue":
        verb, *pairs = pairs
        return venue(world, verb, dict(pair.split("=") for pair in pairs))
    return INPUTS[verb](world, dict(pair.split("=") for pair in pairs))


def venue(world: World, what: str, fields: dict[str, str]) -> list[Event]:
    """Give what a venue says about a child: a report, or the refusal of a request."""
    child = int(fields.pop("child", 0))
    names = {"exec": "exec_id", "ref": "exec_ref_id", "status": "ord_status"}
    numbers = {"qty": "last_qty", "cum": "cum_qty", "total": "order_qty"}
    given: dict[str, Any] = {}
    for field, value in fields.items():
        if field == "wire":
            given["cl_ord_id"] = f"N1-20130801-{child}-{value}"
        elif field in numbers:
            given[numbers[field]] = int(value)
        else:
            given[names.get(field, field)] = value
    if what == "refuses":
        return world.reject(child, **given)
    if what in ("down", "up"):
        return world.step("venue_session", venue="XNYS", connected=what == "up")
    if what in ("trade", "trade_correct"):
        given = {"last_px": given.pop("px", "10")} | given
    return world.report(what, child, **given)


def order(world: World, fields: dict[str, str]) -> list[Event]:
    """Enter an order; `until` is a number of seconds from now."""
    terms: dict[str, Any] = {"order_qty": int(fields.pop("qty", 100))}
    if "until" in fields:
        seconds = int(fields.pop("until"))
        terms |= {"time_in_force": "good_till_date", "expire_ts": world.now + seconds * 10**9}
    short = {"tif": "time_in_force", "id": "cl_ord_id", "type": "ord_type"}
    terms |= {short.get(field, field): value for field, value in fields.items()}
    return world.order(**terms)


def replace(world: World, fields: dict[str, str]) -> list[Event]:
    """Ask for new terms of an order."""
    price = fields.get("price", "10")
    return world.replace(int(fields["qty"]), price, fields["of"], cl_ord_id=fields["id"])


INPUTS: dict[str, Callable[[World, dict[str, str]], list[Event]]] = {
    "order": order,
    "replace": replace,
    "cancel": lambda world, f: world.cancel(f["of"], cl_ord_id=f["id"]),
    "status": lambda world, f: world.step("status_request", session="CLIENT", cl_ord_id=f["of"]),
    "slice": lambda world, f: world.slice(0, int(f["qty"]), price=f.get("price", "10")),
    "change": lambda world, f: world.change(int(f["child"]), int(f["qty"])),
    "drop": lambda world, f: world.step("child_cancel_proposal", child_id=int(f["child"])),
    "wait": lambda world, f: world.wait(int(f["s"])),
    "market": lambda world, f: world.step("market_trade", symbol="BAC", px=f["px"], qty=1),
    "disconnect": lambda world, _: world.step("client_session", session="CLIENT", connected=False),
    "close": lambda world, _: world.step("day_close"),
}


def said(events: list[Event]) -> str:
    """Return the events as a table shows them."""
    words = []
    for event in events:
        shown = event.get(SHOWN.get(event.name, ""))
        quiet = shown is None or QUIET.get(event.name) == shown
        words.append(event.name if quiet else f"{event.name}({shown})")
    return " ".join(words) or "-"


def seen(world: World) -> dict[str, str]:
    """Return the columns of order 0 as it is now; dashes while there is none."""
    row = world.kernel.order(0)
    if row is None:
        return dict.fromkeys(COLUMNS[2:7], "-")
    columns: dict[str, Any] = {**row}
    buckets = "/".join(str(columns["buckets"][name]) for name in BUCKETS)
    return {name: str(columns[name]) for name in COLUMNS[2:6]} | {"buckets": buckets}


def assert_adds_up(world: World) -> None:
    """Check double entry of every parent and its children, and the books against the venues."""
    for row in world.kernel.orders():
        buckets = row["buckets"]
        units: dict[str, Any] = {**buckets}
        assert row["order_qty"] == sum(units.values())
        assert row["cum_qty"] == buckets["filled"]
        live = buckets["reserved"] + buckets["working"] + buckets["in_doubt"]
        assert row["leaves_qty"] == buckets["unrouted"] + live
        assert row["cxl_qty"] == buckets["canceled"]
        children = [world.child(child) for child in row["children"]]
        at_venues = sum(child["leaves_qty"] for child in children)
        assert at_venues == buckets["working"] + buckets["in_doubt"]
        if row["ord_status"] in ("filled", "canceled", "rejected", "expired", "done_for_day"):
            assert 0 == row["leaves_qty"]
    assert all(row["difference"] == 0 for row in world.kernel.zero_sum())
    rows = [row for row in world.kernel.positions() if row["account"] == "alice"]
    assert sum(row["cum_qty"] for row in world.kernel.orders()) == sum(row["qty"] for row in rows)


@pytest.mark.parametrize("table", TABLES)
def test_the_course_of_an_order(table: Table) -> None:
    """R1, R8, R32, R50, R51, R52, R60 and I1, I2, I8, I13: FIX order state change matrices.

    The file is the group of the matrices, the table says which course of it.
    """
    world = broker()
    for row in table.rows:
        found = {"says": said(apply(world, row["input"]))} | seen(world)
        expected = {name: row[name] for name in COLUMNS[2:]}
        assert expected == {name: found[name] for name in COLUMNS[2:]}, row
        assert_adds_up(world)


@pytest.mark.parametrize("table", TABLES)
def test_the_course_does_not_depend_on_the_order_of_maps(table: Table) -> None:
    """I6: the same inputs with another map seed end in the same state."""
    hashes = set()
    for seed in (1, 2):
        world = broker(seed)
        for row in table.rows:
            apply(world, row["input"])
        hashes.add(world.kernel.state_hash())
    assert 1 == len(hashes)


def test_the_tables_reach_every_state_and_every_event_of_an_order() -> None:
    """R108: no status of FIX 39 and no event of an order's life was left out of the tables."""
    rows = [row for table in tables() for row in table.rows]
    statuses = {row["ord_status"] for row in rows} - {"-"}
    assert STATUSES == statuses
    events = {word.split("(")[0] for row in rows for word in row["says"].split()}
    assert set() == LIFE - events


STATUSES = {
    "new",
    "partially_filled",
    "filled",
    "done_for_day",
    "canceled",
    "pending_cancel",
    "rejected",
    "expired",
    "pending_replace",
}
LIFE = {
    "order_accepted",
    "order_triggered",
    "order_cancel_requested",
    "order_replace_requested",
    "order_replaced",
    "order_restated",
    "order_request_refused",
    "order_closed",
    "order_status_reported",
    "child_sent",
    "child_acknowledged",
    "child_cancel_requested",
    "child_replace_requested",
    "child_replaced",
    "child_request_refused",
    "child_suspended",
    "child_restated",
    "child_closed",
    "child_in_doubt",
    "child_resolved",
    "fill_booked",
    "fill_busted",
    "fill_corrected",
    "reversal_held",
    "report_ignored",
    "latch_tripped",
    "denied",
}
