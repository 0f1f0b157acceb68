"""`ringfence step`: a file of inputs in, a file of events out."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["step"]

STANDARD = Path("-")


def step(
    config: Annotated[
        Path,
        typer.Option(help="Configuration (TOML).", exists=True, dir_okay=False, readable=True),
    ],
    inputs: Annotated[
        Path,
        typer.Option(help="Inputs, one JSON object a line; `-` is standard input."),
    ],
    events: Annotated[
        Path, typer.Option(help="File to write the events to; `-` is standard output.")
    ],
    journal: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the journals; without it no journal is kept.", file_okay=False
        ),
    ] = None,
    durability: Annotated[
        Literal["process", "disk"],
        typer.Option(help="When a record counts as written: in the system's cache, or on disk."),
    ] = "process",
    state_hash: Annotated[
        bool, typer.Option("--state-hash", help="Print the digest of the state at the end.")
    ] = False,
) -> None:
    """Step a file of inputs through the kernel and write what became true.

    The definitions of the configuration come first. Every line is read, and with --journal
    decided once without it, before the first is applied: after an error there is no file of
    events and nothing new in the journal. `ringfence schema inputs` describes the lines.
    """
    from ringfence.cli._output import progress
    from ringfence.ops.step_file import StepJob, step_file

    _must_not_meet(config, inputs, events)
    if state_hash and events == STANDARD:
        raise typer.BadParameter("--state-hash and --events - both need standard output")
    job = StepJob(config, inputs, events, journal, durability)
    passes = 1 if journal is None else 2
    with progress("Stepping", passes * _size_bytes(inputs)) as advance:
        stepped = step_file(job, advance)
    if state_hash:
        sys.stdout.write(stepped.state_hash + "\n")
    sys.stderr.write(
        f"{stepped.input_count} inputs, {stepped.event_count} events, last record {stepped.seq}\n"
    )


def _must_not_meet(config: Path, inputs: Path, events: Path) -> None:
    """Refuse inputs that are not there, and events that would replace what is read."""
    if inputs != STANDARD and not inputs.exists():
        raise typer.BadParameter(f"inputs: no file {inputs}")
    if inputs.is_dir() or events.is_dir():
        raise typer.BadParameter(f"expected files, found a folder: {inputs} or {events}")
    if events.exists() and any(
        path.exists() and events.samefile(path) for path in (config, inputs)
    ):
        raise typer.BadParameter(f"events would replace what is read: {events}")
    if events != STANDARD and not events.absolute().parent.is_dir():
        raise typer.BadParameter(f"events: no folder {events.absolute().parent}")


def _size_bytes(inputs: Path) -> int:
    """Return the size of the inputs, 0 where it is not known."""
    if inputs == STANDARD:
        return 0
    status = inputs.stat()
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
