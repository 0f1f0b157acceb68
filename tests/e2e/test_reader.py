"""Another process looks at the journal while its writer lives, and after it was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from ringfence.engine import replay

from tests.e2e.programs import EXAMPLES

CONFIG = EXAMPLES / "ten_denials.toml"
INPUTS = EXAMPLES / "ten_denials.jsonl"
TRADE_DATE = "2026-03-02"
# Says what it sees, then holds its journal open until it is killed.
ROUTER = """
import json, sys
from ringfence import Kernel
kernel = Kernel(sys.argv[1], journal=sys.argv[3], durability="process")
kernel.step_lines(open(sys.argv[2], "rb").read())
seen = kernel.positions(), kernel.exposures(), kernel.limits("alice", "ACME"), kernel.state_hash()
print(json.dumps(seen), flush=True)
sys.stdin.read()
"""


def test_positions_and_limits_are_seen_without_the_process_that_writes(tmp_path: Path) -> None:
    """R40, R45: beside a living router, and after `kill -9`, the reader sees what it saw."""
    command = [sys.executable, "-c", ROUTER, str(CONFIG), str(INPUTS), str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as router:
        assert router.stdout is not None
        seen = json.loads(router.stdout.readline())
        assert router.poll() is None
        readers = [replay(tmp_path / TRADE_DATE)]
        os.kill(router.pid, signal.SIGKILL)
        assert -signal.SIGKILL == router.wait()
        readers.append(replay(tmp_path / TRADE_DATE))
    assert seen[0]
    for kernel in readers:
        found = kernel.positions(), kernel.exposures(), kernel.limits("alice", "ACME")
        assert seen == [*found, kernel.state_hash()]
