"""What a newcomer meets first: the list of targets, and one sentence when a tool is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

RUN_TIMEOUT_S = 30
# What the Makefile calls before it may build anything.
TOOLS = ("awk", "bash", "env", "find", "make", "sh", "uname")
TARGETS = (
    "bench", "build", "check", "ci", "clean", "demo", "docs", "fmt", "help", "lock", "test",
)  # fmt: skip


def run(command: list[str], folder: Path, path: Path | None) -> subprocess.CompletedProcess[str]:
    """Return what `command` answers in `folder`, with PATH replaced if `path` is given."""
    environment = {**os.environ} if path is None else {**os.environ, "PATH": str(path)}
    environment.pop("MAKEFLAGS", None)
    environment.pop("MAKELEVEL", None)
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_TIMEOUT_S,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what the first steps of make read."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("Makefile", "Cargo.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("build_backend", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "crates").mkdir()
    return folder


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """Return a folder for PATH with the tools of a plain system and this Python, no Rust."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, f"{tool} is not on PATH"
        (folder / tool).symlink_to(found)
    (folder / "python3").symlink_to(sys.executable)
    return folder


def write_tool(path: Path, answer: str) -> None:
    """Make a program that prints `answer` whatever it is asked."""
    path.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    path.chmod(0o755)


def created(folder: Path) -> set[str]:
    """Return what stands in `folder` beside the copied files."""
    copied = {"Makefile", "Cargo.toml", "pyproject.toml", "build_backend", "requirements", "crates"}
    return {entry.name for entry in folder.iterdir()} - copied


def test_help_lists_every_target(copy: Path) -> None:
    """`make` alone and `make help` list the targets, each with a sentence, and do nothing."""
    for command in (["make"], ["make", "help"]):
        answer = run(command, copy, None)
        listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", answer.stdout, re.MULTILINE))
        assert TARGETS == tuple(sorted(listed))
    assert set() == created(copy)


def test_every_target_without_a_file_is_listed() -> None:
    """A target that a person may call is in the list, or it is the toolchain check."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    assert {*TARGETS, "toolchain"} == declared


@pytest.mark.parametrize("target", ["build", "check", "demo", "docs", "fmt", "lock", "test"])
def test_without_rust_the_answer_is_one_sentence(target: str, copy: Path, bare_path: Path) -> None:
    """Without cargo make names what to install before it creates anything, and fails."""
    answer = run(["make", target], copy, bare_path)
    sentence = "Rust is needed to build Ringfence: install it from rustup.rs, or use the wheel"
    assert 2 == answer.returncode
    assert sentence == answer.stderr.splitlines()[0]
    assert "Traceback" not in answer.stderr
    assert set() == created(copy)


def test_an_old_rust_is_named(copy: Path, bare_path: Path) -> None:
    """A compiler older than the workspace asks for is refused with both versions."""
    write_tool(bare_path / "cargo", "cargo 1.60.0")
    write_tool(bare_path / "rustc", "rustc 1.60.0 (0 2022-01-01)")
    answer = run(["make", "build"], copy, bare_path)
    assert 2 == answer.returncode
    assert re.match(r"Rust 1\.\d+ or newer is needed .*: found 1\.60\.0; ", answer.stderr)
    assert set() == created(copy)


def test_a_broken_rust_counts_as_none(copy: Path, bare_path: Path) -> None:
    """A compiler that does not say its version is treated as missing, never as good enough."""
    for tool in ("cargo", "rustc"):
        write_tool(bare_path / tool, "no default toolchain")
    answer = run(["make", "build"], copy, bare_path)
    assert 2 == answer.returncode
    assert answer.stderr.startswith("Rust is needed")


def test_a_missing_python_is_named(copy: Path, bare_path: Path) -> None:
    """Without Python make says which version it needs."""
    answer = run(["make", "build", "PYTHON=python-of-nowhere"], copy, bare_path)
    assert 2 == answer.returncode
    assert answer.stderr.startswith("Python 3.11 or newer is needed")


@pytest.mark.parametrize(
    "hook", ["get_requires_for_build_wheel", "build_wheel", "build_editable", "build_sdist"]
)
def test_pip_gets_the_sentence_from_every_hook(hook: str, copy: Path, bare_path: Path) -> None:
    """Without cargo each build hook exits with the sentence and without a traceback."""
    program = f"import backend; backend.{hook}('out')"
    environment = ["env", f"PYTHONPATH={copy / 'build_backend'}"]
    answer = run([*environment, "python3", "-B", "-c", program], copy, bare_path)
    assert 1 == answer.returncode
    assert ["Rust is needed to build Ringfence: install it from rustup.rs, or use the wheel"] == (
        answer.stderr.splitlines()
    )
