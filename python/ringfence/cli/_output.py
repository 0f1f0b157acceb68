"""What the commands share to show things: JSON, tables, and progress on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

WIDTH_COLUMNS_MIN = 160


def print_json(value: object) -> None:
    """Print `value` as JSON, indented, on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    style: Callable[[Sequence[object]], str | None] = lambda _row: None,
) -> Table:
    """Return a table with a heading; None becomes an empty cell.

    `style` gives the style of a row, or None for the plain one.
    """
    from rich import box
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        cells = ("" if cell is None else _plain(str(cell)) for cell in row)
        shown.add_row(*cells, style=style(row))
    return shown


def _plain(text: str) -> str:
    """Return `text` such that rich shows its square brackets."""
    from rich.markup import escape

    return escape(text)


def show(*tables: Table | str) -> None:
    """Print tables on standard output, wide enough to be read where it is not a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH_COLUMNS_MIN)
    for shown in tables:
        console.print(shown)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs, if that is a terminal.

    Yields the function that takes how much of `total` was done since its last call.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total or None)
        yield lambda done: bar.advance(task, done)


@contextmanager
def staged(total: int) -> Iterator[tuple[Callable[[str], None], Callable[[int], None]]]:
    """Show a bar with a changing label on standard error, as `progress` does.

    Yields the function that takes what goes on now, and the one that takes how much was done.
    """
    if not sys.stderr.isatty():
        yield (lambda _stage: None), (lambda _done: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield (
            lambda stage: bar.update(task, description=stage),
            lambda done: bar.advance(task, done),
        )
