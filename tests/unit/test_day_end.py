"""What a day leaves for the next: positions that are sure, and nothing else."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ringfence import JournalError, Kernel
from ringfence.cli import app
from ringfence.ops.day_end import brought_forward, held
from typer.testing import CliRunner, Result

from tests.world import World, sent

DAY = "2013-08-01"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a broker on a journal, with 40 shares bought at 10 and 15 of them sold."""
    world = World(kernel=Kernel(journal=tmp_path, trade_date=DAY, durability="process"))
    for side, qty in (("buy", 40), ("sell", 15)):
        child = sent(world.order(side=side, order_qty=qty, price="10"))["child_id"]
        world.fill(qty, child)
    return world


def invoke(folder: Path, *arguments: str, command: str = "positions") -> Result:
    """Print the positions at the end of the day, or do something else with it."""
    return CliRunner().invoke(app, ["journal", command, str(folder / DAY), *arguments])


def row(**changed: Any) -> Any:
    """Return a position of 100 units, with changes."""
    none = {"bought": 0, "sold": 0}
    plain = {"account": "alice", "symbol": "ACME", "aggregate": False, "qty": 100}
    open_none = {"open_buy": 0, "open_sell": 0, "average_px": "25.5"}
    doubts = {"provisional": none, "disputed": none, "unknown": none}
    return {**plain, **open_none, **doubts, **changed}


def test_positions_are_brought_forward() -> None:
    """R13: the tables are those of the configuration, with names that TOML can read."""
    rows = [row(), row(account='a"b', qty=-7)]
    found = tomllib.loads(brought_forward(rows))["opening_positions"]
    assert [("alice", 100), ('a"b', -7)] == [(one["account"], one["qty"]) for one in found]
    assert {"account", "symbol", "qty", "average_px"} == found[0].keys()
    assert "25.5" == found[0]["average_px"]
    assert "" == brought_forward([])


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"provisional": {"bought": 30, "sold": 0}}, "30 units provisional"),
        ({"disputed": {"bought": 0, "sold": 4}}, "4 units disputed"),
        ({"unknown": {"bought": 1, "sold": 2}}, "3 units unknown"),
        ({"open_buy": 5, "open_sell": 6}, "11 units open"),
    ],
)
def test_what_is_not_sure_is_refused(changed: dict[str, Any], named: str) -> None:
    """R46, R56: a position in question is never brought forward as one that is sure."""
    with pytest.raises(JournalError, match=f"alice in ACME: {named}"):
        brought_forward([row(), row(**changed)])


def test_sums_and_what_is_flat_are_left_out() -> None:
    """R13: an account above others holds nothing itself; a flat position needs no table."""
    flat = row(qty=0, average_px=None)
    in_doubt = row(qty=0, unknown={"bought": 1, "sold": 0})
    assert [in_doubt] == held([row(aggregate=True), flat, in_doubt])


def test_the_end_of_a_day_is_printed(world: World, tmp_path: Path) -> None:
    """R43, R46: the journal of a day says what is held, for people, for programs, for tomorrow."""
    world.kernel.close()
    (found,) = json.loads(invoke(tmp_path, "--json").stdout)
    assert ("alice", "BAC", 25, "10") == (
        found["account"],
        found["symbol"],
        found["qty"],
        found["average_px"],
    )
    assert "alice" in invoke(tmp_path).stdout
    (carried,) = tomllib.loads(invoke(tmp_path, "--toml").stdout)["opening_positions"]
    assert {"account": "alice", "symbol": "BAC", "qty": 25, "average_px": "10"} == carried


def test_an_open_order_is_not_brought_forward(world: World, tmp_path: Path) -> None:
    """R46: a day with open orders is not over."""
    world.order(order_qty=7, price="10")
    world.kernel.close()
    done = invoke(tmp_path, "--toml")
    assert 1 == done.exit_code
    assert "alice in BAC: 7 units open" in str(done.exception)
    assert "" == done.stdout


def test_a_day_is_sealed(world: World, tmp_path: Path) -> None:
    """R111: a day is ended by hand once it was closed, and stays what it is from then on."""
    running = invoke(tmp_path, command="seal")
    assert 1 == running.exit_code
    assert "in use" in str(running.exception)
    world.kernel.close()
    assert "closed" == json.loads(invoke(tmp_path, "--json", command="stats").stdout)["ending"]
    for _again in range(2):
        assert 0 == invoke(tmp_path, command="seal").exit_code
        assert "sealed" == json.loads(invoke(tmp_path, "--json", command="stats").stdout)["ending"]
    with pytest.raises(JournalError, match="sealed"):
        Kernel(journal=tmp_path, trade_date=DAY, durability="process")
