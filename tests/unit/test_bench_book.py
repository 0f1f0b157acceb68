"""`ringfence bench book`: one stream through the book, through both languages and its peers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ringfence.bench import book, driver, peers
from ringfence.bench.book import BOOKS, BookPlan, bench_book, stream
from ringfence.bench.cli import app
from ringfence.errors import UsageError
from typer.testing import CliRunner

ORDERS = 200


def bench_book_json(folder: Path, *options: str) -> dict[str, Any]:
    """Run `bench book --json` without the network and return its one object."""
    tiny = ["--orders", str(ORDERS), "--offline", "--directory", str(folder)]
    run = CliRunner().invoke(app, ["book", "--json", *tiny, *options])
    assert 0 == run.exit_code, run.output
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_one_seed_makes_one_stream() -> None:
    """Rule 33 of STYLE.md: the same seed gives the same calls, half cancels, a quarter takers."""
    calls = list(stream(ORDERS))
    assert calls == list(stream(ORDERS))
    assert calls != list(stream(ORDERS, seed=2))
    phases = Counter(call[0] for call in calls)
    assert {"insert": ORDERS, "cancel": ORDERS // 2, "match": ORDERS // 4} == phases


def test_without_rust_the_report_says_so(tmp_path: Path) -> None:
    """ARCHITECTURE.md section 10: a figure that cannot be measured is a row that says why."""
    found = bench_book_json(tmp_path, "--no-rust")
    assert {"name", "commit", "conditions", "results", "budgets"} == found.keys()
    cases = {row["case"]: row for row in found["results"]}
    assert "fast book: not measured: not asked for" in cases
    row = cases["Python: match_orders, two CSV files"]
    assert (ORDERS + ORDERS // 2 + ORDERS // 4, "rows/s") == (row["n"], row["unit"])
    assert found["conditions"]["traded_qty"] > 0
    missing = {f"{peer.name}: not measured: not installed here" for peer in BOOKS}
    assert missing <= cases.keys()
    assert [] == list(tmp_path.iterdir())


@pytest.mark.callgrind
@pytest.mark.timeout(600)
def test_the_rust_program_runs_in_miniature(tmp_path: Path) -> None:
    """Rule 38 of STYLE.md: each phase is timed, the plain book agrees, a checksum is printed."""
    why = driver.missing()
    if why is not None:
        pytest.skip(why)
    found = bench_book_json(tmp_path)
    assert 16 == len(found["conditions"]["checksum"])
    assert found["conditions"]["compared_with_plain"] is True
    cases = {row["case"]: row for row in found["results"]}
    for phase, count in (("insert", ORDERS), ("cancel", ORDERS // 2), ("match", ORDERS // 4)):
        assert (count, "ns/call") == (cases[phase]["n"], cases[phase]["unit"])
        assert cases[phase]["p50"] <= cases[phase]["p99"] <= cases[phase]["max"]
        assert count == cases[f"{phase}, back to back"]["n"]


def test_different_outcomes_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 38 of STYLE.md: figures of two runs that end differently are never printed."""
    measured = book.Measured([], "0" * 16, 1, 1, 1, compared_with_plain=True, clock_ns=25)
    monkeypatch.setattr(driver, "missing", lambda: None)
    monkeypatch.setattr(book, "_from_rust", lambda *_: measured)
    with pytest.raises(UsageError, match="two outcomes"):
        bench_book(BookPlan(tmp_path, ORDERS, offline=True), lambda _line: None)


@pytest.mark.parametrize("peer", BOOKS, ids=lambda peer: peer.module)
def test_scripts_of_peers_import_nothing_of_ringfence(peer: peers.Peer) -> None:
    """Layers of ARCHITECTURE.md: a peer's environment has no Ringfence in it."""
    text = (peers.SCRIPTS / f"{peer.module}.py").read_text(encoding="utf-8")
    assert "import ringfence" not in text
    assert "from ringfence" not in text
