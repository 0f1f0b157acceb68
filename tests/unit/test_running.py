"""A process from start to end: signals, progress and what its end means."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

import pytest
from ringfence.errors import JournalError, KernelHalted, RingfenceError, UsageError
from ringfence.ops.running import run

from tests.unit.fake_process import FakeProcess, told

DRAINED = told("ended", outcome="drained")


def phases(seen: list[Mapping[str, Any]]) -> list[str]:
    """Return the phases of the reported statuses."""
    return [str(status["phase"]) for status in seen]


def test_a_process_is_followed_to_its_end() -> None:
    """R13: every status is reported once, in order, and the last one returned."""
    seen: list[Mapping[str, Any]] = []
    process = FakeProcess([told("recovering", "1 folded"), told("running"), DRAINED])
    assert DRAINED == run(process, seen.append)
    assert ["recovering", "recovering", "running", "ended"] == phases(seen)
    assert ["start"] == process.calls


def test_what_is_seen_beside_a_process_is_an_alert() -> None:
    """R67: what a look beside the process finds is told as an alert, in the phase it was seen."""
    seen: list[Mapping[str, Any]] = []
    found = iter([["a drill is overdue"], []])
    process = FakeProcess([told("running"), told("running"), DRAINED])
    run(process, seen.append, lambda _monotonic_s: next(found, []))
    (told_of,) = [
        status for status in seen if status.get("events") and status["phase"] == "running"
    ]
    assert [{"name": "alert", "text": "a drill is overdue", "alert": True}] == told_of["events"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_drains(number: signal.Signals) -> None:
    """R98: told to end, a process settles what is open before it does."""
    process = FakeProcess([told("running")], after_drain=[told("draining"), DRAINED])

    def report(status: Mapping[str, Any]) -> None:
        if status["phase"] == "running":
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    assert DRAINED == run(process, report)
    assert ["start", "drain"] == process.calls
    assert before == signal.getsignal(number)


def test_the_second_signal_stops_at_once() -> None:
    """R98: who asks twice does not wait for venues that do not answer."""
    process = FakeProcess([told("running")], after_drain=[told("draining")])

    def report(status: Mapping[str, Any]) -> None:
        if status["phase"] in ("running", "draining"):
            os.kill(os.getpid(), signal.SIGTERM)

    assert "stopped" == run(process, report)["outcome"]
    assert ["start", "drain", "stop"] == process.calls


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("failed", JournalError),
        ("refused", UsageError),
        ("halted", KernelHalted),
        ("melted", JournalError),
    ],
)
def test_another_end_is_an_error(outcome: str, error: type[RingfenceError]) -> None:
    """R13: what ended otherwise than it was told to raises, and so has its exit code."""
    process = FakeProcess([told("ended", outcome=outcome, error="port 7001 is taken")])
    with pytest.raises(error, match="port 7001 is taken"):
        run(process, lambda _status: None)


def test_the_handlers_are_given_back_after_an_error() -> None:
    """R98: whoever runs a process in his own gets his handlers back, whatever happened."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KernelHalted):
        run(FakeProcess([told("ended", outcome="halted")]), lambda _status: None)
    assert before == signal.getsignal(signal.SIGTERM)
