"""A file of inputs through a kernel, and its events into a file.

Nothing is half-applied: every line is read, and decided by a kernel without a journal, before
the first is written to a journal; and the events exist as a file only when all of it was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ringfence.config import compile as compile_config
from ringfence.config import load
from ringfence.engine import Durability, Kernel, Scalar, must_have_begun_with, replay
from ringfence.errors import InputError
from ringfence.ops.event_file import whole
from ringfence.ops.input_file import STANDARD, batches, opened

__all__ = ["StepJob", "Stepped", "step_file"]

Definitions = list[tuple[str, Mapping[str, Scalar]]]


@dataclass(frozen=True, slots=True)
class StepJob:
    """What to step: the configuration, the inputs, and where events and records go."""

    config: Path
    inputs: Path  # `-` is standard input
    events: Path  # `-` is standard output
    journal: Path | None = None  # folder of all days; None keeps no records
    durability: Durability = "process"


@dataclass(frozen=True, slots=True)
class Stepped:
    """What came of it."""

    input_count: int  # empty lines are not inputs
    event_count: int
    seq: int  # number of the last record, definitions included
    state_hash: str  # hexadecimal


def step_file(job: StepJob, advance: Callable[[int], object] = lambda _bytes: None) -> Stepped:
    """Step every input of the job and return what came of it.

    `advance` is told how many bytes of input were decided since its last call; with a journal
    each byte counts twice. A journal that is already there goes on if it began with the same
    configuration, else UsageError. Raises ConfigError, InputError (with file and line),
    JournalError and KernelHalted; then there is no file of events and, unless the journal itself
    failed, nothing new in the journal.
    """
    definitions: Definitions = list(compile_config(load(job.config)))
    with opened(job.inputs) as inputs, whole(job.events) as events:
        if job.journal is None:
            return _step_all(Kernel(), job, definitions, inputs, events, advance)
        day = job.journal / _trade_date(definitions)
        rehearsal = replay(day) if day.exists() else Kernel()
        must_have_begun_with(definitions, day)
        _step_all(rehearsal, job, definitions, inputs, None, advance)
        inputs.seek(0)
        kernel = Kernel(journal=job.journal, trade_date=day.name, durability=job.durability)
        stepped = _step_all(kernel, job, definitions, inputs, events, advance)
        kernel.close()
    return stepped


def _step_all(
    kernel: Kernel,
    job: StepJob,
    definitions: Definitions,
    inputs: BinaryIO,
    events: BinaryIO | None,
    advance: Callable[[int], object],
) -> Stepped:
    """Define what the kernel does not know yet, then step every input."""
    with _named(str(job.config)):
        for name, fields in definitions[kernel.seq :]:
            kernel.define(name, fields)
    before, event_count = kernel.seq, 0
    with _named("standard input" if job.inputs == STANDARD else str(job.inputs)):
        for first_line, lines in batches(inputs):
            decided = kernel.step_lines(lines, first_line=first_line)
            event_count += decided.count(b"\n")
            if events is not None:
                events.write(decided)
            advance(len(lines))
    return Stepped(kernel.seq - before, event_count, kernel.seq, kernel.state_hash())


@contextmanager
def _named(file: str) -> Iterator[None]:
    """Put the name of the file before the message of an InputError, and its line where known."""
    try:
        yield
    except InputError as error:
        message = str(error).removeprefix(f"line {error.line}: ")
        where = file if error.line is None else f"{file}:{error.line}"
        located = InputError(f"{where}: {message}", field=error.field)
        located.line = error.line
        raise located from error


def _trade_date(definitions: Definitions) -> str:
    """Return the trading day that the definitions open, YYYY-MM-DD."""
    return next(str(fields["trade_date"]) for name, fields in definitions if name == "day_open")
