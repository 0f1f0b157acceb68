"""`ringfence venue match`: rows in, trades and a book out, or one message and nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ringfence.cli import app
from ringfence.errors import InputError
from ringfence.ops import order_book
from ringfence.ops.order_book import match_files
from typer.testing import CliRunner, Result

BOOK = "order_id,side,price,qty\n1,sell,10.01,100\n2,sell,10.02,50\n3,buy,9.99,70\n"
ORDERS = (
    "action,order_id,side,type,price,qty,tif,stop_px\n"
    "new,10,buy,limit,10.02,120,day,\n"
    "new,11,buy,stop,,5,,11\n"
    "new,12,sell,market,,80,ioc,\n"
    "cancel,99,,,,,,\n"
)
ENGINES = ("fast", "plain")


def run(folder: Path, book: str, orders: str, *options: str) -> Result:
    """Write both files and run the command on them."""
    (folder / "book.csv").write_text(book, encoding="utf-8")
    (folder / "orders.csv").write_text(orders, encoding="utf-8")
    files = ["--book", str(folder / "book.csv"), "--orders", str(folder / "orders.csv")]
    return CliRunner().invoke(app, ["venue", "match", *files, *options])


@pytest.mark.parametrize("engine", ENGINES)
def test_trades_and_then_the_book(tmp_path: Path, engine: str) -> None:
    """R105: the taker pays the maker's price; the book that is left follows, best first."""
    done = run(tmp_path, BOOK, ORDERS, "--engine", engine)
    assert 0 == done.exit_code, done.output
    expected = [
        "trade,10,1,10.01,100",
        "trade,10,2,10.02,20",
        "trade,12,3,9.99,70",
        "book,sell,10.02,2,30",
    ]
    assert expected == done.stdout.splitlines()
    assert "3 trades, 1 rejected, 1 canceled, 1 resting, 1 waiting\n" == done.stderr


def test_json_says_what_did_not_trade(tmp_path: Path) -> None:
    """R105: refusals, cancels and stops are told, and both engines tell the same."""
    found: list[dict[str, Any]] = []
    for engine in ENGINES:
        done = run(tmp_path, BOOK, ORDERS, "--json", "--engine", engine)
        assert 0 == done.exit_code, done.output
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]
    assert {"trades", "rejected", "canceled", "book", "waiting"} == found[0].keys()
    rejected = [{"order_id": 99, "action": "cancel", "reason": "unknown_order"}]
    assert rejected == found[0]["rejected"]
    canceled = [{"order_id": 12, "qty": 10, "reason": "immediate_or_cancel"}]
    assert canceled == found[0]["canceled"]
    (stop,) = found[0]["waiting"]
    assert (11, "stop", None) == (stop["order_id"], stop["place"], stop["price"])


@pytest.mark.parametrize(
    ("book", "orders", "place"),
    [
        (BOOK, ORDERS + "new,13,buy,limit,ten,5,,\n", ("orders.csv", 6, "price")),
        (BOOK + "4,buy,10.01,5\n", ORDERS, ("book.csv", 5, "price")),
        (BOOK, "action,order_id,colour\n", ("orders.csv", 1, "colour")),
        (BOOK + "4,buy\n", ORDERS, ("book.csv", 5, None)),
    ],
)
def test_a_bad_line_prints_nothing(
    tmp_path: Path, book: str, orders: str, place: tuple[str, int, str | None]
) -> None:
    """Rule 18 of STYLE.md: file, line and column are named, and no trade is printed."""
    done = run(tmp_path, book, orders)
    assert "" == done.stdout
    assert isinstance(done.exception, InputError)
    file, line, column = place
    assert (line, column) == (done.exception.line, done.exception.field)
    assert str(done.exception).startswith(f"{tmp_path / file}:{line}: ")
    assert ("column" in str(done.exception)) is (column is not None)


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 7 of STYLE.md: a file has a largest size."""
    monkeypatch.setattr(order_book, "FILE_BYTES_MAX", len(BOOK) - 1)
    (tmp_path / "book.csv").write_text(BOOK, encoding="utf-8")
    with pytest.raises(InputError, match="bytes, found more"):
        match_files(tmp_path / "book.csv", tmp_path / "book.csv", "fast")


def test_an_engine_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Rule 18 of STYLE.md: the name of the engine is parsed once or refused."""
    (tmp_path / "book.csv").write_text(BOOK, encoding="utf-8")
    with pytest.raises(InputError, match="expected fast or plain"):
        match_files(tmp_path / "book.csv", tmp_path / "book.csv", "slow")
