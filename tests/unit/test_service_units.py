"""The units of systemd that the guide offers: they name what there is."""

from __future__ import annotations

import configparser
import re
import shlex

import pytest
from ringfence.cli import app
from typer.testing import CliRunner

from tests.tidy.tree import ROOT

FOLDER = ROOT / "docs/guides"
UNITS = sorted(path.name for path in FOLDER.glob("ringfence-*"))
GUIDE = (FOLDER / "run-in-production.md").read_text(encoding="utf-8")


def lines(unit: str, key: str) -> list[str]:
    """Return the values of a key, which may stand there several times."""
    text = (FOLDER / unit).read_text(encoding="utf-8")
    return re.findall(rf"(?m)^{key}=(.*)$", text)


def options(words: list[str]) -> list[str]:
    """Return what is told to `ringfence`."""
    (start,) = [at for at, word in enumerate(words) if word.rpartition("/")[2] == "ringfence"]
    return words[start + 1 :]


@pytest.mark.parametrize("unit", UNITS)
def test_the_guide_has_each_unit(unit: str) -> None:
    """R89: a unit is a file of systemd's format, and the guide says what it is for."""
    text = (FOLDER / unit).read_text(encoding="utf-8")
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
    parser.read_string(text)
    kind = "Timer" if unit.endswith(".timer") else "Service"
    assert {"Unit", kind} <= set(parser.sections())
    assert f"({unit})" in GUIDE
    if kind == "Timer":
        assert unit.replace(".timer", ".service") in UNITS


def test_their_commands_exist() -> None:
    """R89: what a unit starts is a command with options that there are."""
    told = [
        line
        for unit in UNITS
        for key in ("ExecStart", "ExecStartPre")
        for line in lines(unit, key)
        if "ringfence " in line
    ]
    assert 3 == len(told)
    for line in told:
        inner = re.fullmatch(r"/bin/sh -c '(.*)'", line)
        words = options(shlex.split(inner[1] if inner else line))
        assert 0 == CliRunner().invoke(app, [*words, "--help"]).exit_code, line


def test_a_drain_is_not_cut_short() -> None:
    """R105: systemd waits longer than the longest drain of the configuration's own."""
    (timeout,) = lines("ringfence-node.service", "TimeoutStopSec")
    assert 30 < int(timeout)
    assert "Not ProtectClock" in (FOLDER / "ringfence-node.service").read_text("utf-8")
