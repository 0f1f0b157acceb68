"""A plain random walk over the actions: long and quick, from one seed.

A walk that fails says the seed, the command that repeats it, and the fewest of its steps that
still fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ringfence import RingfenceError

from tests.property.actions import ACTIONS, Actions
from tests.property.broker import PROFILES, Broker, WatchedKernel

Step = tuple[str, dict[str, Any]]
FAILURES = (AssertionError, RingfenceError)


def walk(seed: int, length: int, kernel: WatchedKernel | None = None) -> Broker:
    """Return a broker after a day of random actions; the seed makes everything of it.

    Raises AuditError at the first step at which the model disagrees, and KernelHalted where an
    invariant of the kernel broke.
    """
    draw = random.Random(seed)
    profile = draw.choice(sorted(PROFILES))
    actions = Actions(Broker(profile, kernel=kernel))
    done: list[Step] = []
    try:
        for step in drawn(draw, length, actions):
            done.append(step)
            do(actions, step)
        do(actions, ("close_day", {}))
    except FAILURES as error:
        command = f"from tests.property.walk import walk; walk({seed}, {length})"
        error.add_note(f"seed {seed}, again: python -c '{command}'")
        error.add_note(f"steps with the limits of {profile!r}:")
        for name, fields in fewest(profile, done):
            error.add_note(f"  {name}({', '.join(f'{k}={v!r}' for k, v in fields.items())})")
        raise
    return actions.broker


def drawn(draw: random.Random, length: int, actions: Actions) -> Iterator[Step]:
    """Yield random steps for what exists at their moment."""
    entries = list(ACTIONS.values())
    for entry in draw.choices(entries, [entry.weight for entry in entries], k=length):
        if actions.can(entry.needs):
            yield entry.name, {name: draw.choice(of) for name, of in entry.choices.items()}


def do(actions: Actions, step: Step) -> None:
    """Do one step."""
    name, fields = step
    getattr(actions, name)(**fields)


def fails(profile: str, steps: list[Step]) -> bool:
    """Return whether the steps, and the end of the day after them, fail from a fresh start."""
    actions = Actions(Broker(profile))
    try:
        for step in steps:
            if actions.can(ACTIONS[step[0]].needs):
                do(actions, step)
        do(actions, ("close_day", {}))
    except FAILURES:
        return True
    return False


def fewest(profile: str, steps: list[Step]) -> list[Step]:
    """Return steps of which none, and no run of them, can be left out."""
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            shorter = steps[:start] + steps[start + size :]
            if fails(profile, shorter):
                steps = shorter
            else:
                start += size
        size //= 2
    return steps
