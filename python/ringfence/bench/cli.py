"""The commands of `ringfence bench`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ringfence.bench.report import TABLE_COLUMNS_MIN, Report, tables

__all__ = ["app"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
PeersFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of the peers' environments; the user's cache if absent."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Use only environments that are there.")]
WithRust = Annotated[bool, typer.Option(help="Time with the Rust program of the source tree.")]

app = typer.Typer(
    help="Measure Ringfence against its budgets and beside its peers.", no_args_is_help=True
)


@app.callback()
def bench() -> None:
    """Measure real work with every rule on; a budget that is missed is a figure, not a failure."""


@app.command()
def kernel(
    as_json: AsJson = False,
    orders: Annotated[int, typer.Option(min=100, help="Orders in the stream.")] = 100_000,
    instruments: Annotated[int, typer.Option(min=100, help="Instruments.")] = 10_000,
    accounts: Annotated[int, typer.Option(min=100, help="Client accounts.")] = 10_000,
    groups: Annotated[int, typer.Option(min=1, help="Most commits for each journal.")] = 1_000,
    directory: Annotated[
        Path | None,
        typer.Option(help="Existing folder on the disk that counts.", exists=True, file_okay=False),
    ] = None,
    rust: Annotated[
        bool, typer.Option(help="Time single steps with the Rust program of the source tree.")
    ] = True,
) -> None:
    """Measure steps, journals, replay and calls from Python, with every rule on."""
    from ringfence.bench.kernel import Plan, bench_kernel
    from ringfence.bench.world import WorldSize

    size = WorldSize(instruments=instruments, accounts=accounts, holdings=2 * accounts)
    _print(bench_kernel(Plan(orders, size, groups, directory, rust)), as_json=as_json)


@app.command()
def peers(
    as_json: AsJson = False,
    orders: Annotated[int, typer.Option(min=100, help="Orders in the stream.")] = 20_000,
    directory: Annotated[
        Path | None,
        typer.Option(help="Folder of the peers' environments; the user's cache if absent."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only environments that are there.")
    ] = False,
    rust: Annotated[
        bool, typer.Option(help="Time Ringfence's single steps with the Rust program, too.")
    ] = True,
) -> None:
    """Run the same orders through openpit, NautilusTrader, vn.py and Ringfence.

    Environments are made the first time, about 1.7 GB together, from pinned versions.
    """
    from ringfence.bench.peers import PeersPlan, bench_peers, cache_folder

    plan = PeersPlan(directory or cache_folder(), orders, offline, rust)
    _print(bench_peers(plan, _tell), as_json=as_json)


@app.command()
def book(
    as_json: AsJson = False,
    orders: Annotated[int, typer.Option(min=100, help="Orders that rest first.")] = 100_000,
    directory: Annotated[
        Path | None,
        typer.Option(help="Folder of the peers' environments; the user's cache if absent."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only environments that are there.")
    ] = False,
    rust: Annotated[
        bool, typer.Option(help="Time single calls with the Rust program of the source tree.")
    ] = True,
) -> None:
    """Measure insert, cancel and match of the simulated venue's book, beside other books.

    The peers' environments are made the first time, a few megabytes each, from pinned versions.
    """
    from ringfence.bench.book import BookPlan, bench_book
    from ringfence.bench.peers import cache_folder

    plan = BookPlan(directory or cache_folder(), orders, offline, rust)
    _print(bench_book(plan, _tell), as_json=as_json)


@app.command()
def codec(
    as_json: AsJson = False,
    rounds: Annotated[int, typer.Option(min=1, help="Times that every message is read.")] = 50,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder with recorded messages.",
            envvar="RINGFENCE_DATA",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    directory: PeersFolder = None,
    offline: Offline = False,
    rust: WithRust = True,
) -> None:
    """Measure FIX messages read, judged and written, beside simplefix and QuickFIX."""
    from ringfence.bench.codec import CodecPlan, bench_codec
    from ringfence.bench.peers import cache_folder

    plan = CodecPlan(directory or cache_folder(), rounds, data, offline, rust)
    _print(bench_codec(plan, _tell), as_json=as_json)


@app.command()
def gateway(
    as_json: AsJson = False,
    orders: Annotated[int, typer.Option(min=100, help="Most orders of a case.")] = 100_000,
    seconds: Annotated[int, typer.Option(min=1, help="Most seconds of a case.")] = 5,
    runs: Annotated[int, typer.Option(min=1, help="Runs of a case; the middle one counts.")] = 3,
    journals: Annotated[
        Path | None,
        typer.Option(help="Existing folder on the disk that counts.", exists=True, file_okay=False),
    ] = None,
    directory: PeersFolder = None,
    offline: Offline = False,
    rust: WithRust = True,
) -> None:
    """Measure the gateway from FIX in to FIX out, on loopback and without sockets."""
    from ringfence.bench.gateway import GatewayPlan, bench_gateway
    from ringfence.bench.peers import cache_folder

    folder = directory or cache_folder()
    plan = GatewayPlan(folder, orders, seconds, runs, journals, offline, rust)
    _print(bench_gateway(plan, _tell), as_json=as_json)


def _tell(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


def _print(report: Report, *, as_json: bool) -> None:
    """Print the report on standard output."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
        return
    from rich.console import Console

    wide = Console()
    width = wide.width if wide.is_terminal else max(wide.width, TABLE_COLUMNS_MIN)
    console = Console(width=width, highlight=False)
    for shown in tables(report):
        console.print(shown)
