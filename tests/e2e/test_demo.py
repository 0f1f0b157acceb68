"""`ringfence demo` in a real process: every order has an end, and three books agree."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ringfence.ops.demo.plan import ODDITIES

from tests.e2e.programs import PROGRAM, forked, ringfence

ORDERS = 120  # each way of doing wrong once, one order in eight
WAIT_S = 110

# What a client did wrong -> the reasons that answer it; absent: it is no refusal.
ANSWERS = {
    "too large": "MAX_ORDER_QTY",
    "half a cent": "TICK_SIZE",
    "far through the collar": "PRICE_COLLAR",
    "restricted symbol": "RESTRICTED",
    "identifier used before": "DUPLICATE_CL_ORD_ID",
    "same order twice": "DUPLICATE_ORDER",
    "unknown symbol": "UNKNOWN_INSTRUMENT",
    "unsupported time in force": "UNREADABLE_FIELD",
    "short without a locate": "LOCATE_MISSING",
    "not its account": "NOT_ENTITLED",
    "no side": "REJECT",
    "unknown message": "REJECT",
}


def started(
    folder: Path, *arguments: str, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Return a demo of a bare clone whose temporary files are in `folder`."""
    environment = {key: value for key, value in os.environ.items() if key != "RINGFENCE_DATA"}
    return subprocess.Popen(
        [PROGRAM, "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**environment, "TMPDIR": str(folder)},
    )


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return what a whole demo printed, and where it kept its files."""
    folder = tmp_path_factory.mktemp("demo")
    temporary = folder / "tmp"
    temporary.mkdir()
    options = ("--json", "--speed", "30", "--orders", str(ORDERS))
    demo = started(temporary, *options, "--keep", str(folder / "kept"))
    out, err = demo.communicate(timeout=WAIT_S)
    assert (0, b"") == (demo.returncode, err)
    assert [] == list(temporary.iterdir())
    return json.loads(out), folder / "kept"


@pytest.mark.timeout(WAIT_S + 10)
def test_three_books_that_were_kept_apart_agree(day: tuple[dict[str, Any], Path]) -> None:
    """R1, R49, R60: clients, kernel and the venues' drop copies say the same; nothing is over."""
    printed, _ = day
    assert 5 == len(printed["checks"])
    assert [] == [check for check in printed["checks"] if not check["holds"]]
    assert "reconstruction" == printed["tape"]
    assert ORDERS <= len(printed["orders"]) == sum(printed["outcomes"].values())
    assert {"filled", "canceled", "denied", "refused"} <= set(printed["outcomes"])
    assert printed["replaced"] > 0
    assert all(venue["fills"] > 0 for venue in printed["venues"])
    assert sum(venue["children"] for venue in printed["venues"]) == printed["children"]


@pytest.mark.timeout(WAIT_S + 10)
def test_each_wrong_order_is_answered_by_its_rule(day: tuple[dict[str, Any], Path]) -> None:
    """R29, R98: each refusal has its reason; what was lost is asked for again."""
    printed, _ = day
    wrong = [order for order in printed["orders"] if order["wrong_on_purpose"]]
    assert set(ODDITIES) == {order["wrong_on_purpose"] for order in wrong}
    for order in wrong:
        reason = ANSWERS.get(order["wrong_on_purpose"])
        refusal = order["refusal"] or {}
        assert reason == refusal.get("reason"), order


@pytest.mark.timeout(WAIT_S + 10)
def test_the_kept_journal_verifies(day: tuple[dict[str, Any], Path]) -> None:
    """R111, I6: the journal that is kept is decided again to the state that the demo printed."""
    printed, kept = day
    checked = ringfence("journal", "verify", kept / "journal/gateway", "--json")
    assert 0 == checked.returncode, checked.stderr
    found = json.loads(checked.stdout)
    assert printed["journal"]["state_hash"] == found["state_hash"]
    assert printed["journal"]["records"] == found["records"]
    again = forked("demo", "--keep", kept)
    assert (2, b"") == (again.returncode, again.stdout)


@pytest.mark.timeout(WAIT_S + 10)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """R98: a demo that is interrupted closes its sessions and removes its files.

    Its messages go to a terminal, whose bar tells when the trading begins.
    """
    master, terminal = os.openpty()
    demo = started(tmp_path, "--orders", "10", stderr=terminal)
    os.close(terminal)
    shown = b""
    while b"trading" not in shown:
        shown += os.read(master, 4_096)
    assert 1 == len(list(tmp_path.iterdir()))
    demo.send_signal(number)
    out, _ = demo.communicate(timeout=WAIT_S)
    os.close(master)
    assert b"" == out
    assert 0 != demo.returncode
    assert [] == list(tmp_path.iterdir())


def test_a_folder_without_ticks_is_refused(tmp_path: Path) -> None:
    """R13: data that are named and not there are an error, not a reason for others."""
    done = forked("demo", "--data", tmp_path)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"expected ticks of BAC and IBM" in done.stderr
