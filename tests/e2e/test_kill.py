"""A writer that is killed at any moment loses nothing that it had acknowledged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ringfence import _core
from ringfence.config import compile as compile_config
from ringfence.config import load
from ringfence.engine import Kernel, replay, verify

from tests.e2e.crash_writer import Definitions, Draws, input_line, trade_date
from tests.e2e.programs import EXAMPLES

CONFIG = EXAMPLES / "ten_denials.toml"
WRITER = Path(__file__).with_name("crash_writer.py")
JOURNALS = 8
KILLS_PER_JOURNAL = 25
ACKNOWLEDGED_MAX = 40
MOMENT_MAX_NS = 4_000_000
SEED_MAX = 2**32


@dataclass
class Followed:
    """What the test knows of one journal: a kernel beside it, and what was acknowledged last."""

    definitions: Definitions
    kernel: Kernel = field(default_factory=Kernel)
    seq: int = 0
    state_hash: str = ""  # at `seq`; empty where the last writer acknowledged nothing

    def advance(self, seq: int) -> str:
        """Decide the same inputs up to record `seq` and return the digest of the state then."""
        while self.kernel.seq < seq:
            after = self.kernel.seq + 1
            if after <= len(self.definitions):
                self.kernel.define(*self.definitions[after - 1])
            else:
                self.kernel.step_lines(b"".join(map(input_line, range(after, seq + 1))))
        return self.kernel.state_hash()


@pytest.fixture
def writers() -> Iterator[subprocess.Popen[bytes]]:
    """Start the process that forks writers, and end it after the test."""
    command = [sys.executable, str(WRITER), str(CONFIG)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def kill_one(
    writers: subprocess.Popen[bytes], order: str, draws: Draws, followed: Followed
) -> None:
    """Let a writer work, kill it at a random moment, and note what it had acknowledged."""
    assert writers.stdin is not None
    assert writers.stdout is not None
    writers.stdin.write(order.encode())
    writers.stdin.flush()
    wanted, moment_ns = draws.below(ACKNOWLEDGED_MAX), draws.below(MOMENT_MAX_NS)
    pid: int | None = None
    seen = 0
    followed.state_hash = ""
    for line in writers.stdout:
        word, *values = line.decode().split()
        if word == "pid":
            pid = int(values[0])
        elif word == "acknowledged":
            followed.seq, followed.state_hash = int(values[0]), values[1]
            seen += 1
        elif word == "ended":
            return
        if pid is not None and seen >= wanted:
            until = time.perf_counter_ns() + moment_ns
            while time.perf_counter_ns() < until:
                pass
            os.kill(pid, signal.SIGKILL)
            wanted = sys.maxsize
    pytest.fail("the process that forks writers has ended")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("journal", range(JOURNALS))
def test_a_killed_writer_keeps_what_it_acknowledged(
    writers: subprocess.Popen[bytes], tmp_path: Path, journal: int
) -> None:
    """I5, I6, I7, R59: after each of 200 kills all of it is there, and the writer goes on.

    Every acknowledged record is in the journal, the chain is whole, deciding again gives the same
    bytes, and the fold has the digest that the living kernel had.
    """
    draws = Draws(journal)
    durability = "disk" if journal % 2 else "process"
    definitions: Definitions = list(compile_config(load(CONFIG)))
    followed = Followed(definitions)
    day = tmp_path / trade_date(definitions)
    records = 0
    for _ in range(KILLS_PER_JOURNAL):
        order = f"{tmp_path} {durability} {draws.below(SEED_MAX)}\n"
        kill_one(writers, order, draws, followed)
        if not day.exists():
            assert followed.seq == 0
            continue
        found = _core.journal_stats(day)["records"]
        assert max(records, followed.seq) <= found
        records = found
        if followed.state_hash:
            assert followed.state_hash == followed.advance(followed.seq)
        live = followed.advance(records)
        assert (records, live) == (replay(day).seq, replay(day).state_hash())
        assert live == verify(day).state_hash()
    assert records > len(definitions)
