"""Under which conditions a benchmark ran: without them a figure means nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["commit", "conditions", "filesystem", "source_tree"]


def source_tree() -> Path | None:
    """Return the source tree that this package is imported from, None for an installed one."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "crates" / "node" / "Cargo.toml").is_file() else None


def commit() -> str:
    """Return the commit of the source tree, `-changed` behind it when files differ from it."""
    tree = source_tree()
    if tree is None:
        return "unknown: not a source tree"
    try:
        head = _git(tree, "rev-parse", "--short=12", "HEAD")
        changed = _git(tree, "status", "--porcelain")
    except (OSError, subprocess.CalledProcessError) as failure:
        return f"unknown: {type(failure).__name__}"
    return head + ("-changed" if changed else "")


def _git(tree: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(tree), *command], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def conditions() -> dict[str, Any]:
    """Return what is the same for every case: machine, load, versions."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def filesystem(folder: Path) -> str:
    """Return type and device of the file system that holds `folder`, as the system names them."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    found = ("", "unknown")
    for device, where, kind, *_ in (line.split() for line in mounts):
        if folder.resolve().is_relative_to(where) and len(where) >= len(found[0]):
            found = (where, f"{kind} on {device}")
    return found[1]


def _cpu_model() -> str:
    """Return what the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
