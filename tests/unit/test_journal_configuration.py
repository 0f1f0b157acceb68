"""A kernel goes on with a journal only under the configuration with which the day began."""

from __future__ import annotations

from pathlib import Path

import pytest
from ringfence import JournalError, Kernel, UsageError
from ringfence.config import compile as compile_config
from ringfence.config import load

from tests.tidy.tree import ROOT

CONFIG = ROOT / "examples" / "ten_denials.toml"
DAY = "2026-03-02"
ADDED = '[accounts.carol]\nabove = "carla"\nprofile = "client"\n\n[accounts.errors]'
# What was changed -> text of the configuration, what stands there instead, what is named.
CHANGED = {
    "limit": ('"1_500 shares"', '"2_500 shares"', r"limit_definition .*2500.* at record \d+$"),
    "account added": ("[accounts.errors]", ADDED, r"account_definition .*'carol'.* at record \d+$"),
    "name of the node": ('"node1"', '"node2"', "gateway_definition .*'node2'.* at record 1$"),
}


def configuration(folder: Path, text: str) -> Path:
    """Return the path of a file with the text."""
    path = folder / "broker.toml"
    path.write_text(text, encoding="utf-8")
    return path


def content(journal: Path) -> dict[str, bytes]:
    """Return every segment of a journal."""
    return {file.name: file.read_bytes() for file in journal.rglob("*.rfj")}


def begun(config: Path, journal: Path) -> str:
    """Begin a day, decide something, close it, and return the digest of its state."""
    kernel = Kernel(config, journal=journal, durability="process")
    kernel.step("quote", ts=2, symbol="ACME", bid_px="24.99", ask_px="25.01")
    kernel.close()
    return kernel.state_hash()


def must_be_refused(config: Path, journal: Path, named: str) -> None:
    """Demand that the configuration is refused, and that the journal stays what it is."""
    before = content(journal)
    with pytest.raises(UsageError, match=named) as refused:
        Kernel(config, journal=journal, durability="process")
    assert f"{journal / DAY}: the journal began with another configuration" in str(refused.value)
    assert before == content(journal)


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_configuration_is_refused(change: str, tmp_path: Path) -> None:
    """R13, R87: what was not there when the day began does not slip into it."""
    old, new, named = CHANGED[change]
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    begun(CONFIG, tmp_path / "days")
    changed = configuration(tmp_path, text.replace(old, new))
    must_be_refused(changed, tmp_path / "days", named)


def test_a_removed_account_is_refused(tmp_path: Path) -> None:
    """R13, R87: an account that the day began with cannot be left out later."""
    text = CONFIG.read_text(encoding="utf-8")
    began = configuration(tmp_path, text.replace("[accounts.errors]", ADDED))
    begun(began, tmp_path / "days")
    must_be_refused(CONFIG, tmp_path / "days", r"found account_definition .*'carol'.* at record")


def test_the_same_configuration_goes_on(tmp_path: Path) -> None:
    """R59: after a refusal, too; the state is the one that was left."""
    before = begun(CONFIG, tmp_path / "days")
    text = CONFIG.read_text(encoding="utf-8")
    other = configuration(tmp_path, text.replace('"node1"', '"node2"'))
    must_be_refused(other, tmp_path / "days", "gateway_definition")
    kernel = Kernel(CONFIG, journal=tmp_path / "days", durability="process")
    assert (before, (kernel.seq, 0)) == (kernel.state_hash(), kernel.recovered)
    kernel.close()


@pytest.mark.parametrize("count", [1, 10])
def test_a_day_that_broke_off_among_its_definitions_goes_on(count: int, tmp_path: Path) -> None:
    """R59: what a crash left out is defined now, but only if the rest is the same."""
    definitions = compile_config(load(CONFIG))
    kernel = Kernel(journal=tmp_path / "days", trade_date=DAY, durability="process")
    for name, fields in definitions[:count]:
        kernel.define(name, fields)
    kernel.close()
    text = CONFIG.read_text(encoding="utf-8")
    other = configuration(tmp_path, text.replace('"node1"', '"node2"'))
    must_be_refused(other, tmp_path / "days", "gateway_definition")
    kernel = Kernel(CONFIG, journal=tmp_path / "days", durability="process")
    assert ((count, 0), len(definitions)) == (kernel.recovered, kernel.seq)
    kernel.close()


def test_a_damaged_beginning_is_the_journals_error(tmp_path: Path) -> None:
    """R59: a record that cannot be believed is not taken for another configuration."""
    begun(CONFIG, tmp_path / "days")
    (segment,) = (tmp_path / "days" / DAY).iterdir()
    damaged = bytearray(segment.read_bytes())
    damaged[len(damaged) // 4] ^= 1
    segment.write_bytes(damaged)
    with pytest.raises(JournalError, match=r" at byte \d+, seq \d+: "):
        Kernel(CONFIG, journal=tmp_path / "days", durability="process")


def test_a_folder_that_was_made_and_never_begun_is_begun(tmp_path: Path) -> None:
    """R59: a crash before the first segment leaves a day that can still begin."""
    (tmp_path / "days" / DAY).mkdir(parents=True)
    kernel = Kernel(CONFIG, journal=tmp_path / "days", durability="process")
    assert (None, len(compile_config(load(CONFIG)))) == (kernel.recovered, kernel.seq)
    kernel.close()
