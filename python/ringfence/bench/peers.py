"""`ringfence bench peers`: one order stream through other pre-trade checks, and through Ringfence.

Each peer lives in a virtual environment of its own, made when it is first asked for and kept; its
script is in `peer_scripts` and imports nothing of Ringfence. A peer that cannot be installed or run
is a row that says why. What a peer leaves out stands beside its figures: none of them keeps the
order, books it, or remembers it on a disk.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ringfence import _core
from ringfence.bench import conditions as surroundings
from ringfence.bench import driver, kernel, stream
from ringfence.bench.report import Report, Result, rated, spread
from ringfence.bench.world import WorldSize, dollars, symbol

__all__ = ["PEERS", "Peer", "PeersPlan", "bench_peers", "cache_folder", "measured", "prepare"]

INSTALL_SECONDS_MAX = 900
RUN_SECONDS_MAX = 300
STAMP = "installed-by-ringfence.json"
SCRIPTS = Path(__file__).parent / "peer_scripts"
UNIT = "ns/order"


class Peer(msgspec.Struct, frozen=True):
    """Another pre-trade check."""

    name: str
    """Name as its makers write it."""
    module: str
    """Script in `peer_scripts`."""
    requirements: tuple[str, ...]
    """What pip installs, pinned."""


PEERS = (
    Peer("openpit", "openpit_peer", ("openpit==0.10.0",)),
    Peer(
        "NautilusTrader",
        "nautilus_peer",
        (
            "nautilus_trader==1.221.0; python_version < '3.12'",
            "nautilus_trader==1.231.0; python_version >= '3.12'",
        ),
    ),
    Peer("vn.py", "vnpy_peer", ("vnpy==4.5.0", "vnpy_riskmanager==2.0.0")),
)


class PeersPlan(msgspec.Struct, frozen=True):
    """How much is measured, and where the environments are."""

    folder: Path
    orders: int = 20_000
    offline: bool = False
    """Whether only environments that are there are used."""
    rust: bool = True
    """Whether the Rust program times Ringfence's single steps where it can be built."""


def cache_folder() -> Path:
    """Return where environments are kept unless told otherwise: the user's cache folder."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "ringfence" / "peers"


def bench_peers(plan: PeersPlan, tell: Callable[[str], None]) -> Report:
    """Run every peer and Ringfence on the same orders and return one report.

    `tell` is given a line before each long piece of work.
    """
    found = surroundings.conditions() | {"orders": plan.orders, "durability": "journal off"}
    size = WorldSize()
    orders = list(stream.orders(plan.orders, size))
    about: dict[str, Any] = {"Ringfence": _own_terms()}
    with tempfile.TemporaryDirectory(prefix="ringfence-peers-") as name:
        folder = Path(name)
        tell("Ringfence")
        results = _own_results(plan, size, orders, folder)
        stepped = [
            [one.account, symbol(one.instrument), one.buys, one.qty, dollars(one.cents)]
            for one in orders
        ]
        (folder / "orders.json").write_text(json.dumps(stepped), encoding="utf-8")
        for peer in PEERS:
            tell(f"{peer.name}: {', '.join(peer.requirements)}")
            rows, about[peer.name] = measured(peer, plan, folder / "orders.json")
            results += rows
    found |= {"load_after": surroundings.conditions()["load"], "peers": about}
    return Report("peers", surroundings.commit(), found, results, [])


def measured(peer: Peer, plan: PeersPlan, items: Path) -> tuple[list[Result], dict[str, Any]]:
    """Run the peer's script on a file of items; return its rows and what it says of itself.

    What cannot be installed or run is one row that says why.
    """
    problem = prepare(peer, plan)
    if problem is None:
        problem, said = _run(peer, plan.folder, items)
        if problem is None:
            return [_row(peer, case) for case in said.get("cases", ())], said.get("about", {})
    return [Result(f"{peer.name}: {problem}", UNIT, 0)], {"problem": problem}


def _own_terms() -> dict[str, str]:
    return {
        "version": importlib.metadata.version("ringfence"),
        "checks": f"all {len(_core.rules())} rules at 4 levels of 10,000 accounts; the order is "
        "accepted, sent and booked as exposure, its events are handed back",
        "leaves_out": "journal, sockets, the venue's answers",
    }


def _own_results(
    plan: PeersPlan, size: WorldSize, orders: list[stream.Order], folder: Path
) -> list[Result]:
    """Return Ringfence's own figures on the orders: every rule on, orders accepted and sent."""
    rows = kernel.order_results(size, orders)
    if plan.rust and driver.missing() is None:
        measured = kernel.rust_results(kernel.Plan(plan.orders, size, 1), orders, folder)
        wanted = {"new_order", "new_order, back to back"}
        rows += [row for row in measured.results if row.case in wanted]
    return [msgspec.structs.replace(row, case=f"Ringfence: {row.case}") for row in rows]


def _python(folder: Path, peer: Peer) -> Path:
    return folder / peer.module / "bin" / "python"


def prepare(peer: Peer, plan: PeersPlan) -> str | None:
    """Make the peer's environment unless it is there as pinned; return why that failed."""
    environment = plan.folder / peer.module
    stamp, wanted = environment / STAMP, json.dumps(peer.requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    if plan.offline:
        return "not measured: not installed here"
    pip = [str(_python(plan.folder, peer)), "-m", "pip", "install", "--quiet", "--prefer-binary"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(environment)],
        [*pip, "--disable-pip-version-check", *peer.requirements],
    ):
        problem, _ = _finished(command, INSTALL_SECONDS_MAX)
        if problem is not None:
            return f"not measured: not installed: {problem}"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def _run(peer: Peer, folder: Path, orders: Path) -> tuple[str | None, dict[str, Any]]:
    """Run the peer's script in its environment; return what went wrong and what it printed."""
    quiet = ("-E", "-s", "-W", "ignore")
    command = [str(_python(folder, peer)), *quiet, str(SCRIPTS), peer.module, str(orders)]
    problem, printed = _finished(command, RUN_SECONDS_MAX)
    lines = printed.splitlines()
    if problem is not None or not lines:
        return f"not measured: {problem or 'the script printed nothing'}", {}
    said: dict[str, Any] = json.loads(lines[-1])
    return None, said


def _finished(command: list[str], seconds_max: int) -> tuple[str | None, str]:
    """Run a command to its end; return the last line of its complaint if it failed, its output."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds_max, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return str(failure), ""
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return lines[-1], done.stdout
    return None, done.stdout


def _row(peer: Peer, case: dict[str, Any]) -> Result:
    """Return one case of a peer as a result; orders that did not pass are told in its name."""
    taken: list[int] = case["ns"]
    name = f"{peer.name}: {case['case']}"
    if case["passed"] != len(taken):
        name += f" ({len(taken) - case['passed']} of {len(taken)} refused)"
    return spread(name, UNIT, taken, rated(name, "", len(taken), sum(taken)).rate)
