"""The examples of the README and of the quickstart do what the documents say.

In the README it is the section whose heading has "60 seconds" or "sixty seconds", in the
quickstart every section. Blocks marked `python`, `sh` or `console` run in order, in a folder that
has `examples` in it as the root of the tree does; of a `console` block the lines behind `$ ` are
commands. A block marked `text` or `json` is what the block before it prints.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.programs import EXAMPLES, PROGRAM, TIMEOUT_S
from tests.tidy.tree import ROOT

HEADING = re.compile(r"^#+ .*\b(60|sixty)[ -]seconds?\b.*$", re.IGNORECASE | re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OUTPUT = ("json", "text")


def section(text: str) -> str:
    """Return the part of the README that takes a minute."""
    start = HEADING.search(text)
    assert start is not None, "no heading has 60 seconds in it"
    rest = text[start.end() :]
    level = len(start.group().split(" ", 1)[0])
    following = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of each marked block, at least one."""
    found = BLOCK.findall(text)
    assert found, "there is no marked block"
    return [(language, content) for language, content in found]


def commands(content: str) -> str:
    """Return the commands of a console block, each of which may go on behind a backslash."""
    kept: list[str] = []
    for line in content.splitlines():
        if line.startswith("$ ") or (kept and kept[-1].endswith("\\")):
            kept.append(line.removeprefix("$ "))
    return "\n".join(kept)


def run(language: str, content: str, folder: Path) -> str:
    """Run a block in `folder` and return what it printed."""
    if language == "python":
        command = [sys.executable, "-c", content]
    elif language in {"sh", "console"}:
        script = commands(content) if language == "console" else content
        command = ["bash", "-euo", "pipefail", "-c", script]
    else:
        pytest.fail(f"a block is marked {language}, which nothing here runs")
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def expected(found: list[tuple[str, str]]) -> Iterator[tuple[str, str, str | None]]:
    """Yield each block that runs with what it has to print, None where that is not said."""
    for index, (language, content) in enumerate(found):
        if language in OUTPUT:
            continue
        after = found[index + 1] if index + 1 < len(found) else ("", "")
        yield language, content, after[1] if after[0] in OUTPUT else None


@pytest.mark.parametrize("document", ["README.md", "docs/start/quickstart.md"])
def test_the_examples_of_a_document_run(document: str, tmp_path: Path) -> None:
    """Rule 29 of STYLE.md: examples run as tests, and print what the document says."""
    (tmp_path / "examples").symlink_to(EXAMPLES.resolve())
    text = (ROOT / document).read_text(encoding="utf-8")
    ran = 0
    for language, content, printed in expected(
        blocks(section(text) if document == "README.md" else text)
    ):
        output = run(language, content, tmp_path)
        assert printed is None or printed == output
        ran += 1
    assert ran > 0


def test_only_the_section_is_run() -> None:
    """Rule 17 of STYLE.md: the section ends at the next heading of its level; none is an error."""
    before, after = "# a\n```sh\n1\n```\n", "## b\n```sh\n4\n```\n"
    text = f"{before}## In 60 seconds\n```sh\n2\n```\n```text\n3\n```\n{after}"
    assert [("sh", "2\n", "3\n")] == list(expected(blocks(section(text))))
    for other in (before, f"## Sixty seconds\n{after}"):
        with pytest.raises(AssertionError):
            blocks(section(other))
