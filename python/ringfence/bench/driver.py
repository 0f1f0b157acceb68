"""The Rust programs that time single steps, built from the source tree when they are asked for.

Python cannot time a step of a microsecond: the call alone costs more. The programs are examples of
the crates, `kernel_bench` of `ringfence-node` first; an installed package does not carry them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from ringfence.bench.conditions import source_tree
from ringfence.bench.report import Result
from ringfence.errors import UsageError

__all__ = ["EXAMPLE", "PACKAGE", "Measured", "build", "measure", "missing", "run", "rustc"]

EXAMPLE, PACKAGE = "kernel_bench", "ringfence-node"


class Measured(msgspec.Struct, frozen=True):
    """What the program printed."""

    results: list[Result]
    state_hash: str
    """Digest of the state after the mix, also after its journal was folded and verified."""
    clock_ns: int
    """Cost of one reading of the clock, which each step that is timed singly includes."""


def missing() -> str | None:
    """Return why the program cannot be built here, None when it can."""
    if source_tree() is None:
        return "Ringfence is installed without its source tree"
    if shutil.which("cargo") is None:
        return "cargo is not on PATH (rustup.rs installs it)"
    return None


def rustc() -> str:
    """Return the version of the compiler, as it names itself."""
    compiler = shutil.which(os.environ.get("RUSTC", "rustc"))
    if compiler is None:
        return "unknown"
    found = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def build(package: str = PACKAGE, example: str = EXAMPLE) -> Path:
    """Build a program in release mode and return its path; cargo's progress goes to stderr.

    Raises UsageError when it cannot be built here or does not compile.
    """
    why, tree, cargo = missing(), source_tree(), shutil.which("cargo")
    if why is not None or tree is None or cargo is None:
        raise UsageError(f"the timing program cannot be built: {why}")
    target = ["--package", package, "--example", example]
    command = [cargo, "build", "--release", "--locked", *target]
    built = subprocess.run(
        [*command, "--message-format=json-render-diagnostics"],
        cwd=tree,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        raise UsageError("the timing program does not compile: see cargo's messages above")
    for line in built.stdout.splitlines():
        message: dict[str, Any] = json.loads(line)
        if message.get("executable") and message["target"]["name"] == example:
            return Path(message["executable"])
    raise UsageError(f"cargo built no program {example}")


def measure(program: Path, inputs: Path, journals: Path, groups: int) -> Measured:
    """Time prepared inputs; see the head of `crates/node/examples/kernel_bench.rs`.

    Raises UsageError with the program's own words when it fails.
    """
    printed = run(program, "measure", str(inputs), str(journals), str(groups))
    return msgspec.json.decode(printed, type=Measured)


def run(program: Path, *arguments: str) -> str:
    """Return what a program printed; raises UsageError with its own words when it fails."""
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UsageError(f"{program.name} failed: {done.stderr.strip()}")
    return done.stdout
