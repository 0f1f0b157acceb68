"""A broken invariant in a real process: exit 3, one message, and nothing half-done.

No input breaks an invariant, so the journal is made to lie: its last record voids the same fill
more than once. Every checksum fits; folding it leaves less filled than the next void takes away.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from ringfence import _core
from ringfence.config import compile as compile_config
from ringfence.config import load
from ringfence.engine import Kernel, replay
from ringfence.errors import KernelHalted

from tests.e2e.forgery import forge, payload
from tests.e2e.programs import EXAMPLES, ringfence

CONFIG = EXAMPLES / "ten_denials.toml"
TRADE_DATE = "2026-03-02"
NOW = 1_772_461_800_000_000_000
MARKET: tuple[tuple[str, dict[str, Any]], ...] = (
    ("venue_session", {"venue": "LIT1", "connected": True}),
    ("phase_change", {"phase": "continuous"}),
    ("quote", {"symbol": "ACME", "bid_px": "24.99", "ask_px": "25.01"}),
    ("market_trade", {"symbol": "ACME", "px": "25.00", "qty": 40_000}),
    ("price_band", {"symbol": "ACME", "lower_px": "23.75", "upper_px": "26.20"}),
    (
        "margin_requirement",
        {"account": "alice", "requirement": 10_000, "buying_power": "150000"},
    ),
)
ORDER: dict[str, Any] = {
    "session": "ALICE",
    "cl_ord_id": "one",
    "account": "alice",
    "symbol": "ACME",
    "side": "buy",
    "order_qty": 100,
    "price": "25.00",
    "ex_destination": "LIT1",
}


def void(exec_ref_id: str) -> dict[str, Any]:
    """Return the report of a venue that voids a fill of the first child."""
    return {
        "venue": "LIT1",
        "cl_ord_id": "node1-20260302-0-0",
        "exec_id": f"V-{exec_ref_id}",
        "exec_type": "trade_cancel",
        "exec_ref_id": exec_ref_id,
    }


def lying(days: Path, voids: int) -> Path:
    """Return the segment of a journal that voids the fill F1, of 40 out of 100, that often."""
    kernel = Kernel(journal=days, trade_date=TRADE_DATE, durability="process")
    for name, fields in compile_config(load(CONFIG)):
        kernel.define(name, fields)
    for name, fields in MARKET:
        kernel.step(name, ts=NOW, **fields)
    kernel.new_order(ts=NOW, **ORDER)
    for exec_id, qty in (("F1", 40), ("F2", 60)):
        report = void("-") | {"exec_id": exec_id, "exec_type": "trade", "exec_ref_id": None}
        kernel.step("venue_report", ts=NOW, **report, last_qty=qty, last_px="25.00")
    assert ["fill_busted"] == [e.name for e in kernel.step("venue_report", ts=NOW, **void("F1"))]
    kernel.close()
    (segment,) = (days / TRADE_DATE).iterdir()
    said = Kernel.encode("venue_report", ts=0, **void("F1"))[8:]  # 8 bytes of time
    count = struct.pack("<I", 1)
    record = payload(segment, kernel.seq)
    assert record.startswith(said + count)
    event = record.removeprefix(said + count)
    forge(segment, kernel.seq, said + struct.pack("<I", voids) + event * voids)
    return segment


def stepped(tmp_path: Path) -> tuple[int, bytes, list[str]]:
    """Let the venue void F2 in a real process; return exit code, output and messages."""
    inputs, events = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    first = {"ts": NOW, "input": "tick"}
    second = {"ts": NOW, "input": "venue_report", **void("F2")}
    inputs.write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n", encoding="utf-8")
    events.write_bytes(b"of an earlier run")
    options = ("--inputs", inputs, "--events", events, "--journal", tmp_path / "days")
    done = ringfence("step", "--config", CONFIG, *options)
    return done.returncode, done.stdout, done.stderr.decode().splitlines()


def test_the_forgery_tells_the_truth_when_nothing_is_forged(tmp_path: Path) -> None:
    """R59: the same day, voided once, goes on; so it is the lie that halts, and not the forger."""
    segment = lying(tmp_path / "days", voids=1)
    assert 0 == ringfence("journal", "verify", segment.parent).returncode
    code, _, messages = stepped(tmp_path)
    assert 0 == code, messages
    assert "fill_busted" in (tmp_path / "out.jsonl").read_text()


def test_a_broken_invariant_in_a_step_is_exit_3_and_nothing_half_done(tmp_path: Path) -> None:
    """I2, R13, R59: one message names the invariant; no events, and the journal as it was."""
    segment = lying(tmp_path / "days", voids=2)
    before = segment.read_bytes()
    seq = replay(segment.parent).seq
    code, printed, messages = stepped(tmp_path)
    assert (3, b"") == (code, printed)
    assert "ringfence: the kernel halted: I2: child 0 cannot give back 60 of 20" == messages[-1]
    assert {"days", "in.jsonl"} == {path.name for path in tmp_path.iterdir()}
    assert before == segment.read_bytes()
    assert seq == _core.journal_stats(segment.parent)["records"]
    assert 0 == ringfence("journal", "cat", segment.parent).returncode


def test_a_halted_kernel_takes_nothing_more_and_keeps_its_journal(tmp_path: Path) -> None:
    """I2, I5: what was recorded before the halt is readable; nothing is decided after it."""
    segment = lying(tmp_path / "days", voids=2)
    kernel = Kernel(journal=tmp_path / "days", trade_date=TRADE_DATE, durability="process")
    kernel.tick(ts=NOW)
    seq = kernel.seq
    with pytest.raises(KernelHalted, match="I2: child 0"):
        kernel.step("venue_report", ts=NOW, **void("F2"))
    with pytest.raises(KernelHalted, match="an earlier step failed"):
        kernel.tick(ts=NOW)
    assert seq == kernel.seq == replay(segment.parent).seq


def test_deciding_again_finds_the_lie_before_it_breaks(tmp_path: Path) -> None:
    """I6: what the kernel would not have said is exit 1, with the number of the record."""
    segment = lying(tmp_path / "days", voids=2)
    done = ringfence("journal", "verify", segment.parent)
    seq = _core.journal_stats(segment.parent)["last_seq"]
    assert (1, b"") == (done.returncode, done.stdout)
    assert f"record {seq} gives other events" in done.stderr.decode()


def test_a_broken_invariant_in_a_fold_is_exit_3_as_well(tmp_path: Path) -> None:
    """I2, R13: a record that breaks the state stops the start, and no half of it goes on."""
    segment = lying(tmp_path / "days", voids=3)
    before = segment.read_bytes()
    code, printed, messages = stepped(tmp_path)
    assert (3, b"") == (code, printed)
    assert messages[-1].startswith("ringfence: the kernel halted: I2: child 0 cannot give back 40")
    assert not (tmp_path / "out.jsonl").exists()
    assert before == segment.read_bytes()
    with pytest.raises(KernelHalted, match="I2"):
        replay(segment.parent)
    core = _core.Kernel()
    with pytest.raises(_core.KernelHalted, match="I2"):
        core.open_journal(tmp_path / "days", TRADE_DATE, "process")
    with pytest.raises(_core.KernelHalted, match="an earlier step failed"):
        core.step(NOW, "tick", {})
