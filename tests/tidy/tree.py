"""The files of a tree as the tidy checks see them: what git tracks, and what it would track.

A check that finds nothing to read has failed: every function here raises `UnreadableTreeError`
instead of returning an empty answer.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GIT_TIMEOUT_S = 30


class UnreadableTreeError(Exception):
    """The tree, or the part of it that a check is about, cannot be read or holds nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text file: its path below the root with forward slashes, and its text."""

    path: str
    text: str


def listed_paths(root: Path) -> list[str]:
    """Return the paths that git tracks or would track below `root`, sorted, never empty."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True, timeout=GIT_TIMEOUT_S
        ).stdout
    except (OSError, subprocess.SubprocessError) as failure:
        message = f"git cannot list {root}: {failure}"
        raise UnreadableTreeError(message) from failure
    paths = sorted({path for path in answer.split("\0") if path and (root / path).is_file()})
    if not paths:
        message = f"git lists no file below {root}"
        raise UnreadableTreeError(message)
    return paths


def sources(
    root: Path, suffixes: Iterable[str] | None = None, under: Iterable[str] = ("",)
) -> list[Source]:
    """Return the text files with one of `suffixes` below one of the folders `under`.

    Without `suffixes` every file counts. Binary files are an error: the tree has none.
    """
    wanted = None if suffixes is None else tuple(suffixes)
    folders = tuple(under)
    found = []
    for path in listed_paths(root):
        if wanted is not None and not path.endswith(wanted):
            continue
        if not path.startswith(folders):
            continue
        try:
            found.append(Source(path, (root / path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as failure:
            message = f"cannot read {path} as text: {failure}"
            raise UnreadableTreeError(message) from failure
    if not found:
        message = f"no file {wanted} below {folders} in {root}"
        raise UnreadableTreeError(message)
    return found


def findings(check: Callable[[Source], list[str]], files: Iterable[Source]) -> list[str]:
    """Return what `check` finds in all `files`, in their order."""
    return [finding for file in files for finding in check(file)]


def without_exceptions(found: Iterable[str], exceptions: Mapping[str, str]) -> list[str]:
    """Return the findings no exception covers, and the exceptions that no finding needs.

    An exception maps the start of a finding (its path, or path and name) to its reason.
    """
    left = []
    used = set()
    for finding in found:
        keys = [key for key in exceptions if finding.startswith(key)]
        used.update(keys)
        if not keys:
            left.append(finding)
    left.extend(f"{key}: the exception is not needed" for key in exceptions if key not in used)
    left.extend(f"{key}: the exception has no reason" for key in exceptions if not exceptions[key])
    return left
