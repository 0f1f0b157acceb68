"""`ringfence bench peers`: what cannot run is a row that says so, what runs is timed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ringfence.bench import peers
from ringfence.bench.cli import app
from ringfence.bench.peers import PEERS, Peer, PeersPlan, bench_peers
from typer.testing import CliRunner

FAKE = Peer("Fake", "fake_peer", ("fake==1",))
FAKE_SCRIPT = """
def measure(orders, timed):
    timed("check", lambda row: row[3] > 1, orders)
    return {"version": "1", "checks": "quantity", "leaves_out": "all else"}
"""


def silent(_line: str) -> None:
    """Take no notice of progress."""


def with_python(folder: Path, peer: Peer) -> None:
    """Make an environment that counts as installed and runs this interpreter."""
    python = folder / peer.module / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = folder / peer.module / peers.STAMP
    stamp.write_text(json.dumps(peer.requirements), encoding="utf-8")


def fake_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Any:
    """Return rows and conditions of a run whose only peer is `script`."""
    scripts, environments = tmp_path / "scripts", tmp_path / "environments"
    scripts.mkdir()
    shutil.copy(peers.SCRIPTS / "__main__.py", scripts)
    (scripts / "fake_peer.py").write_text(script, encoding="utf-8")
    with_python(environments, FAKE)
    monkeypatch.setattr(peers, "SCRIPTS", scripts)
    monkeypatch.setattr(peers, "PEERS", (FAKE,))
    report = bench_peers(PeersPlan(environments, 100, offline=True, rust=False), silent)
    rows = [row for row in report.results if row.case.startswith("Fake")]
    return rows, report.conditions["peers"]["Fake"]


def test_peers_that_are_not_there_are_rows(tmp_path: Path) -> None:
    """Rule 38 of STYLE.md: a peer that cannot be measured is reported, and the command succeeds."""
    options = ["--json", "--orders", "100", "--directory", str(tmp_path), "--offline", "--no-rust"]
    run = CliRunner().invoke(app, ["peers", *options])
    assert 0 == run.exit_code, run.output
    found = json.loads(run.stdout)
    assert {"name", "commit", "conditions", "results", "budgets"} == found.keys()
    cases = [row["case"] for row in found["results"] if not row["n"]]
    assert [f"{peer.name}: not measured: not installed here" for peer in PEERS] == cases
    own = [row for row in found["results"] if row["case"].startswith("Ringfence")]
    assert all(row["p50"] > 0 for row in own)
    assert len(own) == 2
    assert [] == list(tmp_path.iterdir())


def test_a_peer_that_runs_is_timed_and_its_refusals_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 38 of STYLE.md: every order is timed; orders that a peer refused are not hidden."""
    (row,), about = fake_results(tmp_path, monkeypatch, FAKE_SCRIPT)
    assert (100, "ns/order") == (row.n, row.unit)
    assert row.p50 <= row.p99 <= row.max
    assert "all else" == about["leaves_out"]
    refusing = FAKE_SCRIPT.replace("row[3] > 1", "row[3] > 500")
    (tmp_path / "again").mkdir()
    (row,), _ = fake_results(tmp_path / "again", monkeypatch, refusing)
    assert "Fake: check (100 of 100 refused)" == row.case


def test_a_peer_that_fails_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 17 of STYLE.md: a peer whose script fails has no figure, only the reason."""
    (row,), about = fake_results(tmp_path, monkeypatch, "raise SystemExit('no such engine')")
    assert ("Fake: not measured: no such engine", 0, None) == (row.case, row.n, row.p50)
    assert {"problem": "not measured: no such engine"} == about


def test_other_pins_make_a_new_environment(tmp_path: Path) -> None:
    """Rule 17 of STYLE.md: an environment made from other pins is not measured under these."""
    with_python(tmp_path, FAKE)
    plan = PeersPlan(tmp_path, 100, offline=True)
    assert peers.prepare(FAKE, plan) is None
    newer = Peer(FAKE.name, FAKE.module, ("fake==2",))
    assert "not measured: not installed here" == peers.prepare(newer, plan)


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG Base Directory Specification: XDG_CACHE_HOME decides where caches are."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/somebody")
    assert Path("/var/cache/somebody/ringfence/peers") == peers.cache_folder()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/var/lib/somebody")
    assert Path("/var/lib/somebody/.cache/ringfence/peers") == peers.cache_folder()


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.module)
def test_scripts_of_peers_import_nothing_of_ringfence(peer: Peer) -> None:
    """Layers of ARCHITECTURE.md: a peer's environment has no Ringfence in it."""
    for name in ("__main__", peer.module):
        text = (peers.SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
        assert "import ringfence" not in text
        assert "from ringfence" not in text
