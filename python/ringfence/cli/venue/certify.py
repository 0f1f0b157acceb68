"""`ringfence venue certify`: the conformance tests of a venue's adapter, and their certificate."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ringfence.cli._process import AsJson, TradeDate

if TYPE_CHECKING:
    from ringfence.ops.certification.plan import Plan
    from ringfence.ops.certification.venue_side import VenueSide

__all__ = ["certify"]

WRONG = 1
WAIT_DEFAULT, WAIT_MAX = 15, 600
STYLES = {"failed": "bold red", "not_exercised": "yellow", "not_applicable": "dim"}


Name = Annotated[str, typer.Argument(metavar="NAME", help="Venue of the configuration.")]
Gateway = Annotated[Path, typer.Option(help="Configuration of the gateway.", dir_okay=False)]
Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="The venue's certification environment.")
]
VenueControl = Annotated[
    Path | None,
    typer.Option(help="Control socket of a simulated venue; without it a person is asked."),
]
Symbol = Annotated[
    str | None, typer.Option(help="Instrument; by default the first that may be traded.")
]
Price = Annotated[
    str | None, typer.Option(help="Its price; by default that of the venue's market data.")
]
Declared = Annotated[
    Literal["yes", "no"] | None,
    typer.Option(help="Whether the venue cancels the orders of a lost connection."),
]
ResetNumbers = Annotated[
    bool, typer.Option("--reset-numbers", help="Begin both sides' numbers again (FIX 141).")
]
Journal = Annotated[
    Path | None, typer.Option(help="New folder for the journal that proves it.", file_okay=False)
]
Out = Annotated[Path | None, typer.Option(help="File for the certificate.", dir_okay=False)]
Wait = Annotated[
    int, typer.Option(help="Longest wait for an answer, seconds.", min=1, max=WAIT_MAX)
]


def certify(
    venue: Name,
    config: Gateway,
    address: Address = None,
    venue_control: VenueControl = None,
    symbol: Symbol = None,
    price: Price = None,
    cancel_on_disconnect: Declared = None,
    reset_numbers: ResetNumbers = False,
    journal: Journal = None,
    out: Out = None,
    wait: Wait = WAIT_DEFAULT,
    trade_date: TradeDate = None,
    as_json: AsJson = False,
) -> None:
    """Test the adapter of a venue as RTS 7 Art. 9 lists it, and write its certificate.

    A real node trades with the venue, with a journal of its own and nobody else connected; its
    orders rest 1 % below the price and are canceled. Copies are taken at `--address` too. Exit
    codes: 0 all passed or not applicable, 1 something failed or was not exercised, 2 bad input.
    """
    from ringfence.cli._output import print_json, show
    from ringfence.cli._process import trade_date_of
    from ringfence.config import load, with_trade_date
    from ringfence.ops.certification.plan import Wanted, plan

    declared = None if cancel_on_disconnect is None else cancel_on_disconnect == "yes"
    at, px = _address(address), _price(price)
    wanted = Wanted(venue, symbol, px, at, declared, reset_numbers, float(wait))
    loaded = with_trade_date(load(config), trade_date_of(trade_date))
    planned = plan(loaded, config, wanted)
    with _folders(journal) as places:
        certificate = _run(planned, _side(venue_control), places)
    if out is not None:
        _write(out, certificate)
    if as_json:
        print_json(certificate)
    else:
        show(*_tables(certificate, out, journal))
    if any(row["state"] in {"failed", "not_exercised"} for row in certificate["checks"]):
        raise typer.Exit(WRONG)


def _price(written: str | None) -> Decimal | None:
    """Return a price that was given."""
    if written is None:
        return None
    try:
        found = Decimal(written)
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found <= 0:
        raise typer.BadParameter("expected a price above zero such as 13.81", param_hint="--price")
    return found


def _address(written: str | None) -> str | None:
    from ringfence.config.wire_scalars import READERS

    try:
        return None if written is None else str(READERS["address"](written))
    except ValueError as refusal:
        raise typer.BadParameter(f"expected {refusal}", param_hint="--address") from None


@contextmanager
def _folders(journal: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield the folder of the journal, which is new, and one with a short name for a socket."""
    if journal is not None and journal.exists():
        message = f"expected a folder that is not there yet, found {journal}"
        raise typer.BadParameter(message, param_hint="--journal")
    with TemporaryDirectory(prefix="ringfence-") as name:
        folder = Path(name)
        yield journal or folder / "journal", folder


def _side(control: Path | None) -> VenueSide:
    """Return whoever does what the venue's side has to do."""
    from ringfence.ops.certification.venue_side import ByControl, ByNobody, ByPerson

    if control is not None:
        return ByControl(control)
    return ByPerson(_ask) if sys.stdin.isatty() and sys.stderr.isatty() else ByNobody()


def _ask(sentence: str) -> str:
    """Show a sentence on standard error and return the line that was typed."""
    sys.stderr.write(sentence)
    sys.stderr.flush()
    return sys.stdin.readline()


def _run(planned: Plan, side: VenueSide, places: tuple[Path, Path]) -> dict[str, Any]:
    """Run the certification; each check is a line on standard error as it ends."""
    from ringfence.config import secret_references, settings
    from ringfence.ops.certification.run import certify as run
    from ringfence.ops.preflight import findings
    from ringfence.ops.secrets import resolve

    aimed = planned.aimed(planned.addresses, places[0], planned.config.gateway.node)
    references = secret_references(aimed, planned.file)
    found = findings(settings(aimed, planned.file), references, os.environ)
    for finding in found:
        sys.stdout.write(f"{planned.file}: error: {finding}\n")
    if found:
        raise typer.Exit(WRONG)

    def told(name: str, row: Mapping[str, Any] | None) -> None:
        if row is None:
            sys.stderr.write(f"{name} … ")
        else:
            sys.stderr.write(f"{row['state']}{': ' * bool(row['reason'])}{row['reason']}\n")
        sys.stderr.flush()

    return run(planned, side, resolve(references, os.environ), places, told)


def _write(out: Path, certificate: Mapping[str, Any]) -> None:
    """Write a certificate to a file that appears whole or not at all."""
    from ringfence.ops.certification.certificate import written
    from ringfence.ops.event_file import whole

    out.parent.mkdir(parents=True, exist_ok=True)
    with whole(out) as file:
        file.write(written(certificate))


def _tables(certificate: Mapping[str, Any], out: Path | None, journal: Path | None) -> list[Any]:
    """Return what is shown on a terminal; what was seen of each check is in the certificate."""
    from ringfence.cli._output import table

    rows = [
        (row["name"], row["state"], row["reason"] or row["expected"])
        for row in certificate["checks"]
    ]
    facts = [
        (key, certificate[key])
        for key in ("venue", "address", "symbol", "account", "ringfence", "build", "begin", "end")
    ]
    facts += [("adapter", certificate["adapter"]["digest"])]
    facts += [("journal", certificate["journal"]["chain_tip"])]
    facts += [("kept in", journal), ("certificate", out)]
    return [
        table("Certification", ("", ""), [row for row in facts if row[1] is not None]),
        table(
            "Checks",
            ("check", "state", "what holds, or why not"),
            rows,
            lambda row: STYLES.get(str(row[1])),
        ),
    ]
