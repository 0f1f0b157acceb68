"""`ringfence config`: what it prints, what it writes, and how it exits."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from ringfence.cli import main
from ringfence.config import LIMITS, digest, load

from tests.unit.config_sample import SAMPLE, changed, sample


class Answer(NamedTuple):
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `ringfence config` with arguments, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def config(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["ringfence", "config", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Answer(int(left.value.code or 0), printed.out, printed.err)

    return config


def test_what_init_writes_passes_check(run: Run) -> None:
    """R13: the first configuration is in order as it is written."""
    assert 0 == run("init").code
    answer = run("check", "ringfence.toml")
    assert 0 == answer.code
    assert "error:" not in answer.out
    assert digest(load("ringfence.toml")) in answer.out


def test_init_takes_prices_and_writes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    """R31: limits follow from the prices that are given."""
    prices = "symbol,price,average_volume,shares_outstanding\nZED,10,50000,1000000\n"
    (tmp_path / "prices.csv").write_text(prices)
    assert 0 == run("init", "--from", "prices.csv", "--output", "zed.toml").code
    assert ["ZED"] == list(load("zed.toml").instruments)
    printed = run("init", "--from", "prices.csv", "--output", "-")
    assert (tmp_path / "zed.toml").read_text() == printed.out


def test_init_overwrites_only_when_told(run: Run, tmp_path: Path) -> None:
    """R28: limits that are there are never replaced by accident."""
    path = tmp_path / "ringfence.toml"
    path.write_text("mine")
    answer = run("init")
    assert 2 == answer.code
    assert "expected no file, found one" in answer.err
    assert "mine" == path.read_text()
    assert 0 == run("init", "--force").code
    assert path.read_text().startswith("# Ringfence")


def test_init_refuses_prices_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    """R39: a bad row is one error with file and line, and nothing is written."""
    (tmp_path / "prices.csv").write_text("symbol,price,average_volume,shares_outstanding\nA,x,1,1")
    answer = run("init", "--from", "prices.csv")
    assert 2 == answer.code
    assert "prices.csv:2: price: expected" in answer.err
    assert not (tmp_path / "ringfence.toml").exists()


def test_check_lists_every_problem_and_exits_with_two(run: Run, tmp_path: Path) -> None:
    """R13: all problems are listed, each with its line and key; none of them is applied."""
    text = changed('node = "node1"', "nod = 1").replace('"100_000 USD"', '"1 EUR"', 1)
    (tmp_path / "bad.toml").write_text(text)
    answer = run("check", "bad.toml")
    assert 2 == answer.code
    lines = answer.out.splitlines()
    assert ["gateway.node", "gateway.nod", "profiles.firm.order_notional"] == [
        line.split(": ")[2] for line in lines
    ]
    assert lines[1].startswith("bad.toml:2: error: gateway.nod: expected one of node")
    assert "bad.toml must not be used: 3 errors" in answer.err


def test_check_warns_of_ineffective_limits(run: Run, tmp_path: Path) -> None:
    """R31: a limit above x % of the average volume is reported, and it is no error."""
    (tmp_path / "sample.toml").write_text(SAMPLE)
    assert "warning" not in run("check", "sample.toml").out
    answer = run("check", "sample.toml", "--volume-share", "1 %")
    assert 0 == answer.code
    assert "warning: instrument_profiles.stock.order_qty: 800 units is 4 %" in answer.out
    assert 2 == run("check", "sample.toml", "--volume-share", "0.01").code


@pytest.mark.parametrize("text", [None, "a = ", "\x00"], ids=["absent", "broken", "binary"])
def test_check_refuses_what_is_no_configuration(text: str | None, run: Run, tmp_path: Path) -> None:
    """Rule 21 of STYLE.md: a file that cannot be read is one message on standard error."""
    if text is not None:
        (tmp_path / "bad.toml").write_text(text)
    answer = run("check", "bad.toml")
    assert (2, "") == (answer.code, answer.out)
    assert answer.err.startswith("ringfence: bad.toml")
    assert 1 == answer.err.count("\n")


def test_explain_shows_value_levels_and_origin(run: Run, tmp_path: Path) -> None:
    """R14, R40: each level of each limit is shown with where it is written and what binds."""
    (tmp_path / "ringfence.toml").write_text(SAMPLE)
    answer = run("explain", "client", "ALDR")
    assert 0 == answer.code
    rows = [" ".join(line.split()) for line in answer.out.splitlines()]
    at = rows.index("order_qty account client 500 units 50 % 80 % yes profile client")
    assert rows[at + 1 : at + 4] == [
        "account desk 1_000 units 70 % 90 % inherited from firm: profile firm",
        "account firm 1_000 units 70 % 90 % profile firm",
        "symbol ALDR 800 units 70 % 90 % profile stock",
    ]
    assert "loss account client 10_000 USD 70 % 80 % yes override" in rows
    assert all(any(row.startswith(f"{limit} account") for row in rows) for limit in LIMITS)


def test_explain_prints_json(run: Run, tmp_path: Path) -> None:
    """R40: a program reads the same limits, exact and with the name of the kernel's set."""
    (tmp_path / "sample.toml").write_text(SAMPLE)
    answer = run(
        "explain", "client", "BRK.A", "--config", "sample.toml", "--limit", "order_qty", "--json"
    )
    (row,) = json.loads(answer.out)
    assert ("order_qty", "units") == (row["limit"], row["unit"])
    assert ["client", "desk", "firm", "BRK.A"] == [level["scope"] for level in row["levels"]]
    first = row["levels"][0]
    assert ("500", 5_000, 8_000, True) == (
        first["value"],
        first["warn"],
        first["restrict"],
        first["binds"],
    )
    assert first["limits"].startswith("client.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody", "ALDR"), 'found "nobody"'),
        (("client", "NONE"), 'found "NONE"'),
        (("client", "ALDR", "--limit", "order_quantity"), "order_quantity"),
        (("client", "ALDR", "--config", "absent.toml"), "absent.toml"),
    ],
    ids=["account", "symbol", "limit", "file"],
)
def test_explain_refuses_names_that_do_not_exist(
    arguments: tuple[str, ...], message: str, run: Run, tmp_path: Path
) -> None:
    """Rule 21 of STYLE.md: a wrong name is one message and exit code 2."""
    (tmp_path / "ringfence.toml").write_text(SAMPLE)
    answer = run("explain", *arguments)
    assert (2, "") == (answer.code, answer.out)
    assert message in answer.err


def test_a_loaded_file_is_the_text_that_was_loaded(tmp_path: Path) -> None:
    """R80: reading a file and reading its text give one meaning."""
    path = tmp_path / "sample.toml"
    path.write_text(SAMPLE)
    assert sample() == load(path) == load(str(path))
