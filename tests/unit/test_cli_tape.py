"""`ringfence venue tape`: what it prints, and what it refuses."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from ringfence.cli import app
from ringfence.errors import InputError, UsageError
from ringfence.ops import tape_files
from ringfence.ops.tape_files import Wanted
from typer.testing import CliRunner

TRADES = """\
ms_since_midnight_et,price,size,exchange,sale_condition,suspicious
34200000,10.0000,100,N,40,0
34200001,10.0100,300,P,20000020,0
36000000,10.0000,200,N,1,0
"""


def write(folder: Path, name: str = "BAC_20131008_trade.csv", text: str = TRADES) -> str:
    """Write a recording and return its path."""
    path = folder / name
    path.write_text(text, encoding="ascii")
    return str(path)


def printed(*arguments: str) -> str:
    """Return what the command prints; it must succeed."""
    result = CliRunner().invoke(app, ["venue", "tape", *arguments])
    assert 0 == result.exit_code, result.output
    return result.stdout


def test_events_are_lines(tmp_path: Path) -> None:
    """R105: one line an event, with time, symbol, venue, kind, and what the kind has."""
    assert (
        "09:30:00.000000000 BAC XNYS trade flags=open_cross px=10 qty=100\n"
        "09:30:00.001000000 BAC ARCX trade flags=sweep px=10.01 qty=300\n"
        "10:00:00.000000000 BAC XNYS trade px=10 qty=200\n"
    ) == printed(write(tmp_path))


def test_a_compressed_file_is_the_same(tmp_path: Path) -> None:
    """R105: a name that ends in .gz is decompressed, and changes nothing else."""
    plain = write(tmp_path)
    path = Path(f"{plain}.gz")
    path.write_bytes(gzip.compress(TRADES.encode()))
    assert printed(plain) == printed(str(path))


def test_a_part_is_chosen(tmp_path: Path) -> None:
    """R105: symbols, venues, a window of time and a number of events choose."""
    path = write(tmp_path)
    (_, ibm) = path, write(tmp_path, "IBM_20131008_trade.csv")
    assert 2 == len(printed(path, ibm, "--symbol", "IBM", "--venue", "XNYS").splitlines())
    window = printed(path, ibm, "--from", "09:30:00.0005", "--to", "10:00", "--json")
    assert ["BAC", "IBM"] == [json.loads(line)["symbol"] for line in window.splitlines()]
    (line,) = printed(path, "--json", "--limit", "1").splitlines()
    expected = {
        "time": "09:30:00.000000000",
        "symbol": "BAC",
        "venue": "XNYS",
        "event": "trade",
        "flags": ["open_cross"],
        "match": None,
        "px": "10",
        "qty": 100,
    }
    assert list(expected.items()) == list(json.loads(line).items())


def test_implied_quotes_are_added(tmp_path: Path) -> None:
    """R105: trades without quotes imply them when asked; a cross implies none."""
    lines = printed(write(tmp_path), "--imply-quotes").splitlines()
    assert ["trade", "quote", "quote", "trade"] == [line.split()[3] for line in lines[:4]]


def test_totals_are_printed(tmp_path: Path) -> None:
    """R105: the summary has volume, mean price, venues and half hours, as a table or as JSON."""
    path = write(tmp_path)
    (row,) = json.loads(printed(path, "--summary", "--json"))
    assert (3, 600, "10.005") == tuple(row["all"][name] for name in ("trades", "qty", "vwap"))
    assert [("09:30", 400), ("10:00", 200)] == [
        (half["start"][:5], half["qty"]) for half in row["half_hours"]
    ]
    text = printed(path, "--summary")
    for word in ("10.005", "XNYS", "50.00", "66.66"):
        assert word in text


def test_a_reconstruction_needs_no_file() -> None:
    """R105: a bare clone has a tape; its seed draws the path, and the same seed the same path."""
    window = ("reconstruction", "--symbol", "IBM", "--from", "10:00", "--to", "10:01")
    first, again = printed(*window), printed(*window, "--seed", "1")
    assert first == again
    assert first != printed(*window, "--seed", "2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "9:30"), "found 9:30"),
        (("--to", "24:00:01"), "found 24:00:01"),
        (("--from", "10:00", "--to", "09:00"), "not before --from"),
        (("--summary", "--limit", "3"), "found both"),
    ],
)
def test_wrong_options_are_refused(arguments: tuple[str, ...], words: str) -> None:
    """Rule 21 of STYLE.md: a message says what was expected and what was found."""
    result = CliRunner().invoke(app, ["venue", "tape", "reconstruction", *arguments])
    assert 2 == result.exit_code
    assert words in " ".join(result.output.replace("│", "").split())


def test_wrong_sources_are_refused(tmp_path: Path) -> None:
    """Rule 18 of STYLE.md: unknown names, unknown symbols and mixtures are refused."""
    for sources, words in (
        (["bars.csv"], "expected a name ending in _trade.csv"),
        ([write(tmp_path), tape_files.RECONSTRUCTION], "expected reconstruction alone"),
    ):
        with pytest.raises(UsageError, match=words):
            tape_files.opened(sources, Wanted())
    with pytest.raises(InputError, match='expected a symbol of the tables, found "AMZN"'):
        tape_files.opened([tape_files.RECONSTRUCTION], Wanted(symbols=["AMZN"]))
    with pytest.raises(InputError, match="expected a name of 1 to 31 characters"):
        tape_files.opened([tape_files.RECONSTRUCTION], Wanted(venues=[""]))
    with pytest.raises(FileNotFoundError):
        tape_files.opened([str(tmp_path / "AMZN_message.csv")], Wanted())


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    """Rule 18 of STYLE.md: a bad row comes after the rows before it, with file, line and column."""
    path = write(tmp_path, text=TRADES.replace("10.0100", "ten"))
    events = tape_files.events(tape_files.opened([path], Wanted()))
    assert "XNYS" == next(events)["venue"]
    words = r"BAC_20131008_trade.csv: line 3, column price: expected a price above zero"
    with pytest.raises(InputError, match=words):
        next(events)
    with pytest.raises(InputError, match="line 3, column price"):
        tape_files.summary(tape_files.opened([path], Wanted()))


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    """Rule 18 of STYLE.md: half an archive is no shorter day."""
    whole = gzip.compress(TRADES.encode())
    path = tmp_path / "BAC_20131008_trade.csv.gz"
    for content in (whole[:-9], b"plain text", whole[:12] + b"\xff" * 20):
        path.write_bytes(content)
        with pytest.raises(InputError, match="expected a whole gzip file"):
            tape_files.opened([str(path)], Wanted())


def test_the_size_of_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 7 of STYLE.md: what one file may hold is bounded."""
    path = write(tmp_path)
    monkeypatch.setattr(tape_files, "TAPE_BYTES_MAX", len(TRADES))
    assert 3 == len(list(tape_files.events(tape_files.opened([path], Wanted()))))
    monkeypatch.setattr(tape_files, "TAPE_BYTES_MAX", len(TRADES) - 1)
    with pytest.raises(InputError, match="bytes, found more"):
        tape_files.opened([path], Wanted())
