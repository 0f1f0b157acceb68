"""What a trading day leaves to the next, and what keeps it from ending (decision 0010)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ringfence import Kernel, _core
from ringfence.errors import JournalError
from ringfence.ops.closing import closed_day, opening_tables

from tests.world import World

DAY, NEXT = "2013-08-01", "2013-08-02"
HELD = (("alice", "BAC", 100, "10"),)


def world(root: Path, **more: Any) -> World:
    """Return a broker whose day is written under `root`."""
    kernel = Kernel(journal=root, trade_date=DAY, durability="process")
    return World(kernel=kernel, opening=HELD, **more)


def start(
    root: Path,
    positions: Sequence[tuple[str, str, int, str]] = HELD,
    accepts: Sequence[str] = (),
    named: str = NEXT,
) -> dict[str, Any]:
    """Return what a start on the next day would do with these opening positions."""
    keys = ("account", "symbol", "qty", "average_px")
    rows = [dict(zip(keys, row, strict=True)) for row in positions]
    settings = {
        "trade_date": NEXT,
        "definitions": [{"ts": 0, "input": "opening_position", **row} for row in rows],
        "new_day": {"trade_date": named, "accepts": accepts, "cause": "TICKET-7"}
        if accepts
        else None,
    }
    return _core.start_of_day(root, NEXT, json.dumps(settings))


def test_a_flat_and_quiet_day_may_end(tmp_path: Path) -> None:
    """Section 8: a day without anything open ends, and the next opens with what was closed."""
    day = world(tmp_path)
    day.kernel.close()
    found = start(tmp_path)
    assert (None, []) == (found["against"], found["known"])
    assert f"begins {NEXT} after {DAY} (closed, to be sealed)" == found["text"]


def test_an_open_order_keeps_the_day_from_ending(tmp_path: Path) -> None:
    """Fail closed: what is open or in doubt is listed, and nothing can accept it."""
    day = world(tmp_path)
    day.order(order_qty=300)
    day.fill(100)
    day.kernel.close()
    bought = (("alice", "BAC", 200, "10"),)
    found = start(tmp_path, bought, ["halts", "positions", "unconfirmed"])
    assert (
        "open or in doubt: order C1 of CLIENT (buy 300 BAC for alice): 200 left, 0 of it in "
        in (found["against"])
    )
    assert "at XNYS: 200 of 300 open" in found["against"]
    assert 2 == len(closed_day(tmp_path)["open"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("halts", "account desk: halted"),
        ("unconfirmed", "alice BAC: 0 bought, 0 sold provisional, 50 bought, 0 sold disputed"),
        ("positions", "alice BAC: closed 150 at 10, opens 100 at 10"),
    ],
)
def test_what_differs_must_be_accepted_for_its_day(tmp_path: Path, name: str, text: str) -> None:
    """R95, R56, R80: a halt, a disputed fill or another position is accepted by name and date."""
    day = world(tmp_path)
    opens: Sequence[tuple[str, str, int, str]] = HELD
    if name == "halts":
        halt = {"scope_kind": "account", "scope": "desk", "state": "halted"}
        day.signed("trading_state_command", "peter", cause="test", cancel_open=False, **halt)
    else:
        day.order(order_qty=50)
        day.fill(50, exec_id="F1")
    if name == "unconfirmed":
        day.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=True)
        opens = (("alice", "BAC", 150, "10"),)
    day.kernel.close()
    others = [kind for kind in ("halts", "positions", "unconfirmed") if kind != name]
    assert text in start(tmp_path, opens)["against"]
    assert text in start(tmp_path, opens, others)["against"]
    assert text in start(tmp_path, opens, [name], named="2013-08-05")["against"]
    found = start(tmp_path, opens, [name])
    assert found["against"] is None
    assert [True] == [text in line and "TICKET-7" in line for line in found["known"]]


def test_positions_come_back_as_tables(tmp_path: Path) -> None:
    """The next day's [[opening_positions]]: exact quantities, the average price at 1e-9."""
    day = world(tmp_path)
    for qty, px in ((200, "10.03"), (1, "10.04")):
        day.order(order_qty=qty, price="10.05")
        day.fill(qty, child_id=qty == 1, px=px)
    unclosed = pytest.raises(JournalError, match="closed or sealed, found one that is not")
    with unclosed:
        closed_day(tmp_path)
    day.kernel.close()
    rows = closed_day(tmp_path)["positions"]
    average = str((100 * 10_000 + 200 * 10_030 + 10_040) * 1_000_000 // 301 / 10**9)
    assert [("alice", "BAC", 301)] == [(row["account"], row["symbol"], row["qty"]) for row in rows]
    assert average == rows[0]["average_px"]
    expected = (
        '[[opening_positions]]\naccount = "alice"\nsymbol = "BAC"\n'
        f'qty = 301\naverage_px = "{average}"\n'
    )
    assert expected == opening_tables(rows)
    opens = [(row["account"], row["symbol"], row["qty"], row["average_px"]) for row in rows]
    assert start(tmp_path, opens)["against"] is None


def test_a_kernel_begins_the_next_day(tmp_path: Path) -> None:
    """Section 8: a kernel with a journal rolls as a node does, but for the positions, which follow.

    With an order open it is refused, and the day stays as it is.
    """
    day = world(tmp_path)
    day.order(order_qty=300)
    day.kernel.close()
    with pytest.raises(JournalError, match=f"no day can follow {DAY} yet: open or in doubt"):
        Kernel(journal=tmp_path, trade_date=NEXT, durability="process")
    settled = Kernel(journal=tmp_path, trade_date=DAY, durability="process")
    settled.step(
        "venue_report",
        ts=settled.now,
        venue="XNYS",
        cl_ord_id=settled.child(0)["cl_ord_id"],  # type: ignore[index]
        exec_id="X1",
        exec_type="canceled",
    )
    settled.close()
    later = Kernel(journal=tmp_path, trade_date=NEXT, durability="process")
    assert (0, None) == (later.seq, later.recovered)
    later.close()
    with pytest.raises(JournalError, match=f"{DAY} is over, {NEXT} has begun"):
        Kernel(journal=tmp_path, trade_date=DAY, durability="process")
    rows = _core.journal_days(tmp_path)
    assert ["sealed", "closed"] == [row["ending"] for row in rows]
    assert rows[1]["previous_date"] == DAY
