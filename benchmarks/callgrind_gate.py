"""Counts the instructions of one kernel step and compares them with the committed baseline.

    python benchmarks/callgrind_gate.py             compare; exit code 1 above the baseline + 5 %
    python benchmarks/callgrind_gate.py --update    write the baseline anew

Instruction counts do not depend on how busy the machine is, so they can gate a change where times
cannot. They do depend on the compiler: with another rustc than the baseline's nothing fails, and
the message says so. Left out: caches, the journal, Python. Each case is one run of the timing
program under valgrind, which counts inside `counted_steps` only.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec
from ringfence.bench import driver, stream
from ringfence.bench.world import WorldSize
from ringfence.errors import UsageError

BASELINE = Path(__file__).with_name("callgrind_baseline.json")
TOLERANCE_BPS = 500
"""How far above its baseline a count may be, in basis points."""
SIZE = WorldSize(instruments=500, accounts=500, profiles=20, holdings=1_000)
ORDERS = 1_000
RUN_SECONDS_MAX = 120


class Case(msgspec.Struct, frozen=True):
    """What is counted: one kind of step."""

    before: tuple[str, ...]
    """Cases stepped before it, uncounted."""
    events: int
    """Events of each step; other numbers mean that something else was counted."""


CASES = {
    "new_order": Case((), 2),
    "ack": Case(("new_order",), 1),
    "fill": Case(("new_order", "ack"), 1),
    "quote": Case(("new_order", "ack", "fill"), 1),
    "tick": Case(("new_order", "ack", "fill", "quote"), 1),
    "refused": Case((), 1),
}


class Counts(msgspec.Struct, frozen=True):
    """Instructions of one step by case, and what they were counted with."""

    rustc: str
    machine: str
    valgrind: str
    instructions: dict[str, int]


class Verdict(msgspec.Struct, frozen=True):
    """Answer of the gate."""

    passed: bool
    lines: tuple[str, ...]


def missing() -> str | None:
    """Return why nothing can be counted here, None when it can."""
    if shutil.which("valgrind") is None:
        return "valgrind is not on PATH (Debian package valgrind)"
    return driver.missing()


def count() -> Counts:
    """Count every case; raise UsageError when the program or valgrind fails."""
    program = driver.build()
    with tempfile.TemporaryDirectory(prefix="ringfence-callgrind-") as name:
        folder = Path(name)
        _write_inputs(folder)
        counted = {case: _count_one(program, folder, case) for case in CASES}
    version = subprocess.run([_valgrind(), "--version"], capture_output=True, text=True, check=True)
    return Counts(driver.rustc(), platform.machine(), version.stdout.strip(), counted)


def compare(found: Counts, baseline: Counts) -> Verdict:
    """Return whether the counts are within the tolerance of the baseline."""
    same_compiler = (found.rustc, found.machine) == (baseline.rustc, baseline.machine)
    lines, slower = [], False
    for case, counted in found.instructions.items():
        before = baseline.instructions.get(case)
        if before is None:
            lines.append(f"{case}: {counted} instructions a step, no baseline: run --update")
            slower = True
            continue
        change_bps = (counted - before) * 10_000 // max(before, 1)
        slower |= change_bps > TOLERANCE_BPS
        share = f"{change_bps / 100:+.2f} %"
        lines.append(f"{case}: {counted} instructions a step, baseline {before}, {share}")
    for case in baseline.instructions.keys() - found.instructions.keys():
        lines.append(f"{case}: in the baseline, not counted")
        slower = True
    if not same_compiler:
        lines.append(
            f"not judged: counted with {found.rustc} on {found.machine}, the baseline with "
            f"{baseline.rustc} on {baseline.machine}; run --update with the new compiler"
        )
    elif slower:
        lines.append(f"failed: at most {TOLERANCE_BPS / 100:g} % above the baseline is allowed")
    return Verdict(not (same_compiler and slower), tuple(lines))


def read_baseline() -> Counts:
    """Return the committed baseline."""
    return msgspec.json.decode(BASELINE.read_bytes(), type=Counts)


def main(arguments: Iterable[str]) -> int:
    """Compare or update, as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--update", action="store_true", help="write the baseline anew")
    options = parser.parse_args(list(arguments))
    why = missing()
    if why is not None:
        sys.stderr.write(f"callgrind gate: nothing can be counted: {why}\n")
        return 2
    found = count()
    if options.update:
        BASELINE.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        sys.stdout.write(f"wrote {BASELINE.name}: {found.instructions}\n")
        return 0
    verdict = compare(found, read_baseline())
    sys.stdout.write("\n".join(verdict.lines) + "\n")
    return 0 if verdict.passed else 1


def _write_inputs(folder: Path) -> None:
    """Write the inputs of every case."""
    orders = list(stream.orders(ORDERS, SIZE))
    later = stream.FIRST_TS + 1_000_000_000
    files: dict[str, Iterable[stream.Timed]] = {
        "world": stream.world_inputs(SIZE),
        "new_order": stream.only_orders(orders),
        "ack": stream.acknowledgments(orders, later),
        "fill": stream.fills(orders, later),
        "quote": stream.quotes(orders, later),
        "tick": [(later + 1, "tick", {})],
        "refused": stream.refused_by_margin(orders),
    }
    for name, inputs in files.items():
        (folder / name).write_bytes(stream.encoded(inputs))


def _count_one(program: Path, folder: Path, case: str) -> int:
    """Return the instructions of one step of the case.

    The program runs under a name, in a folder and with an environment that are the same
    everywhere: their lengths move the stack, and a copy costs more where it is not aligned.
    """
    local = folder / program.name
    if not local.exists():
        shutil.copy2(program, local)
    found = folder / f"{case}.callgrind"
    valgrind = [_valgrind(), "--tool=callgrind", "--toggle-collect=*counted_steps*"]
    counting = [f"./{local.name}", "count", ".", *CASES[case].before, case]
    done = subprocess.run(
        [*valgrind, f"--callgrind-out-file={found.name}", *counting],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
    total = re.search(r"^totals: (\d+)$", _text(found), flags=re.MULTILINE)
    if done.returncode != 0 or total is None:
        raise UsageError(f"{case}: {program.name} failed under valgrind: {done.stderr[-500:]}")
    said = msgspec.json.decode(done.stdout)
    if said["events"] != said["steps"] * CASES[case].events:
        raise UsageError(f"{case}: {said['events']} events in {said['steps']} steps")
    return int(total[1]) // int(said["steps"])


def _valgrind() -> str:
    return shutil.which("valgrind") or "valgrind"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
