"""`ringfence bench gateway` and `bench codec`: real messages, checked, counted and judged."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ringfence.bench import codec, driver, gateway, peers
from ringfence.bench.cli import app
from ringfence.bench.report import Result
from typer.testing import CliRunner

ORDERS = 200
GATE = "wire: order in, child out, {rate}/s, journal process"
FLOOD = f"wire: order, New and fill, {gateway.WINDOW} under way, journal process"


def bench_json(name: str, folder: Path, *options: str) -> dict[str, Any]:
    """Run a benchmark with `--json`, without the network, and return its one object."""
    words = [name, "--json", "--offline", "--directory", str(folder), *options]
    run = CliRunner().invoke(app, words)
    assert 0 == run.exit_code, run.output
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def cases(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the rows of a report by their case."""
    return {row["case"]: row for row in found["results"]}


@pytest.mark.parametrize("name", ["gateway", "codec"])
def test_without_rust_the_report_says_so(name: str, tmp_path: Path) -> None:
    """ARCHITECTURE.md section 10: a figure that cannot be measured is a row that says why."""
    found = bench_json(name, tmp_path, "--no-rust")
    assert {"name", "commit", "conditions", "results", "budgets"} == found.keys()
    assert f"{name}: not measured: not asked for" in cases(found)
    assert "QuickFIX: not measured: not installed here" in cases(found)
    assert all(budget["value"] is None and not budget["ok"] for budget in found["budgets"])
    assert [] == list(tmp_path.iterdir())


@pytest.mark.callgrind
@pytest.mark.timeout(900)
def test_the_gateway_is_timed_in_miniature(tmp_path: Path) -> None:
    """Rule 38 of STYLE.md: every order goes out, comes back and is filled, and the sum says so."""
    why = driver.missing()
    if why is not None:
        pytest.skip(why)
    options = ("--orders", str(ORDERS), "--seconds", "1", "--runs", "1")
    found = bench_json("gateway", tmp_path, *options, "--journals", str(tmp_path))
    rows = cases(found)
    for journal in ("off", "process"):
        row = rows[f"inside: order in, child out, journal {journal}, group 1"]
        assert (ORDERS, "ns/order") == (row["n"], row["unit"])
        assert row["p50"] <= row["p99"] <= row["p99_9"] <= row["max"]
        assert rows[f"inside: order, New and fill, journal {journal}, group 16"]["rate"] > 0
    for rate in gateway.RATES:
        for journal in ("process", f"process{gateway.BUSY}", "disk"):
            case = f"order in, child out, {rate}/s, journal {journal}"
            assert rows[f"wire: {case}"]["n"] == ORDERS // 2
    for journal in ("process", "disk"):
        assert rows[FLOOD.replace("process", journal)]["rate"] > 0
    hosts = found["conditions"]["hosts"]
    assert all(host["orders"] == host["fills"] == ORDERS // 2 for host in hosts)
    assert [0] * len(hosts) == [host["other_messages"] for host in hosts]
    assert 64 == len(found["conditions"]["checksum"])
    assert all(budget["value"] is not None for budget in found["budgets"])
    assert [] == list(tmp_path.iterdir())


@pytest.mark.callgrind
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("recorded", "refused"), [(False, 0), (True, 55)])
def test_the_codec_is_timed_in_miniature(
    recorded: bool, refused: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 38 of STYLE.md: every message is read, judged, and written as it was read."""
    why = driver.missing()
    if recorded and "RINGFENCE_DATA" not in os.environ:
        why = "recorded messages: RINGFENCE_DATA names no folder"
    if why is not None:
        pytest.skip(why)
    if not recorded:
        monkeypatch.delenv("RINGFENCE_DATA", raising=False)
    found = bench_json("codec", tmp_path, "--rounds", "1")
    conditions, rows = found["conditions"], cases(found)
    assert (0, refused) == (conditions["garbled"], conditions["refused"])
    assert 16 == len(conditions["checksum"])
    for kind in ("NewOrderSingle", "ExecutionReport", *["recorded"] * recorded):
        for case in ("read", "read, dictionary", "written"):
            row = rows[f"{kind}: {case}"]
            assert (codec.MESSAGES, "ns/message") == (row["n"], row["unit"])


@pytest.mark.parametrize(
    ("nanos", "met"), [((10, 20, 39_999), True), ((40_000, 1, 1), False), ((1, 1, 90_000), False)]
)
def test_the_worst_rate_decides_about_latency(nanos: tuple[int, int, int], met: bool) -> None:
    """ARCHITECTURE.md section 10: FIX in to FIX out takes under 40 us in the median."""
    pairs = zip(gateway.RATES, nanos, strict=True)
    rows = [Result(GATE.format(rate=rate), "ns", 1, p50=ns, p99=ns) for rate, ns in pairs]
    (median, tail, polled, *_) = gateway.budgets(rows)
    assert (40_000, max(nanos), met) == (median.limit, median.value, median.ok)
    assert (150_000, max(nanos), True) == (tail.limit, tail.value, tail.ok)
    assert polled.value is None
    (median, *_) = gateway.budgets(rows[:2])
    assert (None, False) == (median.value, median.ok)


@pytest.mark.parametrize(("rate", "met"), [(150_001, True), (150_000, False)])
def test_the_rate_counts_orders_that_were_filled(rate: int, met: bool) -> None:
    """ARCHITECTURE.md section 10: over 150,000 orders a second, journal on."""
    (*_, sustained) = gateway.budgets([Result(FLOOD, "orders/s", 1, rate=rate)])
    assert (150_000, rate, met) == (sustained.limit, sustained.value, sustained.ok)


def test_messages_are_framed_as_fix_asks() -> None:
    """FIX 9, 10: length and sum of every message that codecs are measured on are right."""
    messages = [*codec.orders(), *codec.reports()]
    assert 2 * codec.MESSAGES == len(set(messages))
    for message in messages:
        head, body, tail = message.partition("\x0135=")
        trailer = (body + tail)[-7:]
        assert f"10={sum(message[:-7].encode()) % 256:03d}\x01" == trailer
        assert len(message) - len(head) - 1 - 7 == int(head.rpartition("9=")[2])


@pytest.mark.parametrize("peer", codec.CODECS, ids=lambda peer: peer.module)
def test_scripts_of_peers_import_nothing_of_ringfence(peer: peers.Peer) -> None:
    """Layers of ARCHITECTURE.md: a peer's environment has no Ringfence in it."""
    text = (peers.SCRIPTS / f"{peer.module}.py").read_text(encoding="utf-8")
    assert "import ringfence" not in text
    assert "from ringfence" not in text
