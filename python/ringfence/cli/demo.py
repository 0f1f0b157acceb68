"""`ringfence demo`: orders of two clients through a gateway to two venues, and what became of each.

Everything runs on threads of this process and on ports of loopback that are free, in a folder that
is gone afterwards. Nothing of a deployment is read or reached.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli._output import print_json, show

if TYPE_CHECKING:
    from ringfence.ops.demo import Outcome, Settings

__all__ = ["demo"]

ORDERS_DEFAULT, ORDERS_MIN, ORDERS_MAX = 240, 10, 600
SPEED_DEFAULT, SPEED_MAX = 20, 30
WRONG = 1
FOLDER = "day"


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    orders: Annotated[
        int, typer.Option(help="How many orders are sent.", min=ORDERS_MIN, max=ORDERS_MAX)
    ] = ORDERS_DEFAULT,
    speed: Annotated[
        int, typer.Option(help="Seconds of the market in one second.", min=1, max=SPEED_MAX)
    ] = SPEED_DEFAULT,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder with recorded ticks of BAC and IBM, or the one above it; without it that "
            "of RINGFENCE_DATA, and without that the reconstruction of the day.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="New folder for configuration and journals.", file_okay=False),
    ] = None,
) -> None:
    """Send orders of two clients through a gateway to two venues, and show what became of each.

    Six minutes of 8 October 2013, twenty times as fast. One order in eight is wrong on purpose.
    The exit code is 1 if something does not hold that must.
    """
    from ringfence.cli._demo_tables import tables
    from ringfence.ops.demo import Settings, recorded_ticks

    recorded = recorded_ticks(data, os.environ)
    with _ended_in_order(), _folder(keep) as folder:
        settings = Settings(folder, recorded, speed, orders)
        found, seconds = _run(settings)
    facts = {
        "tape": "reconstruction" if recorded is None else str(recorded),
        "speed": speed,
        "seconds": round(seconds, 1),
        "kept": None if keep is None else str(keep),
    }
    if as_json:
        print_json({**facts, **found.plain()})
    else:
        show(*tables(found, facts))
    if not found.holds:
        raise typer.Exit(WRONG)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end it as an interrupt does: sessions closed, files gone, exit code 143."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield a folder that does not exist yet; one that is to be kept appears whole, at the end.

    The process has a socket in it, whose name must be short, so that it runs in a temporary one.
    """
    if keep is not None and keep.exists():
        raise typer.BadParameter(f"expected a folder that is not there yet, found {keep}")
    with TemporaryDirectory(prefix="ringfence-") as name:
        folder = Path(name) / FOLDER
        yield folder
        if keep is not None:
            keep.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder, keep)


def _run(settings: Settings) -> tuple[Outcome, float]:
    """Run the demo with a bar on a terminal."""
    from ringfence.cli._output import staged
    from ringfence.ops.demo import run

    with staged(settings.order_count) as (stage, advance):
        return run(settings, stage, advance)
