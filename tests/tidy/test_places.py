"""The tree speaks of itself alone: no machine, registry, tracker or foreign source is named.

The patterns are put together from pieces, so that this file is not its own finding.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.tidy.conftest import WriteTree
from tests.tidy.tree import (
    ROOT,
    Source,
    UnreadableTreeError,
    findings,
    sources,
    without_exceptions,
)

_FOLDERS = ("work", "tmp", "root", "home", "Users", "farm", "opt")
_HOSTS = ("pypi", "files.pythonhosted", "registry.npmjs", "index.crates", "static.crates")
_PLACES = {
    "a path of one machine": rf"(?<![\w.}}~/-])/(?:{'|'.join(_FOLDERS)})/",
    "a package registry": rf"(?<![\w.])(?:{'|'.join(map(re.escape, _HOSTS))})\.(?:org|io)\b",
    "an index option": r"--(?:extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host",
    "a tracker number": (
        r"\b(?:issue|ticket|pull request)s?\s+(?:#\s?|number\s+)?\d"
        r"|(?:^|[\s(])#\d{1,4}\b|\b(?:fixes|closes|resolves)\s+#?\d"
    ),
}
PLACES = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _PLACES.items()}
# The name of Cargo's default index, which `Cargo.lock` carries and every clone may use.
DEFAULT_INDEX = "registry+https://github.com/rust-lang/" + "crates.io-index"
# Start of a finding -> why it must be.
EXCEPTIONS: dict[str, str] = {}


def places(file: Source) -> list[str]:
    """Return one line for each place or number outside the project that `file` names."""
    return [
        f"{file.path}:{number}: {what}: {match.group().strip()}"
        for number, line in enumerate(file.text.splitlines(), 1)
        for what, pattern in PLACES.items()
        if (match := pattern.search(line)) is not None
    ]


def foreign_sources(lock: Mapping[str, Any]) -> list[str]:
    """Return one line for each locked crate that comes from elsewhere than the default index."""
    packages = lock.get("package", [])
    if not packages:
        return ["the lock file locks nothing"]
    return [
        f"{package['name']}: {package['source']}"
        for package in packages
        if package.get("source", DEFAULT_INDEX) != DEFAULT_INDEX
    ]


def unpinned(file: Source) -> list[str]:
    """Return one line for each requirement without an exact version or without a hash."""
    entries = re.sub(r"\\\n", " ", file.text).splitlines()
    wanted = [line for line in entries if line.strip() and not line.lstrip().startswith("#")]
    if not wanted:
        return [f"{file.path}: requires nothing"]
    pinned = re.compile(r"[a-z0-9-]+==\S+( ;[^;]*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    return [f"{file.path}: {line[:60]}" for line in wanted if not pinned.fullmatch(line)]


def test_no_file_names_a_place_outside_the_project() -> None:
    """Rule 16 of what STYLE.md avoids: no machine path, registry or tracker number."""
    assert [] == without_exceptions(findings(places, sources(ROOT)), EXCEPTIONS)


def test_crates_come_from_the_default_index() -> None:
    """The lock file can be used by every clone: it names no mirror."""
    assert [] == foreign_sources(tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8")))


def test_requirements_are_pinned_and_hashed() -> None:
    """What the make targets install is exactly what was tested, byte for byte."""
    assert [] == findings(unpinned, sources(ROOT, (".txt",), ("requirements/",)))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("see /" + "work/main/a.py", "a path of one machine"),
        ("open('/" + "tmp/a')", "a path of one machine"),
        ("cd /" + "root/.cargo", "a path of one machine"),
        ("/" + "home/ann/a", "a path of one machine"),
        ("https://py" + "pi.org/simple", "a package registry"),
        ("https://files.python" + "hosted.org/a", "a package registry"),
        ("--index" + "-url https://mirror", "an index option"),
        ("as issue " + "12 asks", "a tracker number"),
        ("as issue " + "#12 asks", "a tracker number"),
        ("mend it (" + "#12)", "a tracker number"),
        ("closes " + "#7", "a tracker number"),
    ],
)
def test_a_place_outside_is_found(line: str, what: str, write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: each pattern can fire, in a file of any kind."""
    root = write_tree({"notes.txt": "first line\n" + line + "\n"})
    (finding,) = findings(places, sources(root))
    assert finding.startswith(f"notes.txt:2: {what}")


@pytest.mark.parametrize(
    "line",
    [
        "the network/work/ of many",
        "share[d]/root-cause",
        "issue a cancel",
        "10 issues of shares",
        "#[cfg(test)]",
        "&#39;",
        "color: #123456",
        "./tmp/",
        "$HOME/work/",
        "(#) a count",
    ],
)
def test_ordinary_words_are_not_found(line: str) -> None:
    """Rule 17 of STYLE.md: the patterns leave look-alikes alone."""
    assert [] == places(Source("notes.txt", line))


def test_a_mirror_in_the_lock_file_is_found() -> None:
    """Rule 17 of STYLE.md: a mirror, and a lock file that locks nothing, are findings."""
    ours = {"name": "a"}
    default = {"name": "b", "source": DEFAULT_INDEX}
    mirror = {"name": "c", "source": "registry+https://mirror/index"}
    assert ["c: registry+https://mirror/index"] == foreign_sources(
        {"package": [ours, default, mirror]}
    )
    assert ["the lock file locks nothing"] == foreign_sources({})


def test_a_loose_requirement_is_found() -> None:
    """Rule 17 of STYLE.md: a range, a missing hash, a host and an empty file are findings."""
    digest = "--hash=sha256:" + "0" * 64
    good = f"a-b==1.2 ; python_version < '4' \\\n    {digest} \\\n    {digest}\n    # via c\n"
    assert [] == unpinned(Source("r.txt", good))
    for bad in (f"a>=1 {digest}", "a==1", f"a @ https://host/a.whl {digest}", "# none"):
        assert 1 == len(unpinned(Source("r.txt", bad)))


def test_a_tree_without_text_fails(write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: an empty tree is a failure."""
    with pytest.raises(UnreadableTreeError):
        sources(write_tree({}))
