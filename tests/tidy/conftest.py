"""A small tree of its own for the tests that prove a tidy check can fail."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tidy.tree import GIT_TIMEOUT_S

WriteTree = Callable[[dict[str, str]], Path]


@pytest.fixture
def write_tree(tmp_path: Path) -> WriteTree:
    """Return a function that writes files into a fresh git tree and returns its root."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "tree"
        root.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=root, check=True, timeout=GIT_TIMEOUT_S)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write
