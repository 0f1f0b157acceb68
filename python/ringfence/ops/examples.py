"""The example days that come with the package, and what the kernel decides on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ringfence.engine import Event, Kernel
from ringfence.errors import UsageError

__all__ = ["TEN_DENIALS", "Decision", "copy", "decide", "summary", "text"]

TEN_DENIALS = "ten_denials"
SUFFIXES = (".toml", ".jsonl")


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of inputs and what became of it."""

    line: int  # from 1
    ts: int  # nanoseconds UTC
    input: str
    fields: dict[str, Any]
    events: tuple[Event, ...]

    @property
    def denial(self) -> Event | None:
        """Return the refusal among the events, if there is one."""
        return next((event for event in self.events if event.name == "denied"), None)


def text(name: str) -> str:
    """Return the content of a file of the examples."""
    return (files("ringfence") / "examples" / name).read_text(encoding="utf-8")


def copy(example: str, folder: Path) -> list[Path]:
    """Write configuration and inputs of an example into `folder` and return their paths.

    Raises UsageError when one of them is there already; then nothing is written.
    """
    paths = [folder / f"{example}{suffix}" for suffix in SUFFIXES]
    there = [str(path) for path in paths if path.exists()]
    if there:
        message = f"an example never replaces a file, found {', '.join(there)}"
        raise UsageError(message)
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        path.write_text(text(path.name), encoding="utf-8")
    return paths


def decide(config: object, lines: str) -> Iterator[Decision]:
    """Yield the decision on each line of inputs, by a new kernel with this configuration."""
    kernel = Kernel(config)
    for number, line in enumerate(lines.splitlines(), 1):
        fields = json.loads(line)
        ts, name = fields.pop("ts"), fields.pop("input")
        events = kernel.step(name, ts=ts, **fields)
        yield Decision(number, ts, name, fields, tuple(events))


def summary(decisions: list[Decision]) -> dict[str, Any]:
    """Return how many inputs came to what, and which rules denied."""
    events = Counter(event.name for decision in decisions for event in decision.events)
    denials = [decision.denial for decision in decisions if decision.denial is not None]
    return {
        "inputs": len(decisions),
        "orders_accepted": events["order_accepted"],
        "children_sent": events["child_sent"],
        "fills_booked": events["fill_booked"],
        "denials": len(denials),
        "reasons": sorted({str(denial["reason"]) for denial in denials}),
        "rules": sorted({int(denial["rule"]) for denial in denials}),
    }
